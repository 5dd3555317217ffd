"""The cockpit's readiness report is what the command finds, with what this start was told."""

import json
import os
import sys
import threading
from pathlib import Path

import pytest
from command_line import arguments

from botcore_tui.cli.cockpit_doctor import CockpitDoctor, doctors
from botcore_tui.cli.doctor_terms import Finding, Grade
from botcore_tui.config import Environment
from botcore_tui.errors import UnavailableError

TOLD = {
    "findings": [
        {"grade": "ok", "name": "state", "text": "there", "remedy": ""},
        {"grade": "NOTE", "name": "terminal", "text": "none here", "remedy": "look elsewhere"},
        {"grade": "WARN", "name": "clock", "text": "off", "remedy": "set it"},
    ],
    "is_ready": True,
}


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


@pytest.mark.requirement("R72")
def test_findings_are_read_from_the_command_but_for_its_own_terminal() -> None:
    doctor = CockpitDoctor(arguments(), command=python(f"print('''{json.dumps(TOLD)}''')"))
    assert doctor.look() == [
        Finding(Grade.GOOD, "state", "there"),
        Finding(Grade.WARN, "clock", "off", "set it"),
    ]


@pytest.mark.requirement("R72")
def test_it_is_asked_about_the_environment_that_is_shown_with_the_flags_of_this_start(
    tmp_path: Path,
) -> None:
    words = ("--config", tmp_path / "c", "--state-dir", tmp_path, "--environment", "demo")
    given = arguments("run", "--enable-trading", *words, "--symbols", "A,B", "--seed", "3")
    made = doctors(given, Environment.DEMO)
    same, other = made(Environment.DEMO)._words[3:], made(Environment.TESTNET)._words[3:]
    places = ["--config", str(tmp_path / "c"), "--state-dir", str(tmp_path)]
    assert same == [
        *("doctor", "--json", *places, "--environment", "demo"),
        *("--symbols", "A,B", "--seed", "3"),
    ]
    assert other == ["doctor", "--json", *places, "--environment", "testnet", "--symbols", "A,B"]
    assert made(Environment.DEMO)._env["BOTCORE__TRADING__ENABLED"] == "true"
    assert "BOTCORE__TRADING__ENABLED" not in CockpitDoctor(arguments())._env


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (
            python("import sys; sys.stderr.write('no disk\\n'); sys.exit(1)"),
            "botcore doctor told nothing: exit code 1: no disk",
        ),
        (("/no/such/program",), "cannot be started: No such file or directory"),
    ],
    ids=["failing", "missing"],
)
def test_why_there_is_no_report_is_told(command: tuple[str, ...], why: str) -> None:
    with pytest.raises(UnavailableError, match=why):
        CockpitDoctor(arguments(), command=command).look()


def test_a_look_that_nobody_waits_for_is_ended() -> None:
    doctor = CockpitDoctor(arguments(), command=python("import time; time.sleep(60)"))
    doctor.stop()  # nothing runs yet
    failures: list[str] = []

    def look() -> None:
        try:
            doctor.look()
        except UnavailableError as error:
            failures.append(str(error))

    thread = threading.Thread(target=look)
    thread.start()
    while thread.is_alive():
        doctor.stop()
        thread.join(0.01)
    assert failures == ["botcore doctor told nothing: exit code -9"]


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="no thread affinity here")
def test_it_may_use_all_cores_of_the_program_and_the_thread_keeps_its_own() -> None:
    all_cores = frozenset(os.sched_getaffinity(0))
    one = frozenset({min(all_cores)})
    code = "import os, sys; sys.exit(f'cores {sorted(os.sched_getaffinity(0))}')"
    doctor = CockpitDoctor(arguments(), cores=all_cores, command=python(code))
    os.sched_setaffinity(0, one)
    try:
        with pytest.raises(UnavailableError) as caught:
            doctor.look()
        assert frozenset(os.sched_getaffinity(0)) == one
    finally:
        os.sched_setaffinity(0, all_cores)
    assert str(caught.value).endswith(f"cores {sorted(all_cores)}")
