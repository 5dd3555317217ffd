"""Three order books on the same bytes: ours, the reference, and ccxt's."""

import importlib
import json
from collections.abc import Callable, Sequence
from typing import Protocol

from bench.figures import SkippedError
from bench.floors import FloorDepth, ReferenceBook, decode_floor, decode_floor_snapshot
from bench.frames import kind_of

from botcore_tui.core.trader import Trader
from botcore_tui.exchange.binance.receiver import Receiver
from botcore_tui.exchange.binance.wire import decode
from botcore_tui.model.market import BookDelta

SYMBOL = "BTCUSDT"

Best = tuple[float, float]


class Book(Protocol):
    """A book that was brought up to the first frame to be measured."""

    def play(self, raws: Sequence[bytes]) -> Best:
        """Bytes to best price for each frame; the last best bid and ask."""


class BookFrames:
    """The depth frames of a source, cut where the book has just become live.

    Attributes:
        before: Everything up to the snapshot, in the order it arrived.
        rest: The updates that follow; these are measured.
    """

    def __init__(self, raws: Sequence[bytes]) -> None:
        place = next(index for index, raw in enumerate(raws) if kind_of(raw) == "snapshot")
        self.before = raws[: place + 1]
        self.rest = [raw for raw in raws[place + 1 :] if kind_of(raw) == "depthUpdate"]
        wrapped = decode_floor_snapshot(raws[place])
        self.snapshot = wrapped.data or wrapped

    def joining(self) -> list[FloorDepth]:
        """Updates that arrived before the snapshot and that it does not hold yet."""
        last = self.snapshot.last_update_id
        depths = [_floor_depth(raw) for raw in self.before if kind_of(raw) == "depthUpdate"]
        return [depth for depth in depths if depth.u >= last]


class OurBook:
    """The path of every frame: decode, then the trader with all its guards."""

    def __init__(self, source: BookFrames) -> None:
        self.trader = Trader()
        receiver = Receiver()
        receiver.deliver = lambda event, _received_ns: self._take(event)
        for raw in source.before:
            receiver.accept(raw, 0, 0)

    def _take(self, event: object) -> None:
        self.trader.process(event)  # type: ignore[arg-type]  # a receiver delivers events

    def play(self, raws: Sequence[bytes]) -> Best:
        """See Book."""
        process = self.trader.process
        book = self.trader.market.of(SYMBOL).book
        best_bid = best_ask = 0.0
        for raw in raws:
            _, event = decode(raw)
            assert isinstance(event, BookDelta)
            process(event)
            best_bid, best_ask = book.bids.best or 0.0, book.asks.best or 0.0
        assert book.applied >= len(raws), f"{book.state}: {book.reason}"
        return best_bid, best_ask


class FloorBook:
    """The reference: typed decode, dict and sorted top, nothing checked."""

    def __init__(self, source: BookFrames) -> None:
        self._book = ReferenceBook(source.snapshot.bids, source.snapshot.asks)
        for depth in source.joining():
            self._book.apply(depth)

    def play(self, raws: Sequence[bytes]) -> Best:
        """See Book."""
        apply = self._book.apply
        best = (0.0, 0.0)
        for raw in raws:
            depth = decode_floor(raw).data
            assert isinstance(depth, FloorDepth)
            best = apply(depth)
        return best


class CcxtBook:
    """What ccxt.pro does with a frame of ``watch_order_book`` once it has been read.

    Raises:
        SkippedError: ccxt.pro cannot be imported here.
    """

    def __init__(self, source: BookFrames) -> None:
        try:
            pro = importlib.import_module("ccxt.pro")
        except ImportError as error:
            raise SkippedError(f"ccxt.pro cannot be imported: {error}") from error
        self._exchange = pro.binanceusdm()
        self._client = _NoClient()
        snapshot = source.snapshot
        book = self._exchange.order_book(
            {"bids": snapshot.bids, "asks": snapshot.asks, "nonce": snapshot.last_update_id}, 1000
        )
        symbol = self._exchange.safe_market(SYMBOL, None, None, "swap")["symbol"]
        self._book = self._exchange.orderbooks[symbol] = book
        self.play([raw for raw in source.before if kind_of(raw) == "depthUpdate"])

    def play(self, raws: Sequence[bytes]) -> Best:
        """See Book."""
        handle: Callable[[object, object], None] = self._exchange.handle_order_book
        book, client = self._book, self._client
        best_bid = best_ask = 0.0
        for raw in raws:
            handle(client, json.loads(raw)["data"])
            best_bid, best_ask = book["bids"][0][0], book["asks"][0][0]
        return best_bid, best_ask


class _NoClient:
    """Stands where ccxt's connection would."""

    url = "wss://fstream.binance.com/ws"

    def __init__(self) -> None:
        self.subscriptions: dict[str, object] = {}

    def resolve(self, _result: object, _name: str) -> None:
        """Nobody waits."""

    def reject(self, error: Exception, _name: str) -> None:
        """A gap would make the figures worthless."""
        raise error


def _floor_depth(raw: bytes) -> FloorDepth:
    depth = decode_floor(raw).data
    assert isinstance(depth, FloorDepth)
    return depth
