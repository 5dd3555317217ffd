"""What the ledger knows of limits when a session begins."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import Connection, Join, Select, Table, and_, func, or_, select

from botcore_tui.core.breaker_terms import OnTrip
from botcore_tui.ledger.encoding import Row, row_of
from botcore_tui.ledger.money import is_capital
from botcore_tui.ledger.risk_tables import ANCHORS, OVERRIDES, PHASES, RESETS, STRATEGIES, TRIPS
from botcore_tui.ledger.tables import (
    AUDIT,
    BREAKER_EVENTS,
    COMMANDS,
    EQUITY,
    FILLS,
    POSITIONS,
    RUNS,
    TRANSFERS,
)
from botcore_tui.model.command import Halt, Resume
from botcore_tui.model.ledger import (
    AnchorRow,
    EquityRow,
    OverrideRow,
    PhaseRow,
    RiskMemory,
    StrategyRow,
    TripRow,
)
from botcore_tui.model.risk import MOVED

_MINUTE_MS: Final = 60_000
_DAY_MS: Final = 86_400_000
_HIGHS_MS: Final = 4 * _DAY_MS
"""Longer ago is no transfer that is learned of only now."""
_TRIPS_SHOWN: Final = 20
_ACTIVE, _HALTED = "state.active", "state.halted"
STATES: Final = (_ACTIVE, "state.reducing", _HALTED)
"""Codes of the rows that say in which state trading is.

