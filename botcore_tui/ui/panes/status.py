"""The status band: where we are, whether we trade, what it costs, and how old all of that is."""

from collections.abc import Callable, Sequence

from msgspec import Struct

from botcore_tui.model.event import TradingState
from botcore_tui.model.snapshot import ReplayProgress, Snapshot
from botcore_tui.ui import format as fmt
from botcore_tui.ui.panes.base import LinePane, Row, filled
from botcore_tui.ui.panes.cells import bar, cut, printable, width_of
from botcore_tui.ui.panes.ink import Ink
from botcore_tui.ui.panes.reading import (
    RECORDING,
    book_condition,
    data_age_ns,
    engine_age_ns,
    is_data_stale,
    is_engine_silent,
    spread,
)

_ENVIRONMENTS = {
    "demo": Ink.ENV_DEMO,
    "replay": Ink.ENV_REPLAY,
    "paper": Ink.ENV_PAPER,
    "testnet": Ink.ENV_TESTNET,
    "production": Ink.ENV_PRODUCTION,
}
_STATES = {
    TradingState.ACTIVE: ("● ACTIVE", Ink.GOOD),
    TradingState.REDUCING: ("▼ REDUCING", Ink.WARN),
    TradingState.HALTED: ("■ HALTED", Ink.HALTED),
}
_PROGRESS_CELLS = 20
_WIDTH_WITH_PROGRESS = 150
_SMALLEST_REASON = 8
_SMALLEST_HALT = 60


class _Field(Struct, frozen=True):
    """One piece of the band."""

    text: str
    ink: Ink = Ink.TEXT
    is_kept: bool = False
    """Never dropped; the others go from the right when the band is narrow."""
    short: str = ""
    """What stays of a kept field in a very narrow band; empty if it cannot be said shorter."""


class StatusBand(LinePane, can_focus=False):
    """One line, or two where it is given them.

    The environment word, the label of the market, the run state and the age of the data are always
    shown. A halt takes the whole line in reverse, except for the environment word.
    """

    pane_id = "status"
    names_symbol = False
    # As often as the book: two prices on one screen must be those of one moment.
    show_period_seconds = 0.1

    def __init__(
        self,
        *,
        clock_ns: Callable[[], int] | None = None,
        id: str | None = None,  # noqa: A002 - Textual's name for it
        classes: str | None = None,
    ) -> None:
        super().__init__(clock_ns=clock_ns, id=id, classes=classes)
        self._is_display_paused = False
        self._is_halting = False

    @property
    def display_paused(self) -> bool:
        """Whether the other panes stand still by the user's wish."""
        return self._is_display_paused

    @display_paused.setter
    def display_paused(self, value: bool) -> None:
        self._is_display_paused = value
        self.redraw()

    @property
    def halting(self) -> bool:
        """Whether a halt was asked for; it ends by itself when the engine reports HALTED."""
        return self._is_halting

    @halting.setter
    def halting(self, value: bool) -> None:
        self._is_halting = value
        self.redraw()

    def show(self, snapshot: Snapshot) -> None:
        """Take the newest picture; a reported halt ends the waiting for it."""
        if snapshot.state is TradingState.HALTED:
            self._is_halting = False
        super().show(snapshot)

    def draw_waiting(self, width: int, height: int) -> Sequence[Row]:
        """The rows before the first picture."""
        halting = [_Field("HALTING…", Ink.HALTED, is_kept=True)] if self.halting else []
        return [_line([*halting, _Field("starting…", Ink.MUTED, is_kept=True)], width)][:height]

    def draw(self, snapshot: Snapshot, width: int, height: int) -> Sequence[Row]:
        """The rows of one picture."""
        now_ns = self.clock_ns()
        where = _where(snapshot)
        ages = _ages(snapshot, now_ns)
        time = _Field(f"{fmt.clock(snapshot.time_ms)}Z", Ink.MUTED)
        paused = [_Field("PAUSED DISPLAY", Ink.ALARM, is_kept=True)] if self.display_paused else []
        price, *others = _market(snapshot, now_ns)
        replay = _replay(snapshot.replay, has_room=width >= _WIDTH_WITH_PROGRESS)
        market = [price, *replay, *others]
        if self.halting or snapshot.state is TradingState.HALTED:
            rest = [] if height > 1 else [*market, time]
            first = self._halted_row(snapshot, where, rest, [*paused, *ages], width)
            second = [*market, time]
        elif height > 1:
            first = _line([*where, *_state(snapshot), *paused, *ages, time], width)
            second = market
        else:
            fields = [*where, *_state(snapshot), *paused, *market, *ages, time]
            return [_line(fields, width)]
        return [first, _line(second, width)][:height]

    def _halted_row(
        self,
        snapshot: Snapshot,
        where: list[_Field],
        market: list[_Field],
        ages: list[_Field],
        width: int,
    ) -> Row:
        head, tail = _line_of(where), _line_of([age for age in ages if age.is_kept])
        room = width - _cells(head) - _cells(tail) - 2
        if room < len("HALTED"):
            head = _line_of(where[:1])
            room = width - _cells(head) - _cells(tail) - 2
        if room < len("HALTED"):
            tail = ()
            room = width - _cells(head) - 2
        is_halted = snapshot.state is TradingState.HALTED
        # The price is worth more than the end of a long reason, but not more than the way out.
        price_cells = sum(width_of(field.text) + 2 for field in market[:1])
        reason_room = max(room - price_cells, min(room, _SMALLEST_HALT))
        text = _halt_text(snapshot, reason_room) if is_halted else "HALTING…"
        body = _line(
            [_Field(f" {text}", Ink.HALTED, is_kept=True), *map(_on_halt, market)], room + 2
        )
        return filled((*head, *_reversed_gaps(body), *tail), width)


