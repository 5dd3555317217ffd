"""F01 to F04: orders whose fate is not told, told late, told twice, or told wrong."""

import re
from collections.abc import Iterator
from decimal import Decimal

import pytest
from fault_config import PATIENT, a_config
from fault_stage import BTC, ETH, LOTS, Bot, a_bot
from sim_process import Sim, running_sim

from botcore_tui.core.desk import TradingDesk
from botcore_tui.model.event import Tick
from botcore_tui.model.ledger import FillRow
from botcore_tui.model.market import Side
from botcore_tui.model.order import CancelFailed, OrderState, Outcome, SubmitFailed

pytestmark = pytest.mark.xdist_group("faults_orders")

UNKNOWN, FILLED, NOT_PLACED = OrderState.UNKNOWN, OrderState.FILLED, OrderState.NOT_PLACED


@pytest.fixture(scope="module")
def sim() -> Iterator[Sim]:
    arguments = ("--seed", 11, "--symbols", f"{BTC},{ETH}", "--balance", 5_000, "--no-limits")
    with running_sim(*arguments) as exchange:
        yield exchange


@pytest.fixture(scope="module")
def running(sim: Sim, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    config = a_config(sim, staleness=PATIENT)
    with a_bot(sim, tmp_path_factory.mktemp("state"), config) as bot:
        yield bot


@pytest.fixture
def bot(running: Bot) -> Iterator[Bot]:
    yield running
    running.put_in_order()


def in_doubt(bot: Bot, symbol: str = BTC) -> tuple[str, Decimal, str]:
    """The order in doubt, what of it may still execute, and why nothing else may be risked."""

    def found(desk: TradingDesk) -> tuple[str, Decimal, str] | None:
        unknown = desk.state.register.unknown(symbol)
        if not unknown:
            return None
        exposure = desk.state.register.exposure(symbol, Side.BUY)
        return unknown[0].client_order_id, exposure, desk.state.trouble(symbol)

    told = bot.until(found)
    assert told is not None
    return told


def executed(bot: Bot, client_order_id: str) -> Decimal:
    """The quantity of all executions of an order, each of them once."""
    rows = bot.diary.rows(FillRow)
    return sum(
        (row.fill.quantity for row in rows if row.client_order_id == client_order_id), Decimal(0)
    )


# --- F01: taken, and not told --------------------------------------------------------------------


@pytest.mark.requirement("F01")
@pytest.mark.parametrize(
    "how",
    ["503", *(pytest.param(how, marks=pytest.mark.slow) for how in ("reset", "1006", "1007"))],
)
def test_order_whose_reply_is_lost_is_unknown_at_once_and_found_by_its_id(
    bot: Bot, how: str
) -> None:
    bot.arm("user-lost", count="unlimited")
    bot.arm("create-lost", how=how, symbol=BTC, count=1, endpoint="POST /fapi/v1/order")
    wish = bot.order()
    bot.engine.send(wish)
    name, exposure, trouble = in_doubt(bot)
    assert exposure == wish.quantity
    assert "UNKNOWN" in trouble
    bot.reached(name, FILLED)
    event, _ = bot.diary.turned(name, UNKNOWN)
    assert isinstance(event, SubmitFailed)
    assert event.outcome is Outcome.UNKNOWN
    assert bot.protected() == wish.quantity == executed(bot, name)
    assert bot.orders_at_venue(BTC).count(name) == 1


@pytest.mark.slow
@pytest.mark.requirement("F01")
def test_order_that_is_never_answered_is_unknown_after_five_seconds_and_found(bot: Bot) -> None:
    bot.arm("user-lost", count="unlimited")
    # Else a periodic reconciliation may find it first.
    bot.arm("unavailable", count="unlimited", endpoint="GET /fapi/v3/positionRisk")
    bot.arm("create-lost", how="timeout", symbol=BTC, count=1, endpoint="POST /fapi/v1/order")
    name = bot.buy()
    assert bot.until(lambda desk: desk.state.register.exposure(BTC, Side.BUY)) == LOTS[BTC]
    denied = bot.send(bot.order(side=Side.SELL))
    assert denied.code == "P11"
    bot.reached(name, FILLED)
    event, row = bot.diary.turned(name, UNKNOWN)
    assert isinstance(event, Tick)
    assert row.reason == "no answer for 5 s"
    assert executed(bot, name) == LOTS[BTC]


@pytest.mark.slow
@pytest.mark.requirement("F01")
def test_order_that_rests_is_found_although_queries_do_not_see_it_for_a_while(bot: Bot) -> None:
    bot.arm("user-lost", count="unlimited")
    bot.arm("not-visible", ms=2_000, symbol=BTC)
    bot.arm("create-lost", how="reset", symbol=BTC, count=1)
    wish = bot.order(away="0.015")
    bot.engine.send(wish)
    name, exposure, _ = in_doubt(bot)
    assert exposure == wish.quantity
    bot.reached(name, OrderState.OPEN)
    assert NOT_PLACED not in bot.diary.states(name)
    bot.disarm()
    assert bot.cancel(name).is_accepted
    bot.reached(name, OrderState.CANCELED)


@pytest.mark.slow
@pytest.mark.requirement("F01")
def test_order_whose_reply_cannot_be_read_is_told_by_the_stream(bot: Bot) -> None:
    bot.arm("reply-garbled", symbol=BTC, count=1, endpoint="POST /fapi/v1/order")
    name = bot.buy()
    bot.reached(name, FILLED)
    assert bot.protected() == LOTS[BTC] == executed(bot, name)


@pytest.mark.slow
@pytest.mark.requirement("F01")
def test_stop_whose_reply_is_lost_protects_and_is_not_placed_twice(bot: Bot) -> None:
    bot.arm("create-lost", how="503", symbol=BTC, count=1, endpoint="POST /fapi/v1/algoOrder")
    bot.buy()
    assert bot.protected() == LOTS[BTC]
    assert len(bot.stops_at_venue(BTC)) == 1


# --- F02: not taken ------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.requirement("F02")
def test_order_that_never_arrives_is_given_up_only_when_no_copy_can_be_accepted(bot: Bot) -> None:
    bot.arm("create-dropped", how="reset", symbol=BTC, count=1)
    bot.arm("create-late", delay_ms=6_500, symbol=ETH, count=1)
    first, second = bot.order(), bot.order(ETH)
    bot.engine.send(first)
    bot.engine.send(second)
    dropped, exposure, _ = in_doubt(bot)
    assert exposure == first.quantity
    assert bot.send(bot.order(lots=Decimal("0.004"))).code == "P10"
    late, _, _ = in_doubt(bot, ETH)
    for name in (dropped, late):
        bot.reached(name, NOT_PLACED)
        _, row = bot.diary.turned(name, NOT_PLACED)
        evidence = re.fullmatch(
            r"3 empty queries, last at (\d+), copies refused since (\d+)", row.reason
        )
        assert evidence is not None
        assert int(evidence[1]) > int(evidence[2]) + 1_000
        assert not executed(bot, name)
    assert not {dropped, late}.intersection(bot.orders_at_venue(BTC) + bot.orders_at_venue(ETH))
    assert bot.until(lambda desk: [desk.state.register.exposure(BTC, Side.BUY)]) == [0]


@pytest.mark.slow
@pytest.mark.requirement("F02")
def test_order_that_arrives_late_but_in_time_is_executed_once(bot: Bot) -> None:
    bot.arm("create-late", delay_ms=2_500, symbol=BTC, count=1)
    bot.engine.send(bot.order())
    name, _, _ = in_doubt(bot)
    bot.reached(name, FILLED)
    assert bot.protected() == LOTS[BTC] == executed(bot, name)


@pytest.mark.slow
@pytest.mark.requirement("F02")
@pytest.mark.parametrize(("fault", "code"), [("unavailable", 0), ("throttled", -1008)])
def test_order_that_certainly_was_not_taken_is_not_placed_and_not_sent_again(
    bot: Bot, fault: str, code: int
) -> None:
    bot.arm(fault, symbol=BTC, count=1, endpoint="POST /fapi/v1/order")
    name = bot.buy()
    order = bot.reached(name, NOT_PLACED)
    assert order.code == code
    assert UNKNOWN not in bot.diary.states(name)
    assert bot.submitted().count(name) == 1
    assert name not in bot.orders_at_venue(BTC)


@pytest.mark.slow
@pytest.mark.requirement("F02b")
def test_order_that_filled_unheard_is_not_sent_again_although_the_venue_would_take_it(
    bot: Bot,
) -> None:
    bot.arm("create-lost", how="reset", symbol=BTC, count=1, endpoint="POST /fapi/v1/order")
    name = bot.buy()
    bot.reached(name, FILLED)
    bot.protected()
    assert bot.orders_at_venue(BTC).count(name) == 1
    assert bot.submitted().count(name) == 1
    probe = {"symbol": BTC, "side": "SELL", "type": "MARKET", "quantity": "0.002"}
    for _ in range(2):
        taken = bot.sim.ask_signed("POST", "/fapi/v1/order", **probe, newClientOrderId="twin")
        assert isinstance(taken, dict)
        assert taken["status"] in {"NEW", "FILLED"}
    bot.until(lambda desk: desk.state.portfolio.quantity(BTC) == LOTS[BTC] - Decimal("0.004"))


# --- F03: told in any order, any number of times -------------------------------------------------


@pytest.mark.slow
@pytest.mark.requirement("F03")
@pytest.mark.parametrize(
    ("fault", "values"),
    [
        ("fill-before-ack", {"delay_ms": 600, "count": 1}),
        ("user-late", {"delay_ms": 500, "event": "ORDER_TRADE_UPDATE"}),
        ("user-duplicate", {}),
        ("user-reorder", {"count": 2}),
        ("user-lost", {"count": 1}),
    ],
)
def test_position_is_the_sum_of_unique_executions_however_they_are_told(
    bot: Bot, fault: str, values: dict[str, object]
) -> None:
    bot.arm(fault, **values)
    names = [bot.buy(), bot.buy(ETH)]
    for name, symbol in zip(names, (BTC, ETH), strict=True):
        bot.reached(name, FILLED)
        assert bot.protected(symbol) == LOTS[symbol] == executed(bot, name)
    assert bot.held_at_venue() == {BTC: LOTS[BTC], ETH: LOTS[ETH]}
    assert bot.strikes(fault)


@pytest.mark.requirement("F03")
def test_execution_that_is_told_after_the_cancel_counts(bot: Bot) -> None:
    name = bot.buy(away="0.001")
    bot.reached(name, OrderState.OPEN)
    bot.arm("fill-after-cancel", delay_ms=500, count=1)
    assert bot.cancel(name).is_accepted
    order = bot.reached(name, OrderState.CANCELED)
    half = LOTS[BTC] / 2
    assert bot.protected() == half == executed(bot, name) == order.filled_quantity


# --- F04: cancelled too late ---------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.requirement("F04")
def test_cancel_that_comes_too_late_leads_to_the_quantity_of_the_trades(bot: Bot) -> None:
    bot.arm("user-lost", count="unlimited")
    bot.arm("partial-fill", count=1)
    name = bot.buy(away="0.001")
    bot.reached(name, OrderState.OPEN, OrderState.PARTLY_FILLED)
    bot.arm("cancel-race", count=1)
    assert bot.cancel(name).is_accepted
    order = bot.reached(name, FILLED)
    refusal = next(each for each in bot.diary.events(CancelFailed) if each.client_order_id == name)
    assert refusal.code == -2011
    assert order.filled_quantity == LOTS[BTC] == executed(bot, name)
    assert bot.protected() == LOTS[BTC]
