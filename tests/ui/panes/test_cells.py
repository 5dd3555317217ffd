"""Text in cells: exact widths, nothing a terminal would act upon."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from botcore_tui.ui.panes import cells

TEXT = st.text(st.characters(), max_size=40) | st.text("币安人生USDT …▲", max_size=40)


@given(TEXT)
def test_nothing_printed_can_steer_a_terminal(text: str) -> None:
    shown = cells.printable(text)
    assert shown.isprintable()
    shown.encode("utf-8")


def test_escape_sequences_are_written_out() -> None:
    assert cells.printable("\x1b[31mred\r\n\u202eabc\ud800") == r"\x1b[31mred\r\n\u202eabc\ud800"


@given(TEXT, st.integers(0, 60))
def test_fitted_texts_have_exactly_the_width(text: str, width: int) -> None:
    shown = cells.printable(text)
    assert cell_len(cells.left(shown, width)) == width
    assert cell_len(cells.right(shown, width)) == width
    assert cell_len(cells.cut(shown, width)) <= width


@given(TEXT, st.integers(1, 60))
def test_folded_lines_fit_and_lose_no_character(text: str, width: int) -> None:
    shown = cells.printable(text)
    assert all(cell_len(line) <= width for line in cells.folded(shown, width))
    chopped = cells.chopped(shown, width)
    assert all(cell_len(line) <= width for line in chopped)
    if width > 1:
        assert "".join(chopped) == shown


def test_text_cut_inside_a_wide_character_keeps_the_width() -> None:
    assert cells.left("币安人生", 4) == "币 …"


@pytest.mark.parametrize(("width", "shown"), [(7, "61659.7"), (6, "     …"), (1, "…"), (0, "")])
def test_number_that_does_not_fit_is_not_cut_into_another_number(width: int, shown: str) -> None:
    assert cells.number("61659.7", width) == shown


@pytest.mark.parametrize(
    ("value", "largest", "shown"),
    [
        (0.0, 1.0, "    "),
        (1.0, 1.0, "████"),
        (0.5, 1.0, "██  "),
        (1 / 32, 1.0, "▏   "),
        (5.0, 1.0, "████"),
        (1.0, 0.0, "    "),
        (float("nan"), 1.0, "    "),
    ],
)
def test_bar_fills_its_share_in_eighths(value: float, largest: float, shown: str) -> None:
    assert cells.bar(value, largest, 4) == shown


def test_text_folded_into_no_width_is_no_line() -> None:
    assert cells.folded("anything", 0) == []
