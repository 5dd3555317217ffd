"""Names of commands."""

from botcore_tui.ui.command_ids import CommandIds
from botcore_tui.ui.settings import CockpitSettings


def test_every_name_is_new_and_carries_the_prefix() -> None:
    ids = CommandIds("lq3z")
    assert [ids(), ids(), ids()] == ["lq3z-1", "lq3z-2", "lq3z-3"]


def test_each_cockpit_counts_by_itself() -> None:
    one, other = CockpitSettings(actor="a"), CockpitSettings(actor="b")
    assert one.command_ids() == other.command_ids() == "ui-1"
    assert one.command_ids() == "ui-2"
