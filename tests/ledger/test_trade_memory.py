"""Whose the newest entries of an account were, and whether whoever it was wanted out since."""

from pathlib import Path

import pytest
from ledger_rows import ACCOUNT, a_fill, an_intent, ledger_url, written
from msgspec import structs

from botcore_tui.ledger.store import reading_engine
from botcore_tui.ledger.trade_memory import newest_entries, newest_trades
from botcore_tui.model.ledger import FillRow, IntentRow, KnownTrade
from botcore_tui.model.market import Side
from botcore_tui.model.order import Purpose


def _asked(
    number: int,
    actor: str,
    purpose: Purpose,
    symbol: str = "BTCUSDT",
    side: Side | None = None,
) -> IntentRow:
    intent = an_intent()
    request = structs.replace(
        intent.request,
        client_order_id=f"bc-r1-{number}-x",
        actor=actor,
        purpose=purpose,
        symbol=symbol,
        side=side or (Side.BUY if purpose is Purpose.ENTRY else Side.SELL),
    )
    return structs.replace(intent, request=request)


def _filled(intent: IntentRow, trade_id: int) -> FillRow:
    request, row = intent.request, a_fill(trade_id)
    fill = structs.replace(row.fill, symbol=request.symbol, client_order_id=request.client_order_id)
    return structs.replace(
        row, fill=fill, client_order_id=request.client_order_id, purpose=request.purpose
    )


def _entries(directory: Path, *asked: IntentRow) -> list[IntentRow]:
    """What is remembered of orders that were filled one after the other."""
    fills = [_filled(intent, number) for number, intent in enumerate(asked, 1)]
    written(ledger_url(directory), [*asked, *fills])
    return _read(directory)


def _read(directory: Path) -> list[IntentRow]:
    engine = reading_engine(ledger_url(directory))
    with engine.connect() as connection:
        return list(newest_entries(connection, ACCOUNT))


@pytest.mark.requirement("F14")
def test_entry_that_was_stopped_out_or_closed_by_another_is_remembered(tmp_path: Path) -> None:
    before, entry = _asked(1, "cross", Purpose.ENTRY), _asked(2, "cross", Purpose.ENTRY)
    stop, exit_ = _asked(3, "desk", Purpose.STOP), _asked(4, "ada", Purpose.EXIT)
    assert _entries(tmp_path, before, entry, stop, exit_) == [entry]


def test_entry_whose_owner_wanted_out_is_not(tmp_path: Path) -> None:
    entry, exit_ = _asked(1, "cross", Purpose.ENTRY), _asked(2, "cross", Purpose.EXIT)
    other = _asked(3, "cross", Purpose.ENTRY, "ETHUSDT")
    assert _entries(tmp_path, entry, exit_, other) == [other]


@pytest.mark.requirement("F14")
def test_entry_of_a_person_does_not_hide_that_of_a_strategy(tmp_path: Path) -> None:
    entry, stop = _asked(1, "cross", Purpose.ENTRY), _asked(2, "desk", Purpose.STOP)
    by_hand, exit_ = _asked(3, "ada", Purpose.ENTRY), _asked(4, "ada", Purpose.EXIT)
    assert _entries(tmp_path, entry, stop, by_hand, exit_) == [entry]


@pytest.mark.requirement("F14")
def test_who_closes_what_another_holds_on_the_other_side_wants_out_of_nothing(
    tmp_path: Path,
) -> None:
    entry, stop = _asked(1, "cross", Purpose.ENTRY), _asked(2, "desk", Purpose.STOP)
    short = _asked(3, "ada", Purpose.ENTRY, side=Side.SELL)
    exit_ = _asked(4, "cross", Purpose.EXIT, side=Side.BUY)
    assert _entries(tmp_path, entry, stop, short, exit_) == [short, entry]


def test_entry_of_nobody_known_is_not(tmp_path: Path) -> None:
    row = _filled(_asked(1, "cross", Purpose.ENTRY), 1)
    written(ledger_url(tmp_path), [row])
    assert _read(tmp_path) == []


def test_how_far_the_trades_of_each_symbol_are_known(tmp_path: Path) -> None:
    written(ledger_url(tmp_path), [a_fill(number) for number in (7, 9)])
    engine = reading_engine(ledger_url(tmp_path))
    with engine.connect() as connection:
        assert list(newest_trades(connection, ACCOUNT)) == [KnownTrade("BTCUSDT", 0, (7, 9))]
