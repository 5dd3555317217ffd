"""ccxt, unified methods: the account, and what the venue refuses."""

from collections.abc import AsyncIterator, Iterator

import pytest
from ccxt.async_support import binanceusdm
from ccxt.base.errors import (
    AuthenticationError,
    BadRequest,
    BaseError,
    DDoSProtection,
    ExchangeError,
    ExchangeNotAvailable,
    InvalidNonce,
    InvalidOrder,
    MarginModeAlreadySet,
    OperationFailed,
    OrderNotFound,
    RequestTimeout,
)
from sim_ccxt import BTC, ETH, ccxt_client, code_of
from sim_process import Sim, running_sim

pytestmark = [pytest.mark.xdist_group("conformance_ccxt_account"), pytest.mark.slow]

BALANCE = 100_000
MINUTE_MS = 60_000


@pytest.fixture(scope="module")
def sim() -> Iterator[Sim]:
    with running_sim(
        "--speed", 0, "--seed", 12, "--symbols", "BTCUSDT,ETHUSDT", "--balance", BALANCE
    ) as sim:
        yield sim


@pytest.fixture
async def exchange(sim: Sim) -> AsyncIterator[binanceusdm]:
    async with ccxt_client(sim) as exchange:
        yield exchange
    sim.clean()
    sim.renew_quota()


async def resting(exchange: binanceusdm, share: float = 0.97) -> dict[str, str]:
    book = await exchange.fetch_order_book(BTC, 5)
    price = exchange.price_to_precision(BTC, book["bids"][0][0] * share)
    order: dict[str, str] = await exchange.create_order(BTC, "limit", "buy", 0.01, price)
    return order


# --- money --------------------------------------------------------------------------------------


async def test_balance_moves_by_what_the_ledger_says(exchange: binanceusdm) -> None:
    before = (await exchange.fetch_balance())["USDT"]["total"]
    entries = len(await exchange.fetch_ledger("USDT"))
    await exchange.create_order(BTC, "market", "buy", 0.1)
    await exchange.create_order(BTC, "market", "sell", 0.1, None, {"reduceOnly": True})
    after = (await exchange.fetch_balance())["USDT"]["total"]
    ledger = (await exchange.fetch_ledger("USDT"))[entries:]
    moved = sum(
        entry["amount"] if entry["direction"] == "in" else -entry["amount"] for entry in ledger
    )
    assert {entry["info"]["incomeType"] for entry in ledger} == {"COMMISSION", "REALIZED_PNL"}
    assert after - before == pytest.approx(moved, abs=1e-6)
    assert after < before


async def test_position_and_orders_bind_margin(exchange: binanceusdm) -> None:
    free = (await exchange.fetch_balance())["USDT"]["free"]
    await resting(exchange)
    with_order = (await exchange.fetch_balance())["USDT"]["free"]
    await exchange.create_order(BTC, "market", "buy", 0.1)
    with_position = (await exchange.fetch_balance())["USDT"]["free"]
    assert with_position < with_order < free


async def test_position_tells_its_worth(exchange: binanceusdm) -> None:
    await exchange.set_leverage(10, BTC)
    await exchange.create_order(BTC, "market", "sell", 0.1)
    [position] = await exchange.fetch_positions([BTC])
    mark = (await exchange.fetch_mark_price(BTC))["markPrice"]
    assert (position["side"], position["contracts"]) == ("short", 0.1)
    assert position["markPrice"] == mark
    assert position["notional"] == pytest.approx(0.1 * mark)
    assert position["unrealizedPnl"] == pytest.approx(0.1 * (position["entryPrice"] - mark))
    assert position["initialMargin"] == pytest.approx(0.1 * mark / 10, rel=0.01)
    assert position["liquidationPrice"] > mark
    account = await exchange.fetch_positions([BTC], {"method": "account"})
    assert [held["contracts"] for held in account] == [0.1]


