"""What a person can do: one table for keys, footer, help and command palette.

The dangerous direction (risk up) always asks; the safe one (halt) never does.
"""

from collections.abc import Iterable

from msgspec import Struct
from textual.binding import Binding

HALT_KEYS = ("f12", "ctrl+k")
"""Fixed for ever: no binding id, so no key map can move them (see ``Action.bindings``)."""


class Action(Struct, frozen=True):
    """One thing to do, however it is asked for."""

    id: str
    """Name of the method ``action_<id>`` of the app, up to an argument in brackets."""
    keys: tuple[str, ...]
    label: str
    tooltip: str
    scope: str
    """Heading under which the help lists it."""
    danger: int = 0
    """Orders the footer, largest first; 3 stops or starts trading."""
    show_in_footer: bool = False
    is_priority: bool = False
    """Reaches the app before the focused widget and through every modal screen."""
    passes_key: bool = False
    """The method is told which key it was."""
    needs_tape: bool = False
    """Of use in a replay only."""
    key_text: str = ""
    """How the help writes the keys, where a list of them would be unreadable."""

    @property
    def method(self) -> str:
        """Name of the app's method that does it."""
        return f"action_{self.id.partition('(')[0]}"

    @property
    def shown_keys(self) -> str:
        """The keys as a person reads them."""
        return self.key_text or " ".join(key_name(key) for key in self.keys)

    def bindings(self) -> Iterable[Binding]:
        """Textual bindings, one a key."""
        for key in self.keys:
            yield Binding(
                key,
                f"{self.id}('{key}')" if self.passes_key else self.id,
                self.label,
                tooltip=self.tooltip,
                show=self.show_in_footer,
                priority=self.is_priority,
            )


_NAMES = {
    "question_mark": "?",
    "full_stop": ".",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "left": "←",
    "right": "→",
    "escape": "esc",
    "slash": "/",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "plus": "+",
    "minus": "-",
    "equals_sign": "=",
    "up": "↑",
    "down": "↓",
}


def key_name(key: str) -> str:
    """A Textual key name in the caret notation of terminals: ``^k``, ``F12``, ``?``."""
    if key.startswith("ctrl+"):
        return f"^{key_name(key.removeprefix('ctrl+'))}"
    if key[0] == "f" and key[1:].isdigit():
        return key.upper()
    return _NAMES.get(key, key)


_TRADING = "Trading"
_PANES = "Panes"
_TAPE = "Tape"
_COCKPIT = "Cockpit"

SCOPES = (_TRADING, _PANES, _TAPE, _COCKPIT)
"""Headings of the help, in its order."""

