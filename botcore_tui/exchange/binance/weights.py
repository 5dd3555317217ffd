"""What each request costs; pure.

Source: Binance USD-M futures, each endpoint's own page, "Request Weight"; weights of its SDK
18.0.1. Orders cost no weight: they are counted in windows of their own.
"""

from collections.abc import Mapping
from typing import Final

from botcore_tui.exchange.binance.allowance import Cost

_ORDER: Final = Cost(weight=0, orders_10s=1, orders_1m=1)
_FIXED: Final = {
    "POST order": _ORDER,
    "POST algoOrder": _ORDER,
    "POST countdownCancelAll": Cost(weight=10),
    "userTrades": Cost(weight=5),
    "income": Cost(weight=30),
    "symbolConfig": Cost(weight=5),
    "accountConfig": Cost(weight=5),
    "positionSide/dual": Cost(weight=30),
    "balance": Cost(weight=5),
    "positionRisk": Cost(weight=5),
}
_ONE: Final = Cost(weight=1)
_WHOLE_ACCOUNT: Final = Cost(weight=40)


def cost_of(endpoint: str, parameters: Mapping[str, str | int]) -> Cost:
    """Cost of a request; of one that is not known, that of the lightest.

    Args:
        endpoint: Its path, and the method where that is not GET.
        parameters: Of the request.
    """
    match endpoint:
        case "depth":
            return Cost(
                weight=_stepped(int(parameters.get("limit", 500)), (50, 100, 500), (2, 5, 10, 20))
            )
        case "klines":
            return Cost(
                weight=_stepped(int(parameters.get("limit", 500)), (99, 499, 1000), (1, 2, 5, 10))
            )
        case "openOrders" | "openAlgoOrders":
            return _ONE if "symbol" in parameters else _WHOLE_ACCOUNT
        case _:
            return _FIXED.get(endpoint, _ONE)


def _stepped(limit: int, tops: tuple[int, ...], weights: tuple[int, ...]) -> int:
    # One weight more than tops: for what is above the last.
    return next(
        (weight for top, weight in zip(tops, weights, strict=False) if limit <= top), weights[-1]
    )
