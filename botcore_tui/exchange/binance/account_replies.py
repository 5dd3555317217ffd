"""REST replies about the account to our values; pure, like ``wire``."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final, NoReturn, TypeVar

from msgspec import DecodeError as JsonError
from msgspec.json import Decoder, decode

from botcore_tui.errors import DecodeError
from botcore_tui.exchange.binance.account_payloads import (
    WireAlgo,
    WireBalance,
    WireConfig,
    WireContract,
    WireContracts,
    WireFilter,
    WireIncome,
    WireListenKey,
    WireMode,
    WireOrder,
    WirePosition,
    WireSymbol,
    WireTime,
    WireTrade,
    Word,
)
from botcore_tui.exchange.binance.wire import INVALID, is_plain, why
from botcore_tui.model.account import (
    BalanceReport,
    Income,
    IncomeKind,
    LeverageChange,
    PositionReport,
)
from botcore_tui.model.instrument import ContractRules
from botcore_tui.model.order import (
    AlgoReport,
    AlgoStatus,
    Fill,
    OrderReport,
    Source,
    VenueStatus,
)

T = TypeVar("T")
Status = TypeVar("Status", VenueStatus, AlgoStatus)

_decode_order: Final = Decoder(WireOrder)
_decode_orders: Final = Decoder(list[WireOrder])
_decode_algo: Final = Decoder(WireAlgo)
_decode_algos: Final = Decoder(list[WireAlgo])
_decode_trades: Final = Decoder(list[WireTrade])
_decode_positions: Final = Decoder(list[WirePosition])
_decode_balances: Final = Decoder(list[WireBalance])
_decode_incomes: Final = Decoder(list[WireIncome])
_decode_symbols: Final = Decoder(list[WireSymbol])
_decode_mode: Final = Decoder(WireMode)
_decode_config: Final = Decoder(WireConfig)
_decode_time: Final = Decoder(WireTime)
_decode_listen_key: Final = Decoder(WireListenKey)
_decode_contracts: Final = Decoder(WireContracts)
_decode_word: Final = Decoder(Word)

# Orders by which the venue itself liquidates and deleverages begin with these words for NEW.
_NEW: Final = frozenset({"NEW_INSURANCE", "NEW_ADL"})
_SUCCESS: Final = frozenset({200, "200"})
_FUNDING: Final = frozenset({"FUNDING_FEE", "SPECIAL_FUNDING_FEE"})


def decode_order(raw: bytes, source: Source) -> OrderReport:
    """Decode an order of the book: the reply of ``POST``, ``DELETE`` or ``GET order``.

    Raises:
        DecodeError: Not the documented object.
    """
    return _order(_decoded("order", _decode_order, raw), source)


def decode_orders(raw: bytes) -> list[OrderReport]:
    """Decode the reply of ``GET openOrders``.

    Raises:
        DecodeError: Not the documented array.
    """
    return [_order(row, Source.LIST) for row in _decoded("openOrders", _decode_orders, raw)]


def decode_algo(raw: bytes, source: Source) -> AlgoReport:
    """Decode a conditional order: the reply of ``POST`` or ``GET algoOrder``.

    Raises:
        DecodeError: Not the documented object.
    """
    return _algo(_decoded("algoOrder", _decode_algo, raw), source)


def decode_algos(raw: bytes) -> list[AlgoReport]:
    """Decode the reply of ``GET openAlgoOrders``.

    Raises:
        DecodeError: Not the documented array.
    """
    return [_algo(row, Source.LIST) for row in _decoded("openAlgoOrders", _decode_algos, raw)]


def check_done(raw: bytes) -> None:
    """Make sure that a reply of only a code says success, such as that of ``DELETE algoOrder``.

    Raises:
        DecodeError: It does not.
    """
    word = _decoded("reply", _decode_word, raw)
    if word.code not in _SUCCESS:
        raise DecodeError("reply", f"code {word.code!r}, {word.msg!r}")


def decode_trades(raw: bytes) -> list[Fill]:
    """Decode the reply of ``GET userTrades``, oldest first.

    Raises:
        DecodeError: Not the documented array.
    """
    fills = [
        Fill(
            source=Source.QUERY,
            symbol=row.symbol,
            trade_id=row.trade_id,
            order_id=row.order_id,
            side=row.side,
            price=Decimal(row.price),
            quantity=Decimal(row.quantity),
            fee=Decimal(row.fee),
            fee_asset=row.fee_asset,
            realized_pnl=Decimal(row.realized),
            is_maker=row.is_maker,
            time_ms=row.time_ms,
        )
        for row in _decoded("userTrades", _decode_trades, raw)
    ]
    return sorted(fills, key=lambda fill: fill.trade_id)


def decode_positions(raw: bytes) -> list[PositionReport]:
    """Decode the reply of ``GET /fapi/v3/positionRisk``: positions that are not flat.

    Raises:
        DecodeError: Not the documented array.
    """
    return [
        PositionReport(
            symbol=row.symbol,
            quantity=Decimal(row.amount),
            entry_price=Decimal(row.entry),
            mark=_number_or_none(row.mark),
            liquidation_price=_number_or_none(row.liquidation),
            time_ms=row.time_ms,
        )
        for row in _decoded("positionRisk", _decode_positions, raw)
        if Decimal(row.amount)
    ]


def decode_balance(raw: bytes, asset: str) -> BalanceReport:
    """Decode one asset of the reply of ``GET /fapi/v3/balance``.

    Raises:
        DecodeError: Not the documented array, or the asset is not in it.
    """
    rows = _decoded("balance", _decode_balances, raw)
    for row in rows:
        if row.asset == asset:
            return BalanceReport(
                asset=row.asset,
                wallet=Decimal(row.wallet),
                available=Decimal(row.available),
                time_ms=row.time_ms,
            )
    others = ", ".join(sorted(row.asset for row in rows)) or "nothing"
    raise DecodeError("balance", f"no {asset} in it, but {others}")


def decode_account_id(raw: bytes) -> str:
    """Decode the account's name of the reply of ``GET /fapi/v3/balance``.

    Raises:
        DecodeError: Not the documented array, or no name in it, or several.
    """
    names = {row.alias for row in _decoded("balance", _decode_balances, raw)}
    if len(names) != 1 or not all(names):
        raise DecodeError("balance", f"{len(names)} names of the account in it")
    return names.pop()


def decode_income(raw: bytes) -> list[Income]:
    """Decode the reply of ``GET income``, in the venue's order.

    Raises:
        DecodeError: Not the documented array.
    """
    return [
        Income(
            kind=_income_kind(row.kind),
            word=row.kind,
            symbol=row.symbol,
            asset=row.asset,
            amount=Decimal(row.amount),
            transaction_id=_whole("income", row.transaction_id),
            trade_id=_whole("income", row.trade_id or 0),
            time_ms=row.time_ms,
        )
        for row in _decoded("income", _decode_incomes, raw)
    ]


def decode_leverages(raw: bytes) -> list[LeverageChange]:
    """Decode the reply of ``GET symbolConfig``.

    Raises:
        DecodeError: Not the documented array.
    """
    return [
        LeverageChange(row.symbol, row.leverage, row.margin_type)
        for row in _decoded("symbolConfig", _decode_symbols, raw)
    ]


def decode_is_one_way(raw: bytes) -> bool:
    """Decode the reply of ``GET positionSide/dual``.

    Raises:
        DecodeError: Not the documented object.
    """
    return not _decoded("positionSide/dual", _decode_mode, raw).is_dual


def decode_is_single_asset(raw: bytes) -> bool:
    """Decode the reply of ``GET accountConfig``.

    Raises:
        DecodeError: Not the documented object.
    """
    return not _decoded("accountConfig", _decode_config, raw).is_multi_assets


def decode_time(raw: bytes) -> int:
    """Decode the reply of ``GET time``: UTC milliseconds.

    Raises:
        DecodeError: Not the documented object.
    """
    return _decoded("time", _decode_time, raw).time_ms


def decode_listen_key(raw: bytes) -> str:
    """Decode the reply of ``POST listenKey``.

    Raises:
        DecodeError: Not the documented object.
    """
    key = decode_kept_key(raw)
    if not key:
        raise DecodeError("listenKey", "no key in it")
    return key


def decode_kept_key(raw: bytes) -> str:
    """Decode the reply of ``PUT listenKey``: the key that was extended; empty if not told.

    Raises:
        DecodeError: Not the documented object.
    """
    return _decoded("listenKey", _decode_listen_key, raw).key


def decode_rules(raw: bytes, symbols: Iterable[str]) -> list[ContractRules]:
    """Decode the filters of those of some contracts that ``GET exchangeInfo`` lists.

    Raises:
        DecodeError: Not the documented object, it lists nothing, or a contract lacks a filter.
    """
    wanted = frozenset(symbols)
    info = _decoded("exchangeInfo", _decode_contracts, raw)
    if not info.symbols:  # what is not listed counts as gone, with its orders; all never are
        raise DecodeError("exchangeInfo", "it lists no contract")
    return [_rules(row) for row in info.symbols if row.symbol in wanted]


def _decoded(kind: str, decoder: Decoder[T], raw: bytes) -> T:
    try:
        return decoder.decode(raw)
    except INVALID as error:
        raise DecodeError(kind, why(error)) from None


def _order(row: WireOrder, source: Source) -> OrderReport:
    word = "NEW" if row.status in _NEW else row.status
    return OrderReport(
        source=source,
        symbol=row.symbol,
        client_order_id=row.client_order_id,
        order_id=row.order_id,
        side=row.side,
        type=row.type,
        status=_status("order", VenueStatus, word),
        quantity=Decimal(row.quantity),
        filled_quantity=Decimal(row.filled),
        price=Decimal(row.price),
        reduce_only=row.reduce_only,
        close_position=row.close_position,
        time_ms=row.time_ms,
    )


def _algo(row: WireAlgo, source: Source) -> AlgoReport:
    return AlgoReport(
        source=source,
        symbol=row.symbol,
        client_order_id=row.client_order_id,
        algo_id=row.algo_id,
        side=row.side,
        type=row.type,
        status=_status("algoOrder", AlgoStatus, row.status),
        quantity=_number_or_zero(row.quantity),
        trigger_price=_number_or_zero(row.trigger),
        close_position=row.close_position,
        reduce_only=row.reduce_only,
        order_id=_whole("algoOrder", row.order_id or 0),
        time_ms=row.time_ms,
    )


def _rules(row: WireContract) -> ContractRules:
    try:
        filters = {each.kind: each for each in decode(row.filters, type=list[WireFilter])}
        price, lot, market = (
            filters[kind] for kind in ("PRICE_FILTER", "LOT_SIZE", "MARKET_LOT_SIZE")
        )
        percent = filters["PERCENT_PRICE"]
        rules = ContractRules(
            symbol=row.symbol,
            status=row.status,
            tick=Decimal(price.tick),
            min_price=Decimal(price.min_price),
            max_price=Decimal(price.max_price),
            step=Decimal(lot.step),
            min_quantity=Decimal(lot.min_quantity),
            max_quantity=Decimal(lot.max_quantity),
            market_step=Decimal(market.step),
            market_min_quantity=Decimal(market.min_quantity),
            market_max_quantity=Decimal(market.max_quantity),
            min_notional=Decimal(filters["MIN_NOTIONAL"].notional),
            multiplier_up=Decimal(percent.up),
            multiplier_down=Decimal(percent.down),
            max_orders=int(filters["MAX_NUM_ORDERS"].limit) if "MAX_NUM_ORDERS" in filters else 0,
        )
    except KeyError as error:
        raise DecodeError("exchangeInfo", f"{row.symbol} has no filter {error}") from None
    except (JsonError, ValueError, ArithmeticError) as error:
        raise DecodeError("exchangeInfo", f"{row.symbol}: {why(error)}") from None
    if not all((rules.tick > 0, rules.step > 0, rules.market_step > 0)):
        raise DecodeError("exchangeInfo", f"{row.symbol} has a step that is not above zero")
    return rules


def _status(kind: str, words: type[Status], word: str) -> Status:
    try:
        return words(word)
    except ValueError:
        raise DecodeError(kind, f"status {word!r} is not documented") from None


def _income_kind(word: str) -> IncomeKind:
    if word in _FUNDING:  # the stream tells of both in the same word
        return IncomeKind.FUNDING_FEE
    return IncomeKind(word) if word in IncomeKind.__members__ else IncomeKind.OTHER


def _whole(kind: str, value: str | int) -> int:
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) <= 20):
        _refuse(kind, text)
    return int(text)


def _number_or_zero(text: str | None) -> Decimal:
    if not text:
        return Decimal(0)
    if not is_plain(text):
        _refuse("algoOrder", text)
    return Decimal(text)


def _number_or_none(text: str) -> Decimal | None:
    # A position must not be overlooked because of a price that is only shown.
    return (Decimal(text) or None) if is_plain(text) else None


def _refuse(kind: str, text: str) -> NoReturn:
    raise DecodeError(kind, f"{text[:40]!r} is not a number")
