"""What became of the requests, by endpoint."""

from botcore_tui.exchange.binance.calls import CallCounts
from botcore_tui.model.snapshot import EndpointCalls


def test_each_endpoint_has_a_count_of_its_own() -> None:
    counts = CallCounts()
    counts.of("depth").attempts += 2
    counts.of("depth").saved += 1
    counts.of("depth").last_reason = "HTTP 500:\nInternal"
    counts.of("klines").given_up += 1
    assert counts.rows() == (
        EndpointCalls("depth", 2, 1, 0, "HTTP 500: Internal"),
        EndpointCalls("klines", 0, 0, 1, ""),
    )
