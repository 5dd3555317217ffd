"""Tables: columns go by importance, numbers are never cut."""

from pane_app import row_texts

from botcore_tui.ui.panes.columns import Column, fitting, table_rows
from botcore_tui.ui.panes.ink import Ink

NAMES = Column("name", ("alpha", "币安人生"), 9, is_number=False)
AGES = Column("age", ("12ms", "3.2s"), 5)
COUNTS = Column("count", ("7", "12345678"), 7, inks=(Ink.TEXT, Ink.WARN))


def test_table_aligns_texts_left_and_numbers_right() -> None:
    rows = table_rows([NAMES, AGES, COUNTS], 24)
    assert row_texts(rows) == [
        "name      age    count  ",
        "alpha    12ms        7  ",
        "币安人生 3.2s 12345678  ",
    ]
    assert rows[2][2] == (" 12345678", Ink.WARN)


def test_least_important_column_goes_first() -> None:
    assert fitting([NAMES, AGES, COUNTS], 21) == [NAMES, COUNTS]
    assert fitting([NAMES, AGES, COUNTS], 16) == [NAMES]


def test_last_column_stays_and_is_cut_only_if_it_is_a_text() -> None:
    assert row_texts(table_rows([NAMES], 4)) == ["name", "alp…", "币 …"]
    assert row_texts(table_rows([COUNTS], 4)) == ["cou…", "   7", "   …"]


def test_long_text_is_cut_at_the_widest_that_a_column_allows() -> None:
    column = Column("feed", ("a very long name",), 1, is_number=False, widest=6)
    assert row_texts(table_rows([column], 10)) == ["feed      ", "a ver…    "]
