"""``botcore doctor``: what is noted, what fails."""

import importlib.util
import json
import os
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest
from command_line import Exchange, Run
from fake_exchange import a_command

from botcore_tui.cli import doctor, doctor_place
from botcore_tui.cli.doctor_terms import Finding, Grade

pytestmark = pytest.mark.usefixtures("exchange", "found")


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[Finding]:
    """What is found of the environment, whose venue is not asked here."""
    findings: list[Finding] = []
    monkeypatch.setattr(doctor_place, "place", lambda *_: iter(findings))
    return findings


@pytest.mark.parametrize(
    ("grade", "code", "is_ready"),
    [(Grade.NOTE, 0, True), (Grade.WARN, 3, True), (Grade.BAD, 1, False)],
)
def test_exit_code_tells_how_grave_it_is_and_json_what_to_do(
    run: Run, found: list[Finding], grade: Grade, code: int, is_ready: bool
) -> None:
    found.append(Finding(grade, "clock", "off", "set it"))
    done = run("doctor", "--json")
    told = json.loads(done.out)
    assert (done.code, told["is_ready"]) == (code, is_ready)
    assert told["findings"][-1] == {
        "grade": str(grade),
        "name": "clock",
        "text": "off",
        "remedy": "set it",
    }
    assert f"{grade:<4}  clock         off\n                    > set it" in run("doctor").out


def test_production_is_looked_at_without_being_opened(run: Run) -> None:
    done = run("doctor", "--environment", "production")
    assert done.code == 0
    assert "NOTE  environment   production; REAL MONEY" in done.out


def test_an_empty_home_is_healthy(run: Run) -> None:
    done = run("doctor")
    assert (done.code, done.err) == (0, "")
    assert "FAIL" not in done.out
    assert "environment   demo; trading off, no real money" in done.out
    assert "configuration defaults" in done.out


def test_one_core_is_noted_but_no_failure(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0}, raising=False)
    done = run("doctor")
    assert done.code == 0
    assert "NOTE  cores         one core: engine and screen share it; expect" in done.out


def test_a_system_without_affinity_is_noted(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert "NOTE  cores         this system has no thread affinity" in run("doctor").out


def test_an_unusable_state_directory_fails_in_one_clear_line(run: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run("doctor", "--state-dir", tmp_path / "file")
    assert (done.code, done.err) == (1, "")
    (line,) = [line for line in done.out.splitlines() if line.startswith("FAIL")]
    assert "--state-dir" in line


def test_a_bad_configuration_fails_and_the_rest_is_told_all_the_same(run: Run) -> None:
    done = run("doctor", "--environment", "nowhere", "--theme", "NO")
    assert done.code == 1
    assert done.out.count("FAIL  configuration --") == 2
    assert "terminal" in done.out


def test_missing_libraries_fail_and_a_missing_uvloop_is_noted(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec

    def find_some(name: str, package: str | None = None) -> ModuleSpec | None:
        return None if name in ("ccxt", "uvloop") else find(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", find_some)
    done = run("doctor")
    assert done.code == 1
    assert "FAIL  libraries     not installed: ccxt" in done.out
    assert "NOTE  engine loop   asyncio" in done.out


@pytest.mark.parametrize(
    ("size", "grade"), [((160, 48), "ok  "), ((60, 20), "NOTE")], ids=["large", "small"]
)
def test_a_terminal_is_judged_by_its_size(
    run: Run, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int], grade: str
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", str(size[0]))
    monkeypatch.setenv("LINES", str(size[1]))
    monkeypatch.setenv("TERM", "xterm")
    assert f"{grade}  terminal      xterm {size[0]}x{size[1]}" in run("doctor").out


def test_the_embedded_exchange_is_started_and_ended(run: Run) -> None:
    done = run("doctor")
    assert done.code == 0
    (line,) = [line for line in done.out.splitlines() if line.startswith("ok    exchange")]
    assert line.startswith("ok    exchange      the embedded one is ready after 0.")
    assert line.endswith(" s: synthetic, BTCUSDT")


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (a_command("dying", words="no room"), "left with exit code 7: no room"),
        (("/no/such/program",), "cannot be started: No such file or directory"),
        (a_command("silent"), "not ready within 0.05 s"),
    ],
    ids=["dying", "missing", "silent"],
)
def test_an_exchange_that_does_not_start_fails_the_demo_and_is_noted_elsewhere(
    run: Run,
    exchange: Exchange,
    monkeypatch: pytest.MonkeyPatch,
    command: tuple[str, ...],
    reason: str,
) -> None:
    exchange(*command)
    if reason.startswith("not ready"):
        monkeypatch.setattr(doctor, "_EXCHANGE_SECONDS", 0.05)
    told = f"exchange      the embedded one does not start: {reason}\n"
    done = run("doctor")
    assert (done.code, f"FAIL  {told}" in done.out) == (1, True)
    done = run("doctor", "--environment", "paper")
    assert (done.code, f"NOTE  {told}" in done.out) == (0, True)
