"""Rows of the ledger as lines of its tables, text, whole numbers and truth only; and back."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, Final, TypeVar

from msgspec import Struct, structs

from botcore_tui.ledger.amounts import exact
from botcore_tui.model.ledger import (
    AnchorRow,
    AuditRow,
    CallRow,
    CommandRow,
    DrillRow,
    EquityRow,
    FillRow,
    FundingRow,
    IntentRow,
    LedgerRow,
    OrderRow,
    OverrideRow,
    PhaseRow,
    PositionRow,
    ProtectionRow,
    ResetRow,
    StrategyRow,
    StreamRow,
    TransferRow,
    TripRow,
)
from botcore_tui.model.order import Source

Row = TypeVar("Row", bound=Struct)

Stored = str | int | None
"""What a column holds; ``bool`` is an ``int``."""

_TABLES: Final[Mapping[type[Struct], str]] = {
    IntentRow: "intents",
    OrderRow: "order_events",
    FillRow: "fills",
    PositionRow: "position_events",
    EquityRow: "equity",
    FundingRow: "funding",
    TransferRow: "transfers",
    CommandRow: "commands",
    AuditRow: "audit",
    ProtectionRow: "protection",
    AnchorRow: "anchors",
    TripRow: "trips",
    ResetRow: "resets",
    OverrideRow: "overrides",
    StrategyRow: "strategies",
    PhaseRow: "phases",
    DrillRow: "drills",
    StreamRow: "streams",
    CallRow: "calls",
}
_BREAKERS: Final = ("breaker.", "state.")
"""Codes of audit rows that have a table of their own."""


class Line(Struct, frozen=True):
    """One row of one table, without its place in the chain."""

    table: str
    values: dict[str, Stored]


def line_of(row: LedgerRow) -> Line:
    """The line that a row becomes."""
    table = _TABLES[type(row)]
    match row:
        case IntentRow():
            values = _columns(row.request)
            for name in ("stop_price", "target_price", "trail_pct"):
                values[name] = stored(getattr(row, name))
        case FillRow():
            values = _columns(row.fill)
            # An execution learned from a list of trades does not name its order; we do.
            for name in ("client_order_id", "purpose", "tag"):
                values[name] = stored(getattr(row, name))
        case AuditRow() if row.code.startswith(_BREAKERS):
            return Line("breaker_events", _columns(row))
        case _:
            values = _columns(row)
    return Line(table, values)


def row_of(columns: Mapping[Any, Any], kind: type[Row]) -> Row:
    """The row that a line of a table was made of; words of an Enum stay plain text.

    Args:
        columns: By name, as SQLAlchemy reads them; others are left out.
        kind: Of the row.
    """
    return kind(**{name: columns[name] for name in kind.__struct_fields__})


def funding_of(columns: Mapping[Any, Any]) -> FundingRow:
    """Likewise of funding."""
    row = row_of(columns, FundingRow)
    return structs.replace(row, source=Source(row.source))


def stored(value: object) -> Stored:
    """A value as its column holds it.

    Raises:
        TypeError: No column holds such a thing.
    """
    store = _STORES[type(value)]
    return value if store is None else store(value)  # type: ignore[return-value]  # its kind tells


@cache
def _text_of(value: Enum) -> str:
    return str(value.value)


def _columns(row: Struct) -> dict[str, Stored]:
    # Not by ``stored``: to call it for each of some twenty columns takes as long as the rest.
    found: dict[str, Stored] = {}
    for name in row.__struct_fields__:
        value = getattr(row, name)
        store = _STORES[type(value)]
        found[name] = value if store is None else store(value)
    return found


def writable(text: str) -> str:
    """The text without what neither a database nor a file of UTF-8 can hold."""
    # PostgreSQL holds no NUL, and neither database half a surrogate pair.
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "�").encode("utf-8", "replace").decode("utf-8")


class _Stores(dict[type, Callable[[Any], str] | None]):
    """How values of a kind become what a column holds; None: as they are."""

    def __missing__(self, kind: type) -> Callable[[Any], str] | None:
        # By the type itself: an Enum that is a str must become a plain one, drivers look at that.
        if issubclass(kind, Enum):
            store: Callable[[Any], str] = _text_of
        elif issubclass(kind, str):
            store = writable
        elif issubclass(kind, Decimal):
            store = exact
        else:
            raise TypeError(f"no column holds a {kind.__name__}")
        self[kind] = store
        return store


_STORES: Final = _Stores({int: None, bool: None, type(None): None})
