"""A limit is relaxed by name, with a reason, within bounds, and it reverts by itself (P24)."""

from decimal import Decimal

import pytest
from gate_stage import STRICT
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from order_builders import NOW_MS

from botcore_tui.core.gate_limits import RELAXABLE
from botcore_tui.core.overrides import Overrides
from botcore_tui.model.command import Relax
from botcore_tui.model.event import Append, Effect, Record
from botcore_tui.model.ledger import OverrideRow, RiskMemory

MINUTE_MS = 60_000
LIMIT = "risk.max_leverage"


def a_relax(**changes: object) -> Relax:
    command = Relax(
        command_id="c",
        actor="ann",
        limit=LIMIT,
        value=Decimal(6),
        minutes=60,
        reason="hedge",
        time_ms=NOW_MS,
    )
    return replace(command, **changes)


def some(memory: RiskMemory | None = None) -> Overrides:
    return Overrides(STRICT, memory or RiskMemory())


def rows(effects: list[Effect]) -> list[OverrideRow]:
    found = [one.row for one in effects if isinstance(one, Append)]
    return [row for row in found if isinstance(row, OverrideRow)]


@pytest.mark.requirement("P24")
def test_relaxed_limit_is_in_force_recorded_and_loud() -> None:
    overrides = some()
    effects, denial = overrides.relax(a_relax(), NOW_MS)
    assert denial is None
    (row,) = rows(effects)
    assert row == OverrideRow(
        limit=LIMIT,
        value=Decimal(6),
        normal=Decimal(3),
        actor="ann",
        reason="hedge",
        until_ms=NOW_MS + 60 * MINUTE_MS,
        time_ms=NOW_MS,
    )
    assert overrides.limits == replace(STRICT, max_leverage=Decimal(6))
    assert overrides.rows == (row,)
    assert [one.code for one in effects if isinstance(one, Record)] == ["override.begun"]


@pytest.mark.requirement("P24")
def test_it_reverts_by_itself_and_is_recorded_once() -> None:
    overrides = some()
    overrides.relax(a_relax(minutes=1), NOW_MS)
    assert overrides.on_time(NOW_MS + MINUTE_MS - 1) == []
    effects = overrides.on_time(NOW_MS + MINUTE_MS)
    (row,) = rows(effects)
    assert (row.until_ms, row.time_ms) == (NOW_MS + MINUTE_MS, NOW_MS + MINUTE_MS)
    assert (overrides.limits, overrides.rows) == (STRICT, ())
    assert overrides.on_time(NOW_MS + 2 * MINUTE_MS) == []


@pytest.mark.requirement("P24")
@pytest.mark.requirement("F12")
def test_clock_that_is_set_back_lengthens_nothing() -> None:
    overrides = some()
    overrides.on_time(NOW_MS)
    overrides.relax(a_relax(minutes=10), NOW_MS)
    overrides.on_time(NOW_MS + 9 * MINUTE_MS)
    overrides.on_time(NOW_MS - 600 * MINUTE_MS)
    _, denial = overrides.relax(a_relax(limit="risk.collar_pct", value=Decimal(4)), NOW_MS)
    assert denial is None
    assert overrides.rows[-1].time_ms == NOW_MS + 9 * MINUTE_MS
    assert rows(overrides.on_time(NOW_MS + 10 * MINUTE_MS))[0].limit == LIMIT


@pytest.mark.requirement("P24")
def test_zero_minutes_end_it_at_once_and_another_value_replaces_it() -> None:
    overrides = some()
    overrides.relax(a_relax(), NOW_MS)
    overrides.relax(a_relax(value=Decimal(4)), NOW_MS)
    assert [row.value for row in overrides.rows] == [4]
    effects, denial = overrides.relax(a_relax(minutes=0, value=Decimal(0)), NOW_MS + 1)
    assert denial is None
    assert [(row.until_ms, row.time_ms) for row in rows(effects)] == [(NOW_MS + 1, NOW_MS + 1)]
    assert overrides.limits == STRICT


