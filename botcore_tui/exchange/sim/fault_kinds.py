"""What a fault of the embedded exchange is made of: its name, where it strikes, what it takes."""

from enum import Enum
from typing import Final

from msgspec import Struct

Value = int | str
"""Of a parameter: a whole number, or text."""


class Narrowing(Enum):
    """What else than a symbol a fault can be kept to; its value is the key of a specification."""

    NOTHING = ""
    ENDPOINT = "endpoint"
    """``POST /fapi/v1/order``, or a path for all its methods."""
    EVENT = "event"
    """Type of a user event, such as ``ORDER_TRADE_UPDATE``."""
    ROUTE = "route"
    """``public``, ``market`` or ``private``."""
    STREAM = "stream"
    """Kind of a market stream, such as ``depth`` or ``bookTicker``."""


CREATES: Final = ("POST /fapi/v1/order", "POST /fapi/v1/batchOrders", "POST /fapi/v1/algoOrder")
"""Requests that make orders."""
THROTTLED: Final = ("POST /fapi/v1/order", "POST /fapi/v1/batchOrders", "POST /fapi/v1/order/test")
"""What -1008 concerns (General Info)."""
EQUITY: Final = (
    "GET /fapi/v2/account",
    "GET /fapi/v3/account",
    "GET /fapi/v2/balance",
    "GET /fapi/v3/balance",
)
"""Requests that tell the account's money."""
ROUTES: Final = ("public", "market", "private")
USER_EVENTS: Final = (
    "ORDER_TRADE_UPDATE",
    "TRADE_LITE",
    "ACCOUNT_UPDATE",
    "ALGO_UPDATE",
    "ACCOUNT_CONFIG_UPDATE",
    "MARGIN_CALL",
)
PRICES: Final = ("aggTrade", "trade", "bookTicker", "markPrice")
"""Kinds of streams whose frames are about one price."""


class Parameter(Struct, frozen=True):
    """Something that a fault can be told, besides what every fault can be told."""

    name: str
    default: Value
    """A whole number, or text: a number with a fraction unless there are choices."""
    meaning: str
    choices: tuple[Value, ...] = ()
    """Nothing else is allowed; empty: anything."""
    least: int = 0
    """Of a whole number."""
    most: int = 86_400_000


class FaultKind(Struct, frozen=True):
    """A failure that real traders reported, and that the embedded exchange can repeat."""

    name: str
    catalogue: str
    """Id in the fault catalogue, such as ``F01``."""
    summary: str
    """One line."""
    incident: str
    """Who met it: ``owner/repo#number``."""
    parameters: tuple[Parameter, ...] = ()
    narrowing: Narrowing = Narrowing.NOTHING
    only: tuple[str, ...] = ()
    """What ``narrowing`` can be; empty: whatever has its form."""
    count: int | None = 1
    """How often it strikes unless told otherwise; None: until it is disarmed."""
    has_symbol: bool = True
    """Can be kept to one contract."""
    is_act: bool = False
    """Happens by itself at its time, rather than to something a client does or receives."""

    @property
    def defaults(self) -> dict[str, Value]:
        """Value of each parameter that is not given one."""
        return {item.name: item.default for item in self.parameters}


def delay(milliseconds: int, meaning: str) -> Parameter:
    """How long something takes, milliseconds of simulated time."""
    return Parameter("delay_ms", milliseconds, meaning, least=1)


def way(*choices: str) -> Parameter:
    """How it shows; the first is the default."""
    return Parameter("how", choices[0], "how it shows", choices)


SIDE: Final = Parameter("side", "BUY", "side of the order", ("BUY", "SELL"))
