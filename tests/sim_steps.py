"""Requests to the venue as values, to be put together in tables of tests."""

from collections.abc import Callable
from typing import Final

from sim_rest import KEY, ORDER, Answer, Json, RestStage, read
from sim_stage import BID, BUY, SELL

from botcore_tui.exchange.sim.http_messages import Request

V1: Final = "/fapi/v1/"
BTC: Final = "BTCUSDT"
DAY_MS: Final = 86_400_000

Step = Callable[[RestStage], Answer]


def limit(**parameters: object) -> Step:
    """An order that rests, but for these parameters."""
    return lambda stage: stage.order(**parameters)


def at_market(side: str = "BUY", quantity: str = "0.010", **parameters: object) -> Step:
    """A market order."""
    return lambda stage: stage.market_order(side, quantity, **parameters)


def ask(method: str, path: str, **parameters: object) -> Step:
    """A signed request about the contract, unless it says otherwise."""
    full = path if path.startswith("/") else V1 + path
    return lambda stage: stage.ask(method, full, **{"symbol": BTC, **parameters})


def algo(**parameters: object) -> Step:
    """A stop that rests, but for these parameters."""
    usual: Json = {
        "algoType": "CONDITIONAL",
        "side": "SELL",
        "type": "STOP_MARKET",
        "quantity": "0.010",
        "triggerPrice": "60000",
    }
    return ask("POST", "algoOrder", **{**usual, **parameters})


def trailing(**parameters: object) -> Step:
    """A trailing stop."""
    sent = {"callbackRate": "1", **parameters}
    return algo(type="TRAILING_STOP_MARKET", triggerPrice=None, **sent)


def modify(**parameters: object) -> Step:
    """A change of the order ``a``."""
    usual = {"origClientOrderId": "a", "side": "BUY", "quantity": "0.020", "price": "61000"}
    return ask("PUT", "order", **{**usual, **parameters})


def after(first: Callable[[RestStage], object], then: Step) -> Step:
    """What the second gets after the first."""

    def both(stage: RestStage) -> Answer:
        first(stage)
        return then(stage)

    return both


def armed(spec: str, then: Step) -> Step:
    """What a request gets while a fault is armed."""
    return after(lambda stage: stage.arm(spec), then)


def acted(spec: str, then: Step) -> Step:
    """What a request gets after somebody else acted."""
    return after(lambda stage: stage.act(spec), then)


def often(times: int, step: Step) -> Step:
    """The last of so many answers."""

    def repeat(stage: RestStage) -> Answer:
        for _ in range(times - 1):
            step(stage)
        return step(stage)

    return repeat


def raw(query: str, key: str = KEY, path: str = ORDER) -> Step:
    """A request as it is."""
    return lambda stage: read(
        stage.send(Request(method="GET", path=path, query=query, api_key=key))
    )


def at(seconds: float, **parameters: object) -> Step:
    """A question whose timestamp is so far from the venue's clock."""

    def send(stage: RestStage) -> Answer:
        timestamp = stage.agenda.now_ms + round(seconds * 1_000)
        return stage.ask("GET", V1 + "openOrders", timestamp=timestamp, **parameters)

    return send


def filled(lots: int) -> Callable[[RestStage], object]:
    """A position."""
    return lambda stage: stage.at_market(BUY if lots > 0 else SELL, abs(lots))


def resting(ticks: int = BID - 100) -> Callable[[RestStage], object]:
    """The order ``a`` of ten lots."""
    return lambda stage: stage.limit(BUY, 10, ticks)


def isolated(then: Step) -> Step:
    """With margin of its own."""
    return after(
        lambda stage: stage.venue.settings.set_margin_type(BTC, is_isolated=True),
        then,
    )


def public(path: str, **parameters: object) -> Step:
    """An unsigned question about the contract, unless it says otherwise."""
    return lambda stage: stage.get(V1 + path, **{"symbol": BTC, **parameters})
