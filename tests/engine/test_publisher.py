"""The picture: what it shows of the state, for any view, and that nobody can change it."""

import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from control_stage import ACCOUNT
from desk_stage import desk_settings
from engine_fakes import START_MS, SYMBOL, a_book, a_delta, a_ticker, a_trade
from msgspec import Struct
from msgspec.structs import fields, replace
from pictures import AROUND, HEALTH, REPLAY, SECOND, a_live_book, a_picture, a_trader, at
from risk_builders import a_memory

from botcore_tui.core.trader import Trader
from botcore_tui.engine.publisher import Publisher, peak_resident_mb, resident_mb, stamped
from botcore_tui.exchange.broker import AccountStamps
from botcore_tui.model.event import Answer, FeedDown, Halt, Tick, TradingState
from botcore_tui.model.market import BookState, Side
from botcore_tui.model.snapshot import INTERVALS_MS, FeedState, LadderRow, View

# --- the whole ---------------------------------------------------------------------------------


def test_surroundings_are_shown_as_given_and_the_sequence_grows() -> None:
    publisher = Publisher(a_trader(Tick(123), symbols=(SYMBOL,)))

    first, second = publisher.build(View(), AROUND), publisher.build(View(), AROUND)

    assert (first.sequence, second.sequence) == (1, 2)
    assert (first.published_ns, first.heartbeat_ns, first.last_data_ns) == (
        50 * SECOND,
        49 * SECOND,
        48 * SECOND,
    )
    assert (first.environment, first.label, first.time_ms) == ("replay", "REPLAY", 123)
    assert (first.health, first.replay, first.log_end) == (HEALTH, REPLAY, 17)


def test_state_and_halt_are_the_traders() -> None:
    snapshot = a_picture(a_trader(Halt("F12", "by hand", 7)))

    assert snapshot.state is TradingState.HALTED
    assert snapshot.halt is not None
    assert (snapshot.halt.actor, snapshot.halt.time_ms) == ("F12", 7)


def test_engine_without_any_symbol_has_an_empty_picture() -> None:
    snapshot = a_picture(Trader())

    assert (snapshot.symbol, snapshot.symbols) == ("", ())
    assert snapshot.book.state is BookState.SYNCING
    assert snapshot.book.reason == "no market yet"
    assert (snapshot.trades, snapshot.bars, snapshot.last_price) == ((), (), None)


def test_symbol_without_data_has_an_empty_book_that_says_why() -> None:
    book = a_picture(Trader((SYMBOL,))).book

    assert (book.state, book.reason) == (BookState.SYNCING, "waiting for the first update")
    assert (book.bids, book.asks, book.best_bid, book.best_ask) == ((), (), None, None)
    assert (book.best_bid_quantity, book.best_ask_quantity, book.changed_ns) == (0, 0, 0)


@pytest.mark.parametrize(("wish", "shown"), [("", "AAA"), ("BBB", "BBB"), ("nonsense", "AAA")])
@pytest.mark.requirement("R20")
def test_unknown_symbol_falls_back_to_the_first(wish: str, shown: str) -> None:
    assert a_picture(Trader(("AAA", "BBB")), View(symbol=wish)).symbol == shown


@pytest.mark.parametrize("interval_ms", [0, -1, 59_999, 60_000])
@pytest.mark.requirement("R20")
def test_unknown_interval_falls_back_to_a_minute(interval_ms: int) -> None:
    assert a_picture(Trader((SYMBOL,)), View(interval_ms=interval_ms)).interval_ms == 60_000


@pytest.mark.parametrize("grouping", [0, -5, 3, 10_000])
@pytest.mark.requirement("R20")
def test_unknown_grouping_falls_back_to_single_ticks(grouping: int) -> None:
    book = a_picture(a_trader(*a_live_book()), View(grouping=grouping)).book

    assert book.row_step == 0.1


def test_decimals_are_the_instruments_or_plausible_before_it_is_known() -> None:
    known, unknown = a_picture(a_trader(*a_live_book())), a_picture(Trader((SYMBOL,)))

    assert (known.price_decimals, known.quantity_decimals, known.book.row_step) == (1, 3, 0.1)
    assert (unknown.price_decimals, unknown.quantity_decimals) == (2, 3)
    assert (known.tick, unknown.tick) == (0.1, 0.01)