ACTIONS = (
    Action(
        "halt",
        HALT_KEYS,
        "HALT",
        "Stop trading now; no question is asked",
        _TRADING,
        danger=3,
        show_in_footer=True,
        is_priority=True,
        passes_key=True,
    ),
    Action(
        "resume",
        ("f9",),
        "Resume",
        "One step back towards trading: HALTED to REDUCING, REDUCING to ACTIVE; asks",
        _TRADING,
        danger=2,
        show_in_footer=True,
    ),
    Action(
        "environment",
        ("f7",),
        "Env",
        "Change to another environment; only flat and HALTED; asks",
        _TRADING,
        danger=2,
        show_in_footer=True,
    ),
    Action(
        "buy",
        ("B",),
        "Buy",
        "Fill in an order ticket to buy; asks before it is sent",
        _TRADING,
        danger=2,
    ),
    Action(
        "sell",
        ("S",),
        "Sell",
        "Fill in an order ticket to sell; asks before it is sent",
        _TRADING,
        danger=2,
    ),
    Action(
        "flatten",
        ("f8",),
        "Flatten",
        "Halt and close every position at market; asks",
        _TRADING,
        danger=2,
    ),
    Action(
        "why",
        ("w",),
        "Why not trading?",
        "The controls of the gate in their order, with value, limit, age and how to clear",
        _TRADING,
    ),
    Action(
        "breakers",
        ("b",),
        "Breakers",
        "Limits, trips with their reasons, and the reset of a latched breaker",
        _TRADING,
    ),
    Action(
        "evidence",
        ("e",),
        "Phase",
        "The deployment phase in force, and what is missing for the next one",
        _TRADING,
    ),
    Action(
        "limits",
        ("i",),
        "Limits",
        "The limits in force, in plain words; acknowledge them",
        _TRADING,
    ),
    Action("doctor", ("D",), "Doctor", "Whether machine, keys and environment are ready", _TRADING),
    Action("runbook", ("R",), "Runbook", "What each code means, and how to clear it", _TRADING),
    Action(
        "checks",
        ("C",),
        "Checks",
        "Daily, weekly and monthly checks, their signatures, and the journal of trades",
        _TRADING,
    ),
    Action("ledger", ("L",), "Ledger", "Read the tables of the ledger", _TRADING),
    Action("pane('pos')", ("1",), "Positions", "Go to the positions", _PANES),
    Action("pane('book')", ("2",), "Book", "Go to the order book", _PANES),
    Action("pane('chart')", ("3",), "Chart", "Go to the chart", _PANES),
    Action("pane('engine')", ("4",), "Engine", "Go to the engine's health", _PANES),
    Action("pane('orders')", ("5",), "Orders", "Go to the orders", _PANES),
    Action("pane('feeds')", ("6",), "Feeds", "Go to the feeds", _PANES),
    Action("pane('log')", ("7",), "Log", "Go to the log", _PANES),
    Action("pane('trades')", ("8",), "Trades", "Go to time and sales", _PANES),
    Action("pane('market')", ("9",), "Market", "Go to the market summary", _PANES),
    Action("pane('risk')", ("0",), "Risk", "Go to the limits and what guards the account", _PANES),
    Action("focus_next", ("tab",), "Next pane", "Move on to the next visible pane", _PANES),
    Action(
        "focus_previous",
        ("shift+tab",),
        "Previous pane",
        "Go back to the visible pane before",
        _PANES,
    ),
    Action(
        "zoom",
        ("z",),
        "Zoom",
        "The chosen pane fills the screen, or no longer",
        _PANES,
        show_in_footer=True,
    ),
    Action("unzoom", ("escape",), "All panes", "Leave the zoom", _PANES),
    Action("next_symbol", ("s",), "Next symbol", "Show the next subscribed symbol", _PANES),
    Action(
        "pause_display",
        ("space",),
        "Freeze display",
        "Hold the panes still to read them; data, ages and the status band go on",
        _PANES,
    ),
    Action(
        "pause_tape", ("p", "P"), "Play/pause", "Pause the tape, or play on", _TAPE, needs_tape=True
    ),
    Action(
        "step_tape", ("full_stop",), "Step", "Play one frame, then pause", _TAPE, needs_tape=True
    ),
    Action("slower", ("less_than_sign",), "Slower", "Play the tape slower", _TAPE, needs_tape=True),
    Action(
        "faster", ("greater_than_sign",), "Faster", "Play the tape faster", _TAPE, needs_tape=True
    ),
    Action(
        "seek(-10)", ("left",), "Back 10 s", "Go back ten seconds of tape", _TAPE, needs_tape=True
    ),
    Action("seek(10)", ("right",), "On 10 s", "Go on ten seconds of tape", _TAPE, needs_tape=True),
    Action(
        "help",
        ("question_mark", "f1"),
        "Help",
        "All keys, and those of the chosen pane",
        _COCKPIT,
        show_in_footer=True,
    ),
    Action(
        "command_palette",
        ("ctrl+p",),
        "Palette",
        "Find and run any command by its name",
        _COCKPIT,
        show_in_footer=True,
    ),
    Action("next_theme", ("t",), "Theme", "Change to the next theme", _COCKPIT),
    Action(
        "copy",
        ("ctrl+c",),
        "Copy",
        "Copy the selected text; never quits",
        _COCKPIT,
    ),
    Action(
        "quit",
        ("ctrl+q",),
        "Quit",
        "Leave the cockpit; asks what becomes of the engine",
        _COCKPIT,
        danger=1,
        is_priority=True,
    ),
)
"""Every action of the app."""


def app_bindings() -> list[Binding]:
    """The table as Textual bindings; for the class body, as later changes to it are ignored."""
    return [binding for action in ACTIONS for binding in action.bindings()]


def footer_actions() -> tuple[Action, ...]:
    """What the footer offers, most dangerous first, the help last."""
    shown = sorted((a for a in ACTIONS if a.show_in_footer), key=lambda a: -a.danger)
    return (*(a for a in shown if a.id != "help"), *(a for a in shown if a.id == "help"))