async def test_fees_are_told(exchange: binanceusdm) -> None:
    fee = await exchange.fetch_trading_fee(BTC)
    assert (fee["maker"], fee["taker"]) == (0.0002, 0.0005)
    assert set(await exchange.fetch_trading_fees()) >= {BTC, ETH}
    order = await exchange.create_order(ETH, "market", "buy", 1)
    [*_, trade] = await exchange.fetch_my_trades(ETH)
    assert trade["order"] == order["id"]
    assert trade["fee"]["cost"] == pytest.approx(trade["cost"] * fee["taker"], rel=1e-4)


# --- settings -----------------------------------------------------------------------------------


async def test_leverage_is_set_and_read(exchange: binanceusdm) -> None:
    for leverage in (7, 20):
        reply = await exchange.set_leverage(leverage, BTC)
        assert (reply["leverage"], reply["symbol"]) == (leverage, "BTCUSDT")
        told = await exchange.fetch_leverage(BTC)
        assert (told["longLeverage"], told["shortLeverage"]) == (leverage, leverage)
    assert set(await exchange.fetch_leverages()) == {BTC, ETH}


async def test_margin_mode_is_set_and_read(exchange: binanceusdm) -> None:
    assert (await exchange.fetch_margin_mode(BTC))["marginMode"] == "cross"
    await exchange.set_margin_mode("isolated", BTC)
    assert (await exchange.fetch_margin_mode(BTC))["marginMode"] == "isolated"
    with pytest.raises(MarginModeAlreadySet):
        await exchange.set_margin_mode("isolated", BTC)
    await exchange.set_margin_mode("cross", BTC)


async def test_margin_mode_is_kept_while_orders_or_positions_are_open(
    exchange: binanceusdm,
) -> None:
    order = await resting(exchange)
    with pytest.raises(BaseError) as refusal:
        await exchange.set_margin_mode("isolated", BTC)
    assert code_of(refusal.value) == -4047
    await exchange.cancel_order(order["id"], BTC)
    await exchange.create_order(BTC, "market", "buy", 0.01)
    with pytest.raises(BaseError) as refusal:
        await exchange.set_margin_mode("isolated", BTC)
    assert code_of(refusal.value) == -4048


async def test_isolated_position_takes_and_returns_margin(sim: Sim, exchange: binanceusdm) -> None:
    await exchange.set_margin_mode("isolated", BTC)
    await exchange.create_order(BTC, "market", "buy", 0.1)
    [before] = await exchange.fetch_positions([BTC])
    assert before["marginMode"] == "isolated"
    await exchange.add_margin(BTC, 50)
    [richer] = await exchange.fetch_positions([BTC])
    assert float(richer["info"]["isolatedWallet"]) == pytest.approx(
        float(before["info"]["isolatedWallet"]) + 50
    )
    assert richer["liquidationPrice"] < before["liquidationPrice"]
    await exchange.reduce_margin(BTC, 20)
    changes = await exchange.fetch_margin_adjustment_history(BTC)
    assert [(change["type"], change["amount"]) for change in changes[-2:]] == [
        ("add", 50),
        ("reduce", 20),
    ]
    sim.clean()
    await exchange.set_margin_mode("cross", BTC)


async def test_account_is_one_way(exchange: binanceusdm) -> None:
    assert (await exchange.fetch_position_mode(BTC))["hedged"] is False
    with pytest.raises(BaseError) as refusal:
        await exchange.set_position_mode(False)
    assert code_of(refusal.value) == -4059


# --- refusals -----------------------------------------------------------------------------------

