"""Requests over a WebSocket are those of the request interface, in other frames."""

import json
from base64 import b64encode
from typing import Final

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec.structs import replace
from sim_exchange import CREDENTIALS, START_MS, an_exchange, wait
from sim_rest import A_BID, signature

from botcore_tui.exchange.sim.exchange import Exchange
from botcore_tui.exchange.sim.mailbox import Mailbox

REMOTE: Final = "127.0.0.1"
ED25519: Final = "e" * 64
Json = dict[str, object]


class Client:
    def __init__(self, *faults: str, public_key: bytes = b"") -> None:
        self.exchange: Exchange = an_exchange(
            faults=faults,
            credentials=replace(
                CREDENTIALS, ed25519_api_key=ED25519, ed25519_public_key=public_key
            ),
        )
        mailbox = self.exchange.connect_api(REMOTE, START_MS)
        assert isinstance(mailbox, Mailbox)
        self.mailbox = mailbox

    def send(self, message: object) -> None:
        text = message if isinstance(message, str) else json.dumps(message)
        self.exchange.receive_api(self.mailbox, text, REMOTE, self.exchange.now_ms)

    def reply(self) -> Json:
        reply: Json = json.loads(self.mailbox.outbox.pop(0))
        return reply

    def ask(self, method: str, *, identity: object = "1", **parameters: object) -> Json:
        self.send({"id": identity, "method": method, "params": parameters})
        return self.reply()

    def ask_signed(self, method: str, **parameters: object) -> Json:
        given = {
            **parameters,
            "apiKey": CREDENTIALS.api_key,
            "timestamp": self.exchange.now_ms,
        }
        texts = {
            name: str(value).lower() if isinstance(value, bool) else value
            for name, value in given.items()
        }
        payload = "&".join(f"{name}={texts[name]}" for name in sorted(texts))
        return self.ask(method, **given, signature=signature(payload))

    def order(self, **more: object) -> Json:
        return self.ask_signed(
            "order.place",
            **{**A_BID, "price": "60000", "newClientOrderId": "mine", **more},
        )


def part(reply: Json, name: str) -> Json:
    found = reply[name]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("identity", ["7b-1", 12, None])
def test_a_reply_has_the_id_as_it_came_and_the_limits(identity: object) -> None:
    client = Client()
    reply = client.ask("depth", identity=identity, symbol="BTCUSDT", limit=5)
    assert list(reply) == ["id", "status", "result", "rateLimits"]
    assert (reply["id"], reply["status"]) == (identity, 200)
    assert isinstance(reply["result"], dict)
    assert len(reply["result"]["bids"]) == 5
    assert reply["rateLimits"] == [
        {
            "rateLimitType": "REQUEST_WEIGHT",
            "interval": "MINUTE",
            "intervalNum": 1,
            "limit": 2_400,
            "count": 7,
        }
    ]


@pytest.mark.parametrize("no", [False, "false"])
def test_limits_are_left_out_when_not_wanted(no: object) -> None:
    reply = Client().ask("ticker.price", symbol="BTCUSDT", returnRateLimits=no)
    assert list(reply) == ["id", "status", "result"]


def test_an_order_is_placed_changed_queried_and_cancelled() -> None:
    client = Client()
    placed = client.order(reduceOnly=False)
    assert placed["status"] == 200
    limits = placed["rateLimits"]
    assert isinstance(limits, list)
    assert [(row["rateLimitType"], row["intervalNum"], row["count"]) for row in limits[1:]] == [
        ("ORDERS", 10, 1),
        ("ORDERS", 1, 1),
    ]
    which = {"symbol": "BTCUSDT", "origClientOrderId": "mine"}
    changed = client.ask_signed("order.modify", **which, side="BUY", quantity="0.020", price=60_100)
    assert isinstance(changed["result"], dict)
    assert changed["result"]["origQty"] == "0.020"
    found = client.ask_signed("order.status", **which)
    assert isinstance(found["result"], dict)
    assert found["result"]["price"] == "60100.00"
    cancelled = client.ask_signed("order.cancel", **which)
    assert isinstance(cancelled["result"], dict)
    assert cancelled["result"]["status"] == "CANCELED"
    again = client.ask_signed("order.cancel", **which)
    assert (again["status"], again["error"]) == (400, {"code": -2011, "msg": "Unknown order sent."})


