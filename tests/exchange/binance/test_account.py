"""The account client where no exchange is needed: lanes, pages, keys of the stream."""

import json
import random
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Final

import pytest
import pytest_asyncio
from account_desk import Desk, account_desk
from account_trader import quickly
from msgspec.structs import replace
from order_server import order_server
from rest_server import Answer

from botcore_tui.clock import SystemClock
from botcore_tui.errors import FetchError
from botcore_tui.exchange.base import OrderError, VenueAccount
from botcore_tui.exchange.binance.account import AccountSettings, BinanceAccount
from botcore_tui.exchange.binance.keys import Credentials
from botcore_tui.exchange.binance.limiter import Limiter
from botcore_tui.exchange.binance.listen_keys import ListenKeyGoneError
from botcore_tui.model.account import LeverageChange
from botcore_tui.model.event import Cancel, Query
from botcore_tui.model.market import Side
from botcore_tui.model.order import (
    OrderRequest,
    OrderSent,
    OrderType,
    Outcome,
    Purpose,
    VenueStatus,
)

REQUEST: Final = OrderRequest(
    client_order_id="bc-1-1-e",
    symbol="BTCUSDT",
    side=Side.BUY,
    type=OrderType.MARKET,
    purpose=Purpose.ENTRY,
    quantity=Decimal("0.010"),
)
ROW: Final = {
    "symbol": "BTCUSDT",
    "clientOrderId": "bc-1-1-e",
    "orderId": 7,
    "side": "BUY",
    "type": "MARKET",
    "status": "FILLED",
    "origQty": "0.010",
    "executedQty": "0.010",
    "price": "0",
    "updateTime": 1_700_000_000_000,
}
TRADE: Final = {
    "symbol": "BTCUSDT",
    "orderId": 7,
    "side": "BUY",
    "price": "1",
    "qty": "1",
    "commission": "0",
    "commissionAsset": "USDT",
    "realizedPnl": "0",
    "maker": False,
    "time": 1_700_000_000_000,
}


@pytest_asyncio.fixture
async def desk() -> AsyncIterator[Desk]:
    async with account_desk() as desk:
        yield desk


def ignored(_sent: OrderSent) -> None:
    """Nobody keeps what was sent."""


def test_client_is_what_the_port_asks_for() -> None:
    account: type[VenueAccount] = BinanceAccount
    assert account is BinanceAccount


@pytest.mark.requirement("F02")
async def test_order_tells_until_when_a_copy_of_it_is_good(desk: Desk) -> None:
    desk.server.usual = Answer(body=json.dumps(ROW))
    sent: list[OrderSent] = []
    report = await desk.account.place(REQUEST, sent.append)
    assert report.status is VenueStatus.FILLED
    (told,) = sent
    assert told.client_order_id == "bc-1-1-e"
    assert told.expires_ms == told.timestamp_ms + 4_000
    assert desk.server.asked[0].parameters["timestamp"] == str(told.timestamp_ms)


@pytest.mark.requirement("P18")
async def test_each_order_goes_in_the_lane_of_its_purpose(desk: Desk) -> None:
    desk.server.usual = Answer(body=json.dumps(ROW))
    await desk.account.place(REQUEST, ignored)
    assert desk.passed() == {"kill": 0, "reducing": 0, "entry": 1}
    for purpose in (Purpose.EXIT, Purpose.STOP, Purpose.TARGET, Purpose.TRAIL):
        await desk.account.place(replace(REQUEST, purpose=purpose), ignored)
    assert desk.passed() == {"kill": 0, "reducing": 4, "entry": 1}
    await desk.account.cancel(Cancel(client_order_id="a", symbol="BTCUSDT", is_algo=False))
    assert desk.passed() == {"kill": 1, "reducing": 4, "entry": 1}


async def test_order_that_cannot_be_written_down_is_not_sent(desk: Desk) -> None:
    with pytest.raises(OrderError) as caught:
        await desk.account.place(replace(REQUEST, quantity=Decimal("NaN")), ignored)
    assert caught.value.outcome is Outcome.REJECTED
    assert desk.server.asked == []


async def test_cancel_of_a_conditional_order_that_is_not_confirmed_is_unknown(desk: Desk) -> None:
    desk.server.usual = Answer(body='{"algoId":1,"code":"500","msg":"?"}')
    with pytest.raises(OrderError) as caught:
        await desk.account.cancel(Cancel(client_order_id="a", symbol="BTCUSDT", is_algo=True))
    assert caught.value.outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("is_algo", [False, True])
async def test_cancel_that_finds_no_order_says_so_by_its_code(desk: Desk, is_algo: bool) -> None:
    desk.server.usual = Answer(400, '{"code":-2011,"msg":"Unknown order sent."}')
    with pytest.raises(OrderError) as caught:
        await desk.account.cancel(Cancel(client_order_id="a", symbol="BTCUSDT", is_algo=is_algo))
    assert (caught.value.outcome, caught.value.code) == (Outcome.REJECTED, -2011)
    assert len(desk.server.asked) == 1