REFUSED = [
    (-2019, ("market", "buy", 60, None, {}), BaseError),
    (-2022, ("market", "sell", 0.01, None, {"reduceOnly": True}), BaseError),
    (-4016, ("limit", "buy", 0.01, 1.2, {}), BadRequest),
    (-4024, ("limit", "sell", 0.01, 0.8, {}), BadRequest),
    (-4061, ("market", "buy", 0.01, None, {"positionSide": "LONG"}), BaseError),
    (-4164, ("limit", "buy", 0.001, 0.97, {}), BaseError),
    (-5022, ("limit", "buy", 0.01, 1.02, {"timeInForce": "GTX"}), InvalidOrder),
    (-2021, ("market", "buy", 0.01, None, {"stopLossPrice": 0.98}), BaseError),
    (-1115, ("limit", "buy", 0.01, 0.97, {"timeInForce": "SOON"}), BadRequest),
    (-5040, ("limit", "buy", 0.01, 0.97, {"timeInForce": "GTD", "goodTillDate": 1}), BaseError),
]


@pytest.mark.parametrize(("code", "order", "kind"), REFUSED, ids=str)
async def test_order_is_refused_with_its_code(
    exchange: binanceusdm,
    code: int,
    order: tuple[str, str, float, float | None, dict[str, object]],
    kind: type[BaseError],
) -> None:
    type_, side, amount, share, params = order
    best = (await exchange.fetch_order_book(BTC, 5))["bids"][0][0]
    price = exchange.price_to_precision(BTC, best * share) if share else None
    if "stopLossPrice" in params:
        params = {"stopLossPrice": exchange.price_to_precision(BTC, best * 0.98)}
    with pytest.raises(kind) as refusal:
        await exchange.create_order(BTC, type_, side, amount, price, params)
    assert code_of(refusal.value) == code
    assert await exchange.fetch_open_orders(BTC) == []
    assert await exchange.fetch_positions([BTC]) == []


async def test_client_id_is_unique_among_open_orders_only(exchange: binanceusdm) -> None:
    book = await exchange.fetch_order_book(BTC, 5)
    price = exchange.price_to_precision(BTC, book["bids"][0][0] * 0.97)
    place = (BTC, "limit", "buy", 0.01, price, {"clientOrderId": "twice"})
    first = await exchange.create_order(*place)
    with pytest.raises(BaseError) as refusal:
        await exchange.create_order(*place)
    assert code_of(refusal.value) == -4116
    await exchange.cancel_order(first["id"], BTC)
    second = await exchange.create_order(*place)
    assert second["id"] != first["id"]


async def test_unknown_orders_are_not_found(exchange: binanceusdm) -> None:
    with pytest.raises(OrderNotFound) as refusal:
        await exchange.fetch_order("1", BTC)
    assert code_of(refusal.value) == -2013
    with pytest.raises(OrderNotFound) as refusal:
        await exchange.cancel_order("1", BTC)
    assert code_of(refusal.value) == -2011


async def test_wrong_secret_is_refused(sim: Sim) -> None:
    async with ccxt_client(sim, secret="wrong") as exchange:
        with pytest.raises(AuthenticationError) as refusal:
            await exchange.fetch_balance()
    assert code_of(refusal.value) == -1022


async def test_unknown_key_is_refused(sim: Sim) -> None:
    async with ccxt_client(sim, key="k" * 64) as exchange:
        with pytest.raises(AuthenticationError) as refusal:
            await exchange.fetch_balance()
    assert code_of(refusal.value) in {-2008, -2015}


async def test_ed25519_key_signs_as_well(sim: Sim) -> None:
    pem = sim.ed25519_private_key.strip()
    async with ccxt_client(sim, key=sim.ed25519_api_key, secret=pem) as exchange:
        assert (await exchange.fetch_balance())["USDT"]["total"] > 0
        order = await resting(exchange)
        # Brackets and quotes of the batch reach the venue unescaped.
        await exchange.cancel_orders([order["id"]], BTC)
        assert await exchange.fetch_open_orders(BTC) == []


# --- failures -----------------------------------------------------------------------------------

