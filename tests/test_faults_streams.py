"""F05 to F07: streams that are silent, cut, or tell what cannot be."""

from collections.abc import Iterator

import pytest
from fault_config import a_config
from fault_stage import BTC, ETH, LOTS, Bot, a_bot
from sim_process import Sim, running_sim

from botcore_tui.core.desk import TradingDesk
from botcore_tui.model.account import UserStreamDown
from botcore_tui.model.event import TradingState
from botcore_tui.model.ledger import FillRow, IntentRow
from botcore_tui.model.market import BookState, Side
from botcore_tui.model.order import OrderState, Purpose

pytestmark = [pytest.mark.xdist_group("faults_streams"), pytest.mark.slow]


@pytest.fixture(scope="module")
def sim() -> Iterator[Sim]:
    arguments = ("--seed", 12, "--symbols", f"{BTC},{ETH}", "--balance", 5_000, "--no-limits")
    with running_sim(*arguments) as exchange:
        yield exchange


@pytest.fixture(scope="module")
def running(sim: Sim, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    patience = {"backoff_base_seconds": 0.2, "backoff_cap_seconds": 0.5, "first_frame_seconds": 2.0}
    with a_bot(sim, tmp_path_factory.mktemp("state"), a_config(sim, streams=patience)) as bot:
        yield bot


@pytest.fixture
def bot(running: Bot) -> Iterator[Bot]:
    yield running
    running.put_in_order()


def down(bot: Bot) -> None:
    """Return when the user stream is known to be down, and nothing new is risked."""
    bot.until(lambda desk: not desk.state.is_stream_up)
    denied = bot.send(bot.order(ETH))
    assert denied.code == "P10"
    assert "user stream is down" in denied.text


# --- F05: the user stream ------------------------------------------------------------------------


@pytest.mark.requirement("F05")
@pytest.mark.parametrize("fault", ["user-silent", "half-open"])
def test_stream_that_says_nothing_of_an_order_is_opened_anew_and_what_it_missed_is_asked_for(
    bot: Bot, fault: str
) -> None:
    seen = len(bot.diary.events(UserStreamDown))
    if fault == "half-open":
        bot.arm(fault, route="private")
    else:
        bot.arm(fault)
    bot.arm("ws-refused", route="private")
    name = bot.buy()
    bot.reached(name, OrderState.FILLED)
    down(bot)
    assert f"nothing told of order {name}" in bot.diary.events(UserStreamDown)[seen].reason
    bot.disarm()
    bot.ready()
    assert bot.protected() == LOTS[BTC]


@pytest.mark.requirement("F05")
def test_listen_key_that_expires_is_replaced_and_the_account_reconciled(bot: Bot) -> None:
    bot.buy()
    bot.protected()
    bot.arm("ws-refused", route="private")
    bot.arm("listen-key-expired")
    down(bot)
    assert bot.diary.events(UserStreamDown)[-1].reason == "listen key expired"
    bot.disarm()
    bot.ready()
    assert bot.protected() == LOTS[BTC]


@pytest.mark.requirement("F05")
def test_what_happened_while_the_stream_was_cut_is_healed_over_rest_and_counted_once(
    bot: Bot,
) -> None:
    bot.buy()
    bot.buy(ETH)
    bot.protected()
    bot.protected(ETH)
    bot.arm("ws-refused", route="private")
    bot.reconnect()
    down(bot)
    bot.arm("manual-close", symbol=BTC)
    bot.until(lambda _desk: BTC not in bot.held_at_venue())
    before = bot.until(lambda desk: desk.state.portfolio.quantity(BTC))
    assert before == LOTS[BTC]
    bot.disarm()
    bot.flat()
    bot.ready()
    assert bot.protected(ETH) == LOTS[ETH]
    foreign = [row.fill for row in bot.diary.rows(FillRow) if row.purpose is None]
    assert sum(fill.quantity for fill in foreign) == LOTS[BTC]


# --- F06: acknowledged, and no data --------------------------------------------------------------


@pytest.mark.requirement("F06")
def test_symbol_whose_prices_do_not_come_is_blocked_and_can_be_left(bot: Bot) -> None:
    bot.buy()
    bot.protected()
    bot.arm("silent-stream", symbol=BTC, stream="markPrice")
    bot.arm("disconnect", route="market")
    bot.until(lambda desk: (desk.state.mark_age_ms(BTC) or 0) > 5_000)
    denied = bot.send(bot.order())
    assert denied.code == "P09"
    assert bot.close(BTC).is_accepted
    bot.flat()
    bot.disarm()
    bot.arm("disconnect", route="market")
    bot.until(lambda desk: (desk.state.mark_age_ms(BTC) or 0) < 2_000)


@pytest.mark.requirement("F06")
@pytest.mark.requirement("F07")
@pytest.mark.parametrize("fault", ["silent-stream", "frozen-book"])
def test_book_that_no_longer_moves_is_stale(bot: Bot, fault: str) -> None:
    if fault == "silent-stream":
        bot.arm(fault, symbol=BTC, stream="depth")
        bot.arm("disconnect", route="public")
    else:
        bot.arm(fault, symbol=BTC)
    bot.until(lambda desk: desk._market.of(BTC).book.state is not BookState.LIVE)
    bot.disarm()
    bot.until(lambda desk: desk._market.of(BTC).book.state is BookState.LIVE)


@pytest.mark.requirement("F07")
@pytest.mark.requirement("P09")
def test_book_whose_updates_come_late_is_stale_and_lets_no_entry_through(bot: Bot) -> None:
    bot.arm("late-stream", symbol=BTC, stream="depth", delay_ms=4_000)
    book = bot.until(lambda desk: desk._market.of(BTC)).book
    bot.until(lambda _desk: book.reason.endswith("s late"))
    assert 3_000 < book.late_ms < 20_000
    denied = bot.send(bot.order())
    assert denied.code == "P09"
    assert "late" in denied.text
    bot.disarm()
    bot.arm("disconnect", route="public")  # what is still on its way there goes with it
    bot.until(lambda _desk: book.state is BookState.LIVE)


# --- F07: what cannot be -------------------------------------------------------------------------


@pytest.mark.requirement("F07")
@pytest.mark.parametrize("fault", ["depth-gap", "crossed-book"])
def test_book_that_is_wrong_is_fetched_anew(bot: Bot, fault: str) -> None:
    def resyncs(desk: TradingDesk) -> int:
        return desk._market.of(BTC).book.resyncs

    before = bot.until(lambda desk: [resyncs(desk)])[0]
    bot.arm(fault, symbol=BTC)
    bot.until(lambda desk: resyncs(desk) > before)
    bot.until(lambda desk: desk._market.of(BTC).book.state is BookState.LIVE)


@pytest.mark.requirement("F07")
def test_absurd_prices_close_nothing_and_open_nothing(bot: Bot) -> None:
    bot.buy()
    bot.protected()
    stops = bot.stops_at_venue(BTC)
    sent = len(bot.diary.rows(IntentRow))
    before = bot.strikes("price-spike"), bot.strikes("zero-price")
    bot.arm("price-spike", symbol=BTC, stream="markPrice")
    bot.until(lambda _desk: bot.strikes("price-spike") > before[0])
    bot.arm("zero-price", symbol=BTC, stream="markPrice")
    bot.until(lambda _desk: bot.strikes("zero-price") > before[1])
    bot.arm("frame-garbled", route="market")
    bot.until(lambda _desk: bot.strikes("frame-garbled"))
    assert bot.protected() == LOTS[BTC]
    assert bot.stops_at_venue(BTC) == stops
    assert len(bot.diary.rows(IntentRow)) == sent
    assert bot.until(lambda desk: desk._standing.state) is TradingState.ACTIVE


@pytest.mark.requirement("F07")
@pytest.mark.parametrize(("fault", "side"), [("zero-price", Side.BUY), ("price-spike", Side.SELL)])
def test_absurd_price_while_there_is_no_stop_yet_closes_nothing(
    bot: Bot, fault: str, side: Side
) -> None:
    """A mark of one frame would make it look as if the stop had been passed."""
    before = bot.strikes(fault)
    bot.arm("unavailable", count=5, symbol=BTC, endpoint="POST /fapi/v1/algoOrder")
    answer = bot.send(bot.order(side=side))
    bot.reached(answer.client_order_id, OrderState.FILLED)
    bot.arm(fault, symbol=BTC, stream="markPrice")
    bot.protected()
    assert bot.strikes(fault) == before + 1
    exits = [row.request for row in bot.diary.rows(IntentRow)]
    assert [each for each in exits if each.entry_id == answer.client_order_id][-1].purpose is (
        Purpose.STOP
    )
