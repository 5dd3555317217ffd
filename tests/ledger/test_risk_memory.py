"""A restart knows every limit as it was, and makes none more permissive."""

from decimal import Decimal
from pathlib import Path

import pytest
from builders import NOW_MS
from ledger_rows import ACCOUNT, a_fill, a_note, a_position, ledger_url, written
from msgspec import structs
from risk_rows import (
    a_command,
    a_phase,
    a_reset,
    a_strategy,
    a_transfer,
    a_trip,
    an_anchor,
    an_equity,
    an_override,
)

from botcore_tui.ledger.recall import recall
from botcore_tui.model.ledger import CommandRow, LedgerRow, RiskMemory
from botcore_tui.model.risk import MOVED

_DAY_MS = 86_400_000
_MIDNIGHT = NOW_MS - NOW_MS % _DAY_MS
_MINUTE_MS = 60_000
_TRIP = structs.replace(a_trip(), action="flatten")


def _remembered(tmp_path: Path, *rows: LedgerRow, now_ms: int = NOW_MS) -> RiskMemory:
    url = ledger_url(tmp_path)
    written(url, rows)
    written(url, [a_trip("A02"), an_anchor(), a_phase(), a_strategy()], account="another")
    return recall(url, ACCOUNT, now_ms).risk


def _halt(*, flattens: bool) -> CommandRow:
    return a_command("Halt", f'{{"flattens":{str(flattens).lower()}}}')


def test_an_empty_ledger_remembers_nothing(tmp_path: Path) -> None:
    assert _remembered(tmp_path) == RiskMemory()


@pytest.mark.requirement("A01")
def test_the_day_anchor_is_the_newest_of_this_day(tmp_path: Path) -> None:
    rows = [
        an_anchor("day", "4000", time_ms=_MIDNIGHT - 1),
        an_anchor("day", "5000", time_ms=_MIDNIGHT),
        an_anchor("day", "4800", time_ms=_MIDNIGHT + 5),
    ]
    assert _remembered(tmp_path, *rows).day == rows[2]


@pytest.mark.requirement("A01")
@pytest.mark.parametrize("time_ms", [_MIDNIGHT - 1, _MIDNIGHT + _DAY_MS])
def test_an_anchor_of_another_day_is_none_of_today(tmp_path: Path, time_ms: int) -> None:
    assert _remembered(tmp_path, an_anchor("day", time_ms=time_ms)).day is None


@pytest.mark.requirement("F15")
def test_the_moment_of_the_days_start_is_not_that_of_a_transfer_that_moved_it(
    tmp_path: Path,
) -> None:
    rows = [
        an_anchor("day", "4000", time_ms=_MIDNIGHT - 1),
        an_anchor("day", "5000", time_ms=_MIDNIGHT + 7),
        structs.replace(an_anchor("day", "4800", time_ms=_MIDNIGHT + 50), reason=MOVED, actor=""),
    ]
    assert _remembered(tmp_path, *rows).day_from_ms == _MIDNIGHT + 7


@pytest.mark.requirement("F15")
def test_high_water_marks_of_the_last_days_are_those_after_the_last_by_name(
    tmp_path: Path,
) -> None:
    rows = [
        structs.replace(an_anchor("high_water", "9000", time_ms=NOW_MS - each), actor="")
        for each in (9 * _DAY_MS, 8 * _DAY_MS, 2 * _DAY_MS, 10)
    ]
    assert _remembered(tmp_path, *rows).highs == tuple(rows[1:])
    more = [
        structs.replace(an_anchor("high_water", "8000", time_ms=NOW_MS - 5), actor="ann"),
        structs.replace(an_anchor("high_water", "8100", time_ms=NOW_MS - 3), actor=""),
    ]
    assert _remembered(tmp_path, *more).highs == tuple(more)


@pytest.mark.requirement("A02")
def test_the_high_water_mark_is_the_newest_however_old(tmp_path: Path) -> None:
    rows = [
        an_anchor("high_water", "9000", time_ms=1),
        an_anchor("high_water", "7000", time_ms=2),
        an_anchor("day", time_ms=3),
    ]
    assert _remembered(tmp_path, *rows).high_water == rows[1]


