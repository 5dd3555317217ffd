"""Why is nothing traded? The controls of the gate in their order, as an entry would meet them."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from botcore_tui.model.risk import Obstacle, RiskView
from botcore_tui.model.snapshot import Snapshot
from botcore_tui.ui import format as fmt
from botcore_tui.ui.panes.base import PagesAsked, Row, filled, message_rows
from botcore_tui.ui.panes.cells import folded, printable
from botcore_tui.ui.panes.columns import Column, table_rows
from botcore_tui.ui.panes.ink import Ink
from botcore_tui.ui.panes.listing import ListPane
from botcore_tui.ui.panes.risk import silent_rows, unknown_rows
from botcore_tui.ui.panes.risk_reading import elapsed_ms, risk_of
from botcore_tui.ui.screens.report import ReportScreen

_WIDEST_TEXT = 40


class WhyPane(ListPane):
    """One line a control, and below each that denies how to clear it."""

    names_symbol = False

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "pages", "Explain", tooltip="Explain the controls; those that deny first")
    ]

    def list_rows(self, snapshot: Snapshot, width: int, height: int) -> Sequence[Row]:
        """All rows of one picture."""
        risk = risk_of(snapshot)
        if risk is None:
            return unknown_rows(snapshot, width, height)
        if not risk.obstacles:
            return message_rows("no control was evaluated yet", "", width=width, height=height)
        now_ns = self.clock_ns()
        later = elapsed_ms(snapshot, now_ns)
        titles, *body = table_rows(_columns(risk.obstacles, later), width)
        rows = [*silent_rows(snapshot, now_ns, width), _verdict(risk, width), titles]
        for obstacle, row in zip(risk.obstacles, body, strict=True):
            rows.append(row)
            if not obstacle.is_passed and obstacle.remedy:
                rows += [
                    filled(((f"    → {line}", Ink.WARN),), width)
                    for line in folded(printable(obstacle.remedy), max(1, width - 6))
                ]
        return rows

    def action_pages(self) -> None:
        """Ask for the pages of the controls."""
        risk = risk_of(self._snapshot) if self._snapshot is not None else None
        obstacles = () if risk is None else risk.obstacles
        wanted = sorted(obstacles, key=lambda obstacle: obstacle.is_passed)
        self.post_message(PagesAsked([obstacle.code for obstacle in wanted]))


def why_screen(clock_ns: Callable[[], int]) -> ReportScreen:
    """The screen with the controls."""
    pane = WhyPane(clock_ns=clock_ns, id="report")
    return ReportScreen("Why not trading?", "enter explains · j k scroll", pane, clock_ns=clock_ns)


def _verdict(risk: RiskView, width: int) -> Row:
    # Some controls hold for the account, some for one contract: which, must be said.
    obstacles, asked = risk.obstacles, printable(risk.asked)
    failing = [each for each in obstacles if not each.is_passed]
    if not failing:
        text = f"✓ all {len(obstacles)} controls let an entry into {asked} through"
        return filled(((text, Ink.GOOD),), width)
    first = printable(f"{failing[0].code} {failing[0].name}")
    denied = f"{len(failing)} of {len(obstacles)} controls deny"
    text = f" ✗ NO ENTRIES into {asked}: {denied}; first {first} "
    return filled(((text, Ink.ALARM),), width)


def _columns(obstacles: Sequence[Obstacle], later_ms: int) -> list[Column]:
    def texts(values: Sequence[str]) -> tuple[str, ...]:
        return tuple(printable(value) for value in values)

    inks = tuple(Ink.TEXT if each.is_passed else Ink.ERROR for each in obstacles)
    signs = tuple("✓" if each.is_passed else "✗" for each in obstacles)
    sign_inks = tuple(Ink.GOOD if each.is_passed else Ink.ERROR for each in obstacles)
    ages = tuple(
        "" if each.age_ms is None else fmt.age((each.age_ms + later_ms) * 1_000_000)
        for each in obstacles
    )
    value = Column(
        "value",
        texts([each.value for each in obstacles]),
        8,
        is_number=False,
        widest=_WIDEST_TEXT,
        inks=inks,
    )
    limit = Column(
        "limit", texts([each.limit for each in obstacles]), 7, is_number=False, widest=_WIDEST_TEXT
    )
    return [
        Column("", signs, 11, is_number=False, inks=sign_inks),
        Column("code", texts([each.code for each in obstacles]), 10, is_number=False, inks=inks),
        Column(
            "control",
            texts([each.name for each in obstacles]),
            9,
            is_number=False,
            widest=24,
            inks=inks,
        ),
        value,
        limit,
        Column("age", ages, 6),
    ]
