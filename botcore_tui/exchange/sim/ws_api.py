"""Requests over a WebSocket: the request interface once more, in other frames.

Source: Binance USD-M futures, "Websocket API General Info" (2026-05). A connection may log on, with
an Ed25519 key only; its requests then need neither key nor signature.
"""

from collections.abc import Callable, Iterable
from typing import Final
from weakref import WeakKeyDictionary

import msgspec
from msgspec import Raw, Struct, field
from msgspec.structs import replace

from botcore_tui.exchange.sim.agenda import Agenda
from botcore_tui.exchange.sim.http_messages import (
    USED_WEIGHT,
    Fate,
    Reply,
    Request,
    answered,
    refused,
)
from botcore_tui.exchange.sim.limits import Quotas
from botcore_tui.exchange.sim.mailbox import GOING_AWAY, Mailbox
from botcore_tui.exchange.sim.refusals import RefusalError

PATH: Final = "/ws-fapi/v1"
HANDSHAKE_WEIGHT: Final = 5
_METHODS: Final = {
    "depth": ("GET", "/fapi/v1/depth"),
    "ticker.price": ("GET", "/fapi/v2/ticker/price"),
    "ticker.book": ("GET", "/fapi/v1/ticker/bookTicker"),
    "order.place": ("POST", "/fapi/v1/order"),
    "order.modify": ("PUT", "/fapi/v1/order"),
    "order.cancel": ("DELETE", "/fapi/v1/order"),
    "order.status": ("GET", "/fapi/v1/order"),
    "algoOrder.place": ("POST", "/fapi/v1/algoOrder"),
    "algoOrder.cancel": ("DELETE", "/fapi/v1/algoOrder"),
    "account.position": ("GET", "/fapi/v2/positionRisk"),
    "v2/account.position": ("GET", "/fapi/v3/positionRisk"),
    "account.balance": ("GET", "/fapi/v2/balance"),
    "v2/account.balance": ("GET", "/fapi/v3/balance"),
    "account.status": ("GET", "/fapi/v2/account"),
    "v2/account.status": ("GET", "/fapi/v3/account"),
    "userDataStream.start": ("POST", "/fapi/v1/listenKey"),
    "userDataStream.ping": ("PUT", "/fapi/v1/listenKey"),
    "userDataStream.stop": ("DELETE", "/fapi/v1/listenKey"),
}
_LOGON: Final = "session.logon"
_SESSION: Final = frozenset({_LOGON, "session.status", "session.logout"})
_PROBE: Final = ("GET", "/fapi/v1/rateLimit/order")
"""A signed request that changes nothing: whoever may send it may log on."""
_WINDOWS: Final = (
    # Header of the request interface, type, interval, number of intervals.
    (USED_WEIGHT, "REQUEST_WEIGHT", "MINUTE", 1),
    ("X-MBX-ORDER-COUNT-10S", "ORDERS", "SECOND", 10),
    ("X-MBX-ORDER-COUNT-1M", "ORDERS", "MINUTE", 1),
)

_Value = str | bool | int | float | None


class _Message(Struct):
    method: str
    id: str | int | None = None
    params: dict[str, _Value] = field(default_factory=dict)


class _Loose(Struct):
    id: Raw = Raw(b"null")


_MESSAGE: Final = msgspec.json.Decoder(_Message)
_LOOSE: Final = msgspec.json.Decoder(_Loose)


