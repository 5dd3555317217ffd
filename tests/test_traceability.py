"""The table of requirements finds what is missing."""

import subprocess
import sys
from pathlib import Path

import pytest

_SCRIPT = Path(__file__).with_name("traceability.py")


def _run(directory: Path, *, test: str, source: str = "", quiet: bool = False) -> tuple[int, str]:
    (directory / "tests").mkdir()
    (directory / "package").mkdir()
    (directory / "tests" / "test_it.py").write_text(test, encoding="utf-8")
    (directory / "package" / "it.py").write_text(source, encoding="utf-8")
    command = [sys.executable, str(_SCRIPT), "--tests", "tests", "--source", "package"]
    if quiet:
        command.append("--quiet")
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout


@pytest.mark.requirement("R14")
@pytest.mark.requirement("R51")
def test_the_table_names_the_tests_of_each_id(tmp_path: Path) -> None:
    code, text = _run(
        tmp_path,
        test="""
import pytest
pytestmark = [pytest.mark.requirement("K1"), pytest.mark.slow]
@pytest.mark.requirement("R01")
@pytest.mark.requirement("F02b", "P24")
def test_one(): ...
@pytest.mark.requirement("R01")
class TestTwo:
    @pytest.mark.requirement("A18")
    async def test_three(self): ...
""",
        source="# R01 and P24\n",
    )
    assert code == 0
    assert "  R01   test_it.py::test_one\n        test_it.py::TestTwo\n" in text
    assert "  K1    test_it.py::test_it.py\n" in text
    assert "  A18   test_it.py::test_three\n" in text
    assert "requirements: 1 of 76 shown by tests\n" in text
    assert "5 of 158 ids shown by tests, 0 failures\n" in text


def test_the_table_can_be_left_out(tmp_path: Path) -> None:
    code, text = _run(tmp_path, test="", quiet=True)
    assert code == 0
    assert "  R" not in text


@pytest.mark.parametrize("identifier", ["R77", "R00", "R1", "K13", "F02c", "G8", "nonsense"])
def test_a_mark_with_an_id_that_does_not_exist_fails(tmp_path: Path, identifier: str) -> None:
    test = f"@pytest.mark.requirement({identifier!r})\ndef test_one(): ...\n"
    code, text = _run(tmp_path, test=test)
    assert code == 1
    assert f"test_it.py::test_one: there is no {identifier}\n" in text


def test_a_mark_that_is_computed_fails(tmp_path: Path) -> None:
    test = "@pytest.mark.requirement(R01)\ndef test_one(): ...\n"
    code, text = _run(tmp_path, test=test)
    assert code == 1
    assert "there is no R01, which is no plain text" in text


@pytest.mark.requirement("R14")
@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("x = 1  # enforced, see P08\n", 1),
        ('"""Deny as P08 says."""\n', 1),
        ('class A:\n    x: int = 0\n    """Of P08."""\n', 3),
        ("def f():\n    '''Text.\n\n    P08\n    '''\n", 2),
    ],
)
def test_an_id_in_the_program_that_no_test_shows_fails(
    tmp_path: Path, source: str, line: int
) -> None:
    code, text = _run(tmp_path, test="", source=source)
    assert code == 1
    assert f"package/it.py:{line}: names P08, which no test shows\n" in text


def test_an_id_in_the_program_that_does_not_exist_fails(tmp_path: Path) -> None:
    code, text = _run(tmp_path, test="", source="# P99\n")
    assert code == 1
    assert "package/it.py:1: there is no P99\n" in text


@pytest.mark.parametrize(
    "source", ['x = "P08"\n', "# F12 halts\n", "# p99 of 3 ms, K1\n", "x = 1  # noqa: A001, F401\n"]
)
def test_what_is_no_tag_is_left_alone(tmp_path: Path, source: str) -> None:
    code, _ = _run(tmp_path, test="", source=source)
    assert code == 0
