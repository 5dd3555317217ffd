"""A strategy's wishes at the desk: carried out once, again only when they change."""

from decimal import Decimal

import pytest
from desk_stage import (
    DOWN,
    HALT,
    RESUME,
    RULES,
    UP,
    Script,
    Stage,
    a_mark_price,
    a_minute,
    audits,
    buy,
    codes,
)
from market_builders import SYMBOL
from msgspec.structs import replace
from order_builders import NOW_MS
from recollection_builders import (
    a_position_row,
    a_recollection,
    an_intent,
    an_open_order,
    an_open_position,
)

from botcore_tui.core.pilot import direction
from botcore_tui.model.event import MarketReset, RulesUpdate
from botcore_tui.model.market import Side
from botcore_tui.model.order import Purpose
from botcore_tui.model.trading import Cover

ENTRY = Purpose.ENTRY


def flying(target: str | None = "1", **settings: object) -> tuple[Stage, Script]:
    script = Script(target)
    stage = Stage(strategy=script, **settings).begin()
    stage.tell(a_minute(0))
    stage.wait(250)
    return stage, script


def want(stage: Stage, script: Script, target: str, number: int) -> None:
    script.target = target
    stage.tell(a_minute(number))
    stage.wait(250)


def stop_out(stage: Stage) -> None:
    """The stop executes; leftovers go."""
    stage.tell(*stage.venue.trigger(stage.stop().client_order_id))
    stage.wait(3_000)
    assert stage.is_flat()


def test_wish_is_told_and_carried_out_once() -> None:
    stage, _ = flying()
    assert codes(stage.effects).count("signal") == 1
    stage.wait(20_000)
    assert len(stage.sent(ENTRY)) == 1


def test_position_that_was_stopped_out_is_not_entered_again_before_the_wish_changes() -> None:
    stage, script = flying()
    stop_out(stage)
    want(stage, script, "0.5", 1)
    stage.wait(10_000)
    assert len(stage.sent(ENTRY)) == 1
    want(stage, script, "0", 2)
    want(stage, script, "1", 3)
    assert len(stage.sent(ENTRY)) == 2


def test_position_of_an_earlier_run_that_is_stopped_out_is_not_entered_again() -> None:
    stage, script = flying()
    (stop,) = stage.sent(Purpose.STOP)
    held = an_open_position(a_position_row(quantity=str(stage.held())))
    resting = an_open_order(an_intent(stop), algo_id=2)
    stage.tell(a_recollection(run_id="again", positions=[held], orders=[resting]))
    rules = RulesUpdate(RULES, NOW_MS)
    stage.tell(rules, a_mark_price("100"), UP, a_minute(0), a_minute(1))
    stage.wait(3_000)
    assert len(script.warmed) == 2
    stop_out(stage)
    stage.wait(10_000)
    assert len(stage.sent(ENTRY)) == 1
    want(stage, script, "-1", 2)
    assert len(stage.sent(ENTRY)) == 2


@pytest.mark.requirement("F14")
def test_position_that_was_stopped_out_before_a_restart_is_not_entered_again() -> None:
    stage, script = flying()
    (entry,) = stage.sent(ENTRY)
    stop_out(stage)
    assert stage.view().strategy.endswith("(entered before: not again until it changes)")
    stage.tell(a_recollection(run_id="again", entries=[an_intent(entry)]))
    rules = RulesUpdate(RULES, NOW_MS)
    stage.tell(rules, a_mark_price("100"), UP, a_minute(0), a_minute(1))
    stage.wait(10_000)
    assert (stage.trader.is_active, len(script.warmed)) == (True, 2)
    assert len(stage.sent(ENTRY)) == 1
    want(stage, script, "0", 2)
    assert "entered before" not in stage.view().strategy
    want(stage, script, "1", 3)
    assert len(stage.sent(ENTRY)) == 2
    assert "entered before" not in stage.view().strategy


def test_entry_of_a_person_before_a_restart_keeps_no_strategy_out() -> None:
    stage, script = flying(None)
    stage.tell(buy("1"))
    (entry,) = stage.sent(ENTRY)
    stop_out(stage)
    script.target = "1"
    stage.tell(a_recollection(run_id="again", entries=[an_intent(entry)]))
    stage.tell(RulesUpdate(RULES, NOW_MS), a_mark_price("100"), UP, a_minute(0), a_minute(1))
    stage.wait(10_000)
    assert [one.actor for one in stage.sent(ENTRY)] == ["test", "script"]


def test_position_of_a_person_as_wanted_that_is_stopped_out_is_not_entered_again() -> None:
    stage, script = flying(None)
    stage.tell(buy("1"))
    want(stage, script, "1", 1)
    stage.wait(1_000)
    stop_out(stage)
    stage.wait(10_000)
    assert [one.actor for one in stage.sent(ENTRY)] == ["test"]


def test_position_that_is_stopped_out_while_halted_is_not_entered_again_after_it() -> None:
    stage, script = flying(None)
    stage.tell(buy("1"), HALT)
    want(stage, script, "1", 1)
    stop_out(stage)
    stage.tell(RESUME, RESUME)
    stage.wait(10_000)
    assert stage.trader.is_active
    assert [one.actor for one in stage.sent(ENTRY)] == ["test"]


