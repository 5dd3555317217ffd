"""The book through a live feed: synchronised, broken, mended, recorded and played again."""

import pytest
from feed_market import REFUSED, VenueRest, a_snapshot, live_feed
from rest_server import Answer

from botcore_tui.core.trader import Trader
from botcore_tui.exchange.binance.receiver import Receiver
from botcore_tui.model.event import Event, FeedDown, RequestSnapshot, SnapshotFailed
from botcore_tui.model.market import BookState


async def test_book_becomes_live_from_a_delta_and_the_snapshot_it_asks_for() -> None:
    async with live_feed() as live:
        await live.come_alive()
        book = live.sink.book()
        assert book.last_update_id == 5
        assert (book.bids.best, book.asks.best) == (61800.2, 61800.3)
        assert (book.bids.quantity(61800.2), book.bids.quantity(61800.1)) == (5.0, 2.0)
        await live.delta(6, 9, 5)
        assert (book.last_update_id, book.asks.quantity(61800.3)) == (9, 9.5)
        assert "/fapi/v1/depth?symbol=BTCUSDT&limit=1000" in live.rest.asked
        assert live.rest.count("depth") == 1


@pytest.mark.requirement("R04")
async def test_failed_snapshot_is_told_and_asked_again_ever_later() -> None:
    rest = VenueRest()
    unreadable = Answer(body='{"lastUpdateId":"x"}')
    rest.replies["depth"] = [REFUSED, unreadable, REFUSED, REFUSED, a_snapshot(3)]
    async with live_feed(rest=rest) as live:
        await live.subscribed()
        await live.delta(1, 5, 0)
        for failures, pause in enumerate((0.0, 0.5, 1.0, 2.0), start=1):
            await live.clock.pass_pause(pause)
            await live.sink.until_count(SnapshotFailed, failures)
        await live.clock.pass_pause(4.0)
        await live.sink.until_book(BookState.LIVE)
        assert [request.attempt for request in live.sink.requests] == [0, 1, 2, 3, 4]
        reasons = [each.reason for each in live.sink.events if isinstance(each, SnapshotFailed)]
        assert "Invalid symbol. (-1121)" in reasons[0]
        assert reasons[1].startswith("depth: Expected `int`")


async def test_pause_between_snapshots_is_capped() -> None:
    rest = VenueRest()
    rest.replies["depth"] = [REFUSED]
    async with live_feed(rest=rest) as live:
        await live.subscribed()
        live.feed.request_snapshot(RequestSnapshot("BTCUSDT", 1_000, "test", 0))
        await live.clock.pass_pause(30.0)
        await live.sink.until_count(SnapshotFailed, 1)


@pytest.mark.requirement("F07")
async def test_gap_empties_the_book_and_a_new_snapshot_mends_it() -> None:
    rest = VenueRest()
    rest.replies["depth"] = [a_snapshot(3), a_snapshot(21)]
    async with live_feed(rest=rest) as live:
        await live.come_alive()
        await live.delta(20, 22, 19)
        book = live.sink.book()
        assert (book.state, book.bids.best) == (BookState.SYNCING, None)
        assert "gap: update 19 expected to follow 5" in book.reason
        await live.clock.pass_pause(0.5)
        await live.sink.until_book(BookState.LIVE)
        assert (book.last_update_id, book.gaps, book.resyncs) == (22, 1, 1)


@pytest.mark.requirement("R05")
async def test_cut_connection_takes_the_book_down_until_it_is_resynchronised() -> None:
    rest = VenueRest()
    rest.replies["depth"] = [a_snapshot(3), a_snapshot(41)]
    async with live_feed(rest=rest) as live:
        await live.come_alive()
        live.public.last.cut()
        await live.sink.until_count(FeedDown, 1)
        down = next(each for each in live.sink.events if isinstance(each, FeedDown))
        assert (down.symbols, down.reason) == (("BTCUSDT",), "connection lost")
        assert live.sink.book().state is BookState.SYNCING
        await live.clock.pass_pause(0.5)
        await live.subscribed(connections=2)
        await live.delta(40, 42, 39)
        await live.clock.pass_pause(0.5)
        await live.sink.until_book(BookState.LIVE)
        assert live.sink.book().last_update_id == 42
        assert live.rest.count("klines") == 1
        assert (live.rest.count("depth"), len(live.sink.requests)) == (2, 2), "one for each life"


async def test_snapshots_of_two_symbols_are_wrapped_with_their_names() -> None:
    async with live_feed("BTCUSDT", "ETHUSDT") as live:
        await live.subscribed("BTCUSDT", "ETHUSDT")
        for symbol in ("BTCUSDT", "ETHUSDT"):
            await live.delta(1, 5, 0, symbol)
        await live.clock.run(0.1)
        for symbol in ("BTCUSDT", "ETHUSDT"):
            await live.sink.until_book(BookState.LIVE, symbol)
        wrapped = {raw.partition(b",")[0] for raw in live.recorded if b"lastUpdateId" in raw}
        assert wrapped == {
            b'{"stream":"btcusdt@depth@snapshot"',
            b'{"stream":"ethusdt@depth@snapshot"',
        }
        assert live.feed.counters() == (0, 0)


async def test_recorded_frames_played_again_give_the_same_book() -> None:
    rest = VenueRest()
    rest.replies["depth"] = [a_snapshot(3), a_snapshot(21), a_snapshot(41)]
    async with live_feed(rest=rest) as live:
        await live.come_alive()
        await live.delta(20, 22, 19)
        await live.clock.pass_pause(0.5)
        await live.sink.until_book(BookState.LIVE)
        live.public.last.cut()
        await live.sink.until_book(BookState.SYNCING)
        await live.clock.pass_pause(0.5)
        await live.subscribed(connections=2)
        await live.delta(40, 42, 39)
        await live.clock.pass_pause(1.0)
        await live.sink.until_book(BookState.LIVE)
        await live.delta(43, 44, 42)
        lived = live.sink.book()

        trader, receiver = Trader(), Receiver()

        def play(event: Event, _received_ns: int) -> None:
            trader.process(event)

        receiver.deliver = play
        for raw in live.recorded:
            receiver.accept(raw, 0, 1)
        played = trader.market.of("BTCUSDT").book
        assert played.state is BookState.LIVE
        assert played.last_update_id == lived.last_update_id == 44
        assert played.bids.top(10) == lived.bids.top(10)
        assert played.asks.top(10) == lived.asks.top(10)
