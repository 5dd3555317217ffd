"""A line that is too slow: updates come without a pause, each older than the market of now."""

from decimal import Decimal
from typing import Self

import pytest
from desk_stage import LIMITS, TICK_MS, Stage, buy
from market_builders import SYMBOL, a_book_snapshot, a_delta, a_trade
from msgspec.structs import replace
from order_builders import NOW_MS
from recollection_builders import a_recollection

from botcore_tui.core.book import OrderBook
from botcore_tui.core.market import SymbolMarket
from botcore_tui.core.trader import Trader
from botcore_tui.model.account import ClockHealth
from botcore_tui.model.event import Record, Tick
from botcore_tui.model.market import BookState, MarkPrice

pytestmark = [pytest.mark.requirement("A07"), pytest.mark.requirement("P09")]

HUNDRED = Decimal(100)


class Line:
    """A desk on a machine whose clock is off; the line of the book takes its time."""

    def __init__(self, *, off_ms: int = 0) -> None:
        self.stage = Stage(limits=replace(LIMITS, needs_book=True))
        self.off_ms = off_ms
        self.true_ms = NOW_MS
        self.stage.begin()
        self.tick()

    @property
    def market(self) -> SymbolMarket:
        return self.stage.trader.market.of(SYMBOL)

    @property
    def book(self) -> OrderBook:
        return self.market.book

    @property
    def shown(self) -> tuple[BookState, str]:
        return self.book.state, self.book.reason

    @property
    def codes(self) -> list[str]:
        """Of what was said of the book."""
        records = [each for each in self.stage.effects if isinstance(each, Record)]
        return [each.code for each in records if each.code.startswith("book.")]

    def measure(self, *, uncertainty_ms: float = 10) -> Self:
        """Both clocks are compared."""
        self.stage.tell(
            ClockHealth(
                offset_ms=-self.off_ms,
                uncertainty_ms=uncertainty_ms,
                has_stepped=False,
                time_ms=self.true_ms + self.off_ms,
            )
        )
        self.tick()
        return self

    def join(self, *, line_ms: int = 50) -> Self:
        """An update, and the snapshot that it reaches."""
        self.stage.tell(a_delta(9, 10, 8, time_ms=self.true_ms - line_ms), a_book_snapshot(10))
        return self

    def update(self, *, line_ms: int) -> Self:
        """The next one comes, so old."""
        last = self.book.last_update_id
        self.stage.tell(a_delta(last + 1, last + 1, last, time_ms=self.true_ms - line_ms))
        return self

    def run(self, ms: int, *, line_ms: int) -> Self:
        """So long eight updates a second come, each so old; marks come at once."""
        for _ in range(ms // TICK_MS):
            for _ in range(2):
                self.true_ms += TICK_MS // 2
                self.update(line_ms=line_ms)
            self.tick()
        return self

    def tick(self, ms: int = 0) -> None:
        self.true_ms += ms
        self.stage.time_ms = self.true_ms + self.off_ms
        mark = MarkPrice(SYMBOL, HUNDRED, HUNDRED, None, 0, self.true_ms)
        self.stage.tell(Tick(self.stage.time_ms), mark)

    def denial(self) -> str:
        """What an order that adds risk is told."""
        self.stage.tell(buy())
        return self.stage.answer().text if self.stage.answer().code == "P09" else ""


@pytest.mark.requirement("F07")
@pytest.mark.requirement("F12")
@pytest.mark.parametrize("off_ms", [-60_000, 0, 60_000])
def test_late_book_is_stale_says_how_late_it_is_and_lets_no_entry_through(off_ms: int) -> None:
    line = Line(off_ms=off_ms).measure().join().run(2_000, line_ms=50)
    assert line.shown == (BookState.LIVE, "")
    line.run(2_000, line_ms=20_000)
    assert line.book.state is BookState.STALE
    assert line.book.reason.endswith("s late")
    assert 19_500 <= line.book.late_ms <= 20_000
    assert f"the book of {SYMBOL} is not live: updates come" in line.denial()


@pytest.mark.requirement("F12")
@pytest.mark.parametrize("off_ms", [-60_000, -4_000, 4_000, 60_000])
def test_clock_that_is_off_makes_no_book_late(off_ms: int) -> None:
    line = Line(off_ms=off_ms).join().run(2_000, line_ms=50)
    assert line.shown == (BookState.LIVE, "")  # the clocks were not compared yet
    line.measure().run(20_000, line_ms=50)
    assert line.shown == (BookState.LIVE, "")
    assert line.codes == ["book.live"]


def test_first_late_update_already_makes_it_stale() -> None:
    line = Line().measure().join().run(1_000, line_ms=50)
    line.update(line_ms=20_000)
    assert line.book.state is BookState.STALE
    assert line.codes == ["book.live", "book.stale"]


def test_book_that_was_silent_does_not_come_back_by_late_updates() -> None:
    line = Line().measure().join().run(1_000, line_ms=50)
    for _ in range(8):
        line.tick(TICK_MS)
    assert "no update for" in line.book.reason
    line.update(line_ms=20_000)
    assert line.book.reason.endswith("s late")
    assert line.codes == ["book.live", "book.stale"]


def test_book_that_is_joined_late_is_stale_from_the_beginning() -> None:
    line = Line().measure().join(line_ms=20_000)
    assert line.book.state is BookState.STALE


def test_wait_for_the_snapshot_makes_no_update_late() -> None:
    line = Line().measure()
    line.stage.tell(a_delta(9, 10, 8, time_ms=line.true_ms - 50))
    line.tick(20_000)
    line.stage.tell(a_book_snapshot(10))
    assert line.shown == (BookState.LIVE, "")


def test_backlog_that_is_made_up_for_is_forgiven_after_as_long_as_silence_may_last() -> None:
    line = Line().measure().join().run(2_000, line_ms=5_000)
    line.run(1_000, line_ms=50)
    assert line.shown == (BookState.STALE, "updates came late a moment ago")
    line.run(500, line_ms=50)
    assert line.shown == (BookState.LIVE, "")
    assert line.denial() == ""


def test_line_at_the_limit_is_not_live_and_stale_by_turns() -> None:
    line = Line().measure().join()
    for _ in range(40):
        line.run(TICK_MS, line_ms=2_500).run(TICK_MS, line_ms=900)
    assert line.codes == ["book.live", "book.stale"]


def test_silence_after_late_updates_is_silence() -> None:
    line = Line().measure().join().run(1_000, line_ms=20_000)
    for _ in range(12):
        line.tick(TICK_MS)
    assert "no update for" in line.book.reason
    line.update(line_ms=50)
    assert line.shown == (BookState.STALE, "updates came late a moment ago")
    line.tick(TICK_MS)
    assert line.shown == (BookState.LIVE, "")


def test_quiet_stream_may_be_as_late_as_it_may_be_silent() -> None:
    line = Line().measure().join()
    for _ in range(10):
        line.tick(400)
        line.update(line_ms=50)
    assert line.book.stale_after_ms() == 4_000
    line.update(line_ms=3_900)
    assert line.shown == (BookState.LIVE, "")
    line.update(line_ms=6_000)
    assert line.shown == (BookState.STALE, "updates come 6.0 s late")


def test_another_session_begins_without_knowing_the_clock() -> None:
    line = Line().measure().join().run(1_000, line_ms=20_000)
    line.stage.tell(a_recollection())
    line.run(2_000, line_ms=20_000)
    assert (line.book.state, line.book.late_ms) == (BookState.LIVE, 0)


def test_gap_forgets_that_updates_came_late() -> None:
    line = Line().measure().join().run(1_000, line_ms=20_000)
    line.stage.tell(a_delta(900, 901, 899, time_ms=line.true_ms - 50), a_book_snapshot(901))
    assert line.shown == (BookState.LIVE, "")


def test_newest_trade_and_mark_say_how_late_prices_come() -> None:
    line = Line().measure()
    assert line.market.late_ms == 0
    line.stage.tell(a_trade(1, time_ms=line.true_ms - 20_010))
    assert line.market.late_ms == 20_000
    line.tick()
    assert line.market.late_ms == 0


def test_late_book_is_called_late_where_nobody_has_an_account_too() -> None:
    """Whoever only watches would take prices of twenty seconds ago for those of now."""
    trader = Trader((SYMBOL,))
    trader.process(ClockHealth(offset_ms=0, uncertainty_ms=10, has_stepped=False, time_ms=NOW_MS))
    trader.process(Tick(NOW_MS))
    trader.process(a_delta(9, 10, 8, time_ms=NOW_MS))
    trader.process(a_book_snapshot(10))
    book = trader.market.of(SYMBOL).book
    assert (book.state, book.reason) == (BookState.LIVE, "")
    for number in range(11, 60):
        trader.process(a_delta(number, number, number - 1, time_ms=NOW_MS - 20_000))
        trader.process(Tick(NOW_MS + (number - 10) * TICK_MS))
    assert book.state is BookState.STALE
    assert book.reason.endswith("s late")
