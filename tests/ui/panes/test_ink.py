"""The colours of each meaning."""

import pytest
from rich.color import Color as RichColor
from textual.color import Color

from botcore_tui.ui.panes.ink import THEME_VARIABLES, Ink, ink_style

VARIABLES = {**THEME_VARIABLES, "success": "#00ff00", "error": "#ff0000"}
BLACK = Color(0, 0, 0)


def colour(ink: Ink, **variables: str) -> RichColor | None:
    return ink_style(ink, {**VARIABLES, **variables}, BLACK).color


def test_every_ink_has_a_look_that_a_theme_can_colour() -> None:
    plain = {ink for ink in Ink if colour(ink) is None}
    assert plain == {Ink.TEXT, Ink.STRONG, Ink.MATCH}


@pytest.mark.parametrize(
    ("ink", "variable"),
    [
        (Ink.BID, "bid"),
        (Ink.BID_BEST, "bid"),
        (Ink.ASK, "ask"),
        (Ink.ENV_TESTNET, "env-testnet"),
        (Ink.MUTED, "muted"),
        (Ink.ALARM, "warn"),
        (Ink.ERROR, "error"),
    ],
)
def test_ink_takes_its_colour_from_a_variable(ink: Ink, variable: str) -> None:
    painted = colour(ink)
    assert painted is not None
    assert painted.get_truecolor().hex == VARIABLES[variable]


@pytest.mark.parametrize(
    "ink", [Ink.ALARM, Ink.HALTED, *(ink for ink in Ink if ink.startswith("env-"))]
)
def test_what_must_not_be_overlooked_is_reversed(ink: Ink) -> None:
    style = ink_style(ink, VARIABLES, BLACK)
    assert (style.reverse, style.bold) == (True, True)


def test_bars_are_fainter_than_their_numbers() -> None:
    painted = colour(Ink.BID_BAR, bid="#c86400")
    assert painted is not None
    assert tuple(painted.get_truecolor()) == (110, 55, 0)


def test_bar_in_a_colour_of_the_terminal_keeps_it() -> None:
    assert colour(Ink.UP_BAR, up="ansi_blue") == RichColor.parse("color(4)")