class WsApi:
    """Answers requests that come over WebSockets.

    Args:
        handle: Answers a request of the request interface; further times that it may fit follow.
        agenda: Holds replies that come late.
        quotas: Limits that replies tell.
        logon_key: The API key that a connection may log on with.
    """

    def __init__(
        self, handle: Callable[..., Reply], agenda: Agenda, quotas: Quotas, logon_key: str
    ) -> None:
        self._handle = handle
        self._logon_key = logon_key
        self._opened = WeakKeyDictionary[Mailbox, int]()
        self._logons = WeakKeyDictionary[Mailbox, int]()
        """Since when each connection is logged on."""
        self._agenda = agenda
        self._limits = {
            USED_WEIGHT: quotas.weight,
            "X-MBX-ORDER-COUNT-10S": quotas.orders_10s,
            "X-MBX-ORDER-COUNT-1M": quotas.orders_1m,
        }

    def open(self) -> Mailbox:
        """The venue's side of a new connection."""
        mailbox = Mailbox()
        self._opened[mailbox] = self._agenda.now_ms
        return mailbox

    def receive(self, mailbox: Mailbox, text: str, remote: str, clocks: Iterable[int]) -> None:
        """Do what a text frame asks for.

        Args:
            mailbox: Gets the answer.
            text: The frame.
            remote: Address that its weight is counted for.
            clocks: Further times that a timestamp may fit.
        """
        try:
            message = _MESSAGE.decode(text)
        except (msgspec.DecodeError, RecursionError):
            mailbox.send(_malformed(text))
            return
        if message.method in _SESSION:
            reply = self._log_on_or_off(mailbox, message, remote, clocks)
        else:
            reply = self._handle(self._request(mailbox, message, remote), *clocks)
        if reply.fate is Fate.ABORT:
            mailbox.cut(GOING_AWAY, "")
        elif reply.fate is Fate.SEND:
            frame = self._frame(message, reply)
            if reply.delay_ms:
                self._agenda.at(self._agenda.now_ms + reply.delay_ms, lambda: mailbox.send(frame))
            else:
                mailbox.send(frame)

    def _request(self, mailbox: Mailbox, message: _Message, remote: str) -> Request:
        request = _request(message, remote, *_METHODS.get(message.method, ("WS", message.method)))
        is_trusted = mailbox in self._logons and not request.api_key
        if not is_trusted:
            return request
        return replace(request, api_key=self._logon_key, is_trusted=True)

    def _log_on_or_off(
        self, mailbox: Mailbox, message: _Message, remote: str, clocks: Iterable[int]
    ) -> Reply:
        headers: dict[str, str] = {}
        if message.method == _LOGON:
            request = _request(message, remote, *_PROBE)
            reply = self._handle(request, *clocks)
            if reply.status >= 400:
                return reply
            if request.api_key != self._logon_key:
                return refused(RefusalError(-4056, message="Invalid api key type."), headers)
            self._logons[mailbox] = self._agenda.now_ms
        elif message.method == "session.logout":
            self._logons.pop(mailbox, None)
        since_ms = self._logons.get(mailbox)
        view = {
            "apiKey": None if since_ms is None else self._logon_key,
            "authorizedSince": since_ms,
            "connectedSince": self._opened[mailbox],
            "returnRateLimits": True,
            "serverTime": self._agenda.now_ms,
        }
        return answered(view, headers)

    def _frame(self, message: _Message, reply: Reply) -> bytes:
        identity = msgspec.json.encode(message.id)
        key = b"result" if reply.status < 400 else b"error"
        body = reply.body if reply.body.startswith((b"{", b"[")) else b"{}"
        limits = b""
        if message.params.get("returnRateLimits") not in {False, "false"}:
            limits = b',"rateLimits":' + self._rate_limits(reply)
        return b'{"id":%b,"status":%d,"%b":%b%b}' % (identity, reply.status, key, body, limits)

    def _rate_limits(self, reply: Reply) -> bytes:
        return msgspec.json.encode(
            [
                {
                    "rateLimitType": kind,
                    "interval": interval,
                    "intervalNum": number,
                    "limit": self._limits[header],
                    "count": int(reply.headers[header]),
                }
                for header, kind, interval, number in _WINDOWS
                if header in reply.headers
            ]
        )


def _request(message: _Message, remote: str, method: str, path: str) -> Request:
    given = {name: _text(value) for name, value in message.params.items() if value is not None}
    signature = given.pop("signature", "")
    # All but the signature is signed, in the order of the names.
    query = "&".join(f"{name}={given[name]}" for name in sorted(given))
    if signature:
        query += f"&signature={signature}"
    return Request(
        method=method, path=path, query=query, api_key=given.get("apiKey", ""), remote=remote
    )


def _text(value: _Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _malformed(text: str) -> bytes:
    try:
        identity = bytes(_LOOSE.decode(text).id)
    except (msgspec.DecodeError, RecursionError):
        identity = b"null"
    error = b'{"code":-1102,"msg":"Malformed request: expected id, method and params."}'
    return b'{"id":%b,"status":400,"error":%b}' % (identity, error)