async def test_question_by_the_number_of_the_venue_tells_our_id(desk: Desk) -> None:
    desk.server.usual = Answer(body=json.dumps(ROW))
    query = Query(client_order_id="", symbol="BTCUSDT", is_algo=False, order_id=7)
    report = await desk.account.order(query)
    assert report is not None
    assert report.client_order_id == "bc-1-1-e"
    assert desk.server.asked[0].parameters["orderId"] == "7"


@pytest.mark.requirement("F04")
async def test_trades_are_turned_page_by_page_from_an_id_on(desk: Desk) -> None:
    pages = (range(5, 1_005), range(1_005, 2_005), range(2_005, 2_007))
    desk.server.answers = [
        Answer(body=json.dumps([{**TRADE, "id": number} for number in page])) for page in pages
    ]
    fills = await desk.account.trades("BTCUSDT", from_id=5)
    assert [fill.trade_id for fill in fills] == list(range(5, 2_007))
    assert [asked.parameters["fromId"] for asked in desk.server.asked] == ["5", "1005", "2005"]


@pytest.mark.requirement("A08")
async def test_what_became_of_an_order_is_not_asked_in_the_line_of_listings(desk: Desk) -> None:
    desk.server.usual = Answer(body=json.dumps(ROW))
    query = Query(client_order_id="bc-1-1-e", symbol="BTCUSDT", is_algo=False)
    await desk.account.order(query)
    desk.server.usual = Answer(body=json.dumps([TRADE | {"id": 1}]))
    await desk.account.trades("BTCUSDT", order_id=7)
    assert desk.passed()["reducing"] == 2
    await desk.account.trades("BTCUSDT", from_id=5)
    desk.server.usual = Answer(body="[]")
    await desk.account.open_orders("")
    assert desk.passed()["reducing"] == 2


async def test_trades_of_one_order_are_of_no_other(desk: Desk) -> None:
    rows = [{**TRADE, "id": 1}, {**TRADE, "id": 2, "orderId": 8}]
    desk.server.usual = Answer(body=json.dumps(rows))
    assert [fill.trade_id for fill in await desk.account.trades("BTCUSDT", order_id=7)] == [1]
    assert desk.server.asked[0].parameters["orderId"] == "7"
    assert "fromId" not in desk.server.asked[0].parameters
    newest = await desk.account.trades("BTCUSDT")
    assert [fill.trade_id for fill in newest] == [1, 2]


@pytest.mark.requirement("F13")
async def test_what_must_not_leave_any_more_when_it_has_its_turn_does_not(desk: Desk) -> None:
    def taken() -> None:
        raise OrderError(Outcome.FAILED, 0, "taken")

    account, name = desk.account, "bc-1"
    book = Cancel(client_order_id=name, symbol="BTCUSDT", is_algo=False)
    for deed in (
        account.cancel(book, taken),
        account.cancel(replace(book, is_algo=True), taken),
        account.cancel_all("BTCUSDT", taken),
        account.count_down("BTCUSDT", 0, taken),
        account.set_leverage("BTCUSDT", 2, taken),
    ):
        with pytest.raises(OrderError, match="taken"):
            await deed
    assert desk.server.asked == []


async def test_listing_names_a_symbol_or_none(desk: Desk) -> None:
    desk.server.usual = Answer(body="[]")
    assert await desk.account.open_orders("BTCUSDT") == []
    assert await desk.account.open_orders("") == []
    assert await desk.account.open_algo_orders("") == []
    assert [asked.parameters.get("symbol") for asked in desk.server.asked] == [
        "BTCUSDT",
        None,
        None,
    ]
    rest = desk.gate.state().rest
    assert rest is not None
    assert rest.weight >= 81


@pytest.mark.requirement("R03")
async def test_limits_that_come_with_the_rules_are_learnt(desk: Desk) -> None:
    limit = {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 77}
    other = {"symbol": "ETHUSDT", "status": "TRADING"}
    desk.server.usual = Answer(body=json.dumps({"rateLimits": [limit], "symbols": [other]}))
    assert await desk.account.rules(("BTCUSDT",)) == []
    rest = desk.gate.state().rest
    assert rest is not None
    assert rest.orders_10s_limit == 77


@pytest.mark.requirement("F05")
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer(body='{"listenKey":"abc"}'), None),
        (Answer(), None),
        (Answer(body='{"listenKey":"other"}'), ListenKeyGoneError),
        (Answer(400, '{"code":-1125,"msg":"This listenKey does not exist."}'), ListenKeyGoneError),
        (Answer(401, '{"code":-2015,"msg":"Invalid API-key."}'), FetchError),
    ],
)
async def test_listen_key_is_kept_or_known_to_be_gone(
    desk: Desk, answer: Answer, error: type[FetchError] | None
) -> None:
    keys = desk.account._stream._keys
    desk.server.answers = [Answer(body='{"listenKey":"abc"}'), answer]
    assert await keys.open() == "abc"
    if error is None:
        await keys.keep("abc")
    else:
        with pytest.raises(error) as caught:
            await keys.keep("abc")
        assert isinstance(caught.value, ListenKeyGoneError) is (error is ListenKeyGoneError)
    assert [asked.name for asked in desk.server.asked] == [
        "POST /fapi/v1/listenKey",
        "PUT /fapi/v1/listenKey",
    ]