def _on_halt(field: _Field) -> _Field:
    # A halt takes the whole line; what warns by itself keeps its own colours in it.
    keeps = field.ink in (Ink.STALE, Ink.ALARM, Ink.ERROR, Ink.WARN)
    return _Field(field.text, field.ink if keeps else Ink.HALTED, is_kept=field.is_kept)


def _reversed_gaps(row: Row) -> Row:
    return tuple((text, Ink.HALTED if ink is Ink.TEXT else ink) for text, ink in row)


def _halt_text(snapshot: Snapshot, room: int) -> str:
    # Who, why, when and what to do; the shorter, the less room there is.
    halt = snapshot.halt
    who = f" by {printable(halt.actor)}" if halt is not None else ""
    when = f" {fmt.clock(halt.time_ms)}Z" if halt is not None else ""
    whole = f"HALTED{who}{when} — F9 resumes"
    reason_room = room - width_of(whole) - 3
    if halt is not None and halt.reason and reason_room >= _SMALLEST_REASON:
        return f"HALTED{who} ({cut(printable(halt.reason), reason_room)}){when} — F9 resumes"
    texts = (whole, f"HALTED{who}{when}", "HALTED — F9 resumes")
    return next((text for text in texts if width_of(text) <= room), "HALTED")


def _where(snapshot: Snapshot) -> list[_Field]:
    ink = _ENVIRONMENTS.get(snapshot.environment.lower(), Ink.ALARM)
    fields = [_Field(f" {printable(snapshot.environment).upper()} ", ink, is_kept=True)]
    if snapshot.label.upper() not in ("", snapshot.environment.upper()):
        label = printable(snapshot.label)
        fields.append(_Field(label, Ink.WARN, is_kept=True, short=label[:3]))
    return fields


def _state(snapshot: Snapshot) -> list[_Field]:
    text, ink = _STATES[snapshot.state]
    trading = ("TRADING ON", Ink.WARN) if snapshot.trading_enabled else ("trading off", Ink.MUTED)
    return [
        _Field(text, ink, is_kept=True, short=text[:5]),
        _Field(*trading),
        *_recording(snapshot),
    ]


def _recording(snapshot: Snapshot) -> list[_Field]:
    feed = next((feed for feed in snapshot.feeds if feed.name == RECORDING), None)
    if feed is None:
        return []
    is_running = feed.status == "live"
    return [_Field("● REC", Ink.GOOD) if is_running else _Field("✗ REC", Ink.ERROR, is_kept=True)]


