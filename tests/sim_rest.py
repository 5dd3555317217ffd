"""The request interface on a still market, and a client that signs."""

import hashlib
import hmac
import json
from typing import Final
from urllib.parse import urlencode

from msgspec import Struct
from sim_stage import Stage

from botcore_tui.exchange.sim.dice import SeededDice
from botcore_tui.exchange.sim.endpoints.endpoint import Backend
from botcore_tui.exchange.sim.http_messages import Reply, Request
from botcore_tui.exchange.sim.limits import Limits, Quotas
from botcore_tui.exchange.sim.listen_keys import ListenKeys
from botcore_tui.exchange.sim.rest import Rest
from botcore_tui.exchange.sim.signatures import Credentials

KEY: Final = "k" * 64
SECRET: Final = "s" * 64
ORDER: Final = "/fapi/v1/order"

Json = dict[str, object]
A_BID: Final[Json] = {
    "symbol": "BTCUSDT",
    "side": "BUY",
    "type": "LIMIT",
    "timeInForce": "GTC",
    "quantity": "0.010",
    "price": "61000.10",
}
"""Parameters of an order that rests: the market stands at 61659.70."""


class Answer(Struct, frozen=True):
    """A reply, read."""

    status: int
    json: object
    headers: dict[str, str]

    @property
    def view(self) -> Json:
        """The JSON object."""
        assert isinstance(self.json, dict), self.json
        return self.json

    @property
    def rows(self) -> list[Json]:
        """The JSON array of objects."""
        assert isinstance(self.json, list), self.json
        return self.json

    @property
    def code(self) -> int:
        """Number of the refusal."""
        code = self.view["code"]
        assert isinstance(code, int)
        return code


class RestStage(Stage):
    """A stage with a request interface; ``ask`` signs."""

    def __init__(
        self,
        *,
        balance: int = 5_000,
        symbols: int = 1,
        quotas: Quotas | None = None,
        credentials: Credentials | None = None,
    ) -> None:
        super().__init__(balance=balance, symbols=symbols)
        self.expired: list[str] = []
        self.backend = Backend(
            venue=self.venue,
            listen_keys=ListenKeys(self.agenda, SeededDice(7), self.expired.append),
            faults=self.faults,
            limits=Limits(quotas or Quotas()),
        )
        self.rest = Rest(self.backend, credentials or Credentials(KEY, SECRET))

    def reply(self, method: str, path: str, **parameters: object) -> Reply:
        """Send a signed request; a parameter that is None is left out."""
        return self.send(signed(method, path, self.agenda.now_ms, **parameters))

    def send(self, request: Request) -> Reply:
        """Send a request as it is."""
        return self.rest.handle(request, self.agenda.now_ms)

    def ask(self, method: str, path: str, **parameters: object) -> Answer:
        """Send a signed request and read the reply."""
        return read(self.reply(method, path, **parameters))

    def skip(self, milliseconds: int) -> None:
        """Let time pass in which nothing happens; days of it would take seconds otherwise."""
        self.agenda.now_ms += milliseconds

    def get(self, path: str, **parameters: object) -> Answer:
        """Send a request that is not signed."""
        query = encoded(parameters)
        return read(self.send(Request(method="GET", path=path, query=query)))

    def order(self, **parameters: object) -> Answer:
        """Place an order: ``A_BID`` unless told otherwise."""
        return self.ask("POST", ORDER, **{**A_BID, **parameters})

    def market_order(self, side: str, quantity: str, **parameters: object) -> Answer:
        """Place a market order and wait for what becomes of it."""
        usual: Json = {"type": "MARKET", "timeInForce": None, "price": None}
        sent: Json = {**usual, "side": side, "quantity": quantity, "newOrderRespType": "RESULT"}
        return self.order(**{**sent, **parameters})


def signature(text: str) -> str:
    """HMAC of a text with ``SECRET``."""
    return hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()


def signed(method: str, path: str, now_ms: int, **parameters: object) -> Request:
    """A request by the owner of the account; a parameter that is None is left out."""
    parameters.setdefault("timestamp", now_ms)
    query = encoded(parameters)
    query += f"&signature={signature(query)}"
    return Request(method=method, path=path, query=query, api_key=KEY)


def encoded(parameters: Json) -> str:
    """Parameters as a query; None is left out."""
    return urlencode({name: value for name, value in parameters.items() if value is not None})


def read(reply: Reply) -> Answer:
    """A reply, read."""
    return Answer(reply.status, json.loads(reply.body), reply.headers)
