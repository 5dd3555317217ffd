"""Signals become orders, or wait, or are refused and told once."""

from decimal import Decimal

import pytest
from desk_stage import (
    HALT,
    LIMITS,
    RULES,
    Script,
    Stage,
    a_minute,
    buy,
    canceled,
    requests,
)
from market_builders import SYMBOL
from msgspec.structs import replace
from order_builders import NOW_MS, an_algo_report

from botcore_tui.core.protection import ProtectionSettings
from botcore_tui.model.command import (
    ClosePosition,
    MoveStop,
    OrderCommand,
)
from botcore_tui.model.event import Append, RulesUpdate
from botcore_tui.model.ledger import CommandRow, StrategyRow
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderType, Purpose

ENTRY, EXIT = Purpose.ENTRY, Purpose.EXIT
CLOSE = ClosePosition(command_id="x", actor="me", symbol=SYMBOL, reason="enough", time_ms=NOW_MS)


def move(price: str) -> MoveStop:
    return MoveStop(
        command_id="m", actor="me", symbol=SYMBOL, stop_price=Decimal(price), time_ms=NOW_MS
    )


def refusal(stage: Stage, command: OrderCommand) -> str:
    """Its code; a refused command sends nothing and is counted and recorded."""
    denied = stage.view().denied
    effects = stage.tell(command)
    answer = stage.answer()
    if answer.is_accepted:
        return ""
    assert not requests(effects)
    assert not canceled(effects)
    assert stage.view().denied == denied + 1
    (row,) = [one.row for one in effects if isinstance(one, Append)]
    assert isinstance(row, CommandRow)
    assert (row.is_accepted, row.code, row.text) == (False, answer.code, answer.text)
    return answer.code


# --- signals -------------------------------------------------------------------------------------


def flying(target: str | None = "1", **settings: object) -> tuple[Stage, Script]:
    """A desk with a strategy that wants this; bars have come."""
    script = Script(target)
    stage = Stage(strategy=script, **settings).begin()
    stage.tell(a_minute(0))
    return stage, script


def want(stage: Stage, script: Script, target: str, number: int) -> None:
    script.target = target
    stage.tell(a_minute(number))
    stage.wait(250)


@pytest.mark.requirement("P15")
@pytest.mark.parametrize(("target", "side"), [("1", Side.BUY), ("-1", Side.SELL)])
def test_wish_becomes_a_market_order_whose_loss_at_the_stop_is_within_the_risk(
    target: str, side: Side
) -> None:
    stage, _ = flying(
        target,
        target_pct=Decimal(5),
        trail_pct=Decimal(2),
        protection=ProtectionSettings(stop_pct=Decimal(2)),
    )
    stage.wait(250)
    (entry,) = stage.sent(ENTRY)
    assert (entry.side, entry.type, entry.actor) == (side, OrderType.MARKET, "script")
    loss = entry.quantity * (2 + Decimal("0.0005") * (200 - 2 if target == "1" else 202))
    assert Decimal(97) < loss <= Decimal(98)
    position = stage.position()
    assert position.stop_price == (98 if target == "1" else 102)
    assert position.target_price == (105 if target == "1" else 95)
    assert position.trail_pct == 2


def test_smaller_wish_risks_its_share() -> None:
    stage, _ = flying("0.5")
    stage.wait(250)
    whole, _ = flying("1")
    whole.wait(250)
    ratio = stage.sent(ENTRY)[0].quantity / whole.sent(ENTRY)[0].quantity
    assert abs(ratio - Decimal("0.5")) < Decimal("0.001")
    assert (stage.position().target_price, stage.position().trail_pct) == (None, None)


@pytest.mark.requirement("P07")
def test_limits_cut_the_size_of_a_wish() -> None:
    stage, _ = flying("1", limits=replace(LIMITS, max_order_notional=Decimal(1_000)))
    stage.wait(250)
    assert stage.sent(ENTRY)[0].quantity == Decimal("9.8")


@pytest.mark.parametrize(
    "settings",
    [
        {"limits": replace(LIMITS, max_order_notional=Decimal(1))},
        {"limits": replace(LIMITS, max_leverage=Decimal(0))},
        {"protection": ProtectionSettings(stop_pct=Decimal("0.000001"))},
    ],
    ids=["notional", "leverage", "stop on the mark"],
)
def test_wish_that_nothing_fits_is_told_once(settings: dict[str, object]) -> None:
    stage, _ = flying("1", **settings)
    stage.wait(5_000)
    assert (stage.sent(), stage.codes().count("signal.too_small")) == ([], 1)


