"""The numbers of the phases, and that a phase only ever tightens."""

from decimal import Decimal, InvalidOperation

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botcore_tui.core.phase import (
    Caps,
    Phase,
    band_trouble,
    in_force,
    is_in_band,
    next_phase,
    previous_phase,
    rules_of,
    starting_rules,
)

_PCT = st.decimals("0.1", 100, places=1)
_CAPS = st.builds(
    Caps,
    daily_loss_pct=_PCT,
    drawdown_pct=_PCT,
    max_positions=st.integers(1, 100),
    max_leverage=st.decimals(1, 125, places=1),
    risk_pct=_PCT,
)


def _numbers(phase: Phase) -> tuple[str, ...]:
    rules = rules_of(phase)
    return tuple(
        str(each)
        for each in (
            rules.capital_low,
            rules.capital_high,
            rules.daily_loss_pct,
            rules.drawdown_pct,
            rules.max_positions,
            rules.max_leverage,
            rules.risk_pct,
        )
    )


@pytest.mark.parametrize(
    ("phase", "numbers"),
    [
        pytest.param(
            Phase.TESTNET,
            ("1000", "5000", "5", "15", "3", "1", "2"),
            marks=[pytest.mark.requirement("R22"), pytest.mark.requirement("R26")],
        ),
        pytest.param(
            Phase.CONSERVATIVE,
            ("500", "1000", "3", "10", "2", "1", "1.5"),
            marks=[pytest.mark.requirement("R23"), pytest.mark.requirement("R27")],
        ),
        pytest.param(
            Phase.SCALE,
            ("5000", "10000", "5", "15", "3", "2", "2"),
            marks=[pytest.mark.requirement("R24"), pytest.mark.requirement("R28")],
        ),
        pytest.param(
            Phase.FULL,
            ("10000", "None", "5", "15", "5", "3", "2"),
            marks=[pytest.mark.requirement("R25"), pytest.mark.requirement("R29")],
        ),
    ],
)
def test_a_phase_has_the_numbers_of_the_plan(phase: Phase, numbers: tuple[str, ...]) -> None:
    assert _numbers(phase) == numbers
    assert rules_of(str(phase)) is rules_of(phase)


def test_there_is_no_phase_of_another_name() -> None:
    with pytest.raises(ValueError, match="pilot"):
        rules_of("pilot")


@pytest.mark.requirement("G1")
def test_phases_follow_one_another_step_by_step() -> None:
    steps = [next_phase(phase) for phase in Phase]
    assert steps == [Phase.CONSERVATIVE, Phase.SCALE, Phase.FULL, None]
    back = [previous_phase(phase) for phase in Phase]
    assert back == [None, Phase.TESTNET, Phase.CONSERVATIVE, Phase.SCALE]
    assert [rules_of(phase).exit is None for phase in Phase] == [False, False, False, True]


def test_real_money_starts_tighter_and_play_money_without_a_band() -> None:
    assert starting_rules(is_real_money=True) == rules_of(Phase.CONSERVATIVE)
    assert starting_rules(is_real_money=False) == rules_of(Phase.TESTNET)
    play = starting_rules(is_real_money=False, is_play_money=True)
    assert (play.caps, play.has_band) == (rules_of(Phase.TESTNET).caps, False)


@pytest.mark.requirement("R29")
@given(_CAPS, st.sampled_from(Phase))
def test_no_limit_in_force_is_above_the_configured_or_the_phase_one(
    configured: Caps, phase: Phase
) -> None:
    caps = in_force(configured, rules_of(phase))
    for name in Caps.__struct_fields__:
        both = (getattr(configured, name), getattr(rules_of(phase), name))
        assert getattr(caps, name) == min(both)
    assert in_force(configured, None) == configured


@pytest.mark.parametrize("name", ["daily_loss_pct", "drawdown_pct", "max_leverage", "risk_pct"])
def test_a_configured_limit_that_is_no_number_is_not_taken(name: str) -> None:
    numbers = {each: getattr(rules_of(Phase.FULL).caps, each) for each in Caps.__struct_fields__}
    configured = Caps(**numbers | {name: Decimal("nan")})
    with pytest.raises(InvalidOperation):
        in_force(configured, rules_of(Phase.FULL))


@pytest.mark.requirement("R30")
@pytest.mark.parametrize(
    ("phase", "capital", "is_in"),
    [
        (Phase.TESTNET, "999.99", False),
        (Phase.TESTNET, "1000", True),
        (Phase.TESTNET, "5000", True),
        (Phase.TESTNET, "5000.01", False),
        (Phase.CONSERVATIVE, "499", False),
        (Phase.CONSERVATIVE, "500", True),
        (Phase.CONSERVATIVE, "1001", False),
        (Phase.SCALE, "4999", False),
        (Phase.SCALE, "10000", True),
        (Phase.FULL, "9999", False),
        (Phase.FULL, "10000000", True),
        (Phase.FULL, "nan", None),
        (Phase.FULL, None, None),
    ],
)
def test_capital_outside_the_band_lets_nothing_through(
    phase: Phase, capital: str | None, is_in: bool | None
) -> None:
    amount = None if capital is None else Decimal(capital)
    assert is_in_band(amount, rules_of(phase)) is is_in
    assert (band_trouble(amount, rules_of(phase)) == "") is (is_in is True)


@pytest.mark.requirement("R30")
def test_what_is_outside_the_band_says_the_band_and_what_to_do() -> None:
    text = band_trouble(Decimal(1_500), rules_of(Phase.CONSERVATIVE))
    assert "1,500.00" in text
    assert "500 to 1,000" in text
    assert "transfer money" in text
    assert "10,000 and more" in band_trouble(None, rules_of(Phase.FULL))


def test_play_money_has_no_band() -> None:
    rules = starting_rules(is_real_money=False, is_play_money=True)
    assert is_in_band(Decimal(1), rules) is None
    assert band_trouble(None, rules) == ""
