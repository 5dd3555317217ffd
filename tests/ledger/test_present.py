"""Present states follow the chain."""

from pathlib import Path

import pytest
from builders import NOW_MS
from ledger_rows import ACCOUNT, a_position, an_intent, an_order, ledger_url, written

from botcore_tui.ledger.recall import recall
from botcore_tui.ledger.store import reading_engine
from botcore_tui.model.ledger import LedgerRow
from botcore_tui.model.order import OrderState

_ID = "bc-r1-1-e"


def _order(url: str) -> tuple[str, bool, int, str, int, int]:
    engine = reading_engine(url)
    with engine.connect() as connection:
        row = connection.exec_driver_sql(
            "SELECT state, is_open, order_id, filled_quantity, sent_ms, time_ms FROM orders"
        ).one()
    engine.dispose()
    return str(row[0]), bool(row[1]), int(row[2]), str(row[3]), int(row[4]), int(row[5])


def test_an_intent_is_a_planned_order(tmp_path: Path) -> None:
    written(ledger_url(tmp_path), [an_intent()])
    assert _order(ledger_url(tmp_path)) == ("planned", True, 0, "0", 0, NOW_MS)


def test_the_last_state_counts_and_numbers_once_told_stay(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    rows: list[LedgerRow] = [
        an_intent(),
        an_order(OrderState.IN_FLIGHT, time_ms=NOW_MS + 1),
        an_order(OrderState.OPEN, order_id=9, time_ms=NOW_MS + 2),
    ]
    written(url, rows)
    assert _order(url) == ("open", True, 9, "0", NOW_MS + 1, NOW_MS + 2)
    written(url, [an_order(OrderState.PARTLY_FILLED, filled="0.004", time_ms=NOW_MS + 3)])
    assert _order(url) == ("partly filled", True, 9, "0.004", NOW_MS + 1, NOW_MS + 3)


@pytest.mark.parametrize("state", [state for state in OrderState if state.is_terminal])
def test_an_order_that_ended_is_not_open(tmp_path: Path, state: OrderState) -> None:
    written(ledger_url(tmp_path), [an_intent(), an_order(state)])
    assert not _order(ledger_url(tmp_path))[1]


def test_an_order_without_an_intent_has_a_state_too(tmp_path: Path) -> None:
    written(ledger_url(tmp_path), [an_order(OrderState.OPEN, order_id=4), an_intent()])
    assert _order(ledger_url(tmp_path))[:3] == ("open", True, 4)


def test_a_position_is_as_old_as_its_last_leaving_of_zero(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)

    def opened(*changes: tuple[str, int]) -> list[tuple[str, int]]:
        written(url, [a_position(quantity, time_ms=time_ms) for quantity, time_ms in changes])
        found = recall(url, ACCOUNT, NOW_MS).positions
        return [(str(position.row.quantity), position.opened_ms) for position in found]

    assert opened(("0.01", 1), ("0.02", 2)) == [("0.02", 1)]
    assert opened(("0.01", 3)) == [("0.01", 1)]
    assert opened(("-0.01", 4)) == [("-0.01", 4)], "turned around"
    assert opened(("0", 5)) == []
    assert opened(("0", 6), ("0.05", 7)) == [("0.05", 7)]
