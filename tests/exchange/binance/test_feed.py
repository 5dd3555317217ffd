import logging

import msgspec
import pytest
from feed_market import REFUSED, TradingSink, VenueRest, a_snapshot, live_feed
from rest_server import Answer
from samples import framed, sample
from waiting import settle

from botcore_tui.exchange.binance.seam import FrameSequence
from botcore_tui.model.event import FeedDown, RequestSnapshot
from botcore_tui.model.instrument import Instrument
from botcore_tui.model.market import Bar, BookState
from botcore_tui.model.snapshot import FeedState


def klines(*volumes: int) -> Answer:
    """Minutes from one on, with these volumes."""
    starts = range(1_700_000_040_000, 1_700_000_040_000 + 60_000 * len(volumes), 60_000)
    rows = [
        [start, "10", "11", "9", "10", str(volume), start + 59_999, "0", 10, "0", "0", "0"]
        for start, volume in zip(starts, volumes, strict=True)
    ]
    return Answer(body=msgspec.json.encode(rows).decode())


async def test_venue_teaches_the_steps_of_its_contracts() -> None:
    async with live_feed() as live:
        market = live.sink.trader.market.of("BTCUSDT")
        await live.sink.until(lambda: market.instrument)
        await live.come_alive()
        assert market.instrument == Instrument("BTCUSDT", 2, 3, 0.1)


@pytest.mark.requirement("R04")
async def test_contract_rules_are_asked_for_until_they_come(
    caplog: pytest.LogCaptureFixture,
) -> None:
    rest = VenueRest()
    rest.replies["exchangeInfo"] = [REFUSED, *rest.replies["exchangeInfo"]]
    async with live_feed(rest=rest) as live:
        await live.until_slept(5.0, 1)
        assert any("contract rules not loaded, again in 5 s" in text for text in caplog.messages)
        await live.clock.run(5.0)
        await live.sink.until(lambda: live.sink.trader.market.of("BTCUSDT").instrument)


async def test_symbol_that_the_venue_does_not_know_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with live_feed("BTCUSDT", "BTCUSD") as live:
        await live.sink.until(lambda: live.sink.trader.market.of("BTCUSDT").instrument)
        await settle()
        errors = [each.getMessage() for each in caplog.records if each.levelno == logging.ERROR]
        assert errors == ["BTCUSD is no contract of this venue: correct `symbols`"]


async def test_bars_are_loaded_and_loaded_again_after_an_interruption() -> None:
    async with live_feed() as live:
        market = live.sink.trader.market.of("BTCUSDT")
        await live.sink.until(lambda: len(market.bars(60_000, 10)) == 2)
        assert [bar.is_closed for bar in market.bars(60_000, 10)] == [True, False]
        assert "/fapi/v1/klines?symbol=BTCUSDT&interval=1m&limit=1000" in live.rest.asked
        await live.market.subscribed("btcusdt@kline_1m")
        live.market.last.cut()
        await live.rest.until_asked("klines", 2)
        assert live.sink.count(FeedDown) == 0
        await live.clock.pass_pause(0.5)
        await live.market.subscribed("btcusdt@kline_1m", connections=2)
        await live.rest.until_asked("klines", 3)


@pytest.mark.requirement("R05")
async def test_minutes_missed_while_disconnected_are_whole_after_the_reconnect() -> None:
    rest = VenueRest()
    at_start, at_cut = klines(60, 10), klines(60, 20)
    rest.replies["klines"] = [at_start, at_cut, klines(60, 61, 62, 63, 7)]
    async with live_feed(rest=rest) as live:
        market = live.sink.trader.market.of("BTCUSDT")
        await live.sink.until(lambda: len(market.bars(60_000, 10)) == 2)
        await live.market.subscribed("btcusdt@kline_1m")
        live.market.last.cut()
        await live.rest.until_asked("klines", 2)
        await live.clock.pass_pause(0.5)
        await live.sink.until(lambda: len(market.bars(60_000, 10)) == 5)
        assert [bar.volume for bar in market.bars(60_000, 10)] == [60, 61, 62, 63, 7]
        assert live.rest.count("klines") == 3


