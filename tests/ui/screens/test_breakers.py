"""The breaker screen: state, gauges, history with reasons, and the way to a reset."""

import pytest
from builders import NOW_NS, a_snapshot
from pane_app import PaneApp, row_texts
from risk_views import GAUGES, HALTED_BY_BREAKER, a_risk, limited

from botcore_tui.model.snapshot import Snapshot
from botcore_tui.ui.panes.ink import Ink
from botcore_tui.ui.screens.breakers import BreakerPane, ResetAsked


def drawn(snapshot: Snapshot, width: int = 116) -> list[str]:
    pane = BreakerPane(clock_ns=lambda: NOW_NS)
    return [line.rstrip() for line in row_texts(pane.draw(snapshot, width, 60))]


@pytest.mark.requirement("R40")
def test_state_gauges_and_history_with_reasons_are_shown() -> None:
    lines = drawn(HALTED_BY_BREAKER)
    text = "\n".join(lines)
    assert "HALTED by breaker 22:13:20Z: A01 daily loss 5.02 % of 5 %" in text
    assert "251.00 of 250.00, 0.00 left" in text
    assert "% of 5,000.00 equity at 00:00 UTC" in text
    first = lines.index("trips, newest first")
    assert lines[first + 2].split() == [
        "11-14", "22:13:20Z", "A01", "daily", "loss", "■", "LATCHED", "5.02", "5",
        "251.00", "250.00", "hold",
    ]  # fmt: skip
    assert "251.00 of 250.00 lost since 00:00 UTC" in lines[first + 3]
    assert lines[first + 4].split()[2:7] == ["A16", "dead-man", "■", "LATCHED", "?"]
    assert "two refreshes of BTCUSDT were missed" in lines[first + 5]


@pytest.mark.requirement("R40")
def test_earlier_trip_of_a_latched_breaker_is_not_called_latched() -> None:
    last = [line for line in drawn(HALTED_BY_BREAKER) if "A01" in line and "reset" in line][-1]
    assert "11-13" in last


def test_nothing_tripped_is_said() -> None:
    assert "no breaker has tripped" in drawn(limited(a_risk(gauges=tuple(GAUGES))))
    assert "market data only" in "\n".join(drawn(a_snapshot()))


@pytest.mark.parametrize("width", [30, 60, 78, 158])
def test_latched_is_a_word_and_reversed_at_every_width(width: int) -> None:
    pane = BreakerPane(clock_ns=lambda: NOW_NS)
    rows = pane.draw(HALTED_BY_BREAKER, width, 80)
    assert rows[0][0][1] is Ink.HALTED
    assert "LATCHED A01 daily loss" in rows[0][0][0]


def test_what_the_tiers_do_is_explained() -> None:
    assert "100 %: halted and latched until a person resets it" in "\n".join(drawn(limited()))


async def test_key_asks_for_a_reset() -> None:
    asked: list[ResetAsked] = []

    class Host(PaneApp):
        def on_reset_asked(self, event: ResetAsked) -> None:
            asked.append(event)

    pane = BreakerPane(clock_ns=lambda: NOW_NS)
    app = Host(pane)
    async with app.run_test() as pilot:
        pane.focus()
        await pilot.press("r")
        await pilot.pause()
        assert len(asked) == 1
