"""The real capture, through the real decoder: known numbers, and the same bytes every time."""

from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from itertools import islice

import msgspec
import pytest
from shared_tape import SHARED_TAPE, needs_shared_tape

from botcore_tui.core.trader import Trader
from botcore_tui.engine.inbox import Inbox
from botcore_tui.engine.tape import Line, Tape
from botcore_tui.exchange.binance.receiver import Receiver
from botcore_tui.model.event import Effect, Event, Record, RequestSnapshot, Tick
from botcore_tui.model.market import BookState

pytestmark = needs_shared_tape

_TICK_NS = 250_000_000


@cache
def lines() -> list[Line]:
    """The whole capture."""
    return [line for batch in Tape(SHARED_TAPE) for line in batch]


def replay(*, batch: int) -> tuple[Trader, list[Effect]]:
    """Play the capture into an inbox that is emptied whenever so many frames have come."""
    trader, effects = Trader(), list[Effect]()
    inbox: Inbox[Event] = Inbox(batch)
    receiver = Receiver()
    receiver.deliver = inbox.put
    next_tick_ns = 0
    source = iter(lines())
    while frames := list(islice(source, batch)):
        for local_ns, raw in frames:
            if local_ns >= next_tick_ns:
                inbox.put(Tick(local_ns // 1_000_000), 0)
                next_tick_ns = local_ns + _TICK_NS
            receiver.accept(raw, 0, local_ns)
        effects += drained(inbox, trader, batch)
    assert receiver.decode_errors == 0
    return trader, effects


def drained(inbox: Inbox[Event], trader: Trader, batch: int) -> Iterator[Effect]:
    """Effects of everything in the inbox, taken in slices."""
    while len(inbox):
        for _, event in inbox.take(batch):
            yield from trader.process(event)


def test_capture_ends_in_the_book_that_is_known() -> None:
    trader, effects = replay(batch=256)
    book = trader.market.of("BTCUSDT").book
    assert (book.applied, book.dropped, book.gaps, book.resyncs) == (6_547, 4, 0, 0)
    assert (book.bids.best, book.asks.best) == (61_659.7, 61_659.8)
    assert (book.bids.quantity(61_659.7), book.asks.quantity(61_659.8)) == (1.486, 0.981)
    assert (book.state, book.last_update_id) == (BookState.LIVE, 5_123_135_475_514)
    assert [type(effect) for effect in effects[:2]] == [RequestSnapshot, Record]


@pytest.mark.slow
@pytest.mark.parametrize("batch", [1, 7, 5_000])
def test_effects_and_state_of_the_capture_do_not_depend_on_batches(batch: int) -> None:
    assert fingerprint(*replay(batch=batch)) == reference()


@cache
def reference() -> str:
    return fingerprint(*replay(batch=256))


def fingerprint(trader: Trader, effects: list[Effect]) -> str:
    """Every effect, and what the trader knows at the end, to the byte."""
    market = trader.market.of("BTCUSDT")
    sides = [side.top(len(side)) for side in (market.book.bids, market.book.asks)]
    bars = [market.bars(interval_ms, 500) for interval_ms in (1_000, 5_000, 60_000)]
    known = [effects, sides, bars, list(market.trades), market.ticker, market.instrument]
    return sha256(msgspec.json.encode(known)).hexdigest()
