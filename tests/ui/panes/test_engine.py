"""The engine pane: load, delays and errors, faults first."""

import pytest
from builders import NOW_NS, SECOND, a_health, a_snapshot, percentiles
from msgspec.structs import replace
from pane_app import row_texts

from botcore_tui.model.event import TradingState
from botcore_tui.model.snapshot import Snapshot
from botcore_tui.ui.panes.base import Row
from botcore_tui.ui.panes.engine import EnginePane
from botcore_tui.ui.panes.ink import Ink


def drawn(snapshot: Snapshot, *, now_ns: int = NOW_NS) -> list[Row]:
    return list(EnginePane(clock_ns=lambda: now_ns).draw(snapshot, 36, 40))


def lines(snapshot: Snapshot, *, now_ns: int = NOW_NS) -> list[str]:
    return [line.rstrip() for line in row_texts(drawn(snapshot, now_ns=now_ns))]


@pytest.mark.requirement("R36")
@pytest.mark.requirement("R38")
def test_healthy_engine_shows_load_delays_and_memory() -> None:
    assert lines(a_snapshot()) == [
        "state    ACTIVE",
        "events   988/s · 123,456",
        "inbox    3 peak 120 of 10000",
        "loop lag 0.21 p99 0.84 max 8.40 ms",
        "latency  0.09 p99 0.36 max 3.60 ms",
        "errors   0 decode · 0 unknown",
        "memory   87.3 MB · up 15m00s",
        "switch interval 0.2 ms · gc frozen",
    ]


def test_faults_stand_above_everything_newest_first() -> None:
    rows = drawn(a_snapshot(health=a_health(faults=("stream died", "rest died"))))
    assert [row[0] for row in rows[:2]] == [
        ("✗ rest died", Ink.ERROR),
        ("✗ stream died", Ink.ERROR),
    ]


def test_silent_engine_says_so_and_its_numbers_fade() -> None:
    rows = drawn(a_snapshot(), now_ns=NOW_NS + 3 * SECOND)
    assert rows[0][1] == ("SILENT 3.1s, was ACTIVE", Ink.ERROR)
    assert {row[1][1] for row in rows[1:7]} == {Ink.STALE}


def test_nothing_measured_yet_is_a_dash() -> None:
    shown = lines(a_snapshot(health=a_health(loop_lag=percentiles(count=0))))
    assert shown[3] == "loop lag -"


def test_errors_and_a_filling_inbox_are_set_off() -> None:
    health = replace(a_health(decode_errors=2), unknown_events=1, inbox=6_000)
    rows = drawn(a_snapshot(health=health, state=TradingState.HALTED))
    inks = {row[0][0].strip(): row[1][1] for row in rows[:7]}
    assert inks["state"] is Ink.HALTED
    assert (inks["inbox"], inks["errors"]) == (Ink.WARN, Ink.WARN)


@pytest.mark.parametrize("errors", [(1, 0), (0, 1)])
def test_one_error_of_either_kind_is_enough_to_be_set_off(errors: tuple[int, int]) -> None:
    health = replace(a_health(decode_errors=errors[0]), unknown_events=errors[1])
    row = drawn(a_snapshot(health=health))[5]
    assert row[1] == (f"{errors[0]} decode · {errors[1]} unknown", Ink.WARN)


def test_everything_fits_beside_the_chart_of_a_wide_screen() -> None:
    health = a_health(
        hygiene=(
            "switch interval 0.2 ms",
            "collector thresholds 50000/20/50",
            "collector ignores 134,123 objects of the start",
            "cores: engine on 1, screen on the other 1",
            "loop: uvloop",
        ),
    )
    rows = EnginePane(clock_ns=lambda: NOW_NS).list_rows(a_snapshot(health=health), 36, 12)
    assert len(rows) <= 12


def test_hostile_fault_cannot_steer_the_terminal() -> None:
    shown = lines(a_snapshot(health=a_health(faults=("\x1b[2J\nsecond",))))
    assert shown[0] == r"✗ \x1b[2J\nsecond"


def test_engine_belongs_to_no_symbol() -> None:
    assert EnginePane(clock_ns=lambda: NOW_NS).subtitle(a_snapshot()) == ""
