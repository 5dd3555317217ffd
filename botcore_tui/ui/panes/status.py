"""The status band: where we are, whether we trade, what it costs, and how old all of that is."""

from collections.abc import Callable, Sequence
from functools import partial

from msgspec import Struct

from botcore_tui.model.event import TradingState
from botcore_tui.model.snapshot import Snapshot
from botcore_tui.ui import format as fmt
from botcore_tui.ui.panes.base import PicturePane, Row, filled
from botcore_tui.ui.panes.cells import cut, printable, width_of
from botcore_tui.ui.panes.ink import Ink
from botcore_tui.ui.panes.reading import (
    data_age_ns,
    engine_age_ns,
    is_data_stale,
    is_engine_silent,
)
from botcore_tui.ui.panes.risk_reading import risk_of
from botcore_tui.ui.panes.status_fields import (
    Field,
    alarm_fields,
    market_fields,
    money_fields,
    recording_fields,
    replay_fields,
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
_WIDTH_WITH_PROGRESS = 150
_SMALLEST_REASON = 8
_SMALLEST_HALT = 60
_SMALLEST_REDUCING = 24
_SMALLEST_BANNER = 12
_GOOD_BANNER = 28
_CALM = (Ink.TEXT, Ink.STRONG, Ink.MUTED, Ink.GOOD, Ink.UP, Ink.DOWN)


class _Banner(Struct, frozen=True):
    """A state that takes the whole line."""

    text: Callable[[int], str]
    """What it says in so many cells."""
    ink: Ink
    least: int
    """Cells below which it gives way to no figure."""


class StatusBand(PicturePane, can_focus=False):
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
        halting = [Field("HALTING…", Ink.HALTED, is_kept=True)] if self.halting else []
        return [_line([*halting, Field("starting…", Ink.MUTED, is_kept=True)], width)][:height]

    def draw(self, snapshot: Snapshot, width: int, height: int) -> Sequence[Row]:
        """The rows of one picture."""
        now_ns = self.clock_ns()
        where = _where(snapshot)
        ages = _ages(snapshot, now_ns)
        time = Field(f"{fmt.clock(snapshot.time_ms)}Z", Ink.MUTED)
        paused = [Field("PAUSED DISPLAY", Ink.ALARM, is_kept=True)] if self.display_paused else []
        paused = [*alarm_fields(snapshot, now_ns), *paused]
        price, *others = market_fields(snapshot, now_ns)
        replay = replay_fields(snapshot.replay, has_room=width >= _WIDTH_WITH_PROGRESS)
        money = money_fields(snapshot, now_ns)
        market = [price, *replay, *money, *others]
        banner = self._banner(snapshot)
        if banner is not None:
            rest = [] if height > 1 else [*market, time]
            tail = [*recording_fields(snapshot), *paused, *ages]
            # Price, equity and the day are worth more than the end of a long reason, but not more
            # than the way out.
            figures = [price, *money[:2]] if rest else []
            sought = sum(width_of(field.text) + 2 for field in figures)
            first = _banner_row(banner, where, rest, tail, width, sought)
            second = [*market, time]
        elif height > 1:
            first = _line([*where, *_state(snapshot), *paused, *ages, time], width)
            second = market
        else:
            fields = [*where, *_state(snapshot), *paused, *market, *ages, time]
            first, second = _line(fields, width), []
        if banner is None and _is_production(snapshot):
            first = _in_reverse(first)
        return [first, _line(second, width)][:height]

    def _banner(self, snapshot: Snapshot) -> _Banner | None:
        if snapshot.state is TradingState.HALTED:
            return _Banner(partial(_halt_text, snapshot), Ink.HALTED, _SMALLEST_HALT)
        if self.halting:
            return _Banner(lambda _room: "HALTING…", Ink.HALTED, _SMALLEST_REDUCING)
        if snapshot.state is TradingState.REDUCING:
            return _Banner(_reducing_text, Ink.ALARM, _SMALLEST_REDUCING)
        return None


def _banner_row(
    banner: _Banner,
    where: list[Field],
    market: list[Field],
    ages: list[Field],
    width: int,
    sought: int,
) -> Row:
    # Of ``market`` the first so many cells are sought; what else has room, comes as well.
    kept = [age for age in ages if age.is_kept]
    head, tail = _line_of(where), _line_of(kept)
    room = width - _cells(head) - _cells(tail) - 2
    if room < _GOOD_BANNER:
        tail = _line_of([Field(age.short or age.text, age.ink) for age in kept])
        room = width - _cells(head) - _cells(tail) - 2
    if room < _SMALLEST_BANNER:
        head = _line_of(where[:1])
        room = width - _cells(head) - _cells(tail) - 2
    if room < len("HALTED"):
        tail = ()
        room = width - _cells(head) - 2
    text = banner.text(max(room - sought, min(room, banner.least)))
    fields = [Field(f" {text}", banner.ink, is_kept=True)]
    fields += [_on_banner(field, banner.ink) for field in market]
    body = _line(fields, room + 2)
    whole = tuple((text, banner.ink if ink is Ink.TEXT else ink) for text, ink in body)
    return filled((*head, *whole, *tail), width)


def _on_banner(field: Field, ink: Ink) -> Field:
    # It takes the whole line; what warns by itself keeps its own colours in it.
    keeps = field.ink in (Ink.STALE, Ink.ALARM, Ink.ERROR, Ink.WARN)
    return Field(field.text, field.ink if keeps else ink, is_kept=field.is_kept)


def _is_production(snapshot: Snapshot) -> bool:
    return snapshot.environment.lower() == "production"


def _in_reverse(row: Row) -> Row:
    # Real money takes the whole line as well; what warns by itself keeps its own colours in it.
    return tuple((text, Ink.ENV_PRODUCTION if ink in _CALM else ink) for text, ink in row)


def _reducing_text(room: int) -> str:
    texts = (
        "▼ REDUCING: only orders that lower a position — F9 resumes",
        "▼ REDUCING — F9 resumes",
    )
    return next((text for text in texts if width_of(text) <= room), "▼ REDUCING")


def _halt_text(snapshot: Snapshot, room: int) -> str:
    # Who, why, when and what to do; the shorter, the less room there is.
    halt = snapshot.halt
    who = f" by {printable(halt.actor)}" if halt is not None else ""
    when = f" {fmt.clock(halt.time_ms)}Z" if halt is not None else ""
    way_out = _way_out(snapshot)
    whole = f"HALTED{who}{when} — {way_out}"
    reason_room = room - width_of(whole) - 3
    if halt is not None and halt.reason and reason_room >= _SMALLEST_REASON:
        return f"HALTED{who} ({cut(printable(halt.reason), reason_room)}){when} — {way_out}"
    texts = (whole, f"HALTED{who}{when}", f"HALTED — {way_out}")
    return next((text for text in texts if width_of(text) <= room), "HALTED")


def _way_out(snapshot: Snapshot) -> str:
    risk = risk_of(snapshot)
    if risk is not None and risk.latched:
        return "b resets"
    return "F9 resumes"


def _where(snapshot: Snapshot) -> list[Field]:
    ink = _ENVIRONMENTS.get(snapshot.environment.lower(), Ink.ALARM)
    fields = [Field(f" {printable(snapshot.environment).upper()} ", ink, is_kept=True)]
    if _is_production(snapshot):
        fields.append(Field("REAL MONEY", Ink.ENV_PRODUCTION, is_kept=True, short="REAL"))
    if snapshot.label.upper() not in ("", snapshot.environment.upper()):
        label = printable(snapshot.label)
        fields.append(Field(label, Ink.WARN, is_kept=True, short=label[:3]))
    return fields


def _state(snapshot: Snapshot) -> list[Field]:
    text, ink = _STATES[snapshot.state]
    warns = Ink.STRONG if _is_production(snapshot) else Ink.WARN
    trading = ("TRADING ON", warns) if snapshot.trading_enabled else ("trading off", Ink.MUTED)
    return [
        Field(text, ink, is_kept=True, short=text[:5]),
        Field(*trading),
        *recording_fields(snapshot),
    ]


def _ages(snapshot: Snapshot, now_ns: int) -> list[Field]:
    data = fmt.age(data_age_ns(snapshot, now_ns))
    engine = fmt.age(engine_age_ns(snapshot, now_ns))
    data_ink = Ink.STALE if is_data_stale(snapshot, now_ns) else Ink.TEXT
    fields = [Field(f"data {data}", data_ink, is_kept=True, short=data)]
    if is_engine_silent(snapshot, now_ns):
        silent = f"SILENT {engine}"
        return [*fields, Field(f"ENGINE {silent}", Ink.ERROR, is_kept=True, short=silent)]
    return [*fields, Field(f"engine {engine}")]


def _line_of(fields: Sequence[Field]) -> Row:
    # The fields with two blanks between; one behind a badge, which carries its own.
    row: list[tuple[str, Ink]] = []
    for field in fields:
        if row:
            row.append((" " if row[-1][0].endswith(" ") else "  ", Ink.TEXT))
        row.append((field.text, field.ink))
    return tuple(row)


def _cells(row: Row) -> int:
    return sum(width_of(text) for text, _ in row)


def _line(fields: Sequence[Field], width: int) -> Row:
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
        kept[index] = Field(field.short or field.text, field.ink, is_kept=True)
        row = _line_of(kept)
    return filled(row, width)
