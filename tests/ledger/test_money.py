"""Money in the order in which it was there."""

from decimal import Decimal
from pathlib import Path

import pytest
from ledger_rows import ACCOUNT, ledger_url, written
from risk_rows import a_transfer, an_equity

from botcore_tui.core.performance import Performance
from botcore_tui.ledger.money import money
from botcore_tui.ledger.store import reading_engine
from botcore_tui.ledger.tables import EQUITY, TRANSFERS
from botcore_tui.model.ledger import EquityRow, TransferRow


def test_a_transfer_comes_before_the_first_equity_that_has_it_in_it(tmp_path: Path) -> None:
    url = ledger_url(tmp_path)
    rows = (
        an_equity("1000", time_ms=10),
        an_equity("1500", "7", time_ms=20),
        an_equity("1400", time_ms=30),
        a_transfer("9", time_ms=31),
        a_transfer("-50", reason="INSURANCE_CLEAR", time_ms=22),
        a_transfer("-100", time_ms=21),
        a_transfer("500", time_ms=20),
    )
    written(url, rows)
    engine = reading_engine(url)
    transfers, equities = (TRANSFERS.c.account == ACCOUNT,), (EQUITY.c.account == ACCOUNT,)
    with engine.connect() as connection:
        found = list(money(connection, transfers, equities, EQUITY.c.sequence))
    engine.dispose()
    assert found == [
        (10, Decimal(1000), True),
        (20, Decimal(500), False),
        (20, Decimal(1507), True),
        (21, Decimal(-100), False),
        (30, Decimal(1400), True),
    ]


def drawdown(tmp_path: Path, *rows: EquityRow | TransferRow) -> Decimal | None:
    url, performance = ledger_url(tmp_path), Performance()
    written(url, rows)
    engine = reading_engine(url)
    transfers, equities = (TRANSFERS.c.account == ACCOUNT,), (EQUITY.c.account == ACCOUNT,)
    with engine.connect() as connection:
        for time_ms, amount, is_equity in money(connection, transfers, equities, EQUITY.c.sequence):
            (performance.on_equity if is_equity else performance.on_transfer)(time_ms, amount)
    engine.dispose()
    assert performance.return_pct == 0
    return performance.drawdown_pct


@pytest.mark.requirement("R67")
def test_transfer_that_the_wallet_shows_late_is_no_drawdown(tmp_path: Path) -> None:
    # No stream tells of it: an equity is recorded by the wallet of before.
    late = (
        an_equity("1000", time_ms=60_000),
        an_equity("1000", time_ms=120_000),
        an_equity("500", time_ms=180_000),
        an_equity("500", time_ms=240_000),
        a_transfer("-500", time_ms=118_000),
    )
    assert drawdown(tmp_path, *late) == 0


@pytest.mark.requirement("R67")
def test_transfer_that_the_venue_dates_after_it_was_seen_is_no_drawdown(tmp_path: Path) -> None:
    early = (
        an_equity("1000", time_ms=60_000),
        an_equity("1500", time_ms=120_000),
        a_transfer("500", time_ms=120_400),
        an_equity("1500", time_ms=180_000),
    )
    assert drawdown(tmp_path, *early) == 0


@pytest.mark.requirement("R67")
def test_transfers_alike_take_each_the_wallet_of_its_own(tmp_path: Path) -> None:
    # The first wallet has the first of them; trading moves the second's.
    alike = (
        a_transfer("500", time_ms=59_000),
        an_equity("1000", time_ms=60_000),
        a_transfer("500", time_ms=110_000),
        an_equity("1497", "3", time_ms=120_000),
        a_transfer("500", time_ms=170_000),
        an_equity("1997", "3", time_ms=180_000),
    )
    assert drawdown(tmp_path, *alike) == 0


@pytest.mark.requirement("R67")
def test_transfer_that_no_wallet_shows_by_itself_is_where_its_time_is(tmp_path: Path) -> None:
    hidden = (
        an_equity("1000", time_ms=60_000),
        an_equity("1020", "80", time_ms=120_000),
        an_equity("1000", "100", time_ms=180_000),
        a_transfer("100", time_ms=90_000),
    )
    assert drawdown(tmp_path, *hidden) == 0


@pytest.mark.requirement("R67")
def test_transfers_of_adjacent_minutes_are_no_drawdown(tmp_path: Path) -> None:
    # Two make the first change, which shows neither alone; one and a deposit make the second.
    adjacent = (
        an_equity("1000", time_ms=60_000),
        a_transfer("-100", time_ms=70_000),
        a_transfer("-100", time_ms=80_000),
        an_equity("800", time_ms=120_000),
        a_transfer("-200", time_ms=130_000),
        a_transfer("50", time_ms=140_000),
        an_equity("650", time_ms=180_000),
    )
    assert drawdown(tmp_path, *adjacent) == 0