@pytest.mark.requirement("P24")
@pytest.mark.parametrize(
    "changes",
    [
        {"actor": " "},
        {"reason": ""},
        {"limit": "breaker.daily_loss_pct"},
        {"limit": "risk.nothing"},
        {"minutes": 61},
        {"minutes": -1},
        {"value": Decimal("6.01")},
        {"value": Decimal(3)},
        {"value": Decimal("NaN")},
        {"value": Decimal("Infinity")},
        {"limit": "risk.max_positions", "value": Decimal("2.5")},
    ],
    ids=str,
)
def test_what_is_beyond_its_bounds_or_nameless_is_refused(changes: dict[str, object]) -> None:
    overrides = some()
    effects, denial = overrides.relax(a_relax(**changes), NOW_MS)
    assert effects == []
    assert denial is not None
    assert denial.code == "P24"
    assert overrides.limits is STRICT


@pytest.mark.requirement("P24")
def test_it_outlives_a_restart_as_far_as_todays_limits_allow() -> None:
    row = rows(some().relax(a_relax(), NOW_MS)[0])[0]
    again = some(RiskMemory(overrides=(row,)))
    assert again.limits.max_leverage == 6
    assert rows(again.on_time(row.until_ms))[0].limit == LIMIT
    lower = replace(STRICT, max_leverage=Decimal(2))
    assert Overrides(lower, RiskMemory(overrides=(row,))).limits.max_leverage == 4


@pytest.mark.requirement("P24")
@pytest.mark.parametrize(
    "changes",
    [
        {"until_ms": NOW_MS},
        {"until_ms": NOW_MS + 61 * MINUTE_MS},
        {"value": Decimal("NaN")},
        {"limit": "risk.nothing"},
    ],
    ids=str,
)
def test_remembered_row_that_says_nonsense_is_left_out(changes: dict[str, object]) -> None:
    row = replace(rows(some().relax(a_relax(), NOW_MS)[0])[0], **changes)
    assert some(RiskMemory(overrides=(row,))).rows == ()


@pytest.mark.requirement("P24")
@pytest.mark.requirement("R27")
def test_lower_normal_limits_bring_what_is_relaxed_down() -> None:
    overrides = some()
    overrides.relax(a_relax(), NOW_MS)
    overrides.rebase(replace(STRICT, max_leverage=Decimal(1)))
    assert overrides.limits.max_leverage == 2
    assert overrides.rows[0].normal == 1


@pytest.mark.requirement("P24")
@pytest.mark.requirement("G1")
@given(
    steps=st.lists(
        st.one_of(
            st.builds(
                a_relax,
                limit=st.sampled_from(sorted(RELAXABLE)),
                value=st.decimals(-10, 10_000, allow_nan=True),
                minutes=st.integers(-5, 90),
                actor=st.sampled_from(["ann", ""]),
                reason=st.sampled_from(["why", ""]),
            ),
            st.integers(-90 * MINUTE_MS, 90 * MINUTE_MS),
            st.just("restart"),
        ),
        max_size=20,
    )
)
def test_no_limit_is_ever_raised_without_a_row_that_says_so(
    steps: list[Relax | int | str],
) -> None:
    overrides, now = some(), NOW_MS
    newest: dict[str, OverrideRow] = {}
    for step in steps:
        effects: list[Effect] = []
        if isinstance(step, Relax):
            effects, _ = overrides.relax(step, now)
        elif isinstance(step, int):
            now += step
            effects = overrides.on_time(now)
        else:
            held = tuple(row for row in newest.values() if row.until_ms > row.time_ms)
            overrides = some(RiskMemory(overrides=held))
            overrides.on_time(now)
        newest |= {row.limit: row for row in rows(effects)}
        for key, name in RELAXABLE.items():
            value, normal = getattr(overrides.limits, name), getattr(STRICT, name)
            if value == normal:
                continue
            row = newest[key]
            assert value == row.value <= 2 * normal
            assert row.actor
            assert row.reason
            assert now < row.until_ms <= row.time_ms + 60 * MINUTE_MS
