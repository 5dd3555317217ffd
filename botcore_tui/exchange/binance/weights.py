"""What each request costs; pure.

Source: Binance USD-M futures, each endpoint's own page, "Request Weight".
"""

from collections.abc import Mapping

from botcore_tui.exchange.binance.allowance import Cost


def cost_of(endpoint: str, parameters: Mapping[str, str | int]) -> Cost:
    """Cost of a request; of one that is not known, that of the lightest."""
    match endpoint:
        case "depth":
            return Cost(
                weight=_stepped(int(parameters.get("limit", 500)), (50, 100, 500), (2, 5, 10, 20))
            )
        case "klines":
            return Cost(
                weight=_stepped(int(parameters.get("limit", 500)), (99, 499, 1000), (1, 2, 5, 10))
            )
        case _:
            return Cost(weight=1)


def _stepped(limit: int, tops: tuple[int, ...], weights: tuple[int, ...]) -> int:
    # One weight more than tops: for what is above the last.
    return next(
        (weight for top, weight in zip(tops, weights, strict=False) if limit <= top), weights[-1]
    )
