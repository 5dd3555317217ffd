"""The one table of actions, and that everything agrees with it."""

from collections import Counter

import pytest

from botcore_tui.ui.actions import (
    ACTIONS,
    HALT_KEYS,
    SCOPES,
    Action,
    app_bindings,
    footer_actions,
    key_name,
)
from botcore_tui.ui.app import CockpitApp
from botcore_tui.ui.screens.help import cockpit_groups

BY_ID = {action.id: action for action in ACTIONS}


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.id)
def test_every_action_has_a_handler_a_tooltip_and_a_known_scope(action: Action) -> None:
    assert callable(getattr(CockpitApp, action.method))
    assert action.tooltip
    assert action.label
    assert action.scope in SCOPES


def test_no_key_is_bound_twice() -> None:
    counts = Counter(key for action in ACTIONS for key in action.keys)
    assert [key for key, count in counts.items() if count > 1] == []


def test_app_is_bound_to_the_table_and_to_nothing_else() -> None:
    bound = {binding.key: binding.action for binding in app_bindings()}
    assert list(CockpitApp.BINDINGS) == app_bindings()
    assert bound["f12"] == "halt('f12')"
    assert set(bound) == {key for action in ACTIONS for key in action.keys}


@pytest.mark.requirement("K12")
def test_halt_keys_come_first_and_cannot_be_remapped() -> None:
    halting = [binding for binding in app_bindings() if binding.action.startswith("halt(")]
    assert tuple(binding.key for binding in halting) == HALT_KEYS
    assert all(binding.priority and binding.id is None for binding in halting)
    assert all(len(key) > 1 for key in HALT_KEYS), "a printable key would stop in an input line"


def test_every_action_is_in_the_help() -> None:
    listed = [entry for group in cockpit_groups(has_tape=True) for entry in group.entries]
    assert sorted(entry.text for entry in listed) == sorted(action.tooltip for action in ACTIONS)


def test_tape_keys_are_in_the_help_of_a_replay_only() -> None:
    assert "Tape" in [group.title for group in cockpit_groups(has_tape=True)]
    assert "Tape" not in [group.title for group in cockpit_groups(has_tape=False)]


def test_footer_has_six_keys_most_dangerous_first_and_help_last() -> None:
    shown = footer_actions()
    assert len(shown) <= 6
    assert (shown[0].id, shown[-1].id) == ("halt", "help")
    dangers = [action.danger for action in shown]
    assert dangers == sorted(dangers, reverse=True)


@pytest.mark.parametrize(
    ("key", "name"),
    [("f12", "F12"), ("ctrl+k", "^k"), ("question_mark", "?"), ("shift+tab", "shift+tab"),
     ("full_stop", "."), ("z", "z"), ("ctrl+slash", "^/")],
)  # fmt: skip
def test_keys_are_written_as_terminals_write_them(key: str, name: str) -> None:
    assert key_name(key) == name
