"""Documented replies about the account, decoded."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botcore_tui.errors import DecodeError
from botcore_tui.exchange.binance import account_replies as replies
from botcore_tui.model.account import (
    BalanceReport,
    Income,
    IncomeKind,
    LeverageChange,
    PositionReport,
)
from botcore_tui.model.instrument import ContractRules
from botcore_tui.model.market import Side
from botcore_tui.model.order import (
    AlgoReport,
    AlgoStatus,
    Fill,
    OrderReport,
    Source,
    VenueStatus,
)

# Binance's SDK, change log of 14.0.0: what POST answers since 2026-07-15.
ORDER: Final = (
    b'{"clientOrderId":"testOrder","cumQty":"0","executedQty":"0","orderId":22542179,"origQty":"10"'
    b',"price":"0","reduceOnly":false,"side":"SELL","positionSide":"SHORT","status":"NEW",'
    b'"stopPrice":"0","closePosition":false,"symbol":"BTCUSDT","timeInForce":"GTD","type":"LIMIT",'
    b'"origType":"LIMIT","updateTime":1566818724722,"workingType":"CONTRACT_PRICE",'
    b'"priceProtect":false,"priceMatch":"NONE","selfTradePreventionMode":"NONE",'
    b'"goodTillDate":1693207680000}'
)
# "New Algo Order" and "Query Algo Order".
ALGO: Final = (
    b'{"algoId":2146760,"clientAlgoId":"6B2I9XVcJpCjqPAJ4YoFX7","algoType":"CONDITIONAL",'
    b'"orderType":"TAKE_PROFIT","symbol":"BNBUSDT","side":"SELL","positionSide":"BOTH",'
    b'"timeInForce":"GTC","quantity":"0.01","algoStatus":"NEW","triggerPrice":"750.000",'
    b'"price":"750.000","icebergQuantity":null,"selfTradePreventionMode":"EXPIRE_MAKER",'
    b'"workingType":"CONTRACT_PRICE","priceMatch":"NONE","closePosition":false,'
    b'"priceProtect":false,"reduceOnly":false,"activatePrice":"","callbackRate":"",'
    b'"createTime":1750485492076,"updateTime":1750485492076,"triggerTime":0,"goodTillDate":0}'
)
TRADES: Final = (
    b'[{"buyer":false,"commission":"0.07819010","commissionAsset":"USDT","id":698760,'
    b'"maker":false,"orderId":25851814,"price":"7819.01","qty":"0.002","quoteQty":"15.63802",'
    b'"baseQty":"0.002","marginAsset":"USDT","realizedPnl":"-0.91539999","side":"SELL",'
    b'"positionSide":"SHORT","symbol":"BTCUSDT","pair":"BTCUSDT","time":1569514978020},'
    b'{"buyer":true,"commission":"0","commissionAsset":"BNB","id":698759,"maker":true,'
    b'"orderId":25851813,"price":"7819.01","qty":"0.002","quoteQty":"15.63802","realizedPnl":"0",'
    b'"side":"BUY","positionSide":"BOTH","symbol":"BTCUSDT","time":1569514978019}]'
)
# "Position Information V3".
RISK: Final = (
    b'[{"symbol":"ADAUSDT","positionSide":"BOTH","positionAmt":"-30","entryPrice":"0.385",'
    b'"breakEvenPrice":"0.385077","markPrice":"0.41047590","unRealizedProfit":"0.76427700",'
    b'"liquidationPrice":"0","isolatedMargin":"0","notional":"12.31427700","marginAsset":"USDT",'
    b'"isolatedWallet":"0","initialMargin":"0.61571385","maintMargin":"0.08004280",'
    b'"positionInitialMargin":"0.61571385","openOrderInitialMargin":"0","adl":2,"bidNotional":"0",'
    b'"askNotional":"0","updateTime":1720736417660},'
    b'{"symbol":"BTCUSDT","positionSide":"BOTH","positionAmt":"0.000","entryPrice":"0.0",'
    b'"markPrice":"61000.1","liquidationPrice":"0","updateTime":0}]'
)
BALANCE: Final = (
    b'[{"accountAlias":"SgsR","asset":"BNB","balance":"0.5","crossWalletBalance":"0.5",'
    b'"crossUnPnl":"0","availableBalance":"0.5","maxWithdrawAmount":"0.5","marginAvailable":true,'
    b'"updateTime":0},'
    b'{"accountAlias":"SgsR","asset":"USDT","balance":"122607.35137903",'
    b'"crossWalletBalance":"23.72469206","crossUnPnl":"0.00000000","availableBalance":"23.72469206"'
    b',"maxWithdrawAmount":"23.72469206","marginAvailable":true,"updateTime":1617939110373}]'
)
INCOME: Final = (
    b'[{"symbol":"","incomeType":"TRANSFER","income":"-0.37500000","asset":"USDT",'
    b'"info":"TRANSFER","time":1570608000000,"tranId":9689322392,"tradeId":""},'
    b'{"symbol":"BTCUSDT","incomeType":"COMMISSION","income":"-0.01000000","asset":"USDT",'
    b'"info":"COMMISSION","time":1570636800000,"tranId":"9689322393","tradeId":"2059192"},'
    b'{"symbol":"BTCUSDT","incomeType":"INSURANCE_CLEAR","income":"1","asset":"USDT","info":"",'
    b'"time":1570636800001,"tranId":9689322394,"tradeId":0}]'
)
SYMBOLS: Final = (
    b'[{"symbol":"BTCUSDT","marginType":"CROSSED","isAutoAddMargin":false,"leverage":21,'
    b'"maxNotionalValue":"1000000"}]'
)
_FILTERS: Final = (
    b'[{"filterType":"PRICE_FILTER","maxPrice":"4529764","minPrice":"556.80","tickSize":"0.10"},'
    b'{"filterType":"LOT_SIZE","maxQty":"1000","minQty":"0.001","stepSize":"0.001"},'
    b'{"filterType":"MARKET_LOT_SIZE","maxQty":"120","minQty":"0.001","stepSize":"0.001"},'
    b'{"filterType":"MAX_NUM_ORDERS","limit":200},'
    b'{"filterType":"MIN_NOTIONAL","notional":"100"},'
    b'{"filterType":"PERCENT_PRICE","multiplierUp":"1.0500","multiplierDown":"0.9500",'
    b'"multiplierDecimal":"4"},{"filterType":"POSITION_RISK_CONTROL","positionControlSide":"NONE"}]'
)
INFO: Final = (
    b'{"timezone":"UTC","rateLimits":[],"symbols":[{"symbol":"BTCUSDT","pair":"BTCUSDT",'
    b'"status":"TRADING","filters":' + _FILTERS + b"},"
    b'{"symbol":"ODDUSDT","status":"SETTLING","filters":[{"filterType":7}]}]}'
)


def changed(raw: bytes, **changes: object) -> bytes:
    value = json.loads(raw)
    row = value[0] if isinstance(value, list) else value
    row.update(changes)
    return json.dumps(value).encode()


def without(raw: bytes, name: str) -> bytes:
    value = json.loads(raw)
    (value[0] if isinstance(value, list) else value).pop(name)
    return json.dumps(value).encode()


def test_order_is_reported_as_the_reply_shows_it() -> None:
    assert replies.decode_order(ORDER, Source.REPLY) == OrderReport(
        source=Source.REPLY,
        symbol="BTCUSDT",
        client_order_id="testOrder",
        order_id=22542179,
        side=Side.SELL,
        type="LIMIT",
        status=VenueStatus.NEW,
        quantity=Decimal(10),
        filled_quantity=Decimal(0),
        price=Decimal(0),
        time_ms=1566818724722,
    )


def test_listing_holds_orders_of_types_nobody_knows() -> None:
    raw = b"[" + changed(ORDER, type="QUANTUM", reduceOnly=True) + b"," + ORDER + b"]"
    first, second = replies.decode_orders(raw)
    assert (first.type, first.reduce_only, first.source) == ("QUANTUM", True, Source.LIST)
    assert second.client_order_id == "testOrder"


def test_order_of_the_venue_itself_is_a_new_one() -> None:
    report = replies.decode_order(changed(ORDER, status="NEW_INSURANCE"), Source.QUERY)
    assert report.status is VenueStatus.NEW


def test_conditional_order_is_reported_before_and_after_its_trigger() -> None:
    report = replies.decode_algo(ALGO, Source.REPLY)
    assert report == AlgoReport(
        source=Source.REPLY,
        symbol="BNBUSDT",
        client_order_id="6B2I9XVcJpCjqPAJ4YoFX7",
        algo_id=2146760,
        side=Side.SELL,
        type="TAKE_PROFIT",
        status=AlgoStatus.NEW,
        quantity=Decimal("0.01"),
        trigger_price=Decimal(750),
        time_ms=1750485492076,
    )
    raw = changed(
        ALGO, algoStatus="TRIGGERED", actualOrderId="8886774", quantity="", triggerPrice=None
    )
    (triggered,) = replies.decode_algos(b"[" + raw + b"]")
    assert (triggered.order_id, triggered.status) == (8886774, AlgoStatus.TRIGGERED)
    assert (triggered.quantity, triggered.trigger_price) == (Decimal(0), Decimal(0))
    assert replies.decode_algo(changed(ALGO, actualOrderId=""), Source.QUERY).order_id == 0


def test_trades_come_oldest_first() -> None:
    first, second = replies.decode_trades(TRADES)
    assert (first.trade_id, first.is_maker, first.fee_asset) == (698759, True, "BNB")
    assert second == Fill(
        source=Source.QUERY,
        symbol="BTCUSDT",
        trade_id=698760,
        order_id=25851814,
        side=Side.SELL,
        price=Decimal("7819.01"),
        quantity=Decimal("0.002"),
        fee=Decimal("0.07819010"),
        fee_asset="USDT",
        realized_pnl=Decimal("-0.91539999"),
        is_maker=False,
        time_ms=1569514978020,
    )


def test_flat_positions_are_left_out() -> None:
    assert replies.decode_positions(RISK) == [
        PositionReport(
            symbol="ADAUSDT",
            quantity=Decimal(-30),
            entry_price=Decimal("0.385"),
            mark=Decimal("0.41047590"),
            liquidation_price=None,
            time_ms=1720736417660,
        )
    ]
    (held,) = replies.decode_positions(changed(RISK, liquidationPrice="0.9", markPrice="0"))
    assert (held.liquidation_price, held.mark) == (Decimal("0.9"), None)


def test_position_is_told_even_where_its_liquidation_price_is_none() -> None:
    raw = without(changed(RISK, liquidationPrice="NaN"), "markPrice")
    (held,) = replies.decode_positions(raw)
    assert (held.quantity, held.liquidation_price, held.mark) == (Decimal(-30), None, None)


def test_balance_is_that_of_the_settlement_asset() -> None:
    assert replies.decode_balance(BALANCE, "USDT") == BalanceReport(
        asset="USDT",
        wallet=Decimal("122607.35137903"),
        available=Decimal("23.72469206"),
        time_ms=1617939110373,
    )


@pytest.mark.requirement("F15")
@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"[]", "no USDT in it, but nothing"),
        (changed(BALANCE, asset="BNFCR").replace(b"USDT", b"BNFCR"), "no USDT in it, but BNFCR"),
        (BALANCE.replace(b"122607.35137903", b"NaN"), "balance"),
    ],
)
def test_balance_that_cannot_be_read_is_no_balance(raw: bytes, words: str) -> None:
    with pytest.raises(DecodeError, match=words):
        replies.decode_balance(raw, "USDT")


def test_income_keeps_the_words_of_the_venue() -> None:
    transfer, fee, other = replies.decode_income(INCOME)
    assert transfer == Income(
        kind=IncomeKind.TRANSFER,
        word="TRANSFER",
        symbol="",
        asset="USDT",
        amount=Decimal("-0.375"),
        transaction_id=9689322392,
        trade_id=0,
        time_ms=1570608000000,
    )
    assert (fee.kind, fee.transaction_id, fee.trade_id) == (
        IncomeKind.COMMISSION,
        9689322393,
        2059192,
    )
    assert (other.kind, other.word) == (IncomeKind.OTHER, "INSURANCE_CLEAR")
    special = INCOME.replace(b"INSURANCE_CLEAR", b"SPECIAL_FUNDING_FEE")
    assert replies.decode_income(special)[2].kind is IncomeKind.FUNDING_FEE


def test_settings_of_the_account_are_told() -> None:
    assert replies.decode_leverages(SYMBOLS) == [LeverageChange("BTCUSDT", 21, "CROSSED")]
    assert replies.decode_is_one_way(b'{"dualSidePosition":false}')
    assert not replies.decode_is_one_way(b'{"dualSidePosition":true}')
    assert replies.decode_is_single_asset(b'{"multiAssetsMargin":false}')
    assert not replies.decode_is_single_asset(b'{"multiAssetsMargin":true}')
    assert replies.decode_time(b'{"serverTime":1499827319559}') == 1499827319559


def test_listen_key_must_be_in_the_reply_that_gives_it() -> None:
    assert replies.decode_listen_key(b'{"listenKey":"pqia91"}') == "pqia91"
    assert replies.decode_kept_key(b"{}") == ""
    with pytest.raises(DecodeError, match="no key"):
        replies.decode_listen_key(b"{}")


@pytest.mark.parametrize("code", ['"200"', "200"])
def test_cancelled_conditional_order_is_only_confirmed(code: str) -> None:
    raw = f'{{"algoId":1,"clientAlgoId":"a","code":{code},"msg":"success"}}'
    replies.check_done(raw.encode())


def test_other_code_confirms_nothing() -> None:
    with pytest.raises(DecodeError, match="-2011"):
        replies.check_done(b'{"code":-2011,"msg":"Unknown order sent."}')


@pytest.mark.requirement("P05")
def test_rules_are_read_of_the_contracts_that_matter() -> None:
    assert replies.decode_rules(INFO, ("BTCUSDT", "NOSUCHUSDT")) == [
        ContractRules(
            symbol="BTCUSDT",
            status="TRADING",
            tick=Decimal("0.10"),
            min_price=Decimal("556.80"),
            max_price=Decimal(4529764),
            step=Decimal("0.001"),
            min_quantity=Decimal("0.001"),
            max_quantity=Decimal(1000),
            market_step=Decimal("0.001"),
            market_min_quantity=Decimal("0.001"),
            market_max_quantity=Decimal(120),
            min_notional=Decimal(100),
            multiplier_up=Decimal("1.05"),
            multiplier_down=Decimal("0.95"),
            max_orders=200,
        )
    ]


@pytest.mark.requirement("P05")
def test_number_of_resting_orders_need_not_be_told() -> None:
    (rules,) = replies.decode_rules(INFO.replace(b"MAX_NUM_ORDERS", b"OTHER"), ("BTCUSDT",))
    assert rules.max_orders == 0


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (b"MARKET_LOT_SIZE", b"OTHER", "BTCUSDT has no filter 'MARKET_LOT_SIZE'"),
        (b"PERCENT_PRICE", b"OTHER", "BTCUSDT has no filter 'PERCENT_PRICE'"),
        (b'"tickSize":"0.10"', b'"tickSize":"0"', "not above zero"),
        (b'"tickSize":"0.10"', b'"tickSize":"ten"', "BTCUSDT"),
        (b'"tickSize":"0.10"', b'"other":"1"', "BTCUSDT"),
        (b'"symbols"', b'"other"', "exchangeInfo"),
    ],
)
def test_contract_without_its_filters_is_refused(old: bytes, new: bytes, words: str) -> None:
    with pytest.raises(DecodeError, match=words):
        replies.decode_rules(INFO.replace(old, new), ("BTCUSDT",))


@pytest.mark.requirement("F02")
def test_list_of_no_contracts_says_of_none_that_it_is_gone() -> None:
    """Else every order in doubt would count as not placed while the venue begins anew."""
    with pytest.raises(DecodeError, match="lists no contract"):
        replies.decode_rules(b'{"rateLimits":[],"symbols":[]}', ("BTCUSDT",))


DECODERS: Final[dict[str, tuple[Callable[[bytes], object], bytes]]] = {
    "order": (lambda raw: replies.decode_order(raw, Source.REPLY), ORDER),
    "orders": (replies.decode_orders, b"[" + ORDER + b"]"),
    "algo": (lambda raw: replies.decode_algo(raw, Source.REPLY), ALGO),
    "algos": (replies.decode_algos, b"[" + ALGO + b"]"),
    "trades": (replies.decode_trades, TRADES),
    "positions": (replies.decode_positions, RISK),
    "balance": (lambda raw: replies.decode_balance(raw, "USDT"), BALANCE),
    "income": (replies.decode_income, INCOME),
    "leverages": (replies.decode_leverages, SYMBOLS),
    "mode": (replies.decode_is_one_way, b'{"dualSidePosition":false}'),
    "config": (replies.decode_is_single_asset, b'{"multiAssetsMargin":false}'),
    "time": (replies.decode_time, b'{"serverTime":1}'),
    "key": (replies.decode_listen_key, b'{"listenKey":"a"}'),
    "rules": (lambda raw: replies.decode_rules(raw, ("BTCUSDT",)), INFO),
}


@pytest.mark.requirement("F01")
@pytest.mark.parametrize("name", DECODERS)
def test_reply_that_was_cut_off_is_never_taken_for_one(name: str) -> None:
    decode, raw = DECODERS[name]
    decode(raw)
    for end in range(len(raw)):
        with pytest.raises(DecodeError):
            decode(raw[:end])


@pytest.mark.parametrize(
    ("raw", "name", "value"),
    [
        (ORDER, "status", "MELTED"),
        (ORDER, "side", "UP"),
        (ORDER, "executedQty", "NaN"),
        (ORDER, "executedQty", 1.5),
        (ORDER, "orderId", -1),
        (ORDER, "updateTime", -1),
        (ALGO, "algoStatus", "MELTED"),
        (ALGO, "triggerPrice", "NaN"),
        (ALGO, "actualOrderId", "-1"),
        (ALGO, "actualOrderId", "1" * 30),
        (ALGO, "quantity", "1e5"),
    ],
)
def test_value_that_is_not_documented_is_refused(raw: bytes, name: str, value: object) -> None:
    decode = replies.decode_order if raw is ORDER else replies.decode_algo
    with pytest.raises(DecodeError):
        decode(changed(raw, **{name: value}), Source.QUERY)


@pytest.mark.parametrize("name", ["status", "symbol", "clientOrderId", "orderId", "executedQty"])
def test_order_without_what_matters_is_refused(name: str) -> None:
    with pytest.raises(DecodeError):
        replies.decode_order(without(ORDER, name), Source.QUERY)


@given(raw=st.binary(max_size=200), name=st.sampled_from(sorted(DECODERS)))
def test_garbage_raises_nothing_else(raw: bytes, name: str) -> None:
    decode, _ = DECODERS[name]
    try:
        decode(raw)
    except DecodeError:
        return