async def test_user_stream_has_its_row_and_counts(desk: Desk) -> None:
    (row,) = desk.account.states(0)
    assert (row.name, row.status) == ("user data", "connecting")
    assert desk.account.counters() == (0, 0)


# --- the kill switch ---------------------------------------------------------------------------

DONE: Final = '{"code":200,"msg":"The operation of cancel all open order is done."}'


@pytest.mark.requirement("K9")
async def test_cancel_of_everything_is_one_request_in_the_kill_lane(desk: Desk) -> None:
    desk.server.usual = Answer(body=DONE)
    await desk.account.cancel_all("BTCUSDT")
    await desk.account.cancel_all_algo("BTCUSDT")
    assert [asked.name for asked in desk.server.asked] == [
        "DELETE /fapi/v1/allOpenOrders",
        "DELETE /fapi/v1/algoOpenOrders",
    ]
    assert {asked.parameters["symbol"] for asked in desk.server.asked} == {"BTCUSDT"}
    assert desk.passed() == {"kill": 2, "reducing": 0, "entry": 0}


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer(body='{"code":-1000,"msg":"?"}'), Outcome.UNKNOWN),
        (Answer(status=429, body='{"code":-1003,"msg":"many"}'), Outcome.FAILED),
    ],
)
async def test_cancel_of_everything_that_is_not_confirmed_says_so(
    desk: Desk, answer: Answer, outcome: Outcome
) -> None:
    desk.server.usual = answer
    with pytest.raises(OrderError) as caught:
        await desk.account.cancel_all("BTCUSDT")
    assert caught.value.outcome is outcome


@pytest.mark.requirement("A16")
async def test_countdown_is_set_outside_the_reserve_of_the_kill_switch(desk: Desk) -> None:
    desk.server.usual = Answer(body='{"symbol":"BTCUSDT","countdownTime":"120000"}')
    await desk.account.count_down("BTCUSDT", 120_000)
    (asked,) = desk.server.asked
    assert asked.name == "POST /fapi/v1/countdownCancelAll"
    assert asked.parameters["countdownTime"] == "120000"
    assert desk.passed() == {"kill": 0, "reducing": 0, "entry": 0}
    with pytest.raises(OrderError) as caught:
        await desk.account.count_down("BTCUSDT", 60_000)
    assert caught.value.outcome is Outcome.UNKNOWN


@pytest.mark.requirement("P13")
async def test_leverage_is_what_the_venue_says_that_it_is(desk: Desk) -> None:
    desk.server.usual = Answer(body='{"symbol":"BTCUSDT","leverage":2}')
    assert await desk.account.set_leverage("BTCUSDT", 3) == LeverageChange("BTCUSDT", 2)
    assert desk.server.asked[0].parameters["leverage"] == "3"


@pytest.mark.requirement("P02")
@pytest.mark.parametrize("names", [[], [""], ["SgsR", "Other"]])
async def test_account_without_one_name_is_not_named(desk: Desk, names: list[str]) -> None:
    row = {"asset": "USDT", "balance": "1", "availableBalance": "1", "updateTime": 1}
    desk.server.usual = Answer(body=json.dumps([{**row, "accountAlias": name} for name in names]))
    with pytest.raises(FetchError):
        await quickly(desk.account).account_id()


@pytest.mark.requirement("P02")
async def test_account_is_named_by_the_venue(desk: Desk) -> None:
    row = {"asset": "USDT", "balance": "1", "availableBalance": "1", "updateTime": 1}
    desk.server.usual = Answer(body=json.dumps([{**row, "accountAlias": "SgsR"}] * 2))
    assert await desk.account.account_id() == "SgsR"


@pytest.mark.requirement("K9")
async def test_client_of_a_kill_asks_and_reduces_in_the_kill_lane() -> None:
    clock = SystemClock()
    async with order_server() as server:
        limiter = Limiter(1_200, clock)
        account = BinanceAccount(
            AccountSettings(rest=server.url, ws_private="ws://127.0.0.1:1", is_for_kill=True),
            Credentials("k" * 64, "s" * 64),
            clock=clock,
            rng=random.Random(3),
            limiter=limiter,
        )
        desk = Desk(server, account, limiter.gate(server.url))
        server.usual = Answer(body=json.dumps(ROW))
        exiting = replace(REQUEST, purpose=Purpose.EXIT, reduce_only=True)
        await account.place(exiting, ignored)
        server.usual = Answer(body="[]")
        assert await account.open_orders("") == []
        assert desk.passed() == {"kill": 2, "reducing": 0, "entry": 0}
        assert server.times == 0  # our clock will do, until it is refused
        server.usual = Answer(body=json.dumps(ROW))
        await account.place(REQUEST, ignored)
        assert desk.passed()["entry"] == 1  # no reserve for what adds risk
        server.answers = [Answer(status=400, body='{"code":-1021,"msg":"ahead"}')]
        server.usual = Answer(body="[]")
        assert await account.open_orders("") == []
        assert server.times > 0
        await account.close()
