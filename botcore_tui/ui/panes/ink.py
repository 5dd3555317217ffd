"""What pieces of text mean, and the colours that a theme gives to each meaning."""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct
from rich.style import Style
from textual.color import Color

THEME_VARIABLES = {
    "bid": "#56b4e9",
    "ask": "#e69f00",
    "up": "#56b4e9",
    "down": "#e69f00",
    "own": "#f0e442",
    "muted": "#7d8a99",
    "stale": "#6b7480",
    "halted": "#d55e00",
    "warn": "#f0e442",
    "grid": "#33414f",
    "env-demo": "#009e73",
    "env-replay": "#cc79a7",
    "env-paper": "#56b4e9",
    "env-testnet": "#f0e442",
    "env-production": "#d55e00",
}
"""Every theme variable of ours that the panes use, with its default.

An app without one of them ends when a pane uses it: it returns these from
``get_theme_variable_defaults``.
"""


class Ink(StrEnum):
    """What a piece of text means, and so its colours."""

    TEXT = "text"
    STRONG = "strong"
    MUTED = "muted"
    GRID = "grid"
    BID = "bid"
    BID_BEST = "bid-best"
    BID_BAR = "bid-bar"
    ASK = "ask"
    ASK_BEST = "ask-best"
    ASK_BAR = "ask-bar"
    UP = "up"
    UP_BAR = "up-bar"
    DOWN = "down"
    DOWN_BAR = "down-bar"
    OWN = "own"
    """Our orders, fills and stops among the market's numbers."""
    STALE = "stale"
    GOOD = "good"
    WARN = "warn"
    ERROR = "error"
    ALARM = "alarm"
    """Reversed warning: what must not be overlooked."""
    HALTED = "halted"
    MATCH = "match"
    ENV_DEMO = "env-demo"
    ENV_REPLAY = "env-replay"
    ENV_PAPER = "env-paper"
    ENV_TESTNET = "env-testnet"
    ENV_PRODUCTION = "env-production"


_FAINT = 0.55
"""Share of its own colour that a faint one keeps."""


class _Look(Struct, frozen=True):
    """How an ink is written."""

    variable: str = ""
    """Theme variable of its colour; empty: the pane's own."""
    bold: bool = False
    reverse: bool = False
    faint: bool = False
    """Halfway to the ground: an area of it would outshine the numbers beside it."""


_LOOKS = {
    Ink.TEXT: _Look(),
    Ink.STRONG: _Look(bold=True),
    Ink.BID_BEST: _Look("bid", bold=True),
    Ink.ASK_BEST: _Look("ask", bold=True),
    Ink.OWN: _Look("own", bold=True),
    Ink.GOOD: _Look("success"),
    Ink.ERROR: _Look("error", bold=True),
    Ink.ALARM: _Look("warn", bold=True, reverse=True),
    Ink.HALTED: _Look("halted", bold=True, reverse=True),
    Ink.MATCH: _Look(bold=True, reverse=True),
    **{ink: _Look(ink.removesuffix("-bar"), faint=True) for ink in Ink if ink.endswith("-bar")},
    **{ink: _Look(ink.value, bold=True, reverse=True) for ink in Ink if ink.startswith("env-")},
}
"""Those that are more than the colour of a theme variable of the ink's own name."""


def ink_style(ink: Ink, variables: Mapping[str, str], ground: Color) -> Style:
    """What an ink adds to the style of the pane it is on.

    Args:
        ink: The meaning.
        variables: Of the theme.
        ground: Background of the pane.
    """
    look = _LOOKS.get(ink, _Look(ink.value))
    style = Style(bold=look.bold or None, reverse=look.reverse or None)
    if not look.variable:
        return style
    colour = Color.parse(variables[look.variable])
    # Nobody knows the value of a terminal's own colour, so that one stays.
    if look.faint and colour.ansi is None:
        colour = ground.blend(colour, _FAINT)
    return style + Style.from_color(colour.rich_color)
