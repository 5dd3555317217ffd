"""What the exchange tells of requests that went wrong."""

import pytest
from aiohttp import ClientConnectionResetError
from aiohttp.http_exceptions import HttpProcessingError

from botcore_tui.exchange.sim.server import _quiet_logger


@pytest.mark.parametrize(
    ("error", "is_told"),
    [
        (ClientConnectionResetError("gone"), False),
        (HttpProcessingError(message="no HTTP"), False),
        (ValueError("a defect"), True),
    ],
)
def test_who_has_gone_is_no_failure_of_the_exchange(
    error: Exception, is_told: bool, caplog: pytest.LogCaptureFixture
) -> None:
    _quiet_logger().error("Error handling request", exc_info=error)
    assert bool(caplog.records) is is_told
