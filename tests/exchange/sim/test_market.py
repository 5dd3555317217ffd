"""The market of one contract: numbers, prints, marks, and who hears of them in which order."""

from itertools import pairwise

import pytest
from made_once import make_pasts_anew
from sim_market import START_MS, Heard, Still, a_still_market

from botcore_tui.exchange.sim.agenda import Agenda
from botcore_tui.exchange.sim.contracts import contract
from botcore_tui.exchange.sim.dice import SeededDice
from botcore_tui.exchange.sim.funding import FUNDING_MS
from botcore_tui.exchange.sim.mark_bars import Kind
from botcore_tui.exchange.sim.market import Ids, SymbolMarket
from botcore_tui.exchange.sim.matching import CROWD, Match
from botcore_tui.exchange.sim.prints import TradePrint
from botcore_tui.model.market import Side

BUY, SELL = Side.BUY, Side.SELL
BIDS = ((616_596, 5), (616_595, 9))
ASKS = ((616_597, 4), (616_599, 8))


# --- the book ----------------------------------------------------------------------------------


def test_every_change_of_the_book_has_a_new_number_and_is_told() -> None:
    heard = Heard()
    market = a_still_market(BIDS, ASKS, listener=heard)
    before = len(heard.updates)
    market.rest(BUY, 616_595, 7, 3)
    market.reduce(7, 1)
    assert market.remove(7) == 2
    market.take(BUY, 1, None)
    assert len(heard.updates) == before + 4
    assert all(0 < after - earlier <= 400 for earlier, after in pairwise(heard.updates))
    assert market.update_id == heard.updates[-1]


def test_order_that_is_not_there_can_be_removed_without_effect() -> None:
    heard = Heard()
    market = a_still_market(BIDS, ASKS, listener=heard)
    before = len(heard.updates)
    assert market.remove(7) == 0
    assert len(heard.updates) == before


def test_best_price_is_that_of_the_other_side() -> None:
    market = a_still_market(BIDS)
    assert market.best(opposite=SELL) == 616_596
    assert market.best(opposite=BUY) is None


def test_markets_of_an_exchange_share_their_counter() -> None:
    ids = Ids(SeededDice(1))
    agenda = Agenda(START_MS)
    markets = [
        SymbolMarket(contract(symbol), agenda, ids, Still(contract(symbol)), Heard())
        for symbol in ("BTCUSDT", "ETHUSDT")
    ]
    numbers = []
    for market in (*markets, *markets):
        market.touched()
        numbers.append(market.update_id)
    assert numbers == sorted(set(numbers))


# --- trades ------------------------------------------------------------------------------------


def test_trades_are_printed_by_price_and_counted_in_the_bars() -> None:
    heard = Heard()
    market = a_still_market(BIDS, ASKS, listener=heard)
    market.rest(SELL, 616_597, 7, 2)
    matches = market.take(BUY, 9, None)
    first = matches[0].trade_id
    assert matches == [
        Match(616_597, 4, CROWD, first),
        Match(616_597, 2, 7, first + 1),
        Match(616_599, 3, CROWD, first + 2),
    ]
    near, far = heard.prints
    assert (near.lots, near.first_id, near.last_id, near.is_sell) == (6, first, first + 1, False)
    assert (far.lots, far.aggregate_id) == (3, near.aggregate_id + 1)
    assert (market.last_ticks, market.last_lots) == (616_599, 3)
    assert [one.lots for one in market.log.recent(9)] == [4, 2, 3]
    bar = market.bars.current("1m", START_MS)
    assert (bar.lots, bar.trades, bar.high, bar.first_id) == (9, 3, 616_599, first)
    assert bar.buy_lots == 9


def test_nothing_traded_is_not_told() -> None:
    heard = Heard()
    market = a_still_market(BIDS, listener=heard)
    assert market.take(BUY, 9, None) == []
    assert heard.prints == []


def test_venue_hears_of_fills_before_the_public_and_of_prices_after_it() -> None:
    order: list[str] = []

    class Ordered(Heard):
        def book_changed(self, market: SymbolMarket) -> None:
            order.append("book")

        def traded(self, market: SymbolMarket, prints: object) -> None:
            order.append("trades")

    market = a_still_market(BIDS, ASKS, listener=Ordered())
    market.rest(SELL, 616_597, 7, 2)
    market.rest(SELL, 616_597, 8, 2)
    market.on_maker_fill = lambda _, match: order.append(f"fill of {match.maker}")
    market.on_trade = lambda _: order.append(f"price {market.last_ticks}")
    order.clear()
    market.take(BUY, 7, None)
    assert order == ["fill of 7", "fill of 8", "trades", "book", "price 616597"]


def test_crowd_stops_before_a_guarded_order() -> None:
    market = a_still_market(BIDS, ASKS)
    market.rest(SELL, 616_597, 7, 2)
    market.rest(SELL, 616_597, 8, 2)
    market.guard = lambda order_id: order_id == 8
    assert [match.maker for match in market.crowd_take(BUY, 99, None)] == [CROWD, 7]
    assert market.book.left(8) == 2
    assert [match.maker for match in market.take(BUY, 2, None)] == [8]


