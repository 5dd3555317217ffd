"""The whole of a ledger: its chains and what follows from them."""

from pathlib import Path

import pytest
from ledger_rows import (
    ACCOUNT,
    a_position,
    an_intent,
    an_order,
    ledger_url,
    numbered,
    tampered,
    written,
)

from botcore_tui.errors import UnavailableError
from botcore_tui.ledger.store import reading_engine
from botcore_tui.ledger.verify import verify
from botcore_tui.model.ledger import LedgerRow
from botcore_tui.model.order import OrderState


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = ledger_url(tmp_path)
    rows: list[LedgerRow] = [
        an_intent(),
        an_order(OrderState.IN_FLIGHT),
        an_order(OrderState.FILLED, filled="0.01"),
        numbered(an_intent(), 2),
        an_order(client_order_id="web-1"),
        a_position("0.01"),
        a_position("0.02", symbol="ETHUSDT"),
        a_position("0"),
    ]
    written(url, rows)
    return url


@pytest.mark.requirement("G6")
def test_what_nobody_touched_is_intact_for_every_account(url: str) -> None:
    written(url, [an_intent(), a_position()], account="another")
    verdict = verify(url)
    assert verdict.is_intact
    assert {name: head.sequence for name, head in verdict.heads.items()} == {
        "another": 4,
        ACCOUNT: 10,
    }
    assert verdict.rows == 14


def test_an_engine_that_is_handed_over_stays_usable(url: str) -> None:
    engine = reading_engine(url)
    assert verify(engine).is_intact
    assert verify(engine).is_intact
    engine.dispose()


def test_a_ledger_that_is_not_there_is_not_intact(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="no ledger"):
        verify(ledger_url(tmp_path))


@pytest.mark.slow
@pytest.mark.requirement("G6")
@pytest.mark.parametrize(
    ("statement", "table", "what"),
    [
        ("UPDATE fills SET price = '1'", "", ""),
        ("UPDATE order_events SET code = 5 WHERE state = 'filled'", "order_events", "edited"),
        ("UPDATE orders SET state = 'open' WHERE state = 'filled'", "orders", "bc-r1-1-e"),
        ("UPDATE orders SET is_open = 1 WHERE state = 'filled'", "orders", "bc-r1-1-e"),
        ("UPDATE orders SET filled_quantity = '9' WHERE state = 'filled'", "orders", "edited"),
        ("UPDATE orders SET sequence = 3 WHERE state = 'filled'", "orders", "edited"),
        ("UPDATE orders SET state = 'filled' WHERE state = 'planned'", "orders", "bc-r1-2-e"),
        ("DELETE FROM orders WHERE state = 'planned'", "orders", "bc-r1-2-e is missing"),
        ("UPDATE runs SET ended_ms = 5", "runs", "does not follow from the chain"),
        ("UPDATE runs SET ended_ms = NULL", "runs", "does not follow from the chain"),
        ("UPDATE runs SET ended_ms = 'x'", "runs", "does not follow from the chain"),
        ("DELETE FROM orders WHERE client_order_id = 'web-1'", "orders", "web-1 is missing"),
        (
            "UPDATE position_events SET quantity = 'x' WHERE quantity = '0.01'",
            "position_events",
            "edited",
        ),
        ("UPDATE position_events SET account = X'00'", "heads", "head of the chain is missing"),
        ("UPDATE orders SET account = X'00' WHERE state = 'open'", "heads", "is missing"),
        ("UPDATE heads SET sequence = 'x', hash = X'00'", "heads", "not that of the last row"),
        ("UPDATE positions SET quantity = '1' WHERE symbol = 'BTCUSDT'", "positions", "BTCUSDT"),
        ("DELETE FROM positions WHERE symbol = 'ETHUSDT'", "positions", "ETHUSDT"),
        ("UPDATE positions SET symbol = 'XUSDT' WHERE quantity = '0'", "positions", "BTCUSDT"),
        (
            (
                "INSERT INTO positions SELECT account, 'XUSDT', sequence, quantity, entry_price,"
                " realized_pnl, fees, funding, tag, reason, opened_ms, time_ms FROM positions"
                " LIMIT 1"
            ),
            "positions",
            "XUSDT",
        ),
        ("DELETE FROM heads", "heads", "missing"),
    ],
)
def test_tampering_is_named(url: str, statement: str, table: str, what: str) -> None:
    tampered(url, statement)
    breaks = verify(url).breaks
    if not table:
        assert breaks == ()
        return
    assert table in [item.table for item in breaks]
    assert what in " ".join(map(str, breaks))


def test_each_account_is_looked_at_on_its_own(url: str) -> None:
    written(url, [an_intent()], account="another")
    tampered(url, "DELETE FROM intents WHERE account = 'another'")
    assert {item.account for item in verify(url).breaks} == {"another"}
