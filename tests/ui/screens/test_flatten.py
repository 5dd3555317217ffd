"""What is said before every position is closed."""

import pytest
from account_builders import a_position, an_account, flat
from builders import a_snapshot

from botcore_tui.ui.screens.flatten import FLATTEN_WORD, FlattenDialog


@pytest.mark.requirement("K12")
def test_every_position_is_listed_with_what_it_is_worth() -> None:
    foreign = a_position(symbol="ETH\x1bUSDT", notional=None, unrealized=None, tag="adopted")
    snapshot = a_snapshot(
        environment="production", account=an_account(positions=(a_position(), foreign))
    )
    dialog = FlattenDialog(snapshot)
    assert dialog.word == FLATTEN_WORD == "flatten"
    assert dialog.lines[0].startswith("PRODUCTION: halt, then close EVERY position")
    assert dialog.lines[-2:] == (
        "BTCUSDT ▲LONG 0.120  worth 7,399.07  uPnL +7.07",
        r"ETH\x1bUSDT ▲LONG 0.12  worth -  uPnL -",
    )


def test_venue_is_asked_also_where_no_position_is_known() -> None:
    for snapshot in (a_snapshot(account=flat()), a_snapshot()):
        assert "the venue is asked all the same" in FlattenDialog(snapshot).lines[-1]
