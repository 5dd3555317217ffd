"""``botcore drill``: carried out, told, and put on record."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import Run
from sqlalchemy import select

from botcore_tui.cli import drill_command
from botcore_tui.cli.drill_command import ACCOUNT, row_of
from botcore_tui.cli.drill_terms import DrillReport, Step
from botcore_tui.clock import Clock
from botcore_tui.config import Config
from botcore_tui.ledger.reader import newest_account
from botcore_tui.ledger.risk_tables import DRILLS
from botcore_tui.ledger.store import default_url, reading_engine
from botcore_tui.ledger.verify import verify

pytestmark = pytest.mark.xdist_group("drills")


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.mark.slow
@pytest.mark.requirement("K8")
@pytest.mark.requirement("R65")
@pytest.mark.requirement("A01")
def test_breaker_drill_trips_blocks_and_counts_as_evidence(run: Run, state: Path) -> None:
    done = run("drill", "breaker", "--json", "--state-dir", state)

    told = json.loads(done.out)
    failed = [step for step in told["steps"] if not step["is_passed"]]
    assert (failed, told["trouble"], done.code) == ([], [], 0)
    assert {"breaker trips", "no entry open", "A01 trips", "entry is refused"} <= {
        step["name"] for step in told["steps"]
    }
    assert (
        "breaker drill                           passed" in run("phase", "--state-dir", state).out
    )


def a_report(*, is_passed: bool = True, trouble: tuple[str, ...] = ()) -> DrillReport:
    return DrillReport(
        drill="crash",
        is_passed=is_passed,
        steps=(Step(name="stop kept", is_passed=is_passed, text="1 stops", ms=4.0),),
        notes=("made up",),
        trouble=trouble,
        total_ms=1.0,
        version="1",
        config_hash="c0ffee",
        time_ms=7,
    )


Reported = Callable[[DrillReport], None]


@pytest.fixture
def reported(monkeypatch: pytest.MonkeyPatch) -> Reported:
    """Let a drill end like this."""

    def be(report: DrillReport) -> None:
        async def rehearse(
            _name: str, _config: Config, _clock: Clock, *, is_flattening: bool
        ) -> DrillReport:
            assert not is_flattening
            return report

        monkeypatch.setattr(drill_command, "rehearse", rehearse)

    return be


def test_a_drill_belongs_to_the_ledger_of_the_environment_and_to_no_account(
    run: Run, state: Path, reported: Reported
) -> None:
    reported(a_report())
    done = run("drill", "crash", "--environment", "testnet", "--state-dir", state)
    assert (done.code, done.err) == (0, "")
    assert done.out.endswith("PASSED: drill crash in 0.0 s\n")
    url = default_url(state, "testnet")
    engine = reading_engine(url)
    with engine.connect() as connection:
        row = connection.execute(select(DRILLS)).one()
        newest = newest_account(connection, "testnet")
    engine.dispose()
    assert (row.account, row.drill, bool(row.is_passed)) == (ACCOUNT, "crash", True)
    assert (row.timings, row.config_hash, newest) == ('{"stop kept": 4.0}', "c0ffee", "")
    assert verify(url).breaks == ()


def test_a_drill_that_failed_is_on_record_and_exits_1(
    run: Run, state: Path, reported: Reported
) -> None:
    reported(a_report(is_passed=False, trouble=("it does not trade",)))
    done = run("drill", "crash", "--state-dir", state)
    assert (done.code, done.err) == (1, "botcore: it does not trade\n")
    assert row_of(a_report(is_passed=False)).text == "stop kept: 1 stops; made up"


def test_a_drill_that_cannot_be_recorded_says_so(run: Run, state: Path, reported: Reported) -> None:
    reported(a_report())
    state.mkdir()
    (state / "ledger-demo.db").write_bytes(b"a letter" * 1_000)
    done = run("drill", "crash", "--state-dir", state)
    assert (done.code, "the drill is not on record" in done.err) == (1, True)


def test_an_engine_that_does_not_come_up_fails_the_drill(
    run: Run, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    done = run("drill", "halt", "--state-dir", state)
    assert done.code == 1
    assert "the rehearsal's engine does not trade: it says nothing" in done.err
