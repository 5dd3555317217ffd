"""A whole embedded exchange without sockets, and signed requests to it."""

import json
import random
from typing import Final

from listeners import address_of
from sim_rest import KEY, SECRET, signed

from botcore_tui.exchange.sim.contracts import contract
from botcore_tui.exchange.sim.crowd import Crowd
from botcore_tui.exchange.sim.exchange import Exchange, ExchangeSettings
from botcore_tui.exchange.sim.fault_specs import parse_spec
from botcore_tui.exchange.sim.http_messages import Reply
from botcore_tui.exchange.sim.limits import Quotas
from botcore_tui.exchange.sim.money import ATOMS
from botcore_tui.exchange.sim.session import Session
from botcore_tui.exchange.sim.signatures import Credentials

START_MS: Final = 1_767_225_600_000
CREDENTIALS: Final = Credentials(KEY, SECRET)


def an_exchange(
    *symbols: str,
    seed: int = 5,
    start_ms: int = START_MS,
    quotas: Quotas | None = None,
    faults: tuple[str, ...] = (),
    credentials: Credentials = CREDENTIALS,
) -> Exchange:
    """An exchange with synthetic markets and 5,000 USDT."""
    settings = ExchangeSettings(
        credentials=credentials,
        balance=5_000 * ATOMS,
        start_ms=start_ms,
        seed=seed,
        quotas=quotas or Quotas(),
        faults=tuple(fault for spec in faults for fault in parse_spec(spec)),
    )
    crowds = [
        (terms, Crowd(random.Random(f"{seed} {terms.symbol}"), terms))
        for terms in map(contract, symbols or ("BTCUSDT",))
    ]
    return Exchange(settings, crowds, random.Random)


def ask(exchange: Exchange, method: str, path: str, **parameters: object) -> Reply:
    """The reply to a signed request; the path without ``/fapi/v1``."""
    now_ms = exchange.now_ms
    return exchange.handle(signed(method, f"/fapi/v1/{path}", now_ms, **parameters), now_ms)


def buy(exchange: Exchange, quantity: str = "0.010", **more: object) -> Reply:
    """The reply to a market order in bitcoin."""
    return ask(
        exchange,
        "POST",
        "order",
        symbol="BTCUSDT",
        side="BUY",
        type="MARKET",
        quantity=quantity,
        **more,
    )


def connect(exchange: Exchange, target: str) -> Session:
    """A stream connection to an address such as ``/public/ws/btcusdt@depth``."""
    session = exchange.connect(address_of(target), "127.0.0.1", exchange.now_ms)
    assert isinstance(session, Session), session
    return session


def user_session(exchange: Exchange) -> Session:
    """A connection to the user's stream."""
    key = json.loads(ask(exchange, "POST", "listenKey").body)["listenKey"]
    return connect(exchange, f"/private/ws/{key}")


def wait(exchange: Exchange, milliseconds: int) -> None:
    """Let simulated time pass."""
    exchange.advance(exchange.now_ms + milliseconds)