async def test_room_is_asked_for_between_the_bars_of_a_symbol(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    delivered: list[int] = []

    async def room(sink: TradingSink) -> None:
        delivered.append(sink.count(Bar))

    monkeypatch.setattr(TradingSink, "room", room)
    rest = VenueRest()
    rest.replies["klines"] = [klines(*range(1_000))]
    async with live_feed(rest=rest) as live:
        await live.sink.until_count(Bar, 1_000)
    assert delivered == [0, 200, 400, 600, 800]


@pytest.mark.requirement("R03")
async def test_interruptions_while_rest_is_down_leave_one_chain_of_retries() -> None:
    rest = VenueRest()
    rest.replies["klines"] = [REFUSED]
    async with live_feed(rest=rest) as live:
        for interruptions in range(5):
            await live.until_slept(5.0, interruptions + 1)
            live.feed.interrupted(frozenset({"btcusdt@kline_1m"}), "test")
        await live.until_slept(5.0, 6)
        assert live.rest.count("klines") == 6
        await live.clock.run(5.0)
        await live.until_slept(10.0, 1)
        await settle()
        assert live.rest.count("klines") == 7


async def test_newer_request_for_a_snapshot_takes_the_place_of_the_older() -> None:
    async with live_feed() as live:
        await live.subscribed()
        live.feed.request_snapshot(RequestSnapshot("BTCUSDT", 1, "test", 0))
        live.feed.request_snapshot(RequestSnapshot("BTCUSDT", 2, "test", 0))
        await live.clock.run(0.5)
        assert live.rest.count("depth") == 0
        await live.clock.pass_pause(0.5)
        await live.rest.until_asked("depth", 1)
        await settle()
        assert live.rest.count("depth") == 1


# --- life --------------------------------------------------------------------------------------


@pytest.mark.requirement("R52")
async def test_feed_that_ended_works_when_it_is_run_again() -> None:
    rest = VenueRest()
    rest.replies["depth"] = [a_snapshot(3), a_snapshot(21)]
    async with live_feed(rest=rest) as live:
        await live.come_alive()
        await live.stop()
        live.start()
        await live.subscribed(connections=2)
        await live.delta(20, 22, 19)
        await live.clock.pass_pause(0.5)
        await live.sink.until_book(BookState.LIVE)
        assert live.sink.book().last_update_id == 22


async def test_request_for_a_snapshot_of_a_feed_that_does_not_run_is_left_out() -> None:
    async with live_feed() as live:
        await live.stop()
        live.feed.request_snapshot(RequestSnapshot("BTCUSDT", 0, "test", 0))
        await settle()
        assert live.rest.count("depth") == 0
        live.start()


@pytest.mark.parametrize(
    ("depth_interval_ms", "depth"),
    [(100, "btcusdt@depth@100ms"), (250, "btcusdt@depth"), (500, "btcusdt@depth@500ms")],
)
async def test_streams_are_asked_for_on_the_route_that_carries_them(
    depth_interval_ms: int, depth: str
) -> None:
    async with live_feed(depth_interval_ms=depth_interval_ms) as live:
        public = await live.public.subscribed(depth)
        market = await live.market.subscribed("btcusdt@kline_1m")
        assert public.streams == {depth, "btcusdt@bookTicker"}
        assert market.streams == {
            "btcusdt@aggTrade",
            "btcusdt@markPrice@1s",
            "btcusdt@ticker",
            "btcusdt@kline_1m",
        }


async def test_state_has_a_row_for_each_stream_with_its_rate_and_lag() -> None:
    async with live_feed() as live:
        await live.come_alive()
        live.feed.states(live.clock.monotonic_ns())
        await live.delta(6, 7, 5)
        await live.delta(8, 9, 7)
        await live.clock.run(1.0)
        states = {each.name: each for each in live.feed.states(live.clock.monotonic_ns())}
        assert len(states) == 7
        depth = states["btcusdt@depth@100ms"]
        assert (depth.status, depth.frames, depth.frames_per_second) == ("live", 3, 2.0)
        assert depth.lag_ms is not None
        assert (depth.last_frame_ns > 0, depth.reconnects) == (True, 0)
        kline = states["btcusdt@kline_1m"]
        assert (kline.status, kline.frames, kline.lag_ms) == ("waiting", 0, None)


@pytest.mark.requirement("R03")
async def test_requests_have_a_row_and_the_limits_are_the_venues_own() -> None:
    rest = VenueRest()
    info = sample("exchange_info").replace(b'"limit":2400', b'"limit":1000').decode()
    rest.replies["exchangeInfo"] = [Answer(body=info)]
    async with live_feed(rest=rest) as live:
        await live.come_alive()

        def requests() -> FeedState:
            return live.feed.states(live.clock.monotonic_ns())[-1]

        def has_learned() -> bool:
            rest = requests().rest
            return rest is not None and rest.ceiling == 1_000

        await live.sink.until(has_learned)
        row = requests()
        assert (row.name, row.status, row.frames) == ("rest", "live", 3)
        assert row.rest is not None
        assert row.rest.weight == 20 + 5 + 1


@pytest.mark.requirement("R08")
async def test_unreadable_and_unknown_frames_are_counted_and_the_feed_goes_on() -> None:
    async with live_feed() as live:
        peer = await live.subscribed()
        for raw in (b"garbage", b'{"e":"tradingSession"}', b"[" * 50_000):
            await peer.socket.send(raw)
        await live.delta(1, 5, 0)
        assert live.feed.counters() == (2, 1)


@pytest.mark.requirement("R05")
async def test_alarm_is_an_error_and_a_notice_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    async with live_feed() as live:
        live.feed.alarm("10 failures in a row: 100 %s")
        live.feed.notice("connected again")
        told = [(each.levelname, each.getMessage()) for each in caplog.records]
        assert ("ERROR", "10 failures in a row: 100 %s") in told
        assert ("WARNING", "connected again") in told


# --- places of frames --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stream", "name", "sequence"),
    [
        ("x@depth", "depth_update", FrameSequence("x@depth", 157, 160, 149)),
        ("x@bookTicker", "book_ticker", FrameSequence("x@bookTicker", 400900217, 400900217, None)),
        ("x@aggTrade", "aggregate_trade", FrameSequence("x@aggTrade", 105, 105, None)),
        (
            "x@markPrice",
            "mark_price",
            FrameSequence("x@markPrice", 1562305380000, 1562305380000, None),
        ),
        ("x@ticker", "ticker", FrameSequence("x@ticker", 123456789, 123456789, None)),
        (
            "x@kline_1m",
            "kline",
            FrameSequence("x@kline_1m", 27493623461314560200, 27493623461314560200, None),
        ),
        ("x@depth5", "depth_top", None),
        ("!markPrice@arr", "mark_price_array", None),
        ("x@depth@snapshot", "depth_snapshot", None),
    ],
)
async def test_place_of_a_frame_is_read_off_its_numbers(
    stream: str, name: str, sequence: FrameSequence | None
) -> None:
    async with live_feed() as live:
        assert live.feed.sequence(framed(stream, sample(name))) == sequence
        assert live.feed.sequence(sample("subscribed")) is None
        assert live.feed.sequence(b"garbage") is None


async def test_bar_goes_on_with_each_trade_and_ends_when_its_minute_does() -> None:
    def place(start: int, trades: int, *, is_closed: bool) -> int:
        text = sample("kline").decode()
        raw = msgspec.json.decode(text, type=dict[str, object])
        assert isinstance(raw["k"], dict)
        raw["k"] |= {"t": start, "n": trades, "x": is_closed}
        sequence = live.feed.sequence(framed("x@kline_1m", msgspec.json.encode(raw)))
        assert sequence is not None
        assert (sequence.first, sequence.previous) == (sequence.last, None)
        return sequence.last

    async with live_feed() as live:
        places = [
            place(1_700_000_040_000, 5, is_closed=False),
            place(1_700_000_040_000, 6, is_closed=False),
            place(1_700_000_040_000, 8_000_000, is_closed=False),
            place(1_700_000_040_000, 8_000_000, is_closed=True),
            place(1_700_000_100_000, 0, is_closed=False),
        ]
    assert places == sorted(set(places))
