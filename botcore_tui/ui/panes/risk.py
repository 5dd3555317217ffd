"""Risk: how far each limit is used, in percent and in money, and what guards the account."""

from collections.abc import Sequence

from botcore_tui.model.risk import KillStage, RiskView
from botcore_tui.model.snapshot import Snapshot
from botcore_tui.ui import format as fmt
from botcore_tui.ui.panes.account import absent_rows
from botcore_tui.ui.panes.base import Row, filled, message_rows
from botcore_tui.ui.panes.ink import Ink
from botcore_tui.ui.panes.listing import ListPane, named_rows
from botcore_tui.ui.panes.reading import engine_age_ns, is_engine_silent
from botcore_tui.ui.panes.risk_reading import risk_of
from botcore_tui.ui.panes.risk_rows import (
    banner_rows,
    gauges_rows,
    kill_facts,
    money_facts,
    phase_facts,
    safety_facts,
    strategy_facts,
)


class RiskPane(ListPane):
    """What is latched or relaxed, then equity and the gauges, then what guards the account."""

    pane_id = "risk"
    pane_title = "risk"
    hotkey = "0"
    names_symbol = False

    def list_rows(self, snapshot: Snapshot, width: int, height: int) -> Sequence[Row]:
        """All rows of one picture; what the percents are of, where there is room to say it."""
        risk = risk_of(snapshot)
        if risk is None:
            return unknown_rows(snapshot, width, height)
        now_ns = self.clock_ns()
        rows = risk_rows(risk, snapshot, now_ns, width, has_base=True)
        if len(rows) > height:
            rows = risk_rows(risk, snapshot, now_ns, width, has_base=False)
        return rows


def unknown_rows(snapshot: Snapshot, width: int, height: int) -> Sequence[Row]:
    """Why no limits can be shown."""
    if snapshot.account is None:
        return absent_rows(width, height, snapshot=snapshot)
    return message_rows("limits are not known yet", "", width=width, height=height)


def risk_rows(
    risk: RiskView, snapshot: Snapshot, now_ns: int, width: int, *, has_base: bool
) -> list[Row]:
    """Everything that limits trading, below each other."""
    equity, *anchors = money_facts(risk, snapshot, now_ns)
    # While somebody waits for a halt, nothing is worth more than how far it has come.
    is_halt = risk.kill.stage is not KillStage.NONE
    first, kill = (kill_facts(risk), []) if is_halt else ([], kill_facts(risk))
    facts = [
        *kill,
        *strategy_facts(snapshot),
        *safety_facts(risk, snapshot, now_ns),
        *phase_facts(risk),
        *anchors,
    ]
    return [
        *silent_rows(snapshot, now_ns, width),
        *banner_rows(risk, snapshot, now_ns, width),
        *named_rows([*first, equity], width),
        *gauges_rows(risk.gauges, width, has_base=has_base),
        *named_rows(facts, width),
    ]


def silent_rows(snapshot: Snapshot, now_ns: int, width: int) -> list[Row]:
    """A line that says that nobody updates these numbers any more, if that is so."""
    if not is_engine_silent(snapshot, now_ns):
        return []
    age = fmt.age(engine_age_ns(snapshot, now_ns))
    return [filled(((f" ENGINE SILENT {age}: the figures are old ", Ink.ALARM),), width)]
