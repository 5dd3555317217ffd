"""A whole exchange without sockets, and a client of it that signs and reads."""

import json
from typing import Final

from listeners import address_of, heard
from sim_exchange import CREDENTIALS, connect
from sim_market import START_MS, Still, levels_around
from sim_rest import A_BID, ORDER, Answer, Json, read, signed

from botcore_tui.exchange.sim.contracts import contract
from botcore_tui.exchange.sim.crowd import Crowd
from botcore_tui.exchange.sim.dice import SeededDice
from botcore_tui.exchange.sim.exchange import Exchange, ExchangeSettings
from botcore_tui.exchange.sim.http_messages import Reply, Request
from botcore_tui.exchange.sim.market import Participants
from botcore_tui.exchange.sim.money import ATOMS
from botcore_tui.exchange.sim.scenario import parse_scenario
from botcore_tui.exchange.sim.session import Session

BTC: Final = "BTCUSDT"
ALGO: Final = "/fapi/v1/algoOrder"


class Wire:
    """An exchange, its client, and the time between them.

    Args:
        faults: Armed by a request before anything else happens.
        is_still: Nobody acts but the client; else a crowd trades.
        script: Faults with their times, TOML.
    """

    def __init__(self, *faults: str, is_still: bool = True, script: str = "") -> None:
        settings = ExchangeSettings(
            credentials=CREDENTIALS,
            balance=5_000 * ATOMS,
            start_ms=START_MS,
            faults=parse_scenario(script, "script.toml") if script else (),
        )
        crowds = [(contract(symbol), _crowd(symbol, is_still)) for symbol in (BTC, "ETHUSDT")]
        self.exchange = Exchange(settings, crowds, SeededDice)
        self.now_ms = START_MS
        for spec in faults:
            self.arm(spec)

    def arm(self, spec: str) -> None:
        """Arm a fault as a client does, by ``POST /sim/faults``."""
        name, _, keys = spec.partition("=")
        fault = {"name": name} | dict(key.split(":", 1) for key in keys.split(",") if key)
        body = json.dumps(fault)
        request = Request(method="POST", path="/sim/faults", body=body)
        answer = self.exchange.control(request, self.now_ms)
        assert answer is not None
        assert answer.status == 200, answer.body

    def advance(self, milliseconds: int) -> None:
        """Let time pass."""
        self.now_ms += milliseconds
        self.exchange.advance(self.now_ms)

    # --- requests -------------------------------------------------------------------------------

    def reply(self, method: str, path: str, **parameters: object) -> Reply:
        """Send a signed request; a parameter that is None is left out."""
        request = signed(method, path, self.now_ms, **parameters)
        return self.exchange.handle(request, self.now_ms)

    def ask(self, method: str, path: str, **parameters: object) -> Answer:
        """Send a signed request and read the reply."""
        return read(self.reply(method, path, **parameters))

    def bid(self, **parameters: object) -> Reply:
        """Place ``A_BID``, with the client id ``mine``, unless told otherwise."""
        return self.reply("POST", ORDER, **{**A_BID, "newClientOrderId": "mine", **parameters})

    def buy(self, quantity: str = "0.010", **parameters: object) -> Reply:
        """Buy at market."""
        sent: Json = {"type": "MARKET", "timeInForce": None, "price": None, "quantity": quantity}
        return self.bid(**{**sent, **parameters})

    def stop(self, **parameters: object) -> Reply:
        """Place a stop far below the market, with the client id ``stop``."""
        usual: Json = {
            "algoType": "CONDITIONAL",
            "symbol": BTC,
            "side": "SELL",
            "type": "STOP_MARKET",
            "triggerPrice": "50000.00",
            "quantity": "0.010",
            "clientAlgoId": "stop",
        }
        return self.reply("POST", ALGO, **{**usual, **parameters})

    def find(self, client_id: str = "mine") -> Answer:
        """Ask for an order by the client's id."""
        return self.ask("GET", ORDER, symbol=BTC, origClientOrderId=client_id)

    def cancel(self, client_id: str = "mine") -> Answer:
        """Cancel an order by the client's id."""
        return self.ask("DELETE", ORDER, symbol=BTC, origClientOrderId=client_id)

    def open_orders(self) -> list[Json]:
        """What rests."""
        return self.ask("GET", "/fapi/v1/openOrders", symbol=BTC).rows

    def position(self, symbol: str = BTC) -> str:
        """Quantity held; empty for none."""
        rows = self.ask("GET", "/fapi/v3/positionRisk", symbol=symbol).rows
        return str(rows[0]["positionAmt"]) if rows else ""

    # --- streams --------------------------------------------------------------------------------

    def connect(self, address: str) -> Session:
        """Open a stream connection."""
        return connect(self.exchange, address)

    def dial(self, address: str) -> Session | Reply:
        """Open a stream connection, or get the reply that it is refused with."""
        return self.exchange.connect(address_of(address), "127.0.0.1", self.now_ms)

    def listen(self) -> Session:
        """Open the user's stream."""
        key = self.ask("POST", "/fapi/v1/listenKey").view["listenKey"]
        return self.connect(f"/private/ws/{key}")


def events(session: Session, *kinds: str) -> list[Json]:
    """What has come of these events; of all if none is named."""
    return [frame for frame in heard(session) if not kinds or frame.get("e") in kinds]


def told(session: Session) -> list[str]:
    """Events of the user's stream in short: an order's with what happened to it."""
    return [_short(frame) for frame in heard(session)]


def _short(frame: Json) -> str:
    kind = str(frame["e"])
    order = frame.get("o")
    return (
        f"{kind} {order['x']}" if kind == "ORDER_TRADE_UPDATE" and isinstance(order, dict) else kind
    )


def _crowd(symbol: str, is_still: bool) -> Participants:
    terms = contract(symbol)
    if is_still:
        return Still(terms, *levels_around(terms.first_price, 1_000))
    return Crowd(SeededDice(11), terms)