@pytest.mark.parametrize(
    "method",
    [
        "account.position",
        "v2/account.position",
        "account.balance",
        "v2/account.balance",
        "account.status",
        "v2/account.status",
    ],
)
def test_the_account_can_be_queried(method: str) -> None:
    assert Client().ask_signed(method)["status"] == 200


def test_the_listen_key_can_be_had() -> None:
    client = Client()
    key = CREDENTIALS.api_key
    started = client.ask("userDataStream.start", apiKey=key)["result"]
    assert started == client.ask("userDataStream.ping", apiKey=key)["result"]
    assert client.ask("userDataStream.stop", apiKey=key)["result"] == {}


def test_what_is_not_signed_or_not_offered_is_refused() -> None:
    client = Client()
    unsigned = client.ask("account.status", apiKey=CREDENTIALS.api_key, timestamp=START_MS)
    assert unsigned["status"] == 400
    unknown = client.ask("order.conjure")
    assert unknown["error"] == {"code": -5000, "msg": "Path order.conjure, Method WS is invalid"}


def test_a_connection_that_logged_on_need_not_sign() -> None:
    private = Ed25519PrivateKey.generate()
    client = Client(public_key=private.public_key().public_bytes_raw())
    assert part(client.ask("session.status"), "result")["apiKey"] is None
    now_ms = client.exchange.now_ms
    payload = f"apiKey={ED25519}&timestamp={now_ms}"
    proof = b64encode(private.sign(payload.encode())).decode()
    refused = client.ask("session.logon", apiKey=ED25519, timestamp=now_ms + 1, signature=proof)
    assert part(refused, "error")["code"] == -1022
    logged = client.ask("session.logon", apiKey=ED25519, timestamp=now_ms, signature=proof)
    assert logged["result"] == {
        "apiKey": ED25519,
        "authorizedSince": now_ms,
        "connectedSince": now_ms,
        "returnRateLimits": True,
        "serverTime": now_ms,
    }
    assert client.ask("account.status", timestamp=now_ms)["status"] == 200
    assert "listenKey" in part(client.ask("userDataStream.start"), "result")
    late = client.ask("account.status", timestamp=now_ms - 60_000)
    assert part(late, "error")["code"] == -1021
    client.ask("session.logout")
    assert client.ask("account.status", timestamp=now_ms)["status"] == 401


def test_only_an_ed25519_key_logs_on() -> None:
    answer = Client().ask_signed("session.logon")
    assert answer["error"] == {"code": -4056, "msg": "Invalid api key type."}


@pytest.mark.parametrize(
    ("text", "identity"),
    [
        ('{"id":5,"params":[]}', 5),
        ('{"id":"x","method":1}', "x"),
        ("hello", None),
        ("[]", None),
        ('{"id":5,"method":"depth","params":' + "[" * 100_000, None),
    ],
    ids=range(5),
)
def test_a_malformed_request_is_refused_with_its_id_if_it_has_one(
    text: str, identity: object
) -> None:
    client = Client()
    client.send(text)
    reply = client.reply()
    assert (reply["id"], reply["status"]) == (identity, 400)


@pytest.mark.requirement("F01")
def test_a_reply_can_be_lost_late_or_never_come() -> None:
    lost = Client("create-lost=how:reset")
    lost.send({"id": 1, "method": "ticker.book", "params": {"symbol": "BTCUSDT"}})
    assert len(lost.mailbox.outbox) == 1
    lost.mailbox.outbox.clear()
    with pytest.raises(IndexError):
        lost.order()
    assert lost.mailbox.close_code == 1001
    silent = Client("create-lost=how:timeout")
    with pytest.raises(IndexError):
        silent.order()
    assert silent.mailbox.close_code == 0
    late = Client("reply-slow=delay_ms:500")
    with pytest.raises(IndexError):
        late.ask("ticker.book", symbol="BTCUSDT")
    wait(late.exchange, 500)
    assert late.reply()["status"] == 200
    assert len(late.exchange.venue.floor.orders) == 0
    assert len(silent.exchange.venue.floor.orders) == 1


@pytest.mark.requirement("F11")
def test_a_reply_that_is_no_json_becomes_an_empty_error() -> None:
    reply = Client("waf").ask("ticker.book", symbol="BTCUSDT")
    assert (reply["status"], reply["error"]) == (403, {})
