import json
from decimal import Decimal

import pytest
from user_samples import (
    KEY,
    USER_SAMPLES,
    algo_event,
    combined,
    event_of,
    fill_event,
    order_event,
)

from botcore_tui.core.portfolio import Portfolio
from botcore_tui.errors import DecodeError
from botcore_tui.exchange.binance.user_wire import (
    Hedged,
    KeyExpired,
    LeftOut,
    ModeChanged,
    Notice,
    UserMessage,
    decode_user,
)
from botcore_tui.exchange.binance.wire import Unknown
from botcore_tui.model.account import (
    AccountUpdate,
    BalanceReport,
    LeverageChange,
    PositionReport,
)
from botcore_tui.model.event import Append
from botcore_tui.model.ledger import FundingRow
from botcore_tui.model.market import Side
from botcore_tui.model.order import (
    AlgoReport,
    AlgoStatus,
    Fill,
    OrderReport,
    Source,
    VenueStatus,
)

D = Decimal


def only(raw: bytes) -> UserMessage:
    (message,) = decode_user(raw)
    return message


def report(raw: bytes) -> OrderReport:
    message = decode_user(raw)[-1]
    assert isinstance(message, OrderReport)
    return message


def algo(raw: bytes) -> AlgoReport:
    message = only(raw)
    assert isinstance(message, AlgoReport)
    return message


def account(**values: object) -> AccountUpdate:
    message = only(event_of("ACCOUNT_UPDATE", "a", **values))
    assert isinstance(message, AccountUpdate)
    return message


# --- orders ------------------------------------------------------------------------------------


def test_new_order_is_a_report_of_the_stream() -> None:
    assert only(order_event(q="0.001", p="7100.5", R=True, cp=True)) == OrderReport(
        source=Source.STREAM,
        symbol="BTCUSDT",
        client_order_id="TEST",
        order_id=8886774,
        side=Side.SELL,
        type="LIMIT",
        status=VenueStatus.NEW,
        quantity=D("0.001"),
        filled_quantity=D(0),
        price=D("7100.5"),
        reduce_only=True,
        close_position=True,
        time_ms=1568879465650,
    )


@pytest.mark.requirement("F03")
def test_fill_stands_before_the_report_that_counts_it() -> None:
    fill, told = decode_user(fill_event(T=1568879465640))
    assert fill == Fill(
        source=Source.STREAM,
        symbol="BTCUSDT",
        trade_id=77,
        order_id=8886774,
        client_order_id="TEST",
        side=Side.SELL,
        price=D("7100.5"),
        quantity=D("0.4"),
        fee=D("1.1"),
        fee_asset="USDT",
        realized_pnl=D("-3.5"),
        is_maker=True,
        time_ms=1568879465640,
    )
    assert isinstance(told, OrderReport)
    assert (told.status, told.filled_quantity) == (VenueStatus.PARTIALLY_FILLED, D("0.4"))


@pytest.mark.requirement("F09")
def test_liquidation_gives_its_fill() -> None:
    fill, told = decode_user(
        fill_event(x="CALCULATED", X="FILLED", o="LIQUIDATION", c="autoclose-1")
    )
    assert isinstance(fill, Fill)
    assert isinstance(told, OrderReport)
    assert (told.type, told.client_order_id) == ("LIQUIDATION", "autoclose-1")


def test_fill_without_a_fee_costs_nothing() -> None:
    event = json.loads(fill_event())
    del event["o"]["n"], event["o"]["N"]
    fill = decode_user(json.dumps(event).encode())[0]
    assert isinstance(fill, Fill)
    assert (fill.fee, fill.fee_asset) == (D(0), "")
    nothing = decode_user(fill_event(n=None, N=None))[0]
    assert isinstance(nothing, Fill)
    assert nothing.fee == 0


@pytest.mark.parametrize("lacking", [{"l": "0"}, {"L": "0"}, {"t": 0}, {"t": -1}, {"t": 2**63}])
def test_fill_that_cannot_be_counted_leaves_only_the_report(lacking: dict[str, object]) -> None:
    told = only(fill_event(**lacking))
    assert isinstance(told, OrderReport)
    assert told.filled_quantity == D("0.4")


