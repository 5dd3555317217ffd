"""Money in the order in which it was there."""

from decimal import Decimal
from pathlib import Path

from ledger_rows import ACCOUNT, ledger_url, written
from risk_rows import a_transfer, an_equity

from botcore_tui.ledger.money import money
from botcore_tui.ledger.store import reading_engine
from botcore_tui.ledger.tables import EQUITY, TRANSFERS


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