@pytest.mark.parametrize(("side", "ticks"), [(BUY, 616_595), (SELL, 616_599)])
def test_somebody_trades_with_an_order_out_of_its_turn(side: Side, ticks: int) -> None:
    heard = Heard()
    market = a_still_market(BIDS, ASKS, listener=heard)
    fills: list[Match] = []
    market.on_maker_fill = lambda _, match: fills.append(match)
    market.rest(side, ticks, 7, 5)
    market.trade_with(7, 2)
    assert [(fill.ticks, fill.lots, fill.maker) for fill in fills] == [(ticks, 2, 7)]
    assert market.book.left(7) == 3
    assert heard.prints[0].is_sell is (side is BUY)


def test_private_match_has_a_number_and_is_not_published() -> None:
    heard = Heard()
    market = a_still_market(BIDS, ASKS, listener=heard)
    match = market.private_match(600_000, 3)
    assert match == Match(600_000, 3, CROWD, market.log.last_id)
    assert heard.prints == []
    assert market.take(BUY, 1, None)[0].trade_id == match.trade_id + 1


def test_known_trade_may_leave_the_book_as_it_is() -> None:
    heard = Heard()
    market = a_still_market(BIDS, ASKS, listener=heard)
    before = len(heard.updates)
    market.publish(SELL, [Match(616_000, 3, CROWD)], is_book_changed=False)
    assert len(heard.updates) == before
    assert [(one.ticks, one.lots, one.is_sell) for one in heard.prints] == [(616_000, 3, True)]


def test_liquidation_is_told_with_its_average_price() -> None:
    heard = Heard()
    market = a_still_market(listener=heard)
    quote = market.contract.notional(616_000, 2) + market.contract.notional(615_000, 2)
    market.tell_liquidation(SELL, 1, 4, quote)
    average = 615_500 * market.contract.price_atoms
    assert heard.liquidations == [(SELL, 1, 4, average, START_MS)]


# --- marks and funding -------------------------------------------------------------------------


def test_mark_moves_every_full_second_and_is_told() -> None:
    heard = Heard()
    agenda = Agenda(START_MS + 250)
    market = a_still_market(agenda=agenda, listener=heard)
    seen: list[int] = []
    market.on_mark = lambda each: seen.append(each.agenda.now_ms - START_MS)
    agenda.advance(START_MS + 3_500)
    assert seen == [1_000, 2_000, 3_000]
    assert len(heard.marks) == 3
    assert market.mark == market.index == 616_597 * market.contract.price_atoms
    assert market.funding_rate == 10_000
    bar = market.mark_bars.klines(Kind.MARK, "1m", now_ms=agenda.now_ms, limit=1)[0]
    assert bar.count == 4


def test_funding_is_due_at_its_time_and_written_down() -> None:
    agenda = Agenda(START_MS)
    market = a_still_market(agenda=agenda)
    due: list[tuple[int, int]] = []
    market.on_funding = lambda each: due.append((each.agenda.now_ms, each.next_funding_ms))
    first = market.next_funding_ms
    assert first == START_MS // FUNDING_MS * FUNDING_MS + FUNDING_MS
    agenda.advance(first + 1)
    assert due == [(first, first)]
    assert market.next_funding_ms == first + FUNDING_MS
    written = market.fundings.between(3)
    assert [one.time_ms - first for one in written] == [-2 * FUNDING_MS, -FUNDING_MS, 0]
    assert written[-1].mark == market.mark


def test_past_funding_is_made_of_past_prices_and_premiums() -> None:
    market = a_still_market()
    past = market.fundings.between(9_999)
    assert len(past) > 3 * 360
    days = market.bars.klines("1d", now_ms=START_MS, limit=300)
    opens = {bar.open_ms: bar.open * market.contract.price_atoms for bar in days}
    shared = [one for one in past if one.time_ms in opens]
    assert len(shared) == 300
    assert all(one.mark == opens[one.time_ms] for one in shared)
    rates = [one.rate for one in past]
    assert -100_000 < min(rates) <= 10_000 <= max(rates) < 100_000


def test_open_interest_is_that_of_the_participants() -> None:
    assert a_still_market().open_interest == 1_000


def test_same_seed_gives_the_same_past() -> None:
    def past(seed: int) -> tuple[object, ...]:
        make_pasts_anew()
        terms = contract("BTCUSDT")
        market = SymbolMarket(
            terms, Agenda(START_MS), Ids(SeededDice(1)), Still(terms), Heard(), seed=seed
        )
        return market.bars.day(START_MS), market.fundings.between(5), market.log.last_id

    assert past(1) == past(1)
    assert past(1) != past(2)


def test_print_of_one_trade_is_the_trade() -> None:
    market = a_still_market(BIDS, ASKS)
    (match,) = market.take(SELL, 2, None)
    (one,) = market.log.recent(1)
    assert one == TradePrint(
        match.trade_id,
        2_000_000_001,
        match.trade_id,
        match.trade_id,
        616_596,
        2,
        is_sell=True,
        time_ms=START_MS,
    )