@pytest.mark.parametrize(
    ("execution", "word", "status"),
    [
        ("CANCELED", "CANCELED", VenueStatus.CANCELED),
        ("EXPIRED", "EXPIRED", VenueStatus.EXPIRED),
        ("EXPIRED", "EXPIRED_IN_MATCH", VenueStatus.EXPIRED_IN_MATCH),
        ("AMENDMENT", "PARTIALLY_FILLED", VenueStatus.PARTIALLY_FILLED),
        ("CALCULATED", "NEW_INSURANCE", VenueStatus.NEW),
        ("CALCULATED", "NEW_ADL", VenueStatus.NEW),
        ("SOMETHING_NEW", "NEW", VenueStatus.NEW),
    ],
)
def test_each_execution_is_a_report_with_the_status(
    execution: str, word: str, status: VenueStatus
) -> None:
    told = only(order_event(x=execution, X=word))
    assert isinstance(told, OrderReport)
    assert told.status is status


@pytest.mark.parametrize(
    ("code", "detail"),
    [("0", ""), ("5", "account liquidated"), ("9", "rest of a market order"), ("23", "er 23")],
)
def test_expiry_reason_is_in_words(code: str, detail: str) -> None:
    assert report(order_event(x="EXPIRED", X="EXPIRED", er=code)).detail == detail


def test_status_that_nobody_documents_is_refused() -> None:
    with pytest.raises(DecodeError, match="ORDER_TRADE_UPDATE: status 'MAYBE'"):
        decode_user(order_event(X="MAYBE"))
    with pytest.raises(DecodeError, match="ALGO_UPDATE: status 'MAYBE'"):
        decode_user(algo_event(X="MAYBE"))


def test_conditional_order_is_reported_with_the_reason_of_its_end() -> None:
    assert only(algo_event()) == AlgoReport(
        source=Source.STREAM,
        symbol="BNBUSDT",
        client_order_id="Q5xaq5EGKgXXa0fD7fs0Ip",
        algo_id=2148719,
        side=Side.SELL,
        type="TAKE_PROFIT",
        status=AlgoStatus.CANCELED,
        quantity=D("0.01"),
        trigger_price=D(750),
        time_ms=1750515742297,
        detail="Reduce Only reject",
    )


@pytest.mark.parametrize(
    ("placed", "order_id"), [("", 0), ("0", 0), (None, 0), ("8389765", 8389765), (9, 9)]
)
def test_triggered_order_names_the_order_that_it_became(placed: object, order_id: int) -> None:
    told = algo(algo_event(X="TRIGGERED", ai=placed, rm=None))
    assert (told.status, told.order_id, told.detail) == (AlgoStatus.TRIGGERED, order_id, "")


@pytest.mark.parametrize("placed", ["-5", "1.5", "x", "１２", str(2**63), "9" * 30])
def test_triggered_order_with_a_number_that_is_none_is_refused(placed: str) -> None:
    with pytest.raises(DecodeError, match="ALGO_UPDATE: ai is"):
        decode_user(algo_event(ai=placed))


def test_stop_that_closes_the_position_has_no_quantity() -> None:
    told = algo(algo_event(X="NEW", q="", tp="", cp=True, R=True))
    assert told.close_position
    assert told.reduce_only
    assert (told.quantity, told.trigger_price) == (D(0), D(0))


# --- the account -------------------------------------------------------------------------------


def test_account_update_tells_what_changed() -> None:
    assert account() == AccountUpdate(
        reason="ORDER",
        balances=(BalanceReport(asset="USDT", wallet=D("122624.12345678"), time_ms=1564745798938),),
        positions=(
            PositionReport(
                symbol="BTCUSDT",
                quantity=D(20),
                entry_price=D("6563.665"),
                margin_type="ISOLATED",
                time_ms=1564745798938,
            ),
        ),
        time_ms=1564745798938,
    )


