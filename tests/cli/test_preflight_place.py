"""What stands around an account on this machine, looked at without touching it."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from ledger_rows import ACCOUNT, a_note, tampered, writing, written
from operator_builders import a_key, trust
from risk_builders import a_trip
from risk_rows import a_drill, a_phase, an_equity

from botcore_tui.cli import preflight_place
from botcore_tui.cli.claim import Claim
from botcore_tui.cli.doctor_terms import Finding, Grade
from botcore_tui.cli.places import Places, latch_path, places
from botcore_tui.cli.preflight_place import halt_file, ledger, lock, operators, phase, running
from botcore_tui.config import Config, Environment
from botcore_tui.engine.latch import HaltLatch
from botcore_tui.ledger.store import default_url
from botcore_tui.model.snapshot import HaltInfo
from botcore_tui.operators.names import operators_directory

TESTNET, PRODUCTION, DEMO = Environment.TESTNET, Environment.PRODUCTION, Environment.DEMO


@pytest.fixture
def where(tmp_path: Path) -> Places:
    where = places(tmp_path / "state")
    where.make()
    return where


def ledger_of(where: Places) -> Finding:
    return ledger(Config(), where, TESTNET, ACCOUNT)


# --- instance, halt file ------------------------------------------------------------------------


@pytest.mark.requirement("A17")
def test_another_instance_is_seen_and_not_hindered(where: Places) -> None:
    assert lock(where, TESTNET).grade is Grade.GOOD
    path = where.lock_dir / "testnet.lock"
    claim = Claim.take(path)
    assert claim is not None
    assert running(where, TESTNET).isdigit()
    assert lock(where, TESTNET).grade is Grade.NOTE
    claim.release()
    assert running(where, TESTNET) == ""
    again = Claim.take(path)
    assert again is not None, "to look takes nothing"
    again.release()


def halt_of(where: Places, account: str = ACCOUNT) -> Finding:
    return halt_file(Config(), where, TESTNET, account)


def test_a_halt_that_waits_for_somebody_warns(where: Places) -> None:
    assert halt_of(where).grade is Grade.GOOD
    latch = HaltLatch(latch_path(where.state_dir, TESTNET), str(TESTNET))
    latch.renew(HaltInfo("ada", "enough", 1))
    finding = halt_of(where)
    assert (finding.grade, finding.text) == (Grade.WARN, "halted by ada: enough")
    assert "resume" in finding.remedy


def test_a_session_with_real_money_is_never_said_to_begin_active(where: Places) -> None:
    finding = halt_file(Config(), where, Environment.PRODUCTION, "")
    assert finding.grade is Grade.GOOD
    assert finding.text == "none: a session begins HALTED, as always with real money"
    assert halt_of(where).text == "none: a session begins ACTIVE"


@pytest.mark.requirement("K7")
def test_a_session_that_begins_reducing_warns_without_a_halt_file(where: Places) -> None:
    url = default_url(where.state_dir, "testnet")
    written(url, [a_note("state.reducing", "HALTED -> REDUCING by ada: looked")])
    finding = halt_of(where)
    assert finding.grade is Grade.WARN
    assert "a session begins REDUCING: HALTED -> REDUCING by ada: looked" in finding.text
    assert halt_of(where, "").grade is Grade.GOOD
    tampered(url, "UPDATE alembic_version SET version_num='0001'")
    assert halt_of(where).grade is Grade.NOTE


@pytest.mark.requirement("K7")
def test_remedy_of_a_breaker_is_more_than_to_resume(where: Places) -> None:
    """While it is latched a resume is refused."""
    latch = HaltLatch(latch_path(where.state_dir, TESTNET), str(TESTNET))
    latch.renew(HaltInfo("ada", "enough", 1))
    latch.set(HaltInfo("breaker", "A05 equity is unknown", 2))
    assert "botcore reset-breaker A05 --reason TEXT, then resume" in halt_of(where).remedy
    latch.clear()
    latch.set(HaltInfo("breaker", "breaker A02 tripped in an earlier run and was not reset", 2))
    assert "botcore reset-breaker CODE --reason TEXT, then resume" in halt_of(where).remedy
    latch.clear()
    latch.set(HaltInfo("ada", "enough", 1))
    assert "reset-breaker" not in halt_of(where).remedy
    written(default_url(where.state_dir, "testnet"), [a_trip("A02")])
    assert "reset-breaker" in halt_of(where).remedy


def test_real_money_that_was_left_reducing_begins_halted(where: Places) -> None:
    reduced = [a_note("state.reducing", "HALTED -> REDUCING by ada: looked")]
    written(default_url(where.state_dir, "production"), reduced)
    finding = halt_file(Config(), where, Environment.PRODUCTION, ACCOUNT)
    assert "a session begins HALTED: HALTED -> REDUCING by ada" in finding.text


@pytest.mark.requirement("K7")
def test_a_session_that_begins_halted_by_a_breaker_warns_without_a_halt_file(
    where: Places,
) -> None:
    written(default_url(where.state_dir, "testnet"), [a_trip("A02")])
    finding = halt_of(where)
    assert finding.grade is Grade.WARN
    assert "a session begins HALTED: breaker A02 tripped" in finding.text
    assert "reset-breaker" in finding.remedy


# --- ledger -------------------------------------------------------------------------------------


@pytest.mark.requirement("P22")
def test_a_ledger_is_written_and_nothing_of_it_stays(where: Places) -> None:
    url = default_url(where.state_dir, "testnet")
    written(url, [a_drill()])
    path = where.state_dir / "ledger-testnet.db"
    before = _tables(path)
    assert (ledger_of(where).grade, _tables(path)) == (Grade.GOOD, before)


def _tables(path: Path) -> list[object]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT name FROM sqlite_master ORDER BY name").fetchall()


def test_a_ledger_that_is_not_there_yet_is_not_made(where: Places) -> None:
    assert ledger_of(where).grade is Grade.GOOD
    assert list(where.state_dir.glob("*.db")) == []


def test_a_ledger_in_use_is_only_read(where: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    url = default_url(where.state_dir, "testnet")
    monkeypatch.setattr(preflight_place, "_write", _must_not)
    with writing(url):
        assert ledger_of(where).grade is Grade.NOTE
    claim = Claim.take(where.lock_dir / "testnet.lock")
    assert claim is not None
    assert ledger_of(where).grade is Grade.NOTE, "of an engine whose account is not known"
    claim.release()


def _must_not(_url: str) -> None:
    raise AssertionError("it was written")


@pytest.mark.slow
def test_a_ledger_that_is_locked_fails_and_says_so(where: Places) -> None:
    written(default_url(where.state_dir, "testnet"), [a_drill()])
    path = where.state_dir / "ledger-testnet.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as locked:
        locked.execute("BEGIN IMMEDIATE")
        finding = ledger_of(where)
    assert (finding.grade, "OperationalError" in finding.text) == (Grade.BAD, True)
    assert "ledger.url" in finding.remedy


def test_a_file_that_is_no_ledger_and_one_without_tables_are_told_apart(where: Places) -> None:
    path = where.state_dir / "ledger-testnet.db"
    path.write_bytes(b"")
    assert ledger_of(where).grade is Grade.GOOD
    path.write_bytes(b"this is a letter and not a database" * 100)
    assert ledger_of(where).grade is Grade.BAD


def test_a_ledger_whose_directory_cannot_be_written_fails(
    where: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert ledger_of(where).grade is Grade.BAD


# --- phase --------------------------------------------------------------------------------------


def test_the_phase_in_force_is_told_with_its_band(where: Places) -> None:
    finding, report = phase(Config(), where, TESTNET, ACCOUNT)
    assert (finding.grade, report is not None) == (Grade.NOTE, True)
    url = default_url(where.state_dir, "testnet")
    written(url, [a_phase("testnet", "", equity="4000", time_ms=5), an_equity("4000", time_ms=6)])
    finding, _ = phase(Config(), where, TESTNET, ACCOUNT)
    assert (finding.grade, finding.text) == (
        Grade.GOOD,
        "testnet, capital 4000.00 of 1000 to 5000 USDT, leverage 1x",
    )


@pytest.mark.requirement("R30")
def test_capital_outside_the_band_fails(where: Places) -> None:
    url = default_url(where.state_dir, "testnet")
    written(url, [a_phase("testnet", "", equity="90000", time_ms=5)])
    finding, _ = phase(Config(), where, TESTNET, ACCOUNT)
    assert (finding.grade, finding.remedy) == (Grade.BAD, "botcore phase shows what is missing")


def test_demo_is_for_any_capital(where: Places) -> None:
    finding, _ = phase(Config(), where, DEMO, "")
    assert (finding.grade, "any capital" in finding.text) == (Grade.GOOD, True)


def test_real_money_without_a_gate_that_was_passed_fails(
    where: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOTCORE_PRODUCTION_API_KEY", "k" * 64)
    monkeypatch.setenv("BOTCORE_PRODUCTION_API_SECRET", "s" * 64)
    finding, report = phase(Config(), where, PRODUCTION, "")
    assert (finding.grade, "no gate to real money" in finding.text) == (Grade.BAD, True)
    assert report is None


def test_a_phase_whose_ledger_cannot_be_read_fails(where: Places) -> None:
    (where.state_dir / "ledger-testnet.db").write_bytes(b"a letter" * 1_000)
    finding, report = phase(Config(), where, TESTNET, ACCOUNT)
    assert (finding.grade, report) == (Grade.BAD, None)


# --- operators ----------------------------------------------------------------------------------


def test_operators_are_needed_for_real_money_only(where: Places) -> None:
    assert [each.grade for each in operators(where, TESTNET)] == [Grade.GOOD]
    assert [each.grade for each in operators(where, PRODUCTION)] == [Grade.BAD]
    trust(operators_directory(where.state_dir), a_key())
    assert [each.grade for each in operators(where, PRODUCTION)] == [Grade.GOOD]


def test_operators_that_others_can_change_are_found(where: Places) -> None:
    directory = operators_directory(where.state_dir)
    path = trust(directory, a_key())
    path.chmod(0o666)
    assert [each.grade for each in operators(where, TESTNET)] == [Grade.WARN]
    directory.chmod(0o777)
    (finding,) = operators(where, TESTNET)
    assert (finding.grade, finding.remedy) == (Grade.BAD, f"chmod go-w {directory}")
