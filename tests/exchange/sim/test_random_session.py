"""Ten thousand requests at random over the request interface, and all that must hold after them."""

import json
import random
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

import pytest
from sim_rest import KEY, SECRET, signed

from botcore_tui.exchange.sim.contracts import contract
from botcore_tui.exchange.sim.crowd import Crowd
from botcore_tui.exchange.sim.exchange import Exchange, ExchangeSettings
from botcore_tui.exchange.sim.http_messages import Reply, Request
from botcore_tui.exchange.sim.limits import Quotas
from botcore_tui.exchange.sim.money import ATOMS
from botcore_tui.exchange.sim.orders import Order
from botcore_tui.exchange.sim.signatures import Credentials

REQUESTS: Final = 10_000
START_MS: Final = 1_723_161_590_000
"""Ten seconds before a funding time."""
SYMBOLS: Final = ("BTCUSDT", "ADAUSDT")
Step = tuple[int, Request]
Wish = tuple[str, str, dict[str, object]]


def an_exchange(seed: int) -> Exchange:
    return Exchange(
        ExchangeSettings(
            credentials=Credentials(
                api_key=KEY, api_secret=SECRET, ed25519_api_key="e" * 64, ed25519_public_key=b"e"
            ),
            balance=2_000 * ATOMS,
            start_ms=START_MS,
            seed=seed,
            quotas=Quotas(10**9, 10**9, 10**9),
        ),
        [(terms, Crowd(random.Random(seed), terms)) for terms in map(contract, SYMBOLS)],
        random.Random,
    )


class Customer:
    """Asks for anything at all, sensible more often than not."""

    def __init__(self, exchange: Exchange, dice: random.Random) -> None:
        self._exchange = exchange
        self._dice = dice
        self._ids = Counter[str]()

    def request(self, now_ms: int) -> Request:
        method, path, parameters = self._wish()
        return signed(method, f"/fapi/{path}", now_ms, **parameters)

    def _wish(self) -> Wish:
        dice, symbol = self._dice, self._dice.choice(SYMBOLS)
        named: dict[str, object] = {"symbol": symbol}
        roll = dice.random()
        if roll < 0.45:
            return "POST", "v1/order", named | self._order(symbol)
        if roll < 0.55:
            return "POST", "v1/algoOrder", named | self._conditional(symbol)
        if roll < 0.65:
            client_id = f"r{dice.randrange(1 + self._ids.total())}"
            return "DELETE", "v1/order", named | {"origClientOrderId": client_id}
        if roll < 0.7:
            changed = self._order(symbol)
            old = f"r{dice.randrange(1 + self._ids.total())}"
            wanted = {"origClientOrderId": old, "side": changed["side"], "price": changed["price"]}
            return "PUT", "v1/order", named | wanted | {"quantity": changed["quantity"]}
        return dice.choice(self._others(named))

    def _others(self, named: dict[str, object]) -> list[Wish]:
        dice = self._dice
        return [
            ("DELETE", "v1/allOpenOrders", named),
            ("DELETE", "v1/algoOpenOrders", named),
            ("POST", "v1/countdownCancelAll", named | {"countdownTime": 2_000}),
            ("POST", "v1/leverage", named | {"leverage": dice.choice([1, 10, 20, 75, 200])}),
            ("POST", "v1/marginType", named | {"marginType": dice.choice(_MARGINS)}),
            ("POST", "v1/positionMargin", named | {"amount": "1.5", "type": dice.choice("12")}),
            ("POST", "v1/batchOrders", {"batchOrders": json.dumps([named, {}])}),
            ("POST", "v1/listenKey", {}),
            ("GET", "v1/openOrders", named),
            ("GET", "v1/openAlgoOrders", {}),
            ("GET", "v3/positionRisk", {}),
            ("GET", "v3/account", {}),
            ("GET", "v1/userTrades", named),
            ("GET", "v1/klines", named | {"interval": "1m"}),
            ("GET", "v1/nonsense", named),
        ]

    def _order(self, symbol: str) -> dict[str, object]:
        dice = self._dice
        number = self._ids.total()
        self._ids[symbol] += 1
        wanted: dict[str, object] = {
            "side": dice.choice(["BUY", "SELL"]),
            "type": "LIMIT",
            "timeInForce": dice.choice(["GTC", "GTC", "IOC", "FOK", "GTX", "NEVER"]),
            "quantity": self._quantity(symbol),
            "price": self._price(symbol),
            "newClientOrderId": f"r{number}",
            "reduceOnly": dice.choice(["true", "false", "false"]),
            "selfTradePreventionMode": dice.choice(_SELF_TRADE),
        }
        if dice.random() < 0.3:
            wanted["type"] = "MARKET"
            del wanted["timeInForce"]
            return wanted | ({} if dice.random() < 0.1 else {"price": ""})
        return wanted

    def _conditional(self, symbol: str) -> dict[str, object]:
        dice = self._dice
        wanted: dict[str, object] = {
            "algoType": "CONDITIONAL",
            "side": dice.choice(["BUY", "SELL"]),
            "type": dice.choice(["STOP_MARKET", "TAKE_PROFIT_MARKET", "STOP", "LIMIT"]),
            "triggerPrice": self._price(symbol),
            "price": self._price(symbol),
            "workingType": dice.choice(["MARK_PRICE", "CONTRACT_PRICE"]),
        }
        if dice.random() < 0.5:
            return wanted | {"closePosition": "true"}
        return wanted | {"quantity": self._quantity(symbol)}

    def _quantity(self, symbol: str) -> str:
        terms = contract(symbol)
        least = terms.min_notional * ATOMS // terms.notional(terms.first_price, 1) + 1
        lots = self._dice.choice([0, least, least, least * 5, least * 100])
        return terms.quantity_text(lots) + self._dice.choice(["", "", "", "", "1"])

    def _price(self, symbol: str) -> str:
        market = self._exchange.venue.floor.markets[symbol]
        return market.contract.price_text(
            max(1, int(market.last_ticks * (1 + self._dice.gauss(0, 0.002))))
        )


