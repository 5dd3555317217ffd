"""Addresses of stream connections, taken apart: route, framing, streams, wanted user events."""

from typing import Final
from urllib.parse import parse_qsl, unquote

from msgspec import Struct

from botcore_tui.exchange.sim.stream_names import Route, is_listen_key

USER_EVENTS: Final = frozenset(
    {
        "ACCOUNT_CONFIG_UPDATE",
        "ACCOUNT_UPDATE",
        "ALGO_UPDATE",
        "CONDITIONAL_ORDER_TRIGGER_REJECT",
        "GRID_UPDATE",
        "MARGIN_CALL",
        "ORDER_TRADE_UPDATE",
        "STRATEGY_UPDATE",
        "TRADE_LITE",
        "listenKeyExpired",
    }
)
"""What ``events=`` may name; other words there are ignored."""


class StreamAddress(Struct, frozen=True):
    """What a connection asks for by its address."""

    route: Route
    is_combined: bool
    names: tuple[str, ...] = ()
    events: tuple[tuple[str, frozenset[str]], ...] = ()
    """Events that are wanted of a listen key, where not all are."""


def stream_address(path: str, query: str) -> StreamAddress | None:
    """An address; None if it is none of a stream connection.

    Args:
        path: As sent, such as ``/public/ws/btcusdt@depth``.
        query: As sent, such as ``streams=btcusdt@depth/btcusdt@bookTicker``.

    Source: Binance, "Important WebSocket Change Notice", "User Data Streams".
    """
    parts = [unquote(part) for part in path.strip("/").split("/")]
    route = Route.NONE
    if parts[0] in {Route.PUBLIC, Route.MARKET, Route.PRIVATE}:
        route = Route(parts.pop(0))
    if not parts or parts[0] not in {"ws", "stream"}:
        return None
    is_combined = parts[0] == "stream"
    names = [name for name in parts[1:] if _is_name(name)]
    events: dict[str, frozenset[str]] = {}
    key = ""
    for parameter, value in parse_qsl(query):
        if parameter == "streams":
            names += [name for name in value.split("/") if _is_name(name)]
        elif parameter == "listenKey":
            key = value
            names.append(key)
        elif parameter == "events" and key:
            # Belongs to the key before it.
            events[key] = USER_EVENTS & frozenset(value.split("/"))
    return StreamAddress(route, is_combined, tuple(names), tuple(events.items()))


def _is_name(text: str) -> bool:
    # Clients put counters there (/ws/0) to tell their connections apart.
    return "@" in text or text.startswith("!") or is_listen_key(text)