A halt that belongs to the end of a session is none of them: what was before it still holds.
"""
_OF_LEAVING: Final = (" by leave: ", " by signal: SIGTERM", " by signal: SIGINT")
"""By these words rows tell such a halt that were written before it had a code of its own."""
_LOOKED_AT: Final = 100
_HALT, _RESUME = Halt.__name__, Resume.__name__
_CONFIRMED: Final = "halt.confirmed"
_ROLLING: Final = ("rolling-1h", "rolling-24h")


_BEGUN: Final = func.coalesce(RUNS.c.sequence, 0)
"""Where in the ledger the run of a row begins: all its rows are behind that."""


class _Moment(NamedTuple):
    """Of a row, in the order of what happened: runs as they began, and in each as it was said."""

    begun: int
    sequence: int


_NEVER: Final = _Moment(0, 0)


class _OfHalt(msgspec.Struct, frozen=True):
    """Of the arguments of a halt what matters here."""

    flattens: bool = False


def risk_memory(connection: Connection, account: str, now_ms: int, asset: str) -> RiskMemory:
    """Read it; quick, however long the ledger is.

    Args:
        connection: Of a reader.
        account: Environment and key.
        now_ms: Decides what today is (UTC), what the last 24 hours are, and which overrides hold.
        asset: In which money is counted.
    """
    day_ms = now_ms - now_ms % _DAY_MS
    day = _newest_anchor(connection, account, "day")
    if day is not None and not day_ms <= day.time_ms < day_ms + _DAY_MS:
        day = None
    phase = _phase(connection, account)
    reduced = reduced_by(connection, account)
    return RiskMemory(
        day=day,
        day_from_ms=0 if day is None else _day_from_ms(connection, account, day_ms),
        was_active_today=_was_active(connection, account, day_ms, day),
        high_water=_newest_anchor(connection, account, "high_water"),
        highs=tuple(_highs(connection, account, now_ms)),
        rolling=tuple(_rolling(connection, account)),
        equity=tuple(_equity(connection, account, now_ms)),
        latched=tuple(_latched(connection, account)),
        trips=tuple(_newest_trips(connection, account)),
        overrides=tuple(_overrides(connection, account, now_ms)),
        disabled=tuple(_disabled(connection, account)),
        reduced=reduced,
        is_flattening=bool(reduced) and _is_flattening(connection, account),
        phase=phase,
        phase_transfers=_transfers(connection, account, phase, asset),
    )


def reduced_by(connection: Connection, account: str) -> str:
    """Who or what left trading REDUCING or HALTED, and why; empty if it was left ACTIVE.

    Args:
        connection: Of a reader.
        account: Environment and key.
    """
    table = BREAKER_EVENTS.c
    query = select(table.code, table.text).where(
        table.account == account, table.code.in_(tuple(STATES))
    )
    for code, text in connection.execute(query.order_by(table.sequence.desc()).limit(_LOOKED_AT)):
        if not (code == _HALTED and any(word in text for word in _OF_LEAVING)):
            return "" if code == _ACTIVE else str(text)
    return ""


def latched_codes(connection: Connection, account: str) -> list[str]:
    """Breakers that have tripped and were not reset, in the order of their codes.

    Args:
        connection: Of a reader.
        account: Environment and key.
    """
    return sorted({trip.code for trip in _latched(connection, account)})


def _newest_anchor(connection: Connection, account: str, kind: str) -> AnchorRow | None:
    table = ANCHORS.c
    query = select(ANCHORS).where(table.account == account, table.kind == kind)
    query = query.order_by(table.sequence.desc()).limit(1)
    return next(_rows(connection, query, AnchorRow), None)


def _day_from_ms(connection: Connection, account: str, day_ms: int) -> int:
    table = ANCHORS.c
    query = select(table.time_ms).where(
        table.account == account,
        table.kind == "day",
        table.time_ms >= day_ms,
        or_(table.reason != MOVED, table.actor != ""),
    )
    return connection.execute(query.order_by(table.sequence.desc()).limit(1)).scalar() or 0


def _highs(connection: Connection, account: str, now_ms: int) -> list[AnchorRow]:
    # Backwards: of an account that is years old the last days are few rows.
    table = ANCHORS.c
    query = select(ANCHORS).where(table.account == account, table.kind == "high_water")
    found: list[AnchorRow] = []
    asked = connection.execute(
        query.order_by(table.sequence.desc()), execution_options={"yield_per": _LOOKED_AT}
    )
    with asked as rows:
        for row in rows.mappings():
            found.append(row_of(row, AnchorRow))
            if found[-1].actor or found[-1].time_ms < now_ms - _HIGHS_MS:
                break
    return found[::-1]


def _rolling(connection: Connection, account: str) -> Iterator[AnchorRow]:
    for kind in _ROLLING:
        row = _newest_anchor(connection, account, kind)
        if row is not None:
            yield row


def _was_active(
    connection: Connection, account: str, day_ms: int, anchor: AnchorRow | None
) -> bool:
    end_ms = day_ms + _DAY_MS if anchor is None else anchor.time_ms
    fills, held = FILLS.c, POSITIONS.c
    executions = select(fills.sequence).where(
        fills.account == account, fills.time_ms >= day_ms, fills.time_ms < end_ms
    )
    # One that was held at the day's start and is not any more has executions of today.
    positions = select(held.symbol).where(
        held.account == account, held.opened_ms > 0, held.opened_ms < day_ms
    )
    return any(
        connection.execute(query.limit(1)).first() is not None for query in (executions, positions)
    )


def _equity(connection: Connection, account: str, now_ms: int) -> Iterator[EquityRow]:
    # The first of each minute by the index alone; of a busy day there is one row a second.
    table = EQUITY.c
    minute = table.time_ms // _MINUTE_MS
    firsts = (
        select(func.min(table.sequence))
        .where(table.account == account, table.time_ms > now_ms - _DAY_MS, table.time_ms <= now_ms)
        .group_by(minute)
    )
    query = select(EQUITY).where(table.account == account, table.sequence.in_(firsts))
    yield from _rows(connection, query.order_by(table.time_ms, table.sequence), EquityRow)


def _latched(connection: Connection, account: str) -> Iterator[TripRow]:
    trip, reset = TRIPS.c, RESETS.c
    later = (
        select(reset.sequence)
        .where(reset.account == account, reset.code == trip.code, reset.sequence > trip.sequence)
        .exists()
    )
    query = select(TRIPS).where(trip.account == account, ~later).order_by(trip.sequence)
    yield from _rows(connection, query, TripRow)


def _newest_trips(connection: Connection, account: str) -> Iterator[TripRow]:
    query = select(TRIPS).where(TRIPS.c.account == account)
    query = query.order_by(TRIPS.c.sequence.desc()).limit(_TRIPS_SHOWN)
    yield from _rows(connection, query, TripRow)


def _overrides(connection: Connection, account: str, now_ms: int) -> Iterator[OverrideRow]:
    table = OVERRIDES.c
    newest = _newest_of_each(OVERRIDES, account, "limit")
    query = newest.where(table.until_ms > now_ms).order_by(table.sequence)
    yield from _rows(connection, query, OverrideRow)


def _disabled(connection: Connection, account: str) -> Iterator[StrategyRow]:
    table = STRATEGIES.c
    query = _newest_of_each(STRATEGIES, account, "strategy").where(~table.is_enabled)
    yield from _rows(connection, query.order_by(table.strategy), StrategyRow)


def _is_flattening(connection: Connection, account: str) -> bool:
    """Whether positions were to be closed, by a person or a trip, and that was not done with.

    A breaker that is reset meanwhile takes nothing back: that is what resuming is for.
    """
    wanted = _newest_wish(connection, account)
    if wanted == _NEVER:
        return False
    audit, run, (begun, sequence) = AUDIT.c, _BEGUN, wanted
    confirmed = select(audit.sequence).select_from(_with_runs(AUDIT))
    confirmed = confirmed.where(
        audit.account == account,
        audit.code == _CONFIRMED,
        audit.sequence > begun,  # else it is of an earlier run; and few rows are looked at
        or_(run > begun, and_(run == begun, audit.sequence > sequence)),
    )
    return connection.execute(confirmed.limit(1)).first() is None


def _newest_wish(connection: Connection, account: str) -> _Moment:
    """When it was last wished that there be no positions, unless a person has resumed since.

    What a run says counts before all that a later one does, however late it came in.
    """
    trip, command = TRIPS.c, COMMANDS.c
    tripped = select(_BEGUN, trip.sequence).select_from(_with_runs(TRIPS))
    tripped = tripped.where(trip.account == account, trip.action == OnTrip.FLATTEN.value)
    tripped = tripped.order_by(_BEGUN.desc(), trip.sequence.desc()).limit(1)
    wanted = next((_Moment(*row) for row in connection.execute(tripped)), _NEVER)
    said, is_wish = _NEVER, False
    query = select(_BEGUN, command.sequence, command.command, command.arguments)
    query = query.select_from(_with_runs(COMMANDS)).where(
        command.account == account, command.command.in_((_HALT, _RESUME)), command.is_accepted
    )
    for begun, sequence, name, arguments in connection.execute(
        query.order_by(command.sequence.desc())
    ):
        if sequence < said.begun:
            break  # all that follow are of earlier runs
        moment = _Moment(begun, sequence)
        if moment > said and (name == _RESUME or _flattens(arguments)):
            said, is_wish = moment, name == _HALT
    if said < wanted:
        return wanted
    return said if is_wish else _NEVER


def _with_runs(table: Table) -> Join:
    own = and_(RUNS.c.account == table.c.account, RUNS.c.run_id == table.c.run_id)
    return table.outerjoin(RUNS, own)


def _flattens(arguments: str) -> bool:
    try:
        return msgspec.json.decode(arguments, type=_OfHalt).flattens
    except msgspec.MsgspecError:  # of another version, which meant something else by it
        return False


def _newest_of_each(table: Table, account: str, name: str) -> Select[Any]:
    newest = (
        select(func.max(table.c.sequence)).where(table.c.account == account).group_by(table.c[name])
    )
    return select(table).where(table.c.account == account, table.c.sequence.in_(newest))


def _phase(connection: Connection, account: str) -> PhaseRow | None:
    query = select(PHASES).where(PHASES.c.account == account)
    query = query.order_by(PHASES.c.sequence.desc()).limit(1)
    return next(_rows(connection, query, PhaseRow), None)


def _transfers(connection: Connection, account: str, phase: PhaseRow | None, asset: str) -> Decimal:
    if phase is None:
        return Decimal(0)
    table = TRANSFERS.c
    query = select(table.amount).where(
        table.account == account,
        table.time_ms > phase.time_ms,
        table.asset == asset,
        is_capital(),
    )
    return sum(connection.execute(query).scalars(), Decimal(0))


def _rows(connection: Connection, query: Select[Any], kind: type[Row]) -> Iterator[Row]:
    for row in connection.execute(query).mappings():
        yield row_of(row, kind)