@pytest.mark.requirement("F15")
def test_funding_fee_is_a_change_with_its_symbol() -> None:
    balance = {"a": "USDT", "wb": "10.5", "cw": "10.5", "bc": "-0.25"}
    other = {"a": "BNB", "wb": "1", "cw": "1", "bc": "3"}
    told = account(m="FUNDING_FEE", B=[balance, other], P=[], S="BTCUSDT")
    assert (told.reason, told.symbol, told.change) == ("FUNDING_FEE", "BTCUSDT", D("-0.25"))
    assert [each.asset for each in told.balances] == ["USDT", "BNB"]
    assert told.positions == ()


@pytest.mark.requirement("A12")
def test_funding_in_another_asset_alone_is_a_change_of_that() -> None:
    """Left out, it would be missing here in every attestation of that day."""
    balance = {"a": "USDC", "wb": "9", "cw": "9", "bc": "-1"}
    told = account(m="FUNDING_FEE", B=[balance], P=[], S="BTCUSDC")
    assert (told.symbol, told.change) == ("BTCUSDC", D(-1))
    (row, *_) = Portfolio().update(told)
    assert isinstance(row, Append)
    assert isinstance(row.row, FundingRow)
    assert (row.row.asset, row.row.amount) == ("USDC", D(-1))


def test_sides_of_hedge_mode_are_no_positions() -> None:
    sides = [{"s": "BTCUSDT", "pa": "1", "ep": "5", "ps": side} for side in ("LONG", "SHORT")]
    update, sign = decode_user(event_of("ACCOUNT_UPDATE", "a", P=sides))
    assert isinstance(update, AccountUpdate)
    assert (update.positions, sign) == ((), Hedged())
    # Flat they may be told of in either mode.
    assert account(P=[{**side, "pa": "0.000"} for side in sides]).positions == ()


@pytest.mark.parametrize("side", ["LONG", "SHORT"])
def test_order_of_one_side_is_a_sign_of_hedge_mode_after_what_it_tells(side: str) -> None:
    told = decode_user(fill_event(ps=side))
    assert [type(each) for each in told] == [Fill, OrderReport, Hedged]
    assert [type(each) for each in decode_user(order_event(ps=side))] == [OrderReport, Hedged]


def test_flat_position_is_told() -> None:
    flat = {"s": "BTCUSDT", "pa": "0", "ep": "0.00000"}
    assert [each.quantity for each in account(P=[flat]).positions] == [0]


@pytest.mark.requirement("F15")
@pytest.mark.parametrize("moved", ["-500", "500"])
def test_margin_of_a_position_is_no_change_of_the_wallet(moved: str) -> None:
    """Taken for capital it would move what losses are measured from, by money that never left."""
    balance = {"a": "USDT", "wb": "10000", "cw": "9500", "bc": moved}
    told = account(m="MARGIN_TRANSFER", B=[balance], P=[])
    assert (told.change, told.balances[0].wallet) == (D(0), D(10000))


def test_leverage_change_is_told() -> None:
    assert only(event_of("ACCOUNT_CONFIG_UPDATE")) == LeverageChange(
        "BTCUSDT", 25, time_ms=1611646737476
    )


@pytest.mark.parametrize(("is_on", "mode"), [(True, "multi-assets"), (False, "single-asset")])
def test_asset_mode_is_told(is_on: bool, mode: str) -> None:
    raw = b'{"e":"ACCOUNT_CONFIG_UPDATE","E":1,"T":1,"ai":{"j":%b}}' % json.dumps(is_on).encode()
    assert only(raw) == ModeChanged(f"the account is in {mode} mode now")


def test_change_of_nothing_is_refused() -> None:
    with pytest.raises(DecodeError, match="neither ac nor ai"):
        decode_user(b'{"e":"ACCOUNT_CONFIG_UPDATE","E":1,"T":1}')


# --- news of the stream ------------------------------------------------------------------------


def test_end_of_the_listen_key_names_it() -> None:
    assert only(event_of("listenKeyExpired")) == KeyExpired("WsCMN0a4KHUPT")
    assert only(b'{"e":"listenKeyExpired","E":1}') == KeyExpired("")


