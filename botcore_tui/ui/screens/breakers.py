"""The breakers: how far each limit is used, what tripped and why, and the way to a reset."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.message import Message

from botcore_tui.model.ledger import TripRow
from botcore_tui.model.risk import RiskView
from botcore_tui.model.snapshot import Snapshot
from botcore_tui.ui import format as fmt
from botcore_tui.ui.panes.base import PagesAsked, Row, filled
from botcore_tui.ui.panes.cells import folded, printable
from botcore_tui.ui.panes.columns import Column, table_rows
from botcore_tui.ui.panes.ink import Ink
from botcore_tui.ui.panes.listing import Fact, ListPane, named_rows
from botcore_tui.ui.panes.risk import silent_rows, unknown_rows
from botcore_tui.ui.panes.risk_reading import breaker_name, risk_of
from botcore_tui.ui.panes.risk_rows import banner_rows, gauges_rows, money_facts
from botcore_tui.ui.screens.report import ReportScreen


class ResetAsked(Message):
    """A latched breaker is to be reset; nothing was asked yet."""


class BreakerPane(ListPane):
    """State, gauges with what their percents are of, then the trips, newest first."""

    names_symbol = False

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "reset", "Reset", tooltip="Reset a latched breaker; asks"),
        Binding("enter", "pages", "Explain", tooltip="Explain the breakers; latched ones first"),
    ]

    def list_rows(self, snapshot: Snapshot, width: int, height: int) -> Sequence[Row]:
        """All rows of one picture."""
        risk = risk_of(snapshot)
        if risk is None:
            return unknown_rows(snapshot, width, height)
        now_ns = self.clock_ns()
        rows = [
            *silent_rows(snapshot, now_ns, width),
            *banner_rows(risk, snapshot, now_ns, width, key="r"),
            *named_rows([_state(snapshot), *money_facts(risk, snapshot, now_ns)], width),
            filled((), width),
            *gauges_rows(risk.gauges, width, has_base=True),
            filled((), width),
            *_trip_rows(risk, width),
        ]
        return [*rows, filled((), width), *_what_tiers_do(width)]

    def action_reset(self) -> None:
        """Ask for the reset of a latched breaker."""
        self.post_message(ResetAsked())

    def action_pages(self) -> None:
        """Ask for the pages of the breakers."""
        risk = risk_of(self._snapshot) if self._snapshot is not None else None
        if risk is None:
            return
        codes = (*risk.latched, *(trip.code for trip in risk.trips))
        self.post_message(PagesAsked([*codes, *(gauge.code for gauge in risk.gauges)]))


def breaker_screen(clock_ns: Callable[[], int]) -> ReportScreen:
    """The screen with the breakers."""
    pane = BreakerPane(clock_ns=clock_ns, id="report")
    return ReportScreen(
        "Breakers", "r reset a latched one · enter explains · j k scroll", pane, clock_ns=clock_ns
    )


def _state(snapshot: Snapshot) -> Fact:
    halt = snapshot.halt
    text = snapshot.state.value
    if halt is not None:
        who, why = printable(halt.actor), printable(halt.reason)
        text = f"{text} by {who} {fmt.clock(halt.time_ms)}Z: {why}"
    return Fact("state", text, Ink.STRONG)


def _what_tiers_do(width: int) -> list[Row]:
    text = (
        "50 % of a limit: no adds · 80 %: only reducing orders · 100 %: halted and latched until a"
        " person resets it; neither midnight nor a restart does"
    )
    return [filled(((line, Ink.MUTED),), width) for line in folded(text, width)]


def _trip_rows(risk: RiskView, width: int) -> list[Row]:
    trips = risk.trips
    if not trips:
        return [filled((("no breaker has tripped", Ink.MUTED),), width)]
    titles, *body = table_rows(_columns(risk), width)
    rows = [filled((("trips, newest first", Ink.STRONG),), width), titles]
    for trip, row in zip(trips, body, strict=True):
        rows.append(row)
        lines = folded(printable(trip.text), max(1, width - 4))
        rows += [filled(((f"    {line}", Ink.MUTED),), width) for line in lines]
    return rows


def _columns(risk: RiskView) -> list[Column]:
    trips = risk.trips
    newest = {trip.code: trip for trip in reversed(trips)}
    holds = [trip.code in risk.latched and newest[trip.code] is trip for trip in trips]
    return [
        Column("when", tuple(_when(trip) for trip in trips), 9, is_number=False),
        Column(
            "breaker",
            tuple(breaker_name(risk, trip.code) for trip in trips),
            10,
            is_number=False,
            widest=28,
        ),
        Column(
            "now",
            tuple("■ LATCHED" if held else "reset" for held in holds),
            8,
            is_number=False,
            inks=tuple(Ink.HALTED if held else Ink.MUTED for held in holds),
        ),
        Column("at", tuple(_observed(trip) for trip in trips), 7),
        Column("limit", tuple(fmt.exact(trip.limit) for trip in trips), 5),
        Column("lost", tuple(fmt.grouped(trip.amount, 2) for trip in trips), 6),
        Column("of", tuple(fmt.grouped(trip.limit_amount, 2) for trip in trips), 4),
        Column("then", tuple(printable(trip.action) for trip in trips), 3, is_number=False),
    ]


def _when(trip: TripRow) -> str:
    return f"{fmt.calendar_day(trip.time_ms)} {fmt.clock(trip.time_ms)}Z"


def _observed(trip: TripRow) -> str:
    return "?" if trip.observed is None else fmt.fixed(trip.observed, 2)
