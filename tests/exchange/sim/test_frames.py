"""What happens in a market is told to those who want it, once, in time, and as it is."""

import inspect
import json
from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from listeners import heard
from property_examples import examples
from sim_frames import LOTS, FrameStage
from sim_market import Still
from sim_rest import Json
from sim_stage import ASK, BID, BTC, BUY, SELL
from sim_wire import Wire

from botcore_tui.exchange.binance.wire import decode
from botcore_tui.exchange.sim.contracts import Contract
from botcore_tui.exchange.sim.market import SymbolMarket
from botcore_tui.exchange.sim.market_writer import MarketWriter
from botcore_tui.exchange.sim.money import ATOMS
from botcore_tui.exchange.sim.session import Session
from botcore_tui.model import market as events
from botcore_tui.model.market import Side

ETH = "ETHUSDT"


def times(frames: list[Json], since_ms: int) -> list[int]:
    return [int(str(frame["E"])) - since_ms for frame in frames]


def rows(session: Session) -> list[list[Json]]:
    """The arrays that wait, taken out."""
    arrays = [json.loads(frame) for frame in session.outbox]
    session.outbox.clear()
    return arrays


# --- nobody wants it ------------------------------------------------------------------------------

EVENTS = {
    "depth": "/public/ws/btcusdt@depth@100ms",
    "best": "/public/ws/btcusdt@bookTicker",
    "trade": "/public/ws/btcusdt@trade",
    "aggregate": "/market/ws/btcusdt@aggTrade",
    "mark": "/market/ws/btcusdt@markPrice",
    "kline": "/market/ws/btcusdt@kline_1m",
    "continuous_kline": "/market/ws/btcusdt_perpetual@continuousKline_1m",
    "ticker": "/market/ws/btcusdt@ticker",
    "mini_ticker": "/market/ws/btcusdt@miniTicker",
    "liquidation": "/market/ws/btcusdt@forceOrder",
    "contract_info": "/market/ws/!contractInfo",
}
TEXTS = {"price", "quantity"}
"""What is written of other things that are written."""


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Symbol and kind of all that any writer writes."""
    calls: list[tuple[str, str]] = []

    def noting(name: str, write: Callable[..., str]) -> Callable[..., str]:
        def note(writer: MarketWriter, *args: object, **kwargs: object) -> str:
            if name not in TEXTS:
                calls.append((writer._contract.symbol, name))
            return write(writer, *args, **kwargs)

        return note

    for name, write in inspect.getmembers(MarketWriter, inspect.isfunction):
        if not name.startswith("_"):
            monkeypatch.setattr(MarketWriter, name, noting(name, write))
    return calls


def _let_everything_happen(wire: Wire) -> None:
    for symbol in (BTC, ETH):
        market = wire.exchange.venue.floor.markets[symbol]
        market.tell_liquidation(SELL, 1, 5, 5 * market.last_ticks * market.contract.unit)
    wire.arm("symbol-settling=symbol:BTCUSDT")
    wire.advance(6_000)


def test_nothing_is_written_that_nobody_wants(written: list[tuple[str, str]]) -> None:
    wire = Wire(is_still=False)
    wire.connect("/public/ws/btcusdt@aggTrade/btcusdt@markPrice/btcusdt@kline_1m")  # wrong route
    wire.connect("/market/ws/btcusdt@depth@100ms/btcusdt@bookTicker")
    wire.connect("/public/ws/bnbusdt@bookTicker")
    _let_everything_happen(wire)
    assert not written


@pytest.mark.slow
@pytest.mark.parametrize("kind", EVENTS)
def test_of_one_stream_nothing_else_is_written(kind: str, written: list[tuple[str, str]]) -> None:
    wire = Wire(is_still=False)
    session = wire.connect(EVENTS[kind])
    _let_everything_happen(wire)
    assert set(written) == {(BTC, kind)} | ({(BTC, "levels")} if kind == "depth" else set())
    frames = sum(name == kind for _, name in written)
    assert len(session.outbox) == frames > 0


def test_several_listeners_share_what_is_written_once(written: list[tuple[str, str]]) -> None:
    wire = Wire(is_still=False)
    sessions = [wire.connect(EVENTS["aggregate"]) for _ in range(3)]
    wire.advance(1_000)
    assert {len(session.outbox) for session in sessions} == {len(written)}


# --- best prices ----------------------------------------------------------------------------------


def test_best_prices_are_told_only_when_price_or_size_changed() -> None:
    stage = FrameStage()
    session = stage.connect("/public/ws/btcusdt@bookTicker")
    stage.wait(3)
    stage.set(BUY, BID, 7)
    assert session.outbox == [
        f'{{"e":"bookTicker","u":{stage.market.update_id},"E":{stage.agenda.now_ms},'
        f'"T":{stage.agenda.now_ms},"s":"BTCUSDT","ps":"BTCUSDT","st":1,"b":"61659.70",'
        '"B":"0.007","a":"61659.80","A":"1.000"}'.encode()
    ]
    session.outbox.clear()
    stage.set(BUY, BID, 7)
    stage.set(BUY, BID - 1, 9)
    stage.set(SELL, ASK + 1, 9)
    stage.market.touched()
    stage.wait(5_000)
    assert not session.outbox
    stage.set(SELL, ASK, 0)
    (frame,) = heard(session)
    assert (frame["a"], frame["A"], frame["u"]) == ("61659.90", "0.009", stage.market.update_id)


def test_an_empty_side_has_no_best_price_to_tell() -> None:
    stage = FrameStage()
    session = stage.connect("/public/ws/btcusdt@bookTicker/!bookTicker")
    stage.market.crowd_take(BUY, 5 * LOTS, None)
    stage.set(BUY, BID, 7)
    stage.wait(5_000)
    assert not session.outbox


QUOTES = st.lists(
    st.tuples(st.sampled_from([BUY, SELL]), st.integers(0, 3), st.integers(0, 3)), max_size=30
)


@settings(max_examples=examples(50), deadline=None)
@given(QUOTES)
def test_best_prices_follow_the_book_without_repeating(quotes: list[tuple[Side, int, int]]) -> None:
    stage = FrameStage()
    session = stage.connect("/public/ws/btcusdt@bookTicker")
    for side, away, lots in quotes:
        stage.set(side, BID - away if side is BUY else ASK + away, lots)
    told = [(frame["b"], frame["B"], frame["a"], frame["A"]) for frame in heard(session)]
    assert all(before != after for before, after in pairwise(told))
    terms, book = stage.market.contract, stage.market.book
    if told:
        best = ((ticks, lots) for side in (BUY, SELL) for ticks, lots in book.top(side, 1))
        texts = [text for one in best for text in _written(terms, *one)]
        assert list(told[-1]) == texts


def _written(terms: Contract, ticks: int, lots: int) -> tuple[str, str]:
    return terms.price_text(ticks), terms.quantity_text(lots)


def test_all_best_prices_are_told_every_five_seconds_with_the_time_of_their_change() -> None:
    stage = FrameStage(BTC, ETH)
    start_ms = stage.agenda.now_ms
    session = stage.connect("/public/ws/!bookTicker")
    stage.wait(1_234)
    stage.set(BUY, BID, 7)
    stage.wait(8_766)
    frames = heard(session)
    assert [frame["s"] for frame in frames] == [BTC, ETH] * 2
    assert times(frames, start_ms) == [5_000, 5_000, 10_000, 10_000]
    assert [int(str(frame["T"])) - start_ms for frame in frames] == [1_234, 0, 1_234, 0]
    assert [frame["B"] for frame in frames] == ["0.007", "1.000"] * 2


# --- trades ---------------------------------------------------------------------------------------


def test_what_an_order_trades_at_one_price_is_one_aggregate_of_several_trades() -> None:
    stage = FrameStage()
    market = stage.market
    together = stage.connect("/market/ws/btcusdt@aggTrade")
    single = stage.connect("/public/ws/btcusdt@trade")
    market.rest(SELL, ASK, 7, 20)
    before = market.log.last_id
    market.take(BUY, LOTS + 25, ASK + 1)  # the crowd, the order behind it, the next level
    market.crowd_take(SELL, 1, None)
    aggregates, trades = heard(together), heard(single)
    assert [(one["p"], one["q"], one["m"]) for one in aggregates] == [
        ("61659.80", "1.020", False),
        ("61659.90", "0.005", False),
        ("61659.70", "0.001", True),
    ]
    ids = [(int(str(one["f"])) - before, int(str(one["l"])) - before) for one in aggregates]
    assert ids == [(1, 2), (3, 3), (4, 4)]
    assert [(one["p"], one["q"], one["t"]) for one in trades] == [
        ("61659.80", "1.000", before + 1),
        ("61659.80", "0.020", before + 2),
        ("61659.90", "0.005", before + 3),
        ("61659.70", "0.001", before + 4),
    ]
    assert [one["X"] for one in trades] == ["MARKET"] * 4


# --- mark price -----------------------------------------------------------------------------------


def test_mark_price_comes_every_second_or_every_third() -> None:
    stage = FrameStage(BTC, ETH)
    start_ms = stage.agenda.now_ms // 3_000 * 3_000
    every = stage.connect("/market/ws/btcusdt@markPrice@1s")
    third = stage.connect("/market/ws/btcusdt@markPrice")
    named = stage.connect("/market/ws/btcusdt@markPrice@3s")
    all_every = stage.connect("/market/ws/!markPrice@arr@1s")
    all_third = stage.connect("/market/ws/!markPrice@arr")
    stage.wait(start_ms + 9_000 - stage.agenda.now_ms)
    frames = heard(every)
    assert times(frames, start_ms) == list(range(3_000, 9_001, 1_000))
    assert times(thirds := heard(third), start_ms) == [3_000, 6_000, 9_000]
    assert heard(named) == thirds == frames[::3]
    arrays = rows(all_every)
    assert [[row["s"] for row in array] for array in arrays] == [[BTC, ETH]] * 7
    assert [array[0] for array in arrays] == frames
    assert rows(all_third) == arrays[::3]


def test_mark_price_is_that_of_its_second() -> None:
    stage = FrameStage()
    session = stage.connect("/market/ws/btcusdt@markPrice@1s")
    stage.wait(1_000)
    market, still = stage.market, stage.market._participants
    assert isinstance(still, Still)
    still.price = 61_000 * ATOMS + 1
    stage.wait(1_000)
    _, frame = session.outbox
    _, mark = decode(frame)
    assert mark == events.MarkPrice(
        symbol=BTC,
        mark=Decimal("61000.00000001"),
        index=Decimal("61000.00000001"),
        funding_rate=Decimal("0.0001"),
        next_funding_ms=market.next_funding_ms,
        time_ms=stage.agenda.now_ms,
    )


# --- tickers --------------------------------------------------------------------------------------


def test_tickers_come_every_two_seconds_and_in_arrays_every_second_if_they_changed() -> None:
    stage = FrameStage(BTC, ETH)
    start_ms = stage.agenda.now_ms
    ticker = stage.connect("/market/ws/btcusdt@ticker")
    mini = stage.connect("/market/ws/btcusdt@miniTicker")
    tickers = stage.connect("/market/ws/!ticker@arr")
    minis = stage.connect("/market/ws/!miniTicker@arr")
    stage.wait(1_500)
    stage.trade(BUY, 3)
    stage.wait(1_000)
    stage.trade(SELL, 4, ETH)
    stage.trade(SELL, 5)
    stage.wait(3_500)
    assert times(heard(ticker), start_ms) == [2_000, 4_000, 6_000]
    assert times(heard(mini), start_ms) == [2_000, 4_000, 6_000]
    for arrays in (rows(tickers), rows(minis)):
        assert [[row["s"] for row in array] for array in arrays] == [[BTC], [BTC, ETH]]
        assert [times(array, start_ms)[0] for array in arrays] == [2_000, 3_000]


# --- liquidations and status ----------------------------------------------------------------------


def test_of_the_liquidations_of_a_second_only_the_largest_of_a_symbol_is_told() -> None:
    stage = FrameStage(BTC, ETH)
    start_ms = stage.agenda.now_ms
    one = stage.connect("/market/ws/btcusdt@forceOrder")
    every = stage.connect("/market/ws/!forceOrder@arr")
    for symbol, side, lots in ((BTC, BUY, 5), (BTC, SELL, 9), (BTC, BUY, 9), (ETH, SELL, 2)):
        stage.wait(100)
        _liquidate(stage.markets[symbol], side, lots)
    stage.wait(599)
    assert not every.outbox
    stage.wait(1)
    (frame,) = one.outbox
    assert frame.decode() == (
        f'{{"e":"forceOrder","E":{start_ms + 1_000},"st":1,"ps":"BTCUSDT","o":{{"s":"BTCUSDT",'
        '"S":"SELL","o":"LIMIT","f":"IOC","q":"0.009","p":"0.10","ap":"61659.70000000",'
        f'"X":"FILLED","l":"0.009","z":"0.009","T":{start_ms + 200}}}}}'
    )
    assert every.outbox[0] == frame
    one.outbox.clear()
    assert [frame["ps"] for frame in heard(every)] == [BTC, ETH]
    stage.wait(1_000)
    assert not every.outbox
    _liquidate(stage.market, BUY, 1)
    stage.wait(1_000)
    (later,) = one.outbox
    assert decode(later)[1] == events.Liquidation(BTC, BUY, 0.1, 0.001, start_ms + 2_000)


def _liquidate(market: SymbolMarket, side: Side, lots: int) -> None:
    worth = market.contract.notional(market.last_ticks, lots)
    market.tell_liquidation(side, 1, lots, worth)


def test_a_new_status_of_a_contract_is_told_at_once() -> None:
    stage = FrameStage()
    session = stage.connect("/market/ws/!contractInfo")
    stage.wait(5)
    stage.frames.contract_changed(stage.market, "SETTLING")
    (frame,) = session.outbox
    assert decode(frame)[1] == events.ContractNotice(
        BTC, "PERPETUAL", "SETTLING", stage.agenda.now_ms
    )