def test_margin_call_is_a_notice() -> None:
    notice = Notice("MARGIN_CALL", "margin call on ETHUSDT", is_urgent=True)
    assert only(event_of("MARGIN_CALL")) == notice


def test_refused_trigger_is_a_notice() -> None:
    notice = only(event_of("CONDITIONAL_ORDER_TRIGGER_REJECT", "or", r="FOK"))
    text = "order 155618472834 of ETHUSDT was refused as it triggered: FOK"
    assert notice == Notice("CONDITIONAL_ORDER_TRIGGER_REJECT", text)


@pytest.mark.parametrize("kind", ["TRADE_LITE", "STRATEGY_UPDATE", "GRID_UPDATE"])
def test_documented_events_that_are_not_needed_are_left_out_by_name(kind: str) -> None:
    assert only(event_of(kind)) == LeftOut(kind)


def test_unknown_event_is_named_and_no_error() -> None:
    assert only(b'{"e":"BRAND_NEW","x":[1]}') == Unknown("BRAND_NEW")
    assert only(combined(b'{"e":"%b"}' % (b"x" * 500))) == Unknown("x" * 40)


# --- framing -----------------------------------------------------------------------------------


@pytest.mark.parametrize("raw", USER_SAMPLES)
def test_combined_and_raw_framing_say_the_same(raw: bytes) -> None:
    assert decode_user(combined(raw)) == decode_user(raw)
    assert decode_user(raw)


@pytest.mark.parametrize(
    ("kind", "body"),
    [("ORDER_TRADE_UPDATE", "o"), ("ALGO_UPDATE", "o"), ("ACCOUNT_UPDATE", "a"),
     ("ACCOUNT_CONFIG_UPDATE", "ac")],
)  # fmt: skip
def test_contracts_margined_in_coin_are_left_out(kind: str, body: str) -> None:
    assert decode_user(event_of(kind, st=2)) == ()
    assert decode_user(event_of(kind, body, st=2)) == ()
    assert decode_user(event_of(kind, st=1))
    assert len(decode_user(event_of(kind, body, st=1, ps="BOTH"))) == 1


def test_position_in_coin_is_left_out() -> None:
    rows = [{"s": "BTCUSD_PERP", "pa": "1", "ep": "5", "st": 2}]
    assert account(P=rows).positions == ()


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"[]", b"null", b"{}", b'{"e":5}', b'{"id":1,"result":null}', b"\xff",
     b'{"stream":"k"}', b'{"stream":"k","data":5}', b'{"stream":"k","data":{}}',
     b'{"e":"ORDER_TRADE_UPDATE"}', b'{"e":"MARGIN_CALL"}', b'{"a":' * 100_000],
)  # fmt: skip
def test_what_is_no_event_is_refused(raw: bytes) -> None:
    with pytest.raises(DecodeError):
        decode_user(raw)


_NOT_NUMBERS = ("NaN", "sNaN", "Infinity", "1e5", "1_0", "", " 1", "１", "9" * 16, "0x1")


@pytest.mark.parametrize("text", _NOT_NUMBERS)
@pytest.mark.parametrize("key", ["q", "p", "z", "l", "L", "rp"])
def test_order_with_a_number_that_is_none_is_refused(key: str, text: str) -> None:
    with pytest.raises(DecodeError, match=f"number: ORDER_TRADE_UPDATE.{key}"):
        decode_user(fill_event(**{key: text}))


@pytest.mark.parametrize("key", ["q", "p", "z", "l", "L"])
def test_amount_below_zero_is_refused(key: str) -> None:
    with pytest.raises(DecodeError, match="below zero"):
        decode_user(fill_event(**{key: "-1"}))


@pytest.mark.parametrize(
    "values", [{"i": -1}, {"i": 2**63}, {"s": ""}, {"S": "UP"}, {"T": -1}, {"c": "x" * 65}]
)
def test_order_that_nobody_can_have_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(DecodeError, match="ORDER_TRADE_UPDATE: "):
        decode_user(order_event(**values))


def test_key_of_the_combined_frame_is_of_no_interest() -> None:
    assert decode_user(combined(order_event(), key=KEY)) == decode_user(
        combined(order_event(), key="other")
    )
