"""The same lines as Textual's own, and nothing for the collector."""

import gc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from botcore_tui.ui import strips
from botcore_tui.ui.strips import crop_extend, divide, keep_strips_free_of_cycles

WORDS = st.lists(st.text("ab ▲界", max_size=6), max_size=5)


def a_strip(words: list[str]) -> Strip:
    return Strip([Segment(word, Style(bold=index % 2 == 0)) for index, word in enumerate(words)])


def text_of(parts: Iterator[Strip]) -> list[list[Segment]]:
    return [list(part) for part in parts]


@given(WORDS, st.lists(st.integers(0, 40), max_size=6).map(sorted))
def test_division_is_textuals(words: list[str], cuts: list[int]) -> None:
    ours = divide(a_strip(words), cuts)
    assert text_of(iter(ours)) == text_of(iter(strips._divide(a_strip(words), cuts)))


@given(WORDS, st.integers(0, 10), st.integers(0, 40))
def test_cropping_is_textuals(words: list[str], start: int, length: int) -> None:
    ours = crop_extend(a_strip(words), start, start + length, None)
    theirs = strips._crop_extend(a_strip(words), start, start + length, None)
    assert (ours.text, ours.cell_length) == (theirs.text, theirs.cell_length)


def paint_a_hundred_lines() -> None:
    for _ in range(100):
        strip = a_strip(["price", " 61659.70"])
        strip.divide([strip.cell_length])
        strip.crop_extend(0, strip.cell_length, None)


@pytest.mark.slow
@pytest.mark.requirement("R38")
def test_a_whole_line_leaves_nothing_for_the_collector() -> None:
    keep_strips_free_of_cycles()
    gc.collect()
    gc.disable()
    try:
        paint_a_hundred_lines()
        assert gc.collect() == 0
    finally:
        gc.enable()
