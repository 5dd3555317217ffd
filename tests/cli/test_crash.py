"""A defect is one line on the terminal and a file with the rest."""

import re
from pathlib import Path

import pytest

from botcore_tui.cli.crash import report_crash

SECRET = "Zk3vN8qLp0XwRt5Yb7Ud"


def an_error(text: str = "two\nlines") -> Exception:
    with pytest.raises(ZeroDivisionError) as raised:
        raise ZeroDivisionError(text)
    return raised.value


def crash_file(told: str) -> Path:
    match = re.search(r"details are in (.+)\n", told)
    assert match is not None
    return Path(match[1])


@pytest.mark.requirement("R09", "R52")
def test_one_line_names_the_file_that_has_the_traceback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report_crash(an_error(), tmp_path)
    told = capsys.readouterr().err
    assert told.startswith("botcore: unexpected failure (ZeroDivisionError: two); details are in ")
    assert told.count("\n") == 1
    assert crash_file(told).parent == tmp_path
    assert "raise ZeroDivisionError(text)" in crash_file(told).read_text()


def test_a_directory_that_is_not_there_leaves_the_temporary_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    report_crash(an_error(), tmp_path / "nowhere")
    assert crash_file(capsys.readouterr().err).parent == tmp_path


def test_where_nothing_can_be_written_the_line_still_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    report_crash(an_error(), None)
    assert "the details could not be written anywhere" in capsys.readouterr().err


@pytest.mark.requirement("R16")
def test_neither_line_nor_file_has_a_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BOTCORE_TESTNET_API_SECRET", SECRET)
    report_crash(an_error(f"bad key {SECRET}"), tmp_path)
    told = capsys.readouterr().err
    assert SECRET not in told
    assert SECRET not in crash_file(told).read_text()