FAILURES: list[tuple[dict[str, object], type[BaseError], str]] = [
    ({"name": "unavailable"}, ExchangeNotAvailable, "503"),
    ({"name": "internal"}, OperationFailed, "-1001"),
    ({"name": "throttled"}, ExchangeError, "-1008"),
    ({"name": "waf"}, ExchangeNotAvailable, "403"),
    ({"name": "create-dropped", "how": "503"}, OperationFailed, "-1000"),
    ({"name": "timestamp-refused"}, InvalidNonce, "-1021"),
    ({"name": "key-revoked", "count": 1}, AuthenticationError, "-2015"),
    ({"name": "rate-limited", "retry_after": 1}, DDoSProtection, "-1003"),
    ({"name": "banned", "retry_after": 1}, DDoSProtection, "418"),
]


@pytest.mark.parametrize(("fault", "kind", "words"), FAILURES, ids=str)
async def test_failure_reaches_the_user_as_its_class(
    sim: Sim, exchange: binanceusdm, fault: dict[str, object], kind: type[BaseError], words: str
) -> None:
    sim.control("POST", "/sim/faults", {**fault, "endpoint": "POST /fapi/v1/order"})
    with pytest.raises(kind, match=words):
        await exchange.create_order(BTC, "market", "buy", 0.01)
    sim.advance(1_000)
    assert await exchange.fetch_positions([BTC]) == []
    assert (await exchange.create_order(BTC, "market", "buy", 0.01))["status"] == "closed"


@pytest.mark.parametrize(
    ("how", "kind"),
    [("503", OperationFailed), ("1006", OperationFailed), ("1007", RequestTimeout)],
)
async def test_order_whose_reply_is_lost_is_found_by_its_name(
    sim: Sim, exchange: binanceusdm, how: str, kind: type[BaseError]
) -> None:
    sim.control("POST", "/sim/faults", {"name": "create-lost", "how": how})
    name = f"lost-{how}"
    with pytest.raises(kind):
        await exchange.create_order(BTC, "market", "buy", 0.01, None, {"clientOrderId": name})
    found = await exchange.fetch_order(None, BTC, {"origClientOrderId": name})
    assert (found["status"], found["filled"]) == ("closed", 0.01)


# --- limits -------------------------------------------------------------------------------------


async def test_polling_is_stopped_until_the_minute_is_over(sim: Sim, exchange: binanceusdm) -> None:
    sim.advance(MINUTE_MS)
    # 2,400 a minute; old trades cost 200.
    old_trades = {"fetchTradesMethod": "fapiPublicGetHistoricalTrades"}
    for _ in range(12):
        await exchange.fetch_trades(BTC, limit=1, params=old_trades)
    with pytest.raises(DDoSProtection) as refusal:
        await exchange.fetch_trades(BTC, limit=1, params=old_trades)
    assert "429" in str(refusal.value)
    assert code_of(refusal.value) == -1003
    wait = int(exchange.last_response_headers["Retry-After"])
    assert 0 < wait <= 60
    sim.advance(wait * 1000)
    await exchange.fetch_trades(BTC, limit=1, params=old_trades)
    assert int(exchange.last_response_headers["X-MBX-USED-WEIGHT-1M"]) == 200


async def test_too_many_orders_are_refused_until_the_window_is_over(
    sim: Sim, exchange: binanceusdm
) -> None:
    order = await resting(exchange)
    price = order["price"]
    amounts = [0.02, 0.03] * 150
    # 300 in ten seconds; the order itself was one of them.
    for amount in amounts[:299]:
        await exchange.edit_order(order["id"], BTC, "limit", "buy", amount, price)
    with pytest.raises(DDoSProtection) as refusal:
        await exchange.edit_order(order["id"], BTC, "limit", "buy", amounts[299], price)
    assert code_of(refusal.value) == -1015
    sim.advance(10_000)
    await exchange.edit_order(order["id"], BTC, "limit", "buy", 0.05, price)
    assert int(exchange.last_response_headers["X-MBX-ORDER-COUNT-10S"]) == 1
