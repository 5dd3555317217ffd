"""The risk pane, at the sizes it is seen in."""

import pytest
from account_builders import an_account
from builders import NOW_NS, SECOND, a_snapshot
from cockpit import a_cockpit, screen_text, turn
from fake_engine import FakeEngine
from msgspec.structs import replace
from pane_app import PaneApp, record_repaints, row_texts
from risk_views import GAUGES, HALTED_BY_BREAKER, a_dead_man, a_phase, a_risk, limited

from botcore_tui.model.snapshot import Snapshot
from botcore_tui.ui.panes.risk import RiskPane

WHOLE = limited(a_risk(gauges=tuple(GAUGES), dead_men=(a_dead_man(),), phase=a_phase()))


def drawn(
    snapshot: Snapshot, width: int = 36, height: int = 40, *, now_ns: int = NOW_NS
) -> list[str]:
    pane = RiskPane(clock_ns=lambda: now_ns)
    return [line.rstrip() for line in row_texts(pane.draw(snapshot, width, height))]


@pytest.mark.requirement("R58")
def test_everything_that_limits_trading_is_shown() -> None:
    text = "\n".join(drawn(WHOLE))
    for part in (
        "equity", "A01 daily loss", "A02 drawdown", "A03-1h", "A03-24h", "188.00 left",
        "% of 5,300.00 high-water mark", "kill", "dead-man", "BTCUSDT 01:3", "unprotected 0.0s",
        "conservative", "capital", "high water",
    ):  # fmt: skip
        assert part in text, part


def test_bases_give_way_to_what_would_be_out_of_sight() -> None:
    assert len(drawn(WHOLE, height=40)) == len(drawn(WHOLE, height=21)) + 4
    assert not any("% of" in line for line in drawn(WHOLE, height=21))


@pytest.mark.requirement("A01")
def test_what_is_latched_comes_first() -> None:
    assert drawn(HALTED_BY_BREAKER)[0] == " LATCHED A01 daily loss: b resets"
    assert "LATCHED" in "\n".join(drawn(HALTED_BY_BREAKER)[5:])


@pytest.mark.requirement("K4")
def test_halt_under_way_stands_above_the_gauges_and_an_armed_switch_below() -> None:
    under_way = drawn(HALTED_BY_BREAKER)
    calm = drawn(WHOLE)
    for lines, is_above in ((under_way, True), (calm, False)):
        kill = next(index for index, line in enumerate(lines) if line.startswith("kill"))
        gauge = next(index for index, line in enumerate(lines) if "A02" in line)
        assert (kill < gauge) is is_above


def test_what_the_strategy_wants_is_said_whole() -> None:
    told = "ema_cross: BTCUSDT at -1, EMA9 below EMA21 on 1m (no bar since: no entry)"
    account = replace(an_account(risk=a_risk()), strategy=told)
    lines = drawn(a_snapshot(trading_enabled=True, account=account))
    first = next(index for index, line in enumerate(lines) if line.startswith("strategy"))
    following = [line.removeprefix("strategy").strip() for line in lines[first : first + 4]]
    assert " ".join(following).startswith(told)
    assert not any(line.startswith("strategy") for line in drawn(WHOLE))


def test_absence_of_limits_is_explained() -> None:
    assert "market data only" in "\n".join(drawn(a_snapshot()))
    assert "no account yet" in "\n".join(drawn(a_snapshot(trading_enabled=True)))
    assert "not known yet" in "\n".join(drawn(a_snapshot(account=an_account())))


def test_figures_of_a_silent_engine_are_said_to_be_old() -> None:
    line = drawn(WHOLE, width=50, now_ns=NOW_NS + 5 * SECOND)[0]
    assert line == " ENGINE SILENT 5.1s: the figures are old"


async def test_only_lines_that_age_are_painted_again() -> None:
    now = [NOW_NS]
    pane = RiskPane(clock_ns=lambda: now[0])
    app = PaneApp(pane)
    async with app.run_test(size=(36, 30)) as pilot:
        pane.show(WHOLE)
        await pilot.pause()
        marked = record_repaints(pane)
        pane.show(WHOLE)
        assert marked == []
        now[0] += SECOND
        pane.show(WHOLE)
        changed = [app.lines()[y] for y in marked]
        assert [line.split()[0] for line in changed] == ["equity", "dead-man"]


@pytest.mark.slow
@pytest.mark.parametrize("size", [(160, 48), (120, 40), (80, 24), (60, 20), (20, 5)], ids=str)
async def test_key_brings_the_limits_into_sight_at_every_size(size: tuple[int, int]) -> None:
    app = a_cockpit(FakeEngine(HALTED_BY_BREAKER))
    async with app.run_test(size=size) as pilot:
        await turn(pilot)
        await pilot.press("0")
        await turn(pilot)
        pane = app.desk.panes["risk"]
        assert pane in app.desk.seen()
        assert app.focused is pane
        if size[0] > 20:
            assert "LATCHED A01" in screen_text(app)


@pytest.mark.slow
async def test_limits_stand_beside_the_market_where_there_is_room_for_all() -> None:
    app = a_cockpit(FakeEngine(WHOLE))
    async with app.run_test(size=(160, 48)) as pilot:
        await turn(pilot)
        for key, name in (("9", "market"), ("4", "engine"), ("6", "feeds")):
            await pilot.press(key)
            await turn(pilot)
            seen = [pane.pane_id for pane in app.desk.seen()]
            assert "risk" in seen
            assert name in seen
        text = screen_text(app)
        assert "62.00 of 250.00, 188.00 left" in text
        assert "BTCUSDT 01:" in text


async def test_without_an_account_the_limits_take_no_room_until_asked_for() -> None:
    app = a_cockpit(FakeEngine(a_snapshot()))
    async with app.run_test(size=(160, 48)) as pilot:
        await turn(pilot)
        assert app.desk.panes["risk"] not in app.desk.seen()
        await pilot.press("0")
        await turn(pilot)
        assert app.desk.panes["risk"] in app.desk.seen()
