"""The engine in numbers: is it keeping up, and what went wrong."""

from collections.abc import Sequence

from botcore_tui.model.event import TradingState
from botcore_tui.model.snapshot import EngineHealth, Percentiles, Snapshot
from botcore_tui.ui import format as fmt
from botcore_tui.ui.panes.base import Row, filled
from botcore_tui.ui.panes.cells import folded, printable
from botcore_tui.ui.panes.ink import Ink
from botcore_tui.ui.panes.listing import Fact, ListPane, fact_rows
from botcore_tui.ui.panes.reading import engine_age_ns, is_engine_silent

_STATE_INKS = {
    TradingState.ACTIVE: Ink.GOOD,
    TradingState.REDUCING: Ink.WARN,
    TradingState.HALTED: Ink.HALTED,
}


class EnginePane(ListPane):
    """Load, delays, errors and what was done to the process; faults come first."""

    pane_id = "engine"
    pane_title = "engine"
    hotkey = "4"
    names_symbol = False

    def list_rows(self, snapshot: Snapshot, width: int, height: int) -> Sequence[Row]:
        """All rows of one picture."""
        health, now_ns = snapshot.health, self.clock_ns()
        numbers = [*_load(health), _errors(health), _process(health, now_ns)]
        if is_engine_silent(snapshot, now_ns):
            numbers = [Fact(fact.name, fact.value, Ink.STALE) for fact in numbers]
        # In one paragraph: a line for each measure would push the last ones out of sight.
        notes = Fact("", " · ".join(health.hygiene), Ink.MUTED)
        rows = fact_rows([_life(snapshot, now_ns), *numbers, notes], width, height)
        return [*_fault_rows(health.faults, width), *rows]


def _fault_rows(faults: Sequence[str], width: int) -> list[Row]:
    # Newest first: the oldest are the ones to scroll for.
    return [
        filled(((line, Ink.ERROR),), width)
        for fault in reversed(faults)
        for line in folded(f"✗ {printable(fault)}", width)
    ]


def _life(snapshot: Snapshot, now_ns: int) -> Fact:
    if is_engine_silent(snapshot, now_ns):
        age = fmt.age(engine_age_ns(snapshot, now_ns))
        return Fact("state", f"SILENT {age}, was {snapshot.state}", Ink.ERROR)
    return Fact("state", snapshot.state.value, _STATE_INKS[snapshot.state])


def _load(health: EngineHealth) -> list[Fact]:
    # Half full is where a burst of the same size again would begin to age the data.
    is_filling = health.inbox * 2 > health.inbox_capacity
    inbox = f"{health.inbox} peak {health.inbox_peak} of {health.inbox_capacity}"
    return [
        Fact("events", f"{fmt.rate(health.events_per_second)}/s · {fmt.count(health.events)}"),
        Fact("inbox", inbox, Ink.WARN if is_filling else Ink.TEXT),
        Fact("loop lag", _percentiles(health.loop_lag)),
        Fact("latency", _percentiles(health.latency)),
    ]


def _percentiles(values: Percentiles) -> str:
    # Median, 99th percentile and maximum.
    if not values.count:
        return fmt.MISSING
    p50, p99, largest = (
        fmt.milliseconds(value / 1_000) for value in (values.p50_us, values.p99_us, values.max_us)
    )
    return f"{p50} p99 {p99} max {largest} ms"


def _errors(health: EngineHealth) -> Fact:
    has_any = health.decode_errors or health.unknown_events
    text = f"{fmt.count(health.decode_errors)} decode · {fmt.count(health.unknown_events)} unknown"
    return Fact("errors", text, Ink.WARN if has_any else Ink.TEXT)


def _process(health: EngineHealth, now_ns: int) -> Fact:
    uptime = now_ns - health.started_ns if health.started_ns else None
    return Fact("memory", f"{fmt.megabytes(health.rss_mb)} · up {fmt.age(uptime)}")
