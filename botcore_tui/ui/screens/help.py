"""The keys: those of the cockpit from the action table, those of the chosen pane from the pane."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from msgspec import Struct
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from botcore_tui.ui.actions import ACTIONS, SCOPES, key_name
from botcore_tui.ui.panes.cells import width_of


class HelpEntry(Struct, frozen=True):
    """One line of the help."""

    keys: str
    text: str


class HelpGroup(Struct, frozen=True):
    """Lines under one heading."""

    title: str
    entries: tuple[HelpEntry, ...]


def cockpit_groups(*, has_tape: bool) -> list[HelpGroup]:
    """The action table, grouped; what needs a tape only where there is one."""
    groups = [
        HelpGroup(
            scope,
            tuple(
                HelpEntry(action.shown_keys, action.tooltip)
                for action in ACTIONS
                if action.scope == scope and (has_tape or not action.needs_tape)
            ),
        )
        for scope in SCOPES
    ]
    return [group for group in groups if group.entries]


def pane_group(title: str, bindings: Iterable[Binding]) -> HelpGroup:
    """A pane's own keys; several keys for one thing stand in one line."""
    keys: dict[str, list[str]] = {}
    for binding in bindings:
        text = binding.tooltip or binding.description
        if text:
            keys.setdefault(text, []).append(key_name(binding.key))
    entries = tuple(HelpEntry(" ".join(names), text) for text, names in keys.items())
    return HelpGroup(title, entries or (HelpEntry("", "no keys of its own"),))


class HelpScreen(ModalScreen[None]):
    """Two columns of groups; one where there is no room.

    Args:
        groups: In reading order; the last is the chosen pane's.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape,question_mark,f1,q", "close", "Close", tooltip="Back to the cockpit", show=False
        ),
        Binding("i", "app.limits", "Limits", show=False, tooltip="The limits in force"),
        Binding("j", "scroll_by(1)", "Down", show=False, tooltip="Scroll down"),
        Binding("k", "scroll_by(-1)", "Up", show=False, tooltip="Scroll up"),
    ]

    def __init__(self, groups: Sequence[HelpGroup]) -> None:
        super().__init__(classes="dialog")
        self._groups = tuple(groups)

    def compose(self) -> ComposeResult:
        """Every second group in the second column."""
        with VerticalScroll(classes="box wide") as box:
            box.border_title = "Keys"
            box.border_subtitle = "i limits in force · esc closes"
            with Horizontal(classes="columns"):
                yield Vertical(*_painted(self._groups[::2]))
                yield Vertical(*_painted(self._groups[1::2]))

    def action_close(self) -> None:
        """Back to the cockpit."""
        self.dismiss(None)

    def action_scroll_by(self, lines: int) -> None:
        """Scroll the text."""
        self.query_one(".box").scroll_relative(y=lines, animate=False)


def _painted(groups: Sequence[HelpGroup]) -> list[Widget]:
    return [Vertical(*_lines(group), classes="group") for group in groups]


def _lines(group: HelpGroup) -> Iterable[Widget]:
    yield Static(Content(group.title), classes="heading")
    indent = max(width_of(entry.keys) for entry in group.entries) + 2
    for entry in group.entries:
        keys = Static(Content(entry.keys), classes="keys")
        keys.styles.width = indent
        yield Horizontal(keys, Static(Content(entry.text), classes="text"), classes="entry")