@pytest.mark.requirement("A03")
def test_of_each_rolling_window_the_newest_anchor_comes_back(tmp_path: Path) -> None:
    rows = [
        an_anchor("rolling-24h", "5000", time_ms=1),
        an_anchor("rolling-1h", "4000", time_ms=2),
        an_anchor("rolling-1h", "4500", time_ms=3),
    ]
    assert _remembered(tmp_path, *rows).rolling == (rows[2], rows[0])


@pytest.mark.requirement("A01")
@pytest.mark.parametrize(
    ("rows", "was_active"),
    [
        ([], False),
        ([a_fill(time_ms=_MIDNIGHT - 1)], False),
        ([a_fill(time_ms=_MIDNIGHT)], True),
        ([a_position("0.1", time_ms=_MIDNIGHT - 1)], True),
        ([a_position("0.1", time_ms=_MIDNIGHT)], False),
        ([a_position("0.1", time_ms=5), a_position("0", time_ms=_MIDNIGHT - 1)], False),
        ([an_anchor(time_ms=_MIDNIGHT + 5), a_fill(time_ms=_MIDNIGHT + 5)], False),
        ([an_anchor(time_ms=_MIDNIGHT + 5), a_fill(time_ms=_MIDNIGHT + 4)], True),
    ],
)
def test_a_day_with_something_before_its_anchor_was_active(
    tmp_path: Path, rows: list[LedgerRow], was_active: bool
) -> None:
    assert _remembered(tmp_path, *rows).was_active_today is was_active


@pytest.mark.requirement("A03")
def test_equity_of_the_last_day_comes_back_once_a_minute(tmp_path: Path) -> None:
    minute = NOW_MS - NOW_MS % _MINUTE_MS
    rows = [
        an_equity("1", time_ms=NOW_MS - _DAY_MS),
        an_equity("2", time_ms=NOW_MS - _DAY_MS + 1),
        an_equity("3", time_ms=minute - _MINUTE_MS),
        an_equity("4", time_ms=minute - 1),
        an_equity("5", time_ms=minute),
        an_equity("6", time_ms=NOW_MS + 1),
    ]
    found = _remembered(tmp_path, *rows).equity
    assert [row.wallet for row in found] == [Decimal(2), Decimal(3), Decimal(5)]


@pytest.mark.requirement("A01")
@pytest.mark.requirement("F14")
def test_a_trip_stays_latched_until_its_own_reset(tmp_path: Path) -> None:
    rows: list[LedgerRow] = [
        a_trip("A01", time_ms=1),
        a_reset("A01", time_ms=2),
        a_trip("A02", time_ms=3),
        a_trip("A01", observed=None, time_ms=4),
        a_reset("A03-1h", time_ms=5),
    ]
    memory = _remembered(tmp_path, *rows)
    assert list(memory.latched) == [rows[2], rows[3]]
    assert [row.time_ms for row in memory.trips] == [4, 3, 1]


def test_of_many_trips_the_newest_twenty_are_told(tmp_path: Path) -> None:
    memory = _remembered(tmp_path, *(a_trip(time_ms=number) for number in range(25)))
    assert [row.time_ms for row in memory.trips] == list(range(24, 4, -1))
    assert len(memory.latched) == 25


@pytest.mark.requirement("P24")
def test_only_overrides_that_hold_come_back_the_newest_of_each(tmp_path: Path) -> None:
    rows = [
        an_override(value="1.5"),
        an_override(value="2"),
        an_override("risk.risk_pct", until_ms=NOW_MS + 9_000),
        an_override("risk.risk_pct", until_ms=NOW_MS - 1),
        an_override("risk.max_positions", until_ms=NOW_MS),
    ]
    assert _remembered(tmp_path, *rows).overrides == (rows[1],)


@pytest.mark.requirement("P19")
def test_a_strategy_stays_disabled_until_it_is_enabled(tmp_path: Path) -> None:
    rows = [
        a_strategy("a"),
        a_strategy("b"),
        a_strategy("a", is_enabled=True),
        a_strategy("c", is_enabled=True),
    ]
    assert _remembered(tmp_path, *rows).disabled == (rows[1],)


