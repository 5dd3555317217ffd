"""Rows of the chart."""

from builders import NOW_MS

from botcore_tui.ui.panes.chart_rows import runs, time_axis
from botcore_tui.ui.panes.ink import Ink


def test_neighbours_of_one_colour_are_one_piece_and_a_blank_ends_none() -> None:
    inks = [Ink.UP, Ink.UP, Ink.DOWN, Ink.DOWN]
    assert runs("│ ┇┇", inks, " ") == (("│ ", Ink.UP), ("┇┇", Ink.DOWN))


def test_line_behind_shows_where_nothing_is_drawn() -> None:
    inks = [Ink.UP] * 4
    assert runs("    ", inks, "┄") == (("┄┄┄┄", Ink.GRID),)
    assert runs("│  │", inks, "╌", Ink.OWN) == (
        ("│", Ink.UP),
        ("╌╌", Ink.OWN),
        ("│", Ink.UP),
    )


def test_times_stand_below_their_columns() -> None:
    line = time_axis(NOW_MS - NOW_MS % 60_000, 60_000, 30, width=40)
    assert line.index("22:00") == 16
    assert line.index("22:10") == 26
