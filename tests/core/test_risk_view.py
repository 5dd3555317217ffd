"""Everything that limits trading, on one picture."""

import pytest
from desk_stage import Stage, buy
from risk_builders import a_memory

from botcore_tui.core.phase import rules_of
from botcore_tui.model.risk import KillStage, Tier


def test_nothing_is_shown_before_a_session() -> None:
    assert Stage().view().risk is None


@pytest.mark.requirement("A01")
@pytest.mark.requirement("A02")
@pytest.mark.requirement("A03")
def test_gauges_tell_percent_and_money() -> None:
    stage = Stage(phase=rules_of("testnet")).begin()
    stage.wait(1_000)
    risk = stage.view().risk
    assert risk is not None
    assert risk.equity_age_ms == 0
    assert [risk.equity, risk.day_start_equity, risk.high_water] == [10_000] * 3
    assert [gauge.code for gauge in risk.gauges] == ["A01", "A02", "A03-1h", "A03-24h"]
    assert [gauge.left_amount for gauge in risk.gauges] == [500, 1500, 200, 500]
    assert {gauge.tier for gauge in risk.gauges} == {Tier.CLEAR}
    assert risk.kill.stage is KillStage.NONE
    assert risk.obstacles
    assert risk.phase is not None
    assert risk.phase.phase == "testnet"


def test_age_of_equity_grows_while_it_is_unknown() -> None:
    stage = Stage()
    stage.tell(a_memory())
    risk = stage.view().risk
    assert risk is not None
    assert (risk.equity, risk.equity_age_ms) == (None, None)
    stage.begin()
    stage.tell(buy(price="98"))
    late = stage.desk.view(stage.time_ms + 700).risk
    assert late is not None
    assert late.equity_age_ms == 700
    assert len(late.dead_men) == 1


def test_account_without_symbols_has_no_obstacles() -> None:
    stage = Stage(symbols=())
    stage.tell(a_memory())
    risk = stage.view().risk
    assert risk is not None
    assert risk.obstacles == ()
