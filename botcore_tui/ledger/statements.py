"""The writer's statements as the drivers take them: made by SQLAlchemy, once a process.

Building them for every batch would take longer than the disk does.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from msgspec import Struct
from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Delete,
    Dialect,
    Select,
    Table,
    TextClause,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal_column,
    make_url,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.elements import KeyedColumnElement

from botcore_tui.ledger.tables import (
    CHAINED,
    FILLS,
    FUNDING,
    HEADS,
    INTAKE,
    INTENTS,
    ORDERS,
    POSITIONS,
)

_ZERO: Final[ColumnElement[int]] = literal_column("0")
_KEPT: Final = ("order_id", "algo_id", "sent_ms")
"""Numbers of an order that a later row need not repeat."""

_COUNTED: Final = ("transfers", "protection", "streams", "calls")
_PLACE: Final = frozenset({"sequence", "previous_hash", "hash"})

PAYMENT: Final = ("symbol", "asset", "amount", "transaction_id", "time_ms")
"""What is found of funding."""

_Insert = type[sqlite.Insert] | type[postgresql.Insert]


class Statements(Struct, frozen=True):
    """Text with named parameters: the columns, unless said otherwise."""

    inserts: Mapping[str, str]
    """Into each chained table."""
    counted: Mapping[str, str]
    """How many rows of a run are the same, of tables whose rows are summed and have no number."""
    plan: str
    """The present state of an order of which nothing but the intent is known."""
    change: str
    """The present state of an order."""
    hold: str
    """The present state of a position."""
    advance: str
    """The head of the chain ``of`` an account, from ``old_sequence`` and ``old_hash``."""
    trades: str
    """Which of ``many`` executions of a ``symbol`` are known, by their numbers."""
    intended: str
    """Which of ``many`` orders have an intent."""
    payments: str
    """Funding in the time from ``from_ms`` to ``to_ms``."""
    held: str
    """Symbol, quantity and age of the positions in ``many`` symbols."""
    unmoved: str
    """Whether the head of the chain of an ``account`` is still at a ``sequence`` and ``hash``."""
    arrive: str
    """Into the intake, unless it is there, as long as the chain is at ``sequence`` and ``hash``."""
    leave: str
    """Out of the intake: what a run has there, up to a ``number``."""


@cache
def statements_for(database: str) -> Statements:
    """Statements for ``sqlite`` or ``postgresql``."""
    is_sqlite = database == "sqlite"
    postgres = make_url("postgresql+psycopg://").get_dialect()
    dialect: Dialect = sqlite.dialect(paramstyle="named") if is_sqlite else postgres()
    make: _Insert = sqlite.Insert if is_sqlite else postgresql.Insert
    advance = (
        update(HEADS)
        .where(
            HEADS.c.account == bindparam("of"),
            HEADS.c.sequence == bindparam("old_sequence"),
            HEADS.c.hash == bindparam("old_hash"),
        )
        .values(sequence=bindparam("new_sequence"), hash=bindparam("new_hash"))
    )
    return Statements(
        inserts={
            name: str(insert(table).compile(dialect=dialect)) for name, table in CHAINED.items()
        },
        counted={name: str(_same(CHAINED[name]).compile(dialect=dialect)) for name in _COUNTED},
        plan=str(make(ORDERS).on_conflict_do_nothing().compile(dialect=dialect)),
        change=str(_change(make).compile(dialect=dialect)),
        hold=str(_hold(make).compile(dialect=dialect)),
        advance=str(advance.compile(dialect=dialect)),
        arrive=str(_arrive(make).compile(dialect=dialect)),
        leave=str(_leave().compile(dialect=dialect)),
        **{name: str(find.compile(dialect=dialect)) for name, find in _finds(is_sqlite).items()},
    )


def _same(table: Table) -> Select[Any]:
    names = [column.name for column in table.columns if column.name not in _PLACE]
    same = (table.c[name] == bindparam(name) for name in names)
    return select(func.count()).select_from(table).where(*same)


def _finds(is_sqlite: bool) -> dict[str, Select[Any]]:
    def among(column: str) -> TextClause:
        listed = "IN (SELECT value FROM json_each(:many))" if is_sqlite else "= ANY(:many)"
        return text(f"{column} {listed}")

    fills, intents, funding, held = FILLS.c, INTENTS.c, FUNDING.c, POSITIONS.c
    account: BindParameter[str] = bindparam("account")
    return {
        "trades": select(fills.trade_id).where(
            fills.account == account, fills.symbol == bindparam("symbol"), among("trade_id")
        ),
        "intended": select(intents.client_order_id).where(
            intents.account == account, among("client_order_id")
        ),
        "payments": select(*(funding[name] for name in PAYMENT)).where(
            funding.account == account,
            funding.time_ms.between(bindparam("from_ms"), bindparam("to_ms")),
        ),
        "held": select(held.symbol, held.quantity, held.opened_ms).where(
            held.account == account, among("symbol")
        ),
        "unmoved": _unmoved(HEADS.c.sequence),
    }


def _unmoved(*columns: ColumnElement[Any]) -> Select[Any]:
    # Locked where there are locks of rows: whoever takes over has to wait for what arrives.
    return (
        select(*columns)
        .where(
            HEADS.c.account == bindparam("account"),
            HEADS.c.sequence == bindparam("sequence"),
            HEADS.c.hash == bindparam("hash"),
        )
        .with_for_update()
    )


def _arrive(make: _Insert) -> sqlite.Insert | postgresql.Insert:
    names = [column.name for column in INTAKE.columns]
    values = [bindparam(name, type_=INTAKE.c[name].type) for name in names]
    return make(INTAKE).from_select(names, _unmoved(*values)).on_conflict_do_nothing()


def _leave() -> Delete:
    return delete(INTAKE).where(
        INTAKE.c.account == bindparam("account"),
        INTAKE.c.run_id == bindparam("run_id"),
        INTAKE.c.number <= bindparam("number"),
    )


def _change(make: _Insert) -> sqlite.Insert | postgresql.Insert:
    change = make(ORDERS)
    new = change.excluded
    kept = {name: case((new[name] != _ZERO, new[name]), else_=ORDERS.c[name]) for name in _KEPT}
    return change.on_conflict_do_update(
        index_elements=list(ORDERS.primary_key), set_={**_all(ORDERS, new), **kept}
    )


def _hold(make: _Insert) -> sqlite.Insert | postgresql.Insert:
    hold = make(POSITIONS)
    return hold.on_conflict_do_update(
        index_elements=list(POSITIONS.primary_key), set_=_all(POSITIONS, hold.excluded)
    )


def _all(
    table: Table, new: ReadOnlyColumnCollection[str, KeyedColumnElement[Any]]
) -> dict[str, object]:
    return {column.name: new[column.name] for column in table.columns if not column.primary_key}
