"""Exit codes by the gravest finding."""

import pytest

from botcore_tui.cli.doctor_terms import Finding, Grade, exit_code, good


@pytest.mark.parametrize(
    ("grades", "code"),
    [
        ([], 0),
        ([Grade.GOOD, Grade.NOTE], 0),
        ([Grade.NOTE, Grade.WARN], 3),
        ([Grade.WARN, Grade.BAD, Grade.GOOD], 1),
    ],
)
def test_exit_code_is_that_of_the_gravest_finding(grades: list[Grade], code: int) -> None:
    assert exit_code(Finding(grade, "name", "text") for grade in grades) == code


def test_what_is_as_it_should_be_needs_no_remedy() -> None:
    assert good("name", "text") == Finding(Grade.GOOD, "name", "text", "")
