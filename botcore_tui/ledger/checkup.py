"""What the ledger shows of a span of time, for the checks: summed by the database."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, Row, func, select

from botcore_tui.core.checks import Delivery, OrderCount, Sums
from botcore_tui.ledger.risk_tables import CALLS, STREAMS
from botcore_tui.ledger.tables import COMMANDS, EQUITY, INTENTS, ORDERS, POSITION_EVENTS, RUNS
from botcore_tui.model.check import JournalTrade, Signature
from botcore_tui.model.command import SignOff
from botcore_tui.model.ledger import EquityRow
from botcore_tui.model.order import OrderState

_SIGN_OFF: Final = SignOff.__name__
_TRADE: Final = "trade"
_FAILED: Final = tuple(
    str(state) for state in (OrderState.REJECTED, OrderState.NOT_PLACED, OrderState.UNKNOWN)
)
_COUNTED: Final = ("attempts", "repeated", "saved", "given_up", "failed", "limited", "banned")


class SignedList(Struct, frozen=True):
    """The newest signature of a list, and the limits that it was about."""

    signature: Signature
    limits: Mapping[str, str]


class _Seen(Struct, frozen=True):
    limits: dict[str, str] = {}


class Checkup:
    """Questions about one account.

    Args:
        connection: Of a reader.
        account: Environment and key.
    """

    def __init__(self, connection: Connection, account: str) -> None:
        self._connection, self._account = connection, account

    def calls(self, from_ms: int, to_ms: int) -> tuple[Sums, ...]:
        """What became of requests, by endpoint; endpoints without any are left out.

        Args:
            from_ms: Of the ends of spans, included.
            to_ms: Not included.
        """
        table = CALLS.c
        query = (
            select(
                table.endpoint,
                *(func.sum(table[name]).label(name) for name in _COUNTED),
                func.max(table.time_ms).label("newest_ms"),
            )
            .where(table.account == self._account, table.time_ms >= from_ms, table.time_ms < to_ms)
            .group_by(table.endpoint)
            .order_by(table.endpoint)
        )
        rows = self._connection.execute(query)
        # PostgreSQL's sums of bigint are decimals.
        return tuple(
            Sums(
                endpoint=row.endpoint,
                newest_ms=row.newest_ms,
                **{name: int(getattr(row, name)) for name in _COUNTED},
            )
            for row in rows
        )

    def streams(self, from_ms: int, to_ms: int) -> tuple[Delivery, ...]:
        """How long each stream delivered; see ``calls`` for the times."""
        table = STREAMS.c
        query = (
            select(
                table.name,
                func.sum(table.span_ms).label("span_ms"),
                func.sum(table.up_ms).label("up_ms"),
                func.max(table.time_ms).label("newest_ms"),
            )
            .where(table.account == self._account, table.time_ms >= from_ms, table.time_ms < to_ms)
            .group_by(table.name)
            .order_by(table.name)
        )
        return tuple(
            Delivery(row.name, int(row.span_ms), int(row.up_ms), row.newest_ms)
            for row in self._connection.execute(query)
        )

    def orders(self, from_ms: int, to_ms: int) -> OrderCount:
        """Orders that were decided on in that time, and those of them that came to nothing."""
        intent, order = INTENTS.c, ORDERS.c
        decided = (
            intent.account == self._account,
            intent.created_ms >= from_ms,
            intent.created_ms < to_ms,
        )
        same = (order.account == intent.account) & (order.client_order_id == intent.client_order_id)
        total = select(func.count()).select_from(INTENTS).where(*decided)
        failed = (
            select(func.count())
            .select_from(INTENTS.join(ORDERS, same))
            .where(*decided, order.state.in_(_FAILED))
        )
        return OrderCount(self._number(total), self._number(failed))

    def begun_ms(self) -> int | None:
        """When the first session began; None if there was none."""
        table = RUNS.c
        query = select(func.min(table.started_ms)).where(table.account == self._account)
        found: int | None = self._connection.execute(query).scalar()
        return found

    def newest_equity(self) -> EquityRow | None:
        """What the account was last worth, and when."""
        table = EQUITY.c
        query = select(table.wallet, table.unrealized, table.time_ms)
        query = query.where(table.account == self._account).order_by(table.sequence.desc())
        row = self._connection.execute(query.limit(1)).first()
        if row is None:
            return None
        return EquityRow(wallet=row.wallet, unrealized=row.unrealized, time_ms=row.time_ms)

    def signed(self, what: str) -> SignedList | None:
        """The newest signature of the daily, weekly or monthly list."""
        for row in self._signatures():
            command = _command_of(row)
            if command is not None and command.what == what:
                signature = Signature(
                    actor=row.actor,
                    reason=row.reason,
                    summary=command.summary,
                    time_ms=row.time_ms,
                )
                return SignedList(signature, _limits_of(command.seen))
        return None

    def trades(self, from_ms: int, to_ms: int) -> tuple[JournalTrade, ...]:
        """Trades that ended flat in that time, newest first, with what was noted of each."""
        notes = self._notes()
        table = POSITION_EVENTS.c
        query = (
            select(POSITION_EVENTS)
            .where(
                table.account == self._account,
                table.quantity == Decimal(0),
                table.time_ms >= from_ms,
                table.time_ms < to_ms,
            )
            .order_by(table.sequence.desc())
        )
        return tuple(
            JournalTrade(
                number=row.sequence,
                symbol=row.symbol,
                net=row.realized_pnl - row.fees + row.funding,
                fees=row.fees,
                funding=row.funding,
                closed_ms=row.time_ms,
                note=notes.get(str(row.sequence), ("", ""))[0],
                reviewer=notes.get(str(row.sequence), ("", ""))[1],
            )
            for row in self._connection.execute(query)
        )

    def _notes(self) -> dict[str, tuple[str, str]]:
        """Note and reviewer by the number of the trade; the newest counts."""
        found: dict[str, tuple[str, str]] = {}
        for row in self._signatures():
            command = _command_of(row)
            if command is not None and command.what == _TRADE:
                found.setdefault(command.subject, (row.reason, row.actor))
        return found

    def _signatures(self) -> Iterator[Row[Any]]:
        table = COMMANDS.c
        query = select(COMMANDS).where(
            table.account == self._account, table.command == _SIGN_OFF, table.is_accepted
        )
        yield from self._connection.execute(query.order_by(table.sequence.desc()))

    def _number(self, query: Any) -> int:  # noqa: ANN401 - a query of one number
        return int(self._connection.execute(query).scalar() or 0)


def _command_of(row: Row[Any]) -> SignOff | None:
    try:
        return msgspec.json.decode(row.arguments, type=SignOff)
    except msgspec.MsgspecError:  # of another version, which meant something else by it
        return None


def _limits_of(seen: str) -> Mapping[str, str]:
    try:
        return msgspec.json.decode(seen or "{}", type=_Seen).limits
    except msgspec.MsgspecError:
        return {}
