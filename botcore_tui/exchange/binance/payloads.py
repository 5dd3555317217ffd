"""Binance's market payloads as they are on the wire: the only place that knows the key letters.

The frequent ones extend the value they stand for and only add the wire's names, so a decoded frame
*is* the event, with nothing copied between. Unknown keys are ignored.

Source: Binance USD-M futures, "Websocket Market Streams", one page a payload; ``st`` (1 USD-M,
2 COIN-M) came with the merged engine of 2026-06-30 and is absent from older captures.
"""

from typing import Annotated, Final

from msgspec import Meta, Raw, Struct, field

from botcore_tui.model.market import (
    BookDelta,
    BookTicker,
    Level,
    Price,
    Quantity,
    Side,
    Trade,
)

USD_M: Final = 1
"""Value of ``st`` on contracts margined in USDT."""

Time = Annotated[int, Meta(ge=0, lt=4_102_444_800_000)]
"""UTC milliseconds, 1970 to 2099: one wrong date would end a chart for ever."""

Percent = Annotated[float, Meta(ge=-1e15, le=1e15)]
"""Finite."""


class WireBookTicker(BookTicker, frozen=True, gc=False, tag_field="e", tag="bookTicker"):
    """``<symbol>@bookTicker``: best bid and ask, in real time."""

    symbol: str = field(name="s")
    update_id: int = field(name="u")
    bid: Price = field(name="b")
    bid_quantity: Quantity = field(name="B")
    ask: Price = field(name="a")
    ask_quantity: Quantity = field(name="A")
    time_ms: Time = field(name="E")
    st: int = USD_M


class WireBookDelta(BookDelta, frozen=True, gc=False, tag_field="e", tag="depthUpdate"):
    """``<symbol>@depth[@...]`` and, with the same keys, partial ``@depth5|10|20``."""

    symbol: str = field(name="s")
    first_update_id: int = field(name="U")
    last_update_id: int = field(name="u")
    previous_update_id: int = field(name="pu")
    bids: list[Level] = field(name="b")
    asks: list[Level] = field(name="a")
    time_ms: Time = field(name="E")
    st: int = USD_M


class WireTrade(Trade, frozen=True, gc=False, tag_field="e", tag="trade"):
    """``<symbol>@trade``: single trades; undocumented on futures, found in captures."""

    symbol: str = field(name="s")
    trade_id: int = field(name="t")
    price: Quantity = field(name="p")
    quantity: Quantity = field(name="q")
    buyer_is_maker: bool = field(name="m")
    time_ms: Time = field(name="T")
    is_aggregate: bool = False
    st: int = USD_M


class WireAggregateTrade(Trade, frozen=True, gc=False, tag_field="e", tag="aggTrade"):
    """``<symbol>@aggTrade``: trades of one taker order at one price, within 100 ms."""

    symbol: str = field(name="s")
    trade_id: int = field(name="l")
    price: Quantity = field(name="p")
    quantity: Quantity = field(name="q")
    buyer_is_maker: bool = field(name="m")
    time_ms: Time = field(name="T")
    is_aggregate: bool = True
    st: int = USD_M


class Mark(Struct, frozen=True, tag_field="e", tag="markPriceUpdate"):
    """``<symbol>@markPrice[@1s]``; ``r`` is empty on contracts without funding."""

    symbol: str = field(name="s")
    mark: str = field(name="p")
    index: str = field(name="i")
    funding_rate: str = field(name="r")
    next_funding_ms: Time = field(name="T")
    time_ms: Time = field(name="E")
    st: int = USD_M


class KlineBody(Struct, frozen=True, gc=False):
    """The bar inside a kline frame."""

    symbol: str = field(name="s")
    interval: str = field(name="i")
    open_time_ms: Time = field(name="t")
    open: Price = field(name="o")
    high: Price = field(name="h")
    low: Price = field(name="l")
    close: Price = field(name="c")
    volume: Quantity = field(name="v")
    trades: int = field(name="n")
    is_closed: bool = field(name="x")


class Kline(Struct, frozen=True, tag_field="e", tag="kline"):
    """``<symbol>@kline_<interval>``."""

    body: KlineBody = field(name="k")
    st: int = USD_M


class Ticker(Struct, frozen=True, gc=False, tag_field="e", tag="24hrTicker"):
    """``<symbol>@ticker``: rolling 24 hours, ``P`` in percent."""

    symbol: str = field(name="s")
    change_pct: Percent = field(name="P")
    last: Quantity = field(name="c")
    high: Quantity = field(name="h")
    low: Quantity = field(name="l")
    volume: Quantity = field(name="v")
    quote_volume: Quantity = field(name="q")
    time_ms: Time = field(name="E")
    st: int = USD_M