def test_person_who_fails_does_not_make_the_strategy_enter_again() -> None:
    stage, _ = flying()
    stop_out(stage)
    stage.venue.answers.append("fail")
    stage.tell(buy("0.1"))
    stage.wait(20_000)
    assert [one.actor for one in stage.sent(ENTRY)] == ["script", "test"]


@pytest.mark.requirement("F02")
def test_entry_that_was_not_placed_is_tried_again_after_a_pause() -> None:
    stage, script = flying(None)
    stage.venue.answers.append("fail")
    want(stage, script, "-1", 1)
    stage.wait(4_500)
    assert len(stage.sent(ENTRY)) == 1
    stage.wait(750)
    assert (len(stage.sent(ENTRY)), stage.held() < 0) == (2, True)


def test_entry_that_the_venue_refuses_is_not_tried_again() -> None:
    stage, script = flying(None)
    stage.venue.answers.append("refuse -2019")
    want(stage, script, "1", 1)
    stage.wait(20_000)
    assert len(stage.sent(ENTRY)) == 1


@pytest.mark.requirement("F01")
def test_wish_waits_while_its_entry_is_unknown_and_is_not_doubled() -> None:
    stage, script = flying(None)
    stage.venue.answers.append("lose")
    want(stage, script, "1", 1)
    stage.wait(20_000)
    assert len(stage.sent(ENTRY)) == 1
    assert stage.position().cover is Cover.VERIFIED


@pytest.mark.requirement("F16")
@pytest.mark.parametrize("target", ["NaN", "7"])
def test_strategy_that_fails_is_left_out_and_told_once(target: str) -> None:
    stage, script = flying()
    want(stage, script, target, 1)
    stage.wait(5_000)
    assert audits(stage.effects).count("strategy.failed") == 1
    want(stage, script, "0", 2)
    assert stage.position().cover is Cover.VERIFIED


def test_strategy_waits_for_the_market_and_for_trading_to_be_enabled() -> None:
    stage, script = flying(is_trading_enabled=False)
    assert script.warmed == []
    stage = Stage(strategy=script)
    stage.tell(a_recollection(), a_minute(0))
    stage.wait(1_000)
    assert script.warmed == []


def test_market_that_begins_anew_warms_the_strategy_up_again() -> None:
    stage, script = flying(None)
    stage.tell(MarketReset("again", NOW_MS), a_minute(0), a_minute(1))
    stage.wait(250)
    assert script.warmed == [(SYMBOL, 1), (SYMBOL, 2)]
    lone = Stage().begin()
    assert codes(lone.tell(MarketReset("again", NOW_MS))) == ["market.reset"]


def test_wish_of_bars_that_are_long_over_is_not_carried_out() -> None:
    """The machine slept for three hours; the account is known again before the bars are."""
    stage, script = flying(None)
    stage.tell(DOWN)
    want(stage, script, "1", 1)
    assert stage.sent(ENTRY) == []
    stage.time_ms += 3 * 3_600_000
    stage.tell(UP)
    stage.wait(5_000)
    assert stage.sent(ENTRY) == []
    assert stage.view().strategy.endswith("(no bar since: no entry)")
    stage.tell(a_minute(181))
    stage.wait(250)
    assert len(stage.sent(ENTRY)) == 1
    assert "no entry" not in stage.view().strategy


# --- a person against a wish ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("target", "side", "words"),
    [
        ("0", Side.BUY, "script wants BTCUSDT flat: it closes a long at once"),
        ("0", Side.SELL, "script wants BTCUSDT flat: it closes a short at once"),
        ("-1", Side.BUY, "script wants BTCUSDT short: it closes a long at once"),
        ("1", Side.SELL, "script wants BTCUSDT long: it closes a short at once"),
    ],
)
def test_person_who_enters_against_a_standing_wish_is_told_that_it_will_be_closed(
    target: str, side: Side, words: str
) -> None:
    stage, _ = flying("0")
    (wish,) = stage.desk.state.wishes
    assert wish.direction == 0
    wish = replace(wish, direction=direction(Decimal(target)))
    assert wish.warning(side) == words


def test_position_of_a_person_against_a_standing_wish_is_closed_and_that_was_said() -> None:
    stage, _ = flying("0")
    assert stage.view().wishes == stage.desk.state.wishes
    stage.tell(buy())
    said = stage.answer().text
    assert said.endswith("; script wants BTCUSDT flat: it closes a long at once")
    stage.wait(5_000)
    assert len(stage.sent(ENTRY)) == 1
    assert stage.is_flat()


def test_order_that_a_strategy_leaves_alone_is_not_warned_of() -> None:
    stage, script = flying("1")
    (wish,) = stage.desk.state.wishes
    assert (wish.direction, wish.warning(Side.BUY)) == (1, "")
    stage.tell(buy("0.01"))
    assert "wants" not in stage.answer().text
    stage.tell(buy("0.01", side=Side.SELL, stop=None, reduce_only=True))
    assert "wants" not in stage.answer().text
    script.error = ValueError("broken")
    want(stage, script, "0", 1)
    assert stage.desk.state.wishes == ()
