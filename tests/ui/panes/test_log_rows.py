"""One log line as rows."""

import pytest
from builders import a_log_line
from pane_app import row_texts

from botcore_tui.model.event import Severity
from botcore_tui.ui.panes.base import Row
from botcore_tui.ui.panes.ink import Ink
from botcore_tui.ui.panes.log_buffer import LogBuffer
from botcore_tui.ui.panes.log_rows import editor_row, line_rows

LINE = a_log_line(text="gap of 3 updates", severity=Severity.WARNING)


def rows_of(width: int, *, query: str = "", is_wrapped: bool = False) -> list[Row]:
    buffer = LogBuffer()
    buffer.set_query(query)
    return line_rows(LINE, width, spans=buffer.spans, is_wrapped=is_wrapped, is_current=False)


@pytest.mark.parametrize(
    ("width", "text"),
    [
        (80, "22:13:20.000 WARN  stream gap of 3 updates"),
        (42, "22:13:20 WARN  stream gap of 3 updates"),
        (30, "W stream gap of 3 updates"),
        (20, "W stream gap of 3 u…"),
        (1, "…"),
    ],
)
def test_narrow_line_loses_its_stamp_first_and_then_its_end(width: int, text: str) -> None:
    assert row_texts(rows_of(width))[0].rstrip() == text


def test_wrapped_line_goes_on_below_its_text() -> None:
    assert [line.rstrip() for line in row_texts(rows_of(18, is_wrapped=True))] == [
        "W stream gap of 3",
        "  updates",
    ]


def test_places_of_a_search_are_set_off() -> None:
    row = rows_of(80, query="GAP")[0]
    assert ("gap", Ink.MATCH) in row
    assert "".join(text for text, _ in row).rstrip().endswith("stream gap of 3 updates")


def test_end_of_a_long_search_stays_in_sight() -> None:
    assert row_texts([editor_row("abcdefgh", 6), editor_row("ab", 6), editor_row("a", 1)]) == [
        "/efgh ",
        "/ab   ",
        "/",
    ]
