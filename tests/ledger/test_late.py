"""What a run could not write and brings in late decides nothing that a later run has decided."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from builders import NOW_MS
from ledger_rows import ACCOUNT, a_note, ledger_url
from msgspec.structs import replace
from risk_builders import a_trip, an_anchor
from risk_rows import a_command, a_phase, an_override

from botcore_tui.ledger.reader import LedgerReader
from botcore_tui.ledger.risk_memory import risk_memory
from botcore_tui.ledger.store import reading_engine
from botcore_tui.ledger.verify import verify
from botcore_tui.ledger.writer import LedgerWriter, WriterOptions
from botcore_tui.model.ledger import CommandRow, LedgerRow, ResetRow, RiskMemory, StrategyRow

RESET = ResetRow(code="A01", is_rebased=False, actor="ann", reason="looked at", time_ms=NOW_MS)
STOPPED = StrategyRow(
    strategy="trend", is_enabled=False, code="P19", actor="ann", reason="too fast", time_ms=NOW_MS
)


def _opened(directory: Path, machine: str) -> LedgerWriter:
    place = directory / machine
    place.mkdir(exist_ok=True)
    options = WriterOptions(spill_dir=place)
    return LedgerWriter.open(ledger_url(directory), ACCOUNT, "testnet", options=options)


def _after(directory: Path, late: Sequence[LedgerRow], later: Sequence[LedgerRow]) -> RiskMemory:
    """What is known once a machine that slept is back with its rows."""
    asleep = _opened(directory, "laptop")
    with closing(sqlite3.connect(directory / "ledger.db")) as other, other:
        other.execute("DELETE FROM lease")
    awake = _opened(directory, "server")
    asleep.append(*late)
    assert asleep.close() == len(late)
    awake.append(*later)
    awake.close()
    _opened(directory, "laptop").close()
    url = ledger_url(directory)
    assert verify(url).is_intact
    engine = reading_engine(url)
    with engine.connect() as connection, connection.begin():
        return risk_memory(connection, ACCOUNT, NOW_MS, "USDT")


@pytest.mark.requirement("A02")
@pytest.mark.requirement("F20")
def test_high_water_mark_is_not_lowered_by_what_comes_late(tmp_path: Path) -> None:
    low, high = an_anchor("high_water", "10000"), an_anchor("high_water", "12000")
    assert _after(tmp_path, [low], [high]).high_water == high
    with LedgerReader(ledger_url(tmp_path), ACCOUNT) as reader:
        (told,) = [row for row in reader.everything("audit") if row["code"] == "ledger.superseded"]
    assert "10000" in str(told["text"])


def test_rebase_by_name_is_not_taken_back_by_a_late_mark(tmp_path: Path) -> None:
    high = an_anchor("high_water", "12000")
    rebased = replace(an_anchor("high_water", "10000"), actor="ann")
    assert _after(tmp_path, [high], [rebased]).high_water == rebased


@pytest.mark.requirement("A01")
@pytest.mark.requirement("F20")
def test_late_reset_lets_go_of_no_later_trip(tmp_path: Path) -> None:
    trip = a_trip("A01")
    assert _after(tmp_path, [RESET, a_note()], [trip]).latched == (trip,)


def test_late_word_on_phase_day_and_strategies_changes_none_of_them(tmp_path: Path) -> None:
    lower, higher = a_phase("conservative", "scale"), a_phase("scale", "conservative")
    day, before = an_anchor("day", "900"), an_anchor("day", "1000")
    late: list[LedgerRow] = [higher, before, replace(STOPPED, is_enabled=True)]
    found = _after(tmp_path, late, [lower, day, STOPPED])
    assert (found.phase, found.day, found.disabled) == (lower, day, (STOPPED,))


@pytest.mark.requirement("F13")
def test_what_nobody_decided_meanwhile_is_taken_as_ever(tmp_path: Path) -> None:
    high, trip = an_anchor("high_water", "12000"), a_trip("A01")
    found = _after(tmp_path, [high, trip, STOPPED], [a_note()])
    assert (found.high_water, found.latched, found.disabled) == (high, (trip,), (STOPPED,))


@pytest.mark.requirement("F14")
def test_late_state_and_override_take_nothing_back(tmp_path: Path) -> None:
    active = a_note("state.active", "REDUCING -> ACTIVE by ann: so")
    halted = a_note("state.halted", "ACTIVE -> HALTED by bob: margin call")
    relaxed, normal = an_override(value="5"), an_override(value="2")
    found = _after(tmp_path, [active, relaxed], [halted, normal])
    assert (found.reduced, found.overrides) == (halted.text, (normal,))


def test_late_state_and_override_count_where_nobody_said_more(tmp_path: Path) -> None:
    halted = a_note("state.halted", "ACTIVE -> HALTED by bob: margin call")
    relaxed, other = an_override(value="5"), an_override("risk.max_positions")
    found = _after(tmp_path, [halted, relaxed], [other, a_note()])
    assert (found.reduced, set(found.overrides)) == (halted.text, {relaxed, other})


def _halt(*, flattens: bool) -> CommandRow:
    return a_command("Halt", f'{{"flattens":{str(flattens).lower()}}}')


@pytest.mark.requirement("K3")
@pytest.mark.requirement("F20")
@pytest.mark.parametrize(
    ("late", "later", "is_flattening"),
    [
        # A wish of the later run is not done with by what the earlier one says late.
        ([a_note("halt.confirmed")], [_halt(flattens=True)], True),
        ([a_command("Resume")], [_halt(flattens=True)], True),
        ([a_command("Resume")], [replace(a_trip("A01"), action="flatten")], True),
        # One of the earlier run is, by what the later one did: its positions are others.
        ([_halt(flattens=True)], [a_command("Resume")], False),
        ([_halt(flattens=True)], [_halt(flattens=True), a_note("halt.confirmed")], False),
        # Where the later one said nothing it counts as ever.
        ([_halt(flattens=True)], [a_note()], True),
        ([_halt(flattens=True), a_note("halt.confirmed")], [a_note()], False),
        ([_halt(flattens=True), a_note("halt.confirmed")], [_halt(flattens=False)], False),
        ([_halt(flattens=True), a_command("Resume")], [_halt(flattens=False)], False),
    ],
)
def test_late_resume_or_confirmation_undoes_no_later_flatten(
    tmp_path: Path, late: list[LedgerRow], later: list[LedgerRow], *, is_flattening: bool
) -> None:
    halted = a_note("state.halted", "ACTIVE -> HALTED by bob: margin call")
    assert _after(tmp_path, late, [halted, *later]).is_flattening is is_flattening
