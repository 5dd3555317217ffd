"""A line to type in that keeps the order of its keys."""

from typing import Final

from textual import events
from textual.binding import Binding, BindingType
from textual.widgets import Input


def _edits() -> dict[str, str]:
    bindings = (entry for entry in Input.BINDINGS if isinstance(entry, Binding))
    return {
        key: binding.action
        for binding in bindings
        if binding.action != "submit"
        for key in binding.key.split(",")
    }


def moving(action: str, *keys: str, tooltip: str) -> list[BindingType]:
    """Keys that move the focus, each with priority.

    A key that is handled only once it has bubbled up lets those typed behind it into the line
    before, such as the stop into the size.
    """
    return [Binding(key, action, show=False, priority=True, tooltip=tooltip) for key in keys]


_EDITS: Final = _edits()
"""Actions of ``Input`` by the key that edits the line or moves its cursor."""


class Line(Input):
    """An ``Input`` in which a correction applies to what was typed before it.

    Textual lets letters into the line at once, but takes Backspace and the like on a way over all
    widgets above it. Keys that come together, as after a pause of an SSH line, change places on
    that: "0.05", Backspace, "1" would leave 0.05.
    """

    async def on_key(self, event: events.Key) -> None:
        """Edit in the turn of the key, not after those that follow it."""
        action = _EDITS.get(event.key)
        if action is not None:
            event.stop()
            event.prevent_default()
            await self.run_action(action)
