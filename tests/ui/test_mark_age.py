"""An old profit shows that it is old at every width that shows it at all."""

import pytest
from account_builders import a_position, an_account
from builders import NOW_NS, a_snapshot
from msgspec.structs import replace
from pane_app import row_texts

from botcore_tui.ui.panes.positions import Positions


@pytest.mark.parametrize("width", [30, 38, 42, 48, 58, 78])
def test_old_profit_is_not_shown_without_its_age(width: int) -> None:
    pane = Positions(clock_ns=lambda: NOW_NS)
    old = a_position(mark_age_ms=75_000)
    title, row = row_texts(
        pane.table(replace(a_snapshot(), account=an_account(positions=(old,))), 0, width)
    )
    assert "uPnL" not in title or "1m15s" in row
