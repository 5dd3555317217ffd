"""Numbers on the command line are plain, finite and above zero, or refused."""

import argparse
from decimal import Decimal
from pathlib import Path

import pytest

from botcore_tui.cli.parser_parts import amount, file_path, seconds


@pytest.mark.parametrize("text", ["0.015", "1", "123456789012.000000000001", "00.10"])
def test_plain_numbers_are_taken_to_the_last_digit(text: str) -> None:
    assert amount(text) == Decimal(text)


@pytest.mark.requirement("R20")
@pytest.mark.parametrize(
    "text",
    ["", "0", "0.000", "-1", "+1", "nan", "inf", "1e3", "1_000", "1,5", "x", ".5", "٣", "1 "],
)
def test_what_is_no_number_above_zero_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is no number above 0"):
        amount(text)


def test_number_that_is_too_long_is_told_how_long_it_may_be() -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="at most 12 digits"):
        amount("1" * 13)


def test_seconds_may_be_none_but_not_less() -> None:
    assert seconds("0") == 0
    assert seconds("2.5") == 2.5
    for text in ("-1", "nan", "inf", "soon"):
        with pytest.raises(argparse.ArgumentTypeError):
            seconds(text)


def test_path_of_somebody_whom_nobody_knows_is_refused() -> None:
    assert file_path("~/x") == Path.home() / "x"
    with pytest.raises(argparse.ArgumentTypeError, match="no such user"):
        file_path("~nobody-here/x")
