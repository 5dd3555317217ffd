"""All endpoints by method and path."""

from collections.abc import Mapping
from typing import Final

from botcore_tui.exchange.sim.endpoints import (
    account,
    algo_orders,
    general,
    klines,
    market,
    order_queries,
    orders,
    settings,
)
from botcore_tui.exchange.sim.endpoints.endpoint import Endpoint

ROUTES: Final[Mapping[tuple[str, str], Endpoint]] = {
    (endpoint.method, endpoint.path): endpoint
    for group in (general, market, klines, orders, order_queries, algo_orders, account, settings)
    for endpoint in group.ENDPOINTS
}
"""Whatever is not in here is answered with the venue's "path is invalid"."""
