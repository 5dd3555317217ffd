"""What a snapshot says once its age is counted: is the engine alive, may the book be believed.

A snapshot cannot know that it grew old, so its own "live" is only half of the answer.
"""

from msgspec import Struct

from botcore_tui.model.market import BookState
from botcore_tui.model.snapshot import BookView, Snapshot
from botcore_tui.model.trading import FIGURES_OLD_NS
from botcore_tui.ui import format as fmt

ENGINE_SILENT_NS = 2_000_000_000
"""A loop that has not turned for so long is reported as silent."""

DATA_STALE_NS = 3_000_000_000
"""Without any market frame for so long, or where prices come so late, each is shown as stale."""

RECORDING = "recording"
"""Name of the feed that is no stream but the tape being written."""


class BookCondition(Struct, frozen=True):
    """Whether the order book may be shown, and as what."""

    word: str
    """live, stale, syncing, crossed, engine silent"""
    reason: str
    """Empty when it is live."""
    is_live: bool
    is_hidden: bool
    """Numbers that were never right, against ones that were right a while ago."""
    age: str = ""
    """Of a stale book: how long ago the venue's was like this."""

    @property
    def words(self) -> str:
        """The word, and the age if there is one."""
        return f"{self.word} {self.age}".rstrip()


def engine_age_ns(snapshot: Snapshot, now_ns: int) -> int | None:
    """Since the engine loop last turned; None if it never did."""
    return max(0, now_ns - snapshot.heartbeat_ns) if snapshot.heartbeat_ns else None


def data_age_ns(snapshot: Snapshot, now_ns: int) -> int | None:
    """How old prices are: since any market frame arrived, more if they come late; None before."""
    if not snapshot.last_data_ns:
        return None
    return max(0, now_ns - snapshot.last_data_ns) + prices_late_ns(snapshot)


def price_lateness(snapshot: Snapshot, now_ns: int) -> str:
    """How old trades and bars are, where they come late; empty if they do not."""
    age_ns = data_age_ns(snapshot, now_ns)
    return f"{fmt.lapse(age_ns)} old" if age_ns and prices_late_ns(snapshot) else ""


def mark_lateness(snapshot: Snapshot, now_ns: int) -> str:
    """How old the market's mark is, where its own stream is late; empty if it is not.

    Others say nothing of that, for they may come by another connection; but trades come by its.
    """
    name = f"{snapshot.symbol.lower()}@markPrice"
    rows = [feed for feed in snapshot.feeds if feed.name.startswith(name)]
    age_ns = min((now_ns - feed.last_frame_ns for feed in rows if feed.last_frame_ns), default=0)
    late_ns = prices_late_ns(snapshot)
    return f"{fmt.lapse(age_ns + late_ns)} old" if late_ns or age_ns > FIGURES_OLD_NS else ""


def prices_late_ns(snapshot: Snapshot) -> int:
    """How late trades, marks and bars come; 0 for the little while that every line takes."""
    late_ns = snapshot.late_ms * 1_000_000
    return late_ns if late_ns > DATA_STALE_NS else 0


def is_engine_silent(snapshot: Snapshot, now_ns: int) -> bool:
    """Whether the engine loop stands still; one that never turned counts as silent."""
    age_ns = engine_age_ns(snapshot, now_ns)
    return age_ns is None or age_ns > ENGINE_SILENT_NS


def is_data_stale(snapshot: Snapshot, now_ns: int) -> bool:
    """Whether no market frame of now arrived; before the first there is nothing fresh either."""
    age_ns = data_age_ns(snapshot, now_ns)
    return age_ns is None or age_ns > DATA_STALE_NS


def book_condition(snapshot: Snapshot, now_ns: int) -> BookCondition:
    """What may be believed of the book at this moment."""
    book = snapshot.book
    if book.state in (BookState.SYNCING, BookState.CROSSED):
        return BookCondition(book.state.value, book.reason, is_live=False, is_hidden=True)
    if is_engine_silent(snapshot, now_ns):
        age = fmt.age(engine_age_ns(snapshot, now_ns))
        return BookCondition(
            "engine silent", f"no sign of life for {age}", is_live=False, is_hidden=False
        )
    if book.state is BookState.STALE:
        age_ns = max(0, now_ns - book.changed_ns) + book.late_ms * 1_000_000
        reason = f"last change {fmt.age(age_ns if book.changed_ns else None)} ago"
        if book.reason:
            reason += f" · {book.reason}"
        age = fmt.lapse(age_ns) if book.changed_ns else ""
        return BookCondition("stale", reason, is_live=False, is_hidden=False, age=age)
    return BookCondition("live", "", is_live=True, is_hidden=False)


def spread(book: BookView) -> float | None:
    """Best ask less best bid, quote units; None if a side is empty."""
    if book.best_bid is None or book.best_ask is None:
        return None
    return book.best_ask - book.best_bid


def mid(book: BookView) -> float | None:
    """Between best bid and best ask, quote units; None if a side is empty."""
    if book.best_bid is None or book.best_ask is None:
        return None
    return (book.best_bid + book.best_ask) / 2


def spread_ticks(snapshot: Snapshot) -> int | None:
    """Spread in ticks; None if a side is empty."""
    width = spread(snapshot.book)
    return None if width is None else round(width / snapshot.tick)


def spread_bps(book: BookView) -> float | None:
    """Spread in hundredths of a percent of the mid price; None if a side is empty."""
    width, middle = spread(book), mid(book)
    return None if width is None or not middle else width / middle * 10_000
