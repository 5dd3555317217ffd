"""A mark that cannot be true is not believed, and one that leaps only when it is confirmed."""

from decimal import Decimal

import pytest

from botcore_tui.core.marks import Marks

BTC = "BTCUSDT"


def told(*marks: str) -> Marks:
    found = Marks()
    for at, mark in enumerate(marks):
        found.take(BTC, Decimal(mark), at)
    return found


def test_newest_mark_counts() -> None:
    assert (told().of(BTC), told().seen_ms(BTC)) == (None, None)
    assert (told("100", "81").of(BTC), told("100", "81").seen_ms(BTC)) == (Decimal(81), 1)


def test_mark_is_as_old_as_it_is_told_to_be_and_else_as_its_coming() -> None:
    marks = told("100")
    assert (marks.made_ms(BTC), marks.made_ms("ETHUSDT")) == (0, None)
    marks.take(BTC, Decimal(101), 9, made_ms=4)
    assert (marks.seen_ms(BTC), marks.made_ms(BTC)) == (9, 4)


@pytest.mark.requirement("F07")
@pytest.mark.parametrize("mark", ["0", "-1", "NaN", "Infinity", "1000", "10", "130"])
def test_absurd_mark_of_one_frame_is_not_believed_and_makes_none_fresh(mark: str) -> None:
    marks = told("100", mark)
    assert (marks.of(BTC), marks.seen_ms(BTC)) == (Decimal(100), 0)
    marks.take(BTC, Decimal(101), 2)
    marks.take(BTC, Decimal(mark), 3)
    assert (marks.of(BTC), marks.seen_ms(BTC)) == (Decimal(101), 2)


@pytest.mark.requirement("F07")
def test_leap_that_the_next_frame_confirms_is_believed() -> None:
    assert told("100", "50", "51").of(BTC) == 51
    assert told("100", "50", "200").of(BTC) == 100
    assert told("100", "50", "200", "201").of(BTC) == 201
