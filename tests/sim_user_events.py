"""The user's events of the embedded exchange: what is documented, and what to look at in them."""

import json
from pathlib import Path
from typing import Final

from sim_market import Still
from sim_rest import Json
from sim_stage import BTC
from sim_wire import Wire

from botcore_tui.exchange.sim.market import SymbolMarket
from botcore_tui.exchange.sim.money import ATOMS

_DATA: Final = Path(__file__).parent / "data" / "usdm_user_events.txt"
DOCUMENTED: Final[dict[str, Json]] = {
    event["e"]: event for event in map(json.loads, _DATA.read_text().splitlines()[2:])
}
"""An event of each kind."""
FILL: Final = ("TRADE_LITE", "ACCOUNT_UPDATE", "ORDER_TRADE_UPDATE TRADE")
"""What is told of a fill, in short."""


def is_like(value: object, sample: object) -> bool:
    """Whether a value has the sample's keys in its order, and its JSON types."""
    if isinstance(value, dict) and isinstance(sample, dict):
        return list(value) == list(sample) and all(
            is_like(part, sample[key]) for key, part in value.items()
        )
    if isinstance(value, list) and isinstance(sample, list):
        return all(is_like(part, sample[0]) for part in value)
    return type(value) is type(sample)


def body(event: Json, key: str = "o") -> Json:
    """What an event is about."""
    part = event[key]
    assert isinstance(part, dict)
    return part


def rows(event: Json, key: str) -> list[Json]:
    """Balances (``B``) or positions (``P``) of an ACCOUNT_UPDATE."""
    found = body(event, "a")[key]
    assert isinstance(found, list)
    return found


def btc(wire: Wire) -> SymbolMarket:
    """The market of bitcoin."""
    return wire.exchange.venue.floor.markets[BTC]


def mark(wire: Wire, price: int) -> None:
    """Let the mark price be so many USDT from the next second on, which comes at once."""
    still = btc(wire)._participants
    assert isinstance(still, Still)
    still.price = price * ATOMS
    wire.advance(1_000 - wire.now_ms % 1_000)


def sell(wire: Wire, quantity: str, **parameters: object) -> None:
    """Sell at market, with the client id ``sell``."""
    wire.buy(quantity, **{"side": "SELL", "newClientOrderId": "sell", **parameters})
