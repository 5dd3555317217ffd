"""Executions and funding are recorded once, whoever tells them how often."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from builders import NOW_MS
from hypothesis import given, settings
from hypothesis import strategies as some
from ledger_rows import (
    ACCOUNT,
    a_fill,
    a_note,
    a_payment,
    an_intent,
    an_order,
    ledger_url,
    writing,
)
from property_examples import examples

from botcore_tui.ledger.reader import LedgerReader
from botcore_tui.ledger.recall import recall
from botcore_tui.ledger.verify import verify
from botcore_tui.model.ledger import FundingRow, LedgerRow
from botcore_tui.model.order import OrderState


def _told(url: str, *batches: Sequence[LedgerRow]) -> int:
    doubles = 0
    for batch in batches:
        with writing(url) as writer:
            for row in batch:
                writer.append(row)
            assert writer.flush(10)
            doubles += writer.doubles
    return doubles


def _amounts(url: str) -> list[str]:
    with LedgerReader(url) as reader:
        return [str(row.amount) for row in reader.funding(0, NOW_MS * 2)]


@pytest.mark.requirement("F03")
def test_an_execution_told_twice_is_one_row(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    again: list[LedgerRow] = [
        a_fill(1),
        a_fill(2),
        a_note(),
        a_fill(2),
        a_fill(2, symbol="ETHUSDT"),
    ]
    assert _told(url, [a_fill(1)], again, [a_fill(3), a_fill(1)]) == 3
    with LedgerReader(url) as reader:
        fills = reader.fills(0, NOW_MS * 2)
    assert [(fill.symbol, fill.trade_id) for fill in fills] == [
        ("BTCUSDT", 1),
        ("BTCUSDT", 2),
        ("ETHUSDT", 2),
        ("BTCUSDT", 3),
    ]
    assert verify(url).is_intact


@pytest.mark.requirement("F03")
@settings(max_examples=examples(10), deadline=None)
@given(some.lists(some.lists(some.integers(1, 6), max_size=8), max_size=4))
def test_whatever_comes_how_often_the_record_has_each_execution_once(
    batches: list[list[int]],
) -> None:
    with TemporaryDirectory() as directory:
        url = ledger_url(Path(directory))
        _told(url, [], *([a_fill(number) for number in batch] for batch in batches))
        with LedgerReader(url) as reader:
            ids = [fill.trade_id for fill in reader.fills(0, NOW_MS * 2)]
        assert sorted(ids) == sorted({number for batch in batches for number in batch})
        assert verify(url).is_intact


@pytest.mark.parametrize(
    ("second", "is_double"),
    [
        (a_payment(), True),
        (a_payment(transaction_id=7, time_ms=NOW_MS + 3_000), True),
        (a_payment(time_ms=NOW_MS + 3_600_000), False),
        (a_payment("-0.13"), False),
        (a_payment(symbol="ETHUSDT"), False),
    ],
)
def test_funding_from_the_stream_and_from_a_list_is_one(
    tmp_path: Path, second: FundingRow, *, is_double: bool
) -> None:
    for name, batches in (("a", [[a_payment(), second]]), ("b", [[a_payment()], [second]])):
        (tmp_path / name).mkdir()
        url = ledger_url(tmp_path / name)
        assert _told(url, *batches) == int(is_double)
        assert len(_amounts(url)) == 2 - int(is_double)


def test_two_payments_with_numbers_of_their_own_are_two(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    rows: list[LedgerRow] = [a_payment(transaction_id=7), a_payment(transaction_id=8)]
    assert _told(url, rows, [a_payment(transaction_id=7)]) == 1
    assert _amounts(url) == ["-0.12", "-0.12"]


def test_an_order_found_again_keeps_its_intent_and_its_state(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    first, again = an_intent(created_ms=1), an_intent(created_ms=2)
    assert _told(url, [first, an_order(OrderState.OPEN)], [again, again]) == 2
    (order,) = recall(url, ACCOUNT, NOW_MS).orders
    assert (order.intent, order.state) == (first, OrderState.OPEN)
    assert verify(url).is_intact
