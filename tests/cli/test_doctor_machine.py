"""What a machine and a terminal can do."""

import importlib.util
import os
import shutil
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import NamedTuple

import pytest

from botcore_tui.cli.doctor_machine import machine
from botcore_tui.cli.doctor_terms import Finding, Grade
from botcore_tui.cli.places import places


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


def found(state: Path, name: str) -> list[Finding]:
    return [each for each in machine(places(state)) if each.name == name]


def test_whatever_is_not_as_it_should_be_says_what_to_do(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0}, raising=False)
    monkeypatch.setattr(importlib.util, "find_spec", without("ccxt", "uvloop"))
    findings = list(machine(places(state)))
    assert {each.name for each in findings if each.grade is not Grade.GOOD} >= {
        "cores",
        "libraries",
        "engine loop",
    }
    assert all(each.remedy for each in findings if each.grade is not Grade.GOOD)


def without(*names: str) -> object:
    find = importlib.util.find_spec

    def find_some(name: str, package: str | None = None) -> ModuleSpec | None:
        return None if name in names else find(name, package)

    return find_some


@pytest.mark.parametrize(
    ("free_mb", "grade"), [(90_000, Grade.GOOD), (500, Grade.WARN), (20, Grade.BAD)]
)
def test_disk_that_is_nearly_full_warns_and_a_full_one_fails(
    state: Path, monkeypatch: pytest.MonkeyPatch, free_mb: int, grade: Grade
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(0, 0, free_mb * 1_000_000))
    (finding,) = found(state, "state")
    assert (finding.grade, bool(finding.remedy)) == (grade, grade is not Grade.GOOD)


def test_a_state_directory_that_cannot_be_made_fails(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (finding,) = found(tmp_path / "file", "state")
    assert finding.grade is Grade.BAD