_MARGINS: Final = ["CROSSED", "ISOLATED", "OTHER"]
_SELF_TRADE: Final = ["NONE", "EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH"]


def steps(exchange: Exchange, seed: int) -> Iterator[Step]:
    """What is asked when; each depends on what came of the ones before."""
    dice = random.Random(seed)
    customer = Customer(exchange, dice)
    now_ms = exchange.now_ms
    for _ in range(REQUESTS):
        now_ms += dice.choice([0, 1, 5, 20])
        yield now_ms, customer.request(now_ms)


def read(exchange: Exchange, path: str, **parameters: object) -> object:
    now_ms = exchange.now_ms
    reply = exchange.handle(signed("GET", f"/fapi/{path}", now_ms, **parameters), now_ms)
    assert reply.status == 200, reply.body
    return json.loads(reply.body)


def check_reply(reply: Reply) -> str:
    """Every answer is JSON, and says clearly what it is; returns what it was."""
    answer = json.loads(reply.body)
    if reply.status == 200:
        return "200"
    assert set(answer) == {"code", "msg"}
    assert reply.status in {400, 404}, reply.body
    assert answer["code"] < -1000
    assert answer["msg"]
    return str(answer["code"])


def check_books(exchange: Exchange) -> None:
    for market in exchange.venue.floor.markets.values():
        bid, ask = market.book.bids.best, market.book.asks.best
        assert bid is not None
        assert ask is not None
        assert bid < ask


def check_account(exchange: Exchange) -> None:
    """What the account is told adds up, to the last decimal."""
    floor = exchange.venue.floor
    assert floor.house.imbalance([floor.account]) == 0
    account = read(exchange, "v3/account")
    assert isinstance(account, dict)
    incomes = [Decimal(money_of(income.amount)) for income in floor.account.incomes]
    assert Decimal(account["totalWalletBalance"]) == sum(incomes)
    positions = read(exchange, "v3/positionRisk")
    assert isinstance(positions, list)
    held = {row["symbol"]: Decimal(row["positionAmt"]) for row in positions}
    for symbol, market in floor.markets.items():
        fills = [
            fill.lots if fill.order.side == "BUY" else -fill.lots
            for fill in floor.account.fills
            if fill.order.contract.symbol == symbol
        ]
        quantity = Decimal(market.contract.quantity_text(sum(fills)))
        assert held.get(symbol, Decimal(0)) == quantity
        exposure = floor.exposure(symbol)
        resting = [order for order in floor.orders.open(symbol) if not order.reduce_only]
        bids = sum(_worth(order) for order in resting if order.side == "BUY")
        asks = sum(_worth(order) for order in resting if order.side == "SELL")
        assert (exposure.bids, exposure.asks) == (bids, asks)


def _worth(order: Order) -> int:
    return order.contract.notional(order.ticks, order.remaining)


def money_of(atoms: int) -> str:
    return f"{Decimal(atoms) / ATOMS:.8f}"


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1])
def test_after_ten_thousand_requests_everything_adds_up(seed: int) -> None:
    exchange = an_exchange(seed)
    log: list[Step] = []
    replies: list[bytes] = []
    answers = Counter[str]()
    for now_ms, request in steps(exchange, seed):
        reply = exchange.handle(request, now_ms)
        log.append((now_ms, request))
        replies.append(reply.body)
        answers[check_reply(reply)] += 1
        check_books(exchange)
    check_account(exchange)
    assert len(exchange.venue.floor.account.fills) > 500
    assert {"200", "-2011", "-2019", "-2022", "-4164", "-1111", "-1115", "-5000"} <= set(answers)

    again = an_exchange(seed)
    assert [again.handle(request, now_ms).body for now_ms, request in log] == replies
    assert again.state_hash() == exchange.state_hash()
