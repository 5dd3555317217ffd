"""Events of the user's stream as documented, and the same with other values."""

import json
from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent / "data"
_LINES: Final = [
    line
    for name in ("usdm_user_events.txt", "usdm_user_events_rare.txt")
    for line in (_FOLDER / name).read_text().splitlines()
    if not line.startswith("#")
]
USER_SAMPLES: Final = tuple(line.encode() for line in _LINES)
"""Every documented event."""
KEY: Final = "k" * 64
"""A listen key by its form."""


def event_of(kind: str, body: str = "", **values: object) -> bytes:
    """The first documented event of a kind, with other values.

    Args:
        kind: Its ``e``.
        body: Key of the object whose values change, such as ``o``; empty: the event itself.
        values: By key.
    """
    event = next(found for line in _LINES if (found := json.loads(line))["e"] == kind)
    (event[body] if body else event).update(values)
    return json.dumps(event).encode()


def order_event(**values: object) -> bytes:
    """An ORDER_TRADE_UPDATE."""
    return event_of("ORDER_TRADE_UPDATE", "o", **{"o": "LIMIT", "ps": "BOTH", **values})


def fill_event(**values: object) -> bytes:
    """An ORDER_TRADE_UPDATE of fill 77: 0.4 at 7100.5."""
    filled = {"x": "TRADE", "X": "PARTIALLY_FILLED", "q": "1", "l": "0.4", "z": "0.4"}
    paid = {"L": "7100.5", "n": "1.1", "N": "USDT", "t": 77, "rp": "-3.5", "m": True}
    return order_event(**{**filled, **paid, **values})


def algo_event(**values: object) -> bytes:
    """An ALGO_UPDATE."""
    return event_of("ALGO_UPDATE", "o", **values)


def combined(payload: bytes, key: str = KEY) -> bytes:
    """As a combined stream sends it."""
    return b'{"stream":"%b","data":%b}' % (key.encode(), payload)
