"""What became of the requests: for each endpoint how many, how many a repetition saved, and why."""

from typing import Final

from msgspec import Struct, structs

from botcore_tui.exchange.binance.texts import one_line
from botcore_tui.model.snapshot import EndpointCalls

_LIMITED: Final = 429
_BANNED: Final = 418
# 403: the firewall of the venue. What else is refused (4xx) is an answer to what was asked.
_FAILED: Final = frozenset({403, 408, _BANNED, _LIMITED})


class CallCount(Struct):
    """The running count of one endpoint."""

    attempts: int = 0
    repeated: int = 0
    saved: int = 0
    given_up: int = 0
    failed: int = 0
    limited: int = 0
    banned: int = 0
    last_reason: str = ""

    def hear(self, status: int) -> None:
        """Take in the HTTP status of a reply."""
        self.failed += status in _FAILED or status >= 500
        self.limited += status == _LIMITED
        self.banned += status == _BANNED


_COUNTED: Final = tuple(name for name in CallCount.__struct_fields__ if name != "last_reason")


class CallCounts:
    """The counts of every endpoint that was asked."""

    def __init__(self) -> None:
        self._by_endpoint: dict[str, CallCount] = {}
        self._told: dict[str, CallCount] = {}

    def of(self, endpoint: str) -> CallCount:
        """The count of an endpoint; a new one at its first request."""
        return self._by_endpoint.setdefault(endpoint, CallCount())

    def rows(self) -> tuple[EndpointCalls, ...]:
        """All of them, for the screen."""
        return tuple(_row(endpoint, each) for endpoint, each in self._by_endpoint.items())

    def news(self) -> tuple[EndpointCalls, ...]:
        """What came since this was last asked; endpoints without any are left out.

        Whoever asks has it alone: nothing is told twice.
        """
        found = []
        for endpoint, count in self._by_endpoint.items():
            before = self._told.get(endpoint, CallCount())
            grown = {name: getattr(count, name) - getattr(before, name) for name in _COUNTED}
            self._told[endpoint] = structs.replace(count)
            # A refusal may come after its attempt was told: news all the same.
            if any(grown.values()):
                found.append(_row(endpoint, structs.replace(count, **grown)))
        return tuple(found)

    @property
    def has_trouble(self) -> bool:
        """Whether there is news of a request that was refused for a limit, or of a ban."""
        return any(
            count.limited + count.banned > before.limited + before.banned
            for endpoint, count in self._by_endpoint.items()
            for before in (self._told.get(endpoint, CallCount()),)
        )


def _row(endpoint: str, count: CallCount) -> EndpointCalls:
    return EndpointCalls(
        endpoint=endpoint,
        attempts=count.attempts,
        saved=count.saved,
        given_up=count.given_up,
        last_reason=one_line(count.last_reason),
        repeated=count.repeated,
        failed=count.failed,
        limited=count.limited,
        banned=count.banned,
    )