class MiniTicker(Struct, frozen=True, gc=False, tag_field="e", tag="24hrMiniTicker"):
    """``<symbol>@miniTicker``: rolling 24 hours without the change."""

    symbol: str = field(name="s")
    open: Quantity = field(name="o")
    last: Quantity = field(name="c")
    high: Quantity = field(name="h")
    low: Quantity = field(name="l")
    volume: Quantity = field(name="v")
    quote_volume: Quantity = field(name="q")
    time_ms: Time = field(name="E")
    st: int = USD_M


class LiquidationBody(Struct, frozen=True, gc=False):
    """The order inside a forceOrder frame."""

    symbol: str = field(name="s")
    side: Side = field(name="S")
    price: Price = field(name="p")
    quantity: Quantity = field(name="q")
    time_ms: Time = field(name="T")


class ForceOrder(Struct, frozen=True, tag_field="e", tag="forceOrder"):
    """``<symbol>@forceOrder``: the largest liquidation of a second."""

    body: LiquidationBody = field(name="o")
    st: int = USD_M


class ContractInfo(Struct, frozen=True, tag_field="e", tag="contractInfo"):
    """``!contractInfo``: listing, status and bracket changes."""

    symbol: str = field(name="s")
    contract_type: str = field(name="ct")
    status: str = field(name="cs")
    time_ms: Time = field(name="E")
    st: int = USD_M


Payload = (
    WireBookTicker
    | WireBookDelta
    | WireTrade
    | WireAggregateTrade
    | Mark
    | Kline
    | Ticker
    | MiniTicker
    | ForceOrder
    | ContractInfo
)
Payloads = Payload | list[Payload]


class WireCombined(Struct, gc=False):
    """A frame of a combined stream; all-market streams carry arrays."""

    stream: str
    data: Payloads


class Depth(Struct, frozen=True, gc=False):
    """Reply of ``GET /fapi/v1/depth``."""

    last_update_id: int = field(name="lastUpdateId")
    bids: list[Level]
    asks: list[Level]
    time_ms: Time = field(default=0, name="E")


class Failure(Struct, frozen=True):
    """``error`` of an answer that refuses a request."""

    code: int = -1
    msg: str = ""


class Probe(Struct, frozen=True):
    """Any JSON object, read only as far as needed to tell what it is."""

    stream: str | None = None
    data: Raw = Raw()
    e: str | None = None
    last_update_id: int | None = field(default=None, name="lastUpdateId")
    id: int | None = None
    code: int | None = None
    msg: str = ""
    error: Failure | None = None


class KlineRow(Struct, frozen=True, gc=False, array_like=True):
    """One row of ``GET /fapi/v1/klines``: an array of 12, of which nine matter here."""

    open_time_ms: Time
    open: Price
    high: Price
    low: Price
    close: Price
    volume: Quantity
    close_time_ms: int
    quote_volume: Quantity
    trades: int


class TextDepth(Struct, frozen=True):
    """Levels as text, from a depth reply or a depth frame: for counting digits."""

    bids: list[tuple[str, str]] = []
    asks: list[tuple[str, str]] = []
    delta_bids: list[tuple[str, str]] = field(default_factory=list, name="b")
    delta_asks: list[tuple[str, str]] = field(default_factory=list, name="a")
    data: "TextDepth | None" = None


class Filter(Struct, frozen=True):
    """One trading rule of a contract."""

    kind: str = field(name="filterType")
    tick_size: str = field(default="", name="tickSize")
    step_size: str = field(default="", name="stepSize")


class Contract(Struct, frozen=True):
    """One contract of ``GET /fapi/v1/exchangeInfo``."""

    symbol: str
    filters: list[Filter] = []


class RateLimit(Struct, frozen=True):
    """One limit of the venue, in an interval such as 10 SECOND."""

    kind: str = field(name="rateLimitType")
    interval: str
    count: int = field(name="intervalNum")
    limit: Annotated[int, Meta(ge=1)]


class RateLimits(Struct, frozen=True):
    """Reply of ``GET /fapi/v1/exchangeInfo``, as far as limits go."""

    limits: list[RateLimit] = field(default_factory=list, name="rateLimits")


class ExchangeInfo(Struct, frozen=True):
    """Reply of ``GET /fapi/v1/exchangeInfo``, as far as it is read."""

    symbols: list[Contract]
