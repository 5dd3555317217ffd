"""What became of the requests: for each endpoint how many, how many a repetition saved, and why."""

from msgspec import Struct

from botcore_tui.exchange.binance.texts import one_line
from botcore_tui.model.snapshot import EndpointCalls


class CallCount(Struct):
    """The running count of one endpoint."""

    attempts: int = 0
    saved: int = 0
    given_up: int = 0
    last_reason: str = ""


class CallCounts:
    """The counts of every endpoint that was asked."""

    def __init__(self) -> None:
        self._by_endpoint: dict[str, CallCount] = {}

    def of(self, endpoint: str) -> CallCount:
        """The count of an endpoint; a new one at its first request."""
        return self._by_endpoint.setdefault(endpoint, CallCount())

    def rows(self) -> tuple[EndpointCalls, ...]:
        """All of them, for the screen."""
        return tuple(
            EndpointCalls(
                endpoint, each.attempts, each.saved, each.given_up, one_line(each.last_reason)
            )
            for endpoint, each in self._by_endpoint.items()
        )
