"""Rows as lines of tables."""

from decimal import Decimal
from typing import get_args

import pytest
from ledger_rows import a_fill, a_note, a_payment, a_position, an_intent, an_order
from msgspec import structs
from risk_rows import (
    a_call,
    a_drill,
    a_phase,
    a_reset,
    a_strategy,
    a_stream,
    a_trip,
    an_anchor,
    an_override,
)

from botcore_tui.ledger.encoding import funding_of, line_of, row_of, stored
from botcore_tui.ledger.tables import CHAINED
from botcore_tui.model.ledger import (
    CommandRow,
    EquityRow,
    LedgerRow,
    ProtectionRow,
    TransferRow,
)
from botcore_tui.model.order import Purpose

_ROWS: list[tuple[LedgerRow, str]] = [
    (an_intent(), "intents"),
    (an_order(), "order_events"),
    (a_fill(), "fills"),
    (a_position(), "position_events"),
    (EquityRow(wallet=Decimal(1), unrealized=Decimal(0), time_ms=1), "equity"),
    (a_payment(), "funding"),
    (TransferRow(asset="USDT", amount=Decimal(5), reason="DEPOSIT", time_ms=1), "transfers"),
    (
        CommandRow(
            command_id="c1",
            command="place",
            actor="ada",
            arguments="{}",
            reason="",
            is_accepted=True,
            code="",
            text="",
            time_ms=1,
        ),
        "commands",
    ),
    (a_note("order.foreign"), "audit"),
    (a_note("breaker.tripped"), "breaker_events"),
    (a_note("state.halted"), "breaker_events"),
    (
        ProtectionRow(
            symbol="BTCUSDT",
            from_ms=1,
            to_ms=2,
            notional_seconds=Decimal("0.6"),
            reason="verified",
            time_ms=2,
        ),
        "protection",
    ),
    (an_anchor(), "anchors"),
    (a_trip(), "trips"),
    (a_reset(), "resets"),
    (an_override(), "overrides"),
    (a_strategy(), "strategies"),
    (a_phase(), "phases"),
    (a_drill(), "drills"),
    (a_stream(), "streams"),
    (a_call(), "calls"),
]


@pytest.mark.parametrize(("row", "table"), _ROWS, ids=lambda value: str(value)[:20])
def test_a_row_fills_exactly_the_columns_of_its_table(row: LedgerRow, table: str) -> None:
    line = line_of(row)
    own = set(CHAINED[table].columns.keys())
    own -= {"account", "sequence", "run_id", "previous_hash", "hash"}
    assert (line.table, set(line.values)) == (table, own)
    assert all(type(value) in (str, int, bool, type(None)) for value in line.values.values())


def test_every_kind_of_row_has_a_table() -> None:
    assert {type(row) for row, _ in _ROWS} == set(get_args(LedgerRow))


def test_an_execution_from_a_list_keeps_the_order_that_we_know() -> None:
    values = line_of(a_fill()).values
    assert (values["client_order_id"], values["purpose"]) == ("bc-r1-1-e", "entry")


def test_a_line_becomes_its_row_again() -> None:
    transfer = TransferRow(asset="USDT", amount=Decimal(5), reason="DEPOSIT", time_ms=1)
    columns = structs.asdict(transfer) | {"account": "demo:1", "sequence": 7}
    assert row_of(columns, TransferRow) == transfer
    payment = a_payment()
    found = funding_of(structs.asdict(payment) | {"source": payment.source.value})
    assert found == payment
    assert found.source is payment.source


def test_what_no_database_takes_is_replaced() -> None:
    assert stored("a\0b") == "a�b"
    assert stored("a\ud800b") == "a?b"
    assert stored("币安") == "币安"


def test_a_word_of_an_enum_becomes_plain_text() -> None:
    assert type(stored(Purpose.ENTRY)) is str


def test_what_no_column_holds_is_refused() -> None:
    with pytest.raises(TypeError, match="float"):
        stored(1.5)