def test_small_price_has_its_decimals_before_the_rules_are_known() -> None:
    snapshot = a_picture(a_trader(a_trade(1, price=0.008123), symbols=(SYMBOL,)))

    assert (snapshot.last_price, snapshot.price_decimals, snapshot.tick) == (0.008123, 6, 1e-6)


def test_picture_tells_how_late_book_and_prices_come() -> None:
    trader = a_trader(a_delta(1, 10), a_book(10), symbols=(SYMBOL,))
    market = trader.market.of(SYMBOL)
    market.late_ms, market.book.late_ms = 7, 9
    picture = a_picture(trader)
    assert (picture.late_ms, picture.book.late_ms) == (7, 9)


def test_book_tells_how_deep_its_snapshot_reached() -> None:
    cut = [(100.0 - level / 10, 1.0) for level in range(50)]
    book = replace(a_book(10), bids=cut)
    view = a_picture(a_trader(a_delta(1, 10), book, symbols=(SYMBOL,))).book

    assert (view.bids_known_to, view.asks_known_to) == (cut[-1][0], None)


def values_in(value: object) -> Iterable[object]:
    yield value
    if isinstance(value, Struct):
        for field in fields(value):
            yield from values_in(getattr(value, field.name))
    elif isinstance(value, tuple):
        for item in value:
            yield from values_in(item)


def test_picture_is_frozen_to_the_last_row() -> None:
    trader = a_trader(*a_live_book(), a_ticker(10), a_trade(1), a_trade(2, time_ms=START_MS + 900))
    feed = FeedState("btcusdt@depth", "live", 1, 0.0, 1, 1.0, "-", 0)
    snapshot = Publisher(trader).build(View(), replace(AROUND, feeds=(feed,)))

    assert snapshot.book.bids
    assert snapshot.bars
    assert snapshot.trades
    hash(snapshot)
    for value in values_in(snapshot):
        assert not isinstance(value, list | dict | set | bytearray)
        if isinstance(value, Struct):
            assert value.__struct_config__.frozen
            with pytest.raises(AttributeError):
                setattr(value, fields(value)[0].name, 0)


def test_picture_does_not_change_with_the_state() -> None:
    trader = a_trader(*a_live_book(), a_trade(1))
    snapshot = a_picture(trader)
    before = hash(snapshot)

    trader.process(a_delta(11, 12, bids=[(99.0, 0.0), (98.0, 7.0)]))
    trader.process(a_trade(2, price=120.0))
    trader.process(Halt("F12", "by hand", 7))

    assert hash(snapshot) == before
    assert snapshot.book.bids == (LadderRow(99.0, 1.0, 1.0),)


def test_change_is_stamped_when_first_seen_and_stays_until_the_next() -> None:
    trader = a_trader(*a_live_book())
    publisher = Publisher(trader)

    stamps = [publisher.build(View(), at(seconds)).book.changed_ns for seconds in (1, 2)]
    trader.process(a_delta(11, 12))
    stamps += [publisher.build(View(), at(seconds)).book.changed_ns for seconds in (3, 4)]

    assert stamps == [1 * SECOND, 1 * SECOND, 3 * SECOND, 3 * SECOND]


# --- trades and bars ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wish", "numbers"), [(2, [5, 4]), (99, [5, 4, 3, 2, 1]), (0, []), (-1, [])]
)
def test_trades_are_newest_first_and_as_many_as_wished(wish: int, numbers: list[int]) -> None:
    trader = a_trader(*(a_trade(number) for number in range(1, 6)))

    rows = a_picture(trader, View(trades=wish)).trades

    assert [row.trade_id for row in rows] == numbers


def test_taker_is_the_other_side_of_the_maker() -> None:
    buyer, seller = a_trade(1), replace(a_trade(2), buyer_is_maker=True)

    rows = a_picture(a_trader(buyer, seller)).trades

    assert [row.taker for row in rows] == [Side.SELL, Side.BUY]


