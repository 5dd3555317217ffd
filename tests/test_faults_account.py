"""F08 to F10, F15 and F19: stops refused, what others do, money and rules that change."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from fault_stage import BTC, ETH, LOTS, Bot, a_bot
from sim_process import Sim, running_sim

from botcore_tui.model.account import AccountPicture
from botcore_tui.model.event import Cancel
from botcore_tui.model.ledger import AuditRow, IntentRow, ProtectionRow
from botcore_tui.model.order import OrderState, Purpose
from botcore_tui.model.trading import Cover

pytestmark = [pytest.mark.xdist_group("faults_account"), pytest.mark.slow]


@pytest.fixture(scope="module")
def sim() -> Iterator[Sim]:
    arguments = ("--seed", 13, "--symbols", f"{BTC},{ETH}", "--balance", 5_000, "--no-limits")
    with running_sim(*arguments) as exchange:
        yield exchange


@pytest.fixture(scope="module")
def running(sim: Sim, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    with a_bot(sim, tmp_path_factory.mktemp("state")) as bot:
        yield bot


@pytest.fixture
def bot(running: Bot) -> Iterator[Bot]:
    yield running
    running.put_in_order()


def stops(bot: Bot) -> list[IntentRow]:
    """All protective stops that were ever asked for."""
    return [row for row in bot.diary.rows(IntentRow) if row.request.purpose is Purpose.STOP]


# --- F08: the stop -------------------------------------------------------------------------------


@pytest.mark.requirement("F08")
@pytest.mark.parametrize("code", [-4120, -1111, -4014, -4045, -2019])
def test_stop_that_is_refused_is_placed_in_the_other_form(bot: Bot, code: int) -> None:
    before = len(stops(bot))
    bot.arm("stop-refused", code=code, symbol=BTC, count=1)
    bot.buy()
    assert bot.protected() == LOTS[BTC]
    refused, placed = [row.request for row in stops(bot)[before:]]
    assert (refused.close_position, placed.close_position) == (True, False)
    assert bot.stops_at_venue(BTC) == [placed.client_order_id]
    assert bot.diary.rows(ProtectionRow)[-1].reason == "verified"


@pytest.mark.requirement("F08")
@pytest.mark.parametrize("code", [-2021, -4120])
def test_position_that_can_have_no_stop_is_closed_at_market(bot: Bot, code: int) -> None:
    bot.arm("stop-refused", code=code, symbol=BTC, count="unlimited")
    bot.reached(bot.buy(), OrderState.FILLED)
    bot.flat()
    assert BTC not in bot.held_at_venue()
    assert "protection.closing" in bot.diary.codes()
    assert bot.diary.rows(ProtectionRow)[-1].reason == "flat"


@pytest.mark.requirement("F08")
def test_time_without_a_stop_is_measured(bot: Bot) -> None:
    before = bot.until(lambda desk: [desk.state.protection.unprotected_ms])[0]
    bot.arm("unavailable", count=3, symbol=BTC, endpoint="POST /fapi/v1/algoOrder")
    bot.buy()
    assert bot.protected() == LOTS[BTC]
    assert bot.until(lambda desk: desk.state.protection.unprotected_ms) >= before + 1_000
    span = bot.diary.rows(ProtectionRow)[-1]
    assert span.reason == "verified"
    assert span.to_ms - span.from_ms >= 1_000
    assert span.notional_seconds >= 500


@pytest.mark.requirement("F08")
def test_stop_that_vanishes_is_missed_told_and_replaced(bot: Bot) -> None:
    bot.arm("stop-vanishes", life_ms=1_500, symbol=BTC, count=1)
    bot.buy()
    bot.protected()
    first = bot.stops_at_venue(BTC)
    bot.until(lambda _desk: not bot.stops_at_venue(BTC))
    bot.reconnect()
    bot.until(lambda desk: desk.state.protection.guard(BTC).cover is not Cover.VERIFIED)
    assert bot.protected() == LOTS[BTC]
    second = bot.stops_at_venue(BTC)
    assert len(second) == 1
    assert second != first
    assert "protection.lost" in bot.diary.codes()


# --- F09: closed by others -----------------------------------------------------------------------


@pytest.mark.requirement("F09")
@pytest.mark.parametrize("act", ["liquidation", "manual-close"])
def test_position_that_others_close_is_flat_here_with_nothing_left(bot: Bot, act: str) -> None:
    bot.buy()
    bot.protected()
    bot.arm(act, symbol=BTC)
    bot.flat()
    assert bot.stops_at_venue(BTC) == []
    code = "order.venue" if act == "liquidation" else "order.foreign"
    assert code in bot.diary.codes()
    text = " ".join(row.text for row in bot.diary.rows(AuditRow) if row.code == code)
    assert ("autoclose-" in text) or act != "liquidation"


@pytest.mark.requirement("F09")
def test_position_that_is_deleveraged_is_the_smaller_one_and_protected(bot: Bot) -> None:
    bot.buy()
    bot.protected()
    bot.arm("adl", symbol=BTC, percent=50)
    half = LOTS[BTC] / 2
    bot.until(lambda desk: desk.state.portfolio.quantity(BTC) == half)
    assert bot.protected() == half


# --- F10: made by others -------------------------------------------------------------------------


@pytest.mark.requirement("F10")
def test_foreign_order_is_told_and_let_be(bot: Bot) -> None:
    bot.arm("foreign-order", symbol=BTC, away_bps=500)
    reports = bot.until(lambda desk: list(desk.state.register.foreign.values()))
    foreign = [report.client_order_id for report in reports]
    assert len(foreign) == 1
    assert "order.foreign" in bot.diary.codes()
    bot.buy()
    bot.protected()
    bot.close(BTC)
    bot.flat()
    open_orders = bot.venue()["open_orders"]
    assert isinstance(open_orders, list)
    assert [row["client_id"] for row in open_orders] == foreign
    cancels = [
        effect
        for _, effects in bot.diary.pages
        for effect in effects
        if isinstance(effect, Cancel) and effect.client_order_id in foreign
    ]
    assert cancels == []


@pytest.mark.requirement("F10")
def test_foreign_position_is_told_and_gets_a_stop(bot: Bot) -> None:
    bot.arm("foreign-position", symbol=ETH, side="SELL", notional=600)
    quantity = bot.protected(ETH)
    assert quantity < 0
    assert bot.held_at_venue() == {ETH: quantity}
    assert "order.foreign" in bot.diary.codes()


@pytest.mark.requirement("F10")
def test_leverage_that_others_change_is_told(bot: Bot) -> None:
    bot.arm("leverage-changed", symbol=ETH, leverage=7)
    bot.until(lambda desk: desk.state.leverages.get(ETH) == 7)
    assert "account.leverage" in bot.diary.codes()
    assert bot.send(bot.order(ETH)).code == "P13"
    bot.disarm()
    bot.arm("leverage-changed", symbol=ETH, leverage=1)
    bot.until(lambda desk: desk.state.leverages.get(ETH) == 1)


# --- F15: money ----------------------------------------------------------------------------------


@pytest.mark.requirement("F15")
@pytest.mark.parametrize("fault", ["equity-nan", "equity-bnfcr"])
def test_equity_that_cannot_be_read_leaves_the_last_and_allows_no_new_risk(
    bot: Bot, fault: str
) -> None:
    before = len(poor_pictures(bot))
    equity = bot.until(lambda desk: desk.state.equity())
    assert equity is not None
    bot.arm(fault, count="unlimited")
    bot.reconnect()
    bot.until(lambda _desk: len(poor_pictures(bot)) > before)
    assert bot.send(bot.order()).code == "P10"
    after = bot.until(lambda desk: desk.state.equity())
    assert after is not None
    assert abs(after - equity) < 1


def poor_pictures(bot: Bot) -> list[AccountPicture]:
    """Those that came without a balance."""
    return [each for each in bot.diary.events(AccountPicture) if each.balance is None]


@pytest.mark.requirement("F15")
def test_equity_that_is_not_answered_is_asked_for_again(bot: Bot) -> None:
    before = bot.strikes("equity-fails")
    bot.arm("equity-fails", count=2)
    bot.reconnect()
    bot.until(lambda _desk: bot.strikes("equity-fails") == before + 2)
    bot.until(lambda desk: desk.state.is_reconciled)


@pytest.mark.requirement("F15")
def test_equity_below_zero_allows_no_new_risk(bot: Bot) -> None:
    bot.arm("equity-negative", count="unlimited")
    bot.reconnect()
    bot.until(lambda desk: desk.state.is_reconciled and (desk.state.equity() or 0) < 0)
    assert bot.send(bot.order()).code in {"P01", "P12", "P15"}
    bot.disarm()
    bot.reconnect()
    bot.until(lambda desk: (desk.state.equity() or 0) > 0)


@pytest.mark.requirement("F15")
def test_transfer_is_no_loss(bot: Bot) -> None:
    before = bot.until(lambda desk: desk.view(desk.state.time_ms).money)
    assert before is not None
    bot.arm("transfer", amount="-500")
    bot.until(lambda desk: desk.state.portfolio.wallet == before.wallet - 500)
    after = bot.until(lambda desk: desk.view(desk.state.time_ms).money)
    assert after is not None
    assert after.day_pnl is not None
    assert before.day_pnl is not None
    assert abs(after.day_pnl - before.day_pnl) < 1


# --- F19: the rules; last, for they are not asked for again so soon ------------------------------


@pytest.mark.requirement("F19")
def test_filters_that_change_are_fetched_when_an_order_meets_them_and_do_not_hinder_a_close(
    bot: Bot,
) -> None:
    bot.buy(ETH)
    bot.protected(ETH)
    step = bot.until(lambda desk: desk.state.rules[ETH].step)
    bot.arm("filters-changed", symbol=ETH, tick=10, step=10)
    bot.until(lambda _desk: bot.strikes("filters-changed"))
    odd = bot.send(bot.order(ETH, away="0.015", lots=Decimal("0.203")))
    bot.reached(odd.client_order_id, OrderState.REJECTED)
    bot.until(lambda desk: desk.state.rules[ETH].step == 10 * step)
    denied = bot.send(bot.order(ETH, lots=Decimal("0.207")))
    assert denied.code == "P05"
    assert bot.protected(ETH) == LOTS[ETH]
    assert bot.close(ETH).is_accepted
    bot.flat(ETH)


@pytest.mark.requirement("F19")
def test_contract_that_is_delisted_takes_no_entry_and_is_left_as_soon_as_it_can_be(
    bot: Bot,
) -> None:
    bot.buy(ETH)
    bot.protected(ETH)
    bot.arm("symbol-settling", symbol=ETH)
    bot.until(lambda _desk: bot.strikes("symbol-settling"))
    refused = bot.buy(ETH, away="0.015")
    assert bot.reached(refused, OrderState.REJECTED).code == -4140
    bot.until(lambda desk: desk.state.rules[ETH].status == "SETTLING")
    denied = bot.send(bot.order(ETH))
    assert denied.code == "P05"
    assert "SETTLING" in denied.text
    assert bot.close(ETH).is_accepted
    bot.arm("symbol-settling", symbol=ETH, status="TRADING")
    bot.flat(ETH)
    bot.until(lambda _desk: ETH not in bot.held_at_venue())
