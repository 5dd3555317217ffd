"""How much a client may ask: weights of an address, orders of the account, in fixed windows.

Source: Binance USD-M futures, "General Info" limits (2026-05). Windows are those of the wall clock
and empty at their end. Who goes on after a 429 is banned: at first for two minutes, each time for
twice as long, up to three days; the venue does not say after how many refusals.
"""

from typing import Final

from msgspec import Struct, field

from botcore_tui.exchange.sim.refusals import RefusalError

MINUTE_MS: Final = 60_000
TEN_SECONDS_MS: Final = 10_000
_FUNDING_MS: Final = 300_000
_FUNDING_LIMIT: Final = 500
"""Requests of funding rates an address, in five minutes."""
_PATIENCE: Final = 20
"""Refusals of one address in a minute before it is banned."""
_FIRST_BAN_MS: Final = 120_000
_LONGEST_BAN_MS: Final = 259_200_000
_WEIGHT_TEXT: Final = (
    "Too many requests; current limit of IP({remote}) is {limit} requests per {span}."
    " Please use the websocket for live updates to avoid polling the API."
)
_BAN_TEXT: Final = (
    "Way too many requests; IP({remote}) banned until {until}."
    " Please use the websocket for live updates to avoid bans."
)


class Quotas(Struct, frozen=True):
    """Limits; the usual ones of the venue unless a load test raises them."""

    weight: int = 2_400
    """Of an address, in a minute."""
    orders_10s: int = 300
    orders_1m: int = 1_200


class Window(Struct):
    """A count that starts anew in every interval."""

    length_ms: int
    number: int = -1
    used: int = 0

    def add(self, amount: int, now_ms: int) -> int:
        """Count, and say how many there are now."""
        number = now_ms // self.length_ms
        if number != self.number:
            self.number = number
            self.used = 0
        self.used += amount
        return self.used

    def seconds_left(self, now_ms: int) -> int:
        """Whole seconds until it is empty again, at least one."""
        return whole_seconds(self.length_ms - now_ms % self.length_ms)


class _Address(Struct):
    weight: Window = field(default_factory=lambda: Window(MINUTE_MS))
    refused: Window = field(default_factory=lambda: Window(MINUTE_MS))
    funding: Window = field(default_factory=lambda: Window(_FUNDING_MS))
    closed_until_ms: int = 0
    banned_until_ms: int = 0
    next_ban_ms: int = _FIRST_BAN_MS


class Limits:
    """What was used up by whom.

    Args:
        quotas: How much there is.
    """

    def __init__(self, quotas: Quotas) -> None:
        self.quotas = quotas
        self._addresses: dict[str, _Address] = {}
        self._orders_10s = Window(TEN_SECONDS_MS)
        self._orders_1m = Window(MINUTE_MS)

    def check_ban(self, remote: str, now_ms: int) -> None:
        """Refuse a banned address (418)."""
        address = self._addresses.get(remote)
        if address is None or now_ms >= address.banned_until_ms:
            return
        raise banned(remote, address.banned_until_ms, now_ms)

    def close(self, remote: str, until_ms: int) -> None:
        """Refuse an address whatever has weight until then (429)."""
        self._of(remote).closed_until_ms = until_ms

    def ban(self, remote: str, until_ms: int) -> None:
        """Refuse an address everything until then (418)."""
        self._of(remote).banned_until_ms = until_ms

    def spend(self, remote: str, weight: int, now_ms: int) -> None:
        """Count a request of an address.

        One of weight 0 uses nothing up, so it is never refused here.

        Raises:
            RefusalError: -1003, with 429 or, after too many of those, with 418.
        """
        address = self._of(remote)
        used = address.weight.add(weight, now_ms)
        if weight and (used > self.quotas.weight or now_ms < address.closed_until_ms):
            self._refuse(remote, now_ms)

    def add_weight(self, remote: str, weight: int, now_ms: int) -> None:
        """Count what somebody else at the same address used."""
        self._of(remote).weight.add(weight, now_ms)

    def spend_funding(self, remote: str, now_ms: int) -> None:
        """Count a request of funding rates, which have a limit of their own."""
        window = self._of(remote).funding
        if window.add(1, now_ms) > _FUNDING_LIMIT:
            seconds = window.seconds_left(now_ms)
            raise too_heavy(remote, _FUNDING_LIMIT, seconds, "5 minutes")

    def spend_orders(self, ten_seconds: int, minute: int, now_ms: int) -> None:
        """Count orders of the account.

        Raises:
            RefusalError: -1015.
        """
        quotas = self.quotas
        if self._orders_10s.add(ten_seconds, now_ms) > quotas.orders_10s:
            self._orders_1m.add(minute, now_ms)
            raise _too_many(quotas.orders_10s, "10 SECOND", self._orders_10s, now_ms)
        if self._orders_1m.add(minute, now_ms) > quotas.orders_1m:
            raise _too_many(quotas.orders_1m, "MINUTE", self._orders_1m, now_ms)

    def used_weight(self, remote: str, now_ms: int) -> int:
        """Weight that an address used in this minute."""
        return self._of(remote).weight.add(0, now_ms)

    def used_orders(self, now_ms: int) -> tuple[int, int]:
        """Orders in these ten seconds and in this minute."""
        return self._orders_10s.add(0, now_ms), self._orders_1m.add(0, now_ms)

    def _of(self, remote: str) -> _Address:
        address = self._addresses.get(remote)
        if address is None:
            address = self._addresses[remote] = _Address()
        return address

    def _refuse(self, remote: str, now_ms: int) -> None:
        address = self._of(remote)
        if address.refused.add(1, now_ms) > _PATIENCE:
            address.banned_until_ms = now_ms + address.next_ban_ms
            address.next_ban_ms = min(2 * address.next_ban_ms, _LONGEST_BAN_MS)
            address.refused.used = 0
            raise banned(remote, address.banned_until_ms, now_ms)
        seconds = address.weight.seconds_left(now_ms)
        if now_ms < address.closed_until_ms:
            seconds = whole_seconds(address.closed_until_ms - now_ms)
        raise too_heavy(remote, self.quotas.weight, seconds)


def whole_seconds(milliseconds: int) -> int:
    """Seconds of a ``Retry-After`` header: rounded up, so that who waits them is not too early."""
    return -(-milliseconds // 1_000)


def too_heavy(remote: str, limit: int, seconds: int, span: str = "minute") -> RefusalError:
    """The 429 of an address that used up a limit.

    Args:
        remote: The address.
        limit: What it may use up in ``span``.
        seconds: Until it is free again.
        span: Time that the limit is of.
    """
    text = _WEIGHT_TEXT.format(remote=remote, limit=limit, span=span)
    return RefusalError(-1003, message=text, retry_after_seconds=seconds)


def banned(remote: str, until_ms: int, now_ms: int) -> RefusalError:
    """The 418 of a banned address."""
    return RefusalError(
        -1003,
        message=_BAN_TEXT.format(remote=remote, until=until_ms),
        status=418,
        retry_after_seconds=whole_seconds(until_ms - now_ms),
    )


def _too_many(limit: int, interval: str, window: Window, now_ms: int) -> RefusalError:
    seconds = window.seconds_left(now_ms)
    return RefusalError(-1015, limit, interval, retry_after_seconds=seconds)