def test_flip_closes_first_and_enters_when_nothing_is_left_over() -> None:
    stage, script = flying()
    stage.wait(250)
    want(stage, script, "-1", 1)
    assert stage.is_flat()
    assert [one.purpose for one in stage.sent()][-1] is EXIT
    stage.wait(3_000)
    assert stage.held() < 0
    assert [one.purpose for one in stage.sent()] == [ENTRY, Purpose.STOP, EXIT, ENTRY, Purpose.STOP]


def test_wish_for_nothing_closes_and_cancels_what_could_still_fill() -> None:
    stage, script = flying()
    stage.wait(250)
    stage.tell(buy("0.1", price="98"))
    want(stage, script, "0", 1)
    stage.wait(2_000)
    assert (stage.is_flat(), stage.venue.open_orders()) == (True, [])


def test_wish_waits_while_an_entry_is_under_way() -> None:
    stage, script = flying()
    stage.venue.is_filling = False
    stage.wait(250)
    want(stage, script, "-1", 1)
    stage.wait(3_000)
    assert len(stage.sent()) == 1


@pytest.mark.requirement("P09")
def test_wish_waits_for_a_fresh_mark_and_is_not_lost() -> None:
    stage, _ = flying()
    stage.desk.state._marks._seen_ms.clear()
    stage.is_performing = False
    assert not requests(stage.desk._strategy.on_tick())
    stage.is_performing = True
    stage.wait(500)
    assert len(stage.sent(ENTRY)) == 1


def test_wish_waits_for_rules() -> None:
    stage, _ = flying()
    stage.desk.state.rules.clear()
    stage.wait(1_000)
    assert stage.sent() == []
    stage.tell(RulesUpdate(RULES, NOW_MS))
    stage.wait(250)
    assert len(stage.sent(ENTRY)) == 1


@pytest.mark.requirement("P01")
def test_wish_sends_no_entry_while_reducing_but_may_close() -> None:
    stage, script = flying()
    stage.wait(250)
    stage.desk.state.standing.reduce("test", "why", NOW_MS)
    want(stage, script, "0", 1)
    assert stage.is_flat()
    want(stage, script, "1", 2)
    stage.wait(5_000)
    assert len(stage.sent(ENTRY)) == 1


@pytest.mark.requirement("P01")
def test_wish_does_nothing_while_halted() -> None:
    stage, script = flying()
    stage.wait(250)
    stage.tell(HALT)
    want(stage, script, "0", 1)
    stage.wait(5_000)
    assert (len(stage.sent(ENTRY)), stage.sent(EXIT)) == (1, [])


def test_move_by_a_person_reaches_a_position_that_others_protect() -> None:
    stage = Stage().begin()
    stage.tell(an_algo_report(client_order_id="web-1", trigger_price="90"))
    stage.tell(stage.venue.trade_by_hand(Side.BUY, "1"))
    assert refusal(stage, move("93")) == ""
    assert stage.stop().trigger_price == Decimal(93)


@pytest.mark.requirement("F16")
def test_denied_wish_is_told_once_and_tried_again_until_the_gate_lets_it_through() -> None:
    stage, _ = flying(limits=replace(LIMITS, symbols=frozenset()))
    stage.wait(10_000)
    assert (stage.sent(ENTRY), stage.view().denied) == ([], 1)
    assert stage.codes().count("command.denied") == 1
    assert (stage.answer().code, stage.answer().remedy) == ("P03", "add it to trading.symbols")
    stage.desk.state.overrides.rebase(LIMITS)
    stage.wait(1_000)
    assert len(stage.sent(ENTRY)) == 1


@pytest.mark.requirement("F16")
def test_wish_that_is_denied_for_another_reason_is_told_again() -> None:
    stage, _ = flying(limits=replace(LIMITS, symbols=frozenset()))
    stage.wait(2_000)
    stage.desk.state.overrides.rebase(replace(LIMITS, venue_leverage=1))
    stage.wait(5_000)
    denied = [one for one in stage.desk.state.answers if not one.is_accepted]
    assert [one.code for one in denied] == ["P03", "P13"]
    assert (denied[1].limit, denied[1].observed) == ("at most 1x", "")


@pytest.mark.requirement("P19")
def test_disabled_strategy_sends_no_entry_and_may_close() -> None:
    row = StrategyRow(
        strategy="script",
        is_enabled=False,
        code="P19",
        actor="gate",
        reason="5 losing trades in a row",
        time_ms=NOW_MS,
    )
    stage, script = flying()
    stage.wait(250)
    stage.desk.state.conduct.disabled["script"] = row
    want(stage, script, "-1", 1)
    stage.wait(5_000)
    assert stage.is_flat()
    assert len(stage.sent(ENTRY)) == 1
    assert stage.answer().code == "P19"