def _ages(snapshot: Snapshot, now_ns: int) -> list[_Field]:
    data = fmt.age(data_age_ns(snapshot, now_ns))
    engine = fmt.age(engine_age_ns(snapshot, now_ns))
    data_ink = Ink.STALE if is_data_stale(snapshot, now_ns) else Ink.TEXT
    fields = [_Field(f"data {data}", data_ink, is_kept=True, short=data)]
    if is_engine_silent(snapshot, now_ns):
        silent = f"SILENT {engine}"
        return [*fields, _Field(f"ENGINE {silent}", Ink.ERROR, is_kept=True, short=silent)]
    return [*fields, _Field(f"engine {engine}")]


def _market(snapshot: Snapshot, now_ns: int) -> list[_Field]:
    is_old = is_data_stale(snapshot, now_ns) or is_engine_silent(snapshot, now_ns)
    decimals = snapshot.price_decimals

    def field(text: str, ink: Ink = Ink.TEXT) -> _Field:
        return _Field(text, Ink.STALE if is_old else ink)

    last, previous = snapshot.last_price, snapshot.previous_price
    sign, ink = "", Ink.STRONG
    if last is not None and previous is not None and last != previous:
        sign, ink = (" ▲", Ink.UP) if last > previous else (" ▼", Ink.DOWN)
    fields = [field(f"{printable(snapshot.symbol)} {fmt.fixed(last, decimals)}{sign}", ink)]
    condition = book_condition(snapshot, now_ns)
    if condition.is_live:
        fields.append(field(f"spread {fmt.fixed(spread(snapshot.book), decimals)}"))
    else:
        fields.append(_Field(f"book {condition.word}", Ink.WARN))
    if snapshot.mark is not None:
        fields.append(field(f"mark {fmt.fixed(snapshot.mark.mark, decimals)}"))
    if snapshot.day is not None:
        change = snapshot.day.change_pct
        ink = Ink.UP if change > 0 else Ink.DOWN if change < 0 else Ink.TEXT
        fields.append(field(f"24h {fmt.signed_percent(change)}", ink))
    return fields


def _replay(replay: ReplayProgress | None, *, has_room: bool) -> list[_Field]:
    if replay is None:
        return []
    fields: list[_Field] = []
    if replay.error:
        fields.append(_Field(f"tape: {printable(replay.error)}", Ink.ERROR))
    if replay.is_finished:
        fields.append(_Field("ENDED", Ink.ALARM, is_kept=True))
    elif replay.is_paused:
        fields.append(_Field("PAUSED", Ink.ALARM, is_kept=True))
    position, total = replay.position_seconds, replay.total_seconds
    place = fmt.duration(position)
    fields.append(_Field(f"{place}/{fmt.duration(total)}" if total is not None else place))
    fields.append(_Field(fmt.speed(replay.speed)))
    if replay.seconds_left is not None:
        fields.append(_Field(f"left {fmt.duration(replay.seconds_left)}"))
    if has_room and total is not None and total > 0:
        progress = bar(position, total, _PROGRESS_CELLS)
        fields.append(_Field(f"▕{progress}▏", Ink.MUTED))
    return fields


def _line_of(fields: Sequence[_Field]) -> Row:
    # The fields with two blanks between; one behind a badge, which carries its own.
    row: list[tuple[str, Ink]] = []
    for field in fields:
        if row:
            row.append((" " if row[-1][0].endswith(" ") else "  ", Ink.TEXT))
        row.append((field.text, field.ink))
    return tuple(row)


def _cells(row: Row) -> int:
    return sum(width_of(text) for text, _ in row)


def _line(fields: Sequence[_Field], width: int) -> Row:
    # The fields that fit. From the right, those that need not stay are left out; then those
    # that must stay are shortened.
    kept = list(fields)
    row = _line_of(kept)
    while _cells(row) > width and not all(field.is_kept for field in kept):
        kept.remove(next(field for field in reversed(kept) if not field.is_kept))
        row = _line_of(kept)
    for index in range(len(kept) - 1, -1, -1):
        if _cells(row) <= width:
            break
        field = kept[index]
        kept[index] = _Field(field.short or field.text, field.ink, is_kept=True)
        row = _line_of(kept)
    return filled(row, width)
