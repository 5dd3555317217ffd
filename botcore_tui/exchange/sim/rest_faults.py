"""Faults of the request interface: what they do to a request before and after it is carried out."""

from collections.abc import Callable
from typing import Final

from botcore_tui.exchange.sim.endpoints.endpoint import Endpoint, Security
from botcore_tui.exchange.sim.fault_kinds import CREATES, EQUITY, THROTTLED
from botcore_tui.exchange.sim.fault_specs import Fault
from botcore_tui.exchange.sim.faults import Faults
from botcore_tui.exchange.sim.http_messages import Fate, Reply, Request, refused
from botcore_tui.exchange.sim.limits import Limits, banned, too_heavy
from botcore_tui.exchange.sim.order_views import View
from botcore_tui.exchange.sim.parameters import Parameters
from botcore_tui.exchange.sim.refusals import RefusalError

_UNKNOWN: Final = "Unknown error, please check your request or try again later."
_PAGE: Final = (
    b"<!DOCTYPE HTML><HTML><HEAD><TITLE>ERROR: The request could not be satisfied</TITLE></HEAD>"
    b"<BODY><H1>403 ERROR</H1><H2>The request could not be satisfied.</H2>Request blocked.</BODY>"
    b"</HTML>"
)
_MONEY: Final = frozenset(
    {
        "walletBalance",
        "crossWalletBalance",
        "balance",
        "availableBalance",
        "marginBalance",
        "maxWithdrawAmount",
        "totalWalletBalance",
        "totalCrossWalletBalance",
        "totalMarginBalance",
    }
)
"""What a broken account reply shows wrong."""


class RequestFaults:
    """Asks for the faults that concern requests.

    Args:
        faults: Those that are armed.
        limits: For what uses them up.
    """

    def __init__(self, faults: Faults, limits: Limits) -> None:
        self._faults = faults
        self._limits = limits

    def before(
        self, endpoint: Endpoint, request: Request, parameters: Parameters, now_ms: int
    ) -> Reply | None:
        """What is answered instead of carrying a request out; None to do so."""
        name, symbol = endpoint.name, _symbol(parameters)
        remote = request.remote
        if self._take("waf", symbol, name):
            return Reply(status=403, body=_PAGE, headers={"Content-Type": "text/html"})
        if self._take("unavailable", symbol, name):
            return _unavailable()
        if name in EQUITY and self._take("equity-fails", symbol, name):
            return _unavailable()
        if self._take("internal", symbol, name):
            return refused(RefusalError(-1001), {})
        if fault := self._take("rate-limited", symbol, name):
            seconds = fault.amount("retry_after")
            self._limits.close(remote, now_ms + seconds * 1_000)
            return refused(too_heavy(remote, self._limits.quotas.weight, seconds), {})
        if fault := self._take("banned", symbol, name):
            until_ms = now_ms + fault.amount("retry_after") * 1_000
            self._limits.ban(remote, until_ms)
            return refused(banned(remote, until_ms, now_ms), {})
        if fault := self._take("weight-jump", symbol, name):
            self._limits.add_weight(remote, fault.amount("weight"), now_ms)
        return self._refuse_order(name, symbol, parameters)

    def _refuse_order(self, name: str, symbol: str, parameters: Parameters) -> Reply | None:
        is_exempt = name not in THROTTLED or reduces(parameters)
        if not is_exempt and self._take("throttled", symbol, name):
            return refused(RefusalError(-1008), {})
        if name in CREATES and (fault := self._take("create-dropped", symbol, name)):
            return _lost(fault.word("how"))
        return None

    def check_keys(self, endpoint: Endpoint, parameters: Parameters) -> None:
        """Refuse a key or a timestamp that is good, where that fault is armed."""
        name, symbol = endpoint.name, _symbol(parameters)
        if endpoint.security is Security.NONE:
            return
        if self._take("key-revoked", symbol, name):
            raise RefusalError(-2015)
        if endpoint.security is Security.SIGNED and self._take("timestamp-refused", symbol, name):
            raise RefusalError(-1021)

    def lateness(self, endpoint: Endpoint, parameters: Parameters) -> int:
        """How much later a request arrives at the venue, its reply being lost; 0: at once."""
        if endpoint.name not in CREATES:
            return 0
        fault = self._take("create-late", _symbol(parameters), endpoint.name)
        return 0 if fault is None else fault.amount("delay_ms")

    def spoiled(self, endpoint: Endpoint, value: object) -> object:
        """The value of a reply, wrong where it tells the account's money and that is armed."""
        name = endpoint.name
        if name not in EQUITY:
            return value
        if self._take("equity-nan", "", name):
            value = _changed(value, lambda _: "NaN")
        if self._take("equity-negative", "", name):
            value = _changed(value, lambda text: "-1" if text.startswith("0.0") else f"-{text}")
        if self._take("equity-bnfcr", "", name):
            value = _renamed(value)
        return value

    def after(self, endpoint: Endpoint, parameters: Parameters, reply: Reply) -> Reply:
        """What becomes of a reply after the request was carried out."""
        name, symbol = endpoint.name, _symbol(parameters)
        if name in CREATES and (fault := self._take("create-lost", symbol, name)):
            return _lost(fault.word("how"))
        if fault := self._take("reply-lost", symbol, name):
            return _lost(fault.word("how"))
        if self._take("reply-garbled", symbol, name):
            reply.body = reply.body[: max(1, len(reply.body) // 2)]
        if fault := self._take("reply-slow", symbol, name):
            reply.delay_ms += fault.amount("delay_ms")
        return reply

    def _take(self, fault: str, symbol: str, endpoint: str) -> Fault | None:
        return self._faults.take(fault, symbol=symbol, endpoint=endpoint)


def reduces(parameters: Parameters) -> bool:
    """Whether an order lowers exposure, which system protection lets pass (General Info)."""
    words = (parameters.value("reduceOnly"), parameters.value("closePosition"))
    return any(word.lower() == "true" for word in words)


def _symbol(parameters: Parameters) -> str:
    return parameters.value("symbol")


def _unavailable() -> Reply:
    headers = {"Content-Type": "text/plain"}
    return Reply(status=503, body=b"Service Unavailable.", headers=headers)


def _lost(how: str) -> Reply:
    if how in {"reset", "timeout"}:
        return Reply(headers={}, fate=Fate.ABORT if how == "reset" else Fate.HANG)
    if how == "503":
        return refused(RefusalError(-1000, message=_UNKNOWN), {})
    return refused(RefusalError(-int(how)), {})


def _changed(value: object, change: Callable[[str], str]) -> object:
    if isinstance(value, list):
        return [_changed(item, change) for item in value]
    if not isinstance(value, dict):
        return value
    view: View = {}
    for name, item in value.items():
        is_money = name in _MONEY and isinstance(item, str)
        view[name] = change(item) if is_money else _changed(item, change)
    return view


def _renamed(value: object) -> object:
    if isinstance(value, list):
        return [_renamed(item) for item in value]
    if not isinstance(value, dict):
        return value
    view: View = {name: _renamed(item) for name, item in value.items()}
    if "asset" in view:
        # Accounts in the EU are kept in credits (NautilusTrader, Binance integration).
        view["asset"] = "BNFCR"
    return view