def test_bars_are_drawn_anew_once_a_second_and_at_once_for_another_view() -> None:
    trader = a_trader(a_trade(1))
    publisher = Publisher(trader)
    view = View(interval_ms=1_000)

    def closes(seconds: float, wish: View = view) -> list[float]:
        return [bar.close for bar in publisher.build(wish, at(seconds)).bars]

    assert closes(10.0) == [100.0]
    trader.process(a_trade(2, price=105.0))
    assert closes(10.9) == [100.0]
    assert closes(10.95, replace(view, interval_ms=5_000)) == [105.0]
    assert closes(10.96) == [105.0]
    trader.process(a_trade(3, price=110.0))
    assert closes(11.97) == [110.0]


@pytest.mark.parametrize(("wish", "count"), [(-1, 1), (0, 1), (3, 3), (10_000, 500)])
def test_bars_are_as_many_as_wished_within_bounds(wish: int, count: int) -> None:
    trader = a_trader(
        *(a_trade(number, time_ms=START_MS + number * 1_000) for number in range(1, 600))
    )

    assert len(a_picture(trader, View(interval_ms=INTERVALS_MS[0], bars=wish)).bars) == count


# --- feeds and memory --------------------------------------------------------------------------


def sequence_shown(trader: Trader, name: str = "btcusdt@depth@0ms") -> str:
    feed = FeedState(name, "live", 1, 0.0, 1, 1.0, "-", 0)
    return Publisher(trader).build(View(), replace(AROUND, feeds=(feed,))).feeds[0].sequence


def test_depth_stream_shows_whether_its_updates_follow_each_other() -> None:
    trader = a_trader(a_delta(1, 10), symbols=(SYMBOL,))
    assert sequence_shown(trader) == "syncing"

    trader.process(a_book(10))
    assert sequence_shown(trader) == "ok"

    trader.process(a_delta(15, 20))
    assert sequence_shown(trader) == "syncing"

    trader.process(a_book(20))
    assert sequence_shown(trader) == "gaps 1"

    trader.process(FeedDown((SYMBOL,), "cut", 0))
    assert sequence_shown(trader) == "syncing"


@pytest.mark.parametrize("name", ["btcusdt@trade", "ethusdt@depth", "recording", "@depth", ""])
def test_other_streams_keep_what_they_say_of_themselves(name: str) -> None:
    assert sequence_shown(a_trader(*a_live_book()), name) == "-"


@pytest.mark.requirement("R38")
def test_memory_is_read_where_the_system_tells_and_the_peak_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert 1 < resident_mb() < 10_000

    def unreadable(_path: object, encoding: str) -> str:
        raise FileNotFoundError

    monkeypatch.setattr(Path, "read_text", unreadable)
    assert resident_mb() == peak_resident_mb()


def test_peak_memory_is_counted_in_the_systems_own_unit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    kilobytes = peak_resident_mb()
    monkeypatch.setattr(sys, "platform", "darwin")

    assert peak_resident_mb() == pytest.approx(kilobytes / 1024, rel=0.2)


def test_account_is_drawn_with_what_only_the_shell_knows() -> None:
    answer = Answer(command_id="c1", is_accepted=True, code="", text="", time_ms=1)

    view = stamped(ACCOUNT, AccountStamps(5, 6), (answer,))

    assert (view.reconciled_ns, view.money, view.answers) == (5, None, (answer,))


@pytest.mark.requirement("R13")
def test_controls_are_those_of_the_contract_that_is_shown() -> None:
    symbols = (SYMBOL, "OTHERUSDT")
    trader = Trader(symbols, desk=desk_settings(symbols=symbols))
    trader.process(a_memory())
    around = replace(AROUND, stamps=AccountStamps(5, 6))

    snapshot = Publisher(trader).build(View(symbol="OTHERUSDT"), around)
    alone = Publisher(trader).account(around)

    risks = [account.risk for account in (snapshot.account, alone) if account is not None]
    assert [risk.asked for risk in risks if risk is not None] == ["OTHERUSDT", SYMBOL]