@pytest.mark.requirement("G1")
@pytest.mark.requirement("R30")
def test_the_phase_is_the_newest_row_with_the_transfers_since(tmp_path: Path) -> None:
    rows: list[LedgerRow] = [
        a_phase("scale", time_ms=5),
        a_transfer("1000", time_ms=6),
        a_phase("conservative", equity=None, time_ms=10),
        a_transfer("-5", time_ms=10),
        a_transfer("300", time_ms=11),
        a_transfer("-50.5", time_ms=12),
        a_transfer("9", asset="BNB", time_ms=13),
        a_transfer("-7", reason="INSURANCE_CLEAR", time_ms=14),
    ]
    memory = _remembered(tmp_path, *rows)
    assert memory.phase == rows[2]
    assert memory.phase_transfers == Decimal("249.5")


_REDUCING = "HALTED -> REDUCING by ann: looked at it"


@pytest.mark.requirement("K7")
@pytest.mark.parametrize(
    ("notes", "reduced"),
    [
        ((), ""),
        ((("state.reducing", _REDUCING),), _REDUCING),
        ((("state.reducing", _REDUCING), ("state.active", "REDUCING -> ACTIVE by ann: so")), ""),
        (
            (
                ("state.active", "REDUCING -> ACTIVE by ann: so"),
                ("state.reducing", _REDUCING),
                ("state.halted", "REDUCING -> HALTED by leave: --duration is over"),
                ("state.halted", "REDUCING -> HALTED by signal: SIGTERM"),
            ),
            _REDUCING,
        ),
        (
            (
                ("state.reducing", _REDUCING),
                ("state.leaving", "REDUCING -> HALTED by leave: the program ends"),
            ),
            _REDUCING,
        ),
        (
            # Whatever its words: a code says what it is.
            (("state.halted", "ACTIVE -> HALTED by ann: told by phone"), ("state.leaving", "x")),
            "ACTIVE -> HALTED by ann: told by phone",
        ),
        (
            (("state.halted", "ACTIVE -> HALTED by F12: by hand"),),
            "ACTIVE -> HALTED by F12: by hand",
        ),
        ((("state.halted", "ACTIVE -> HALTED by leave: the end"),), ""),
    ],
)
def test_what_was_reduced_when_a_session_ended_is_known_to_the_next_one(
    tmp_path: Path, notes: tuple[tuple[str, str], ...], reduced: str
) -> None:
    rows = [a_note(code, text, time_ms=number) for number, (code, text) in enumerate(notes)]
    assert _remembered(tmp_path, *rows).reduced == reduced


@pytest.mark.requirement("K3")
@pytest.mark.parametrize(
    ("rows", "is_flattening"),
    [
        ([], False),
        ([_halt(flattens=True)], True),
        ([_halt(flattens=False)], False),
        ([_halt(flattens=True), _halt(flattens=False)], True),
        ([_halt(flattens=True), a_note(code="halt.confirmed")], False),
        ([a_note(code="halt.confirmed"), _halt(flattens=True)], True),
        ([_halt(flattens=True), a_command("Resume")], False),
        ([_halt(flattens=True), structs.replace(a_command("Resume"), is_accepted=False)], True),
        ([a_command("Halt", "{")], False),
        ([_TRIP], True),
        ([_TRIP, a_reset()], True),
        ([_TRIP, _halt(flattens=False), a_reset()], True),
        ([structs.replace(_TRIP, action="hold"), a_reset()], False),
        ([_TRIP, a_note(code="halt.confirmed"), a_reset()], False),
        ([a_note(code="halt.confirmed"), _TRIP, a_reset()], True),
        ([_TRIP, a_reset(), a_command("Resume")], False),
        ([a_command("Resume"), _TRIP, a_reset()], True),
        ([_halt(flattens=True), a_note(code="halt.confirmed"), _TRIP, a_reset()], True),
    ],
)
def test_a_flatten_that_was_not_done_with_is_remembered(
    tmp_path: Path, rows: list[LedgerRow], *, is_flattening: bool
) -> None:
    halted = a_note(code="state.halted", text="trading is HALTED by ann: enough")
    assert _remembered(tmp_path, halted, *rows).is_flattening is is_flattening
