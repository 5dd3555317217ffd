"""What is lost at the stop decides how much is bought, down to the step."""

from decimal import ROUND_UP, Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from botcore_tui.core.sizing import risk_quantity
from botcore_tui.model.instrument import ContractRules

BITCOIN = ContractRules(
    symbol="BTCUSDT",
    status="TRADING",
    tick=Decimal("0.1"),
    min_price=Decimal(100),
    max_price=Decimal(1000000),
    step=Decimal("0.001"),
    min_quantity=Decimal("0.001"),
    max_quantity=Decimal(1000),
    market_step=Decimal("0.001"),
    market_min_quantity=Decimal("0.001"),
    market_max_quantity=Decimal(120),
    min_notional=Decimal(50),
    multiplier_up=Decimal("1.05"),
    multiplier_down=Decimal("0.95"),
)


def a_quantity(
    equity: str = "10000",
    *,
    risk_pct: str = "1",
    entry: str = "50000",
    stop: str = "49000",
    fee_rate: str = "0.0004",
    rules: ContractRules = BITCOIN,
    max_notional: str | None = None,
) -> Decimal:
    """Of the worked example; a test names what differs."""
    return risk_quantity(
        equity=Decimal(equity),
        risk_pct=Decimal(risk_pct),
        entry=Decimal(entry),
        stop=Decimal(stop),
        fee_rate=Decimal(fee_rate),
        rules=rules,
        max_notional=None if max_notional is None else Decimal(max_notional),
    )


def decimals(least: str, most: str, places: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(Decimal(least), Decimal(most), places=places, allow_nan=False)


@pytest.mark.requirement("P15")
@pytest.mark.requirement("R33")
def test_worked_example_of_the_design_gives_its_quantity() -> None:
    assert a_quantity() == Decimal("0.096")


@pytest.mark.parametrize(
    ("stop", "expected"),
    [("51000", "0.096"), ("49500", "0.185"), ("45000", "0.019"), ("49999.9", "2.493")],
)
def test_farther_stop_gives_less_and_a_short_is_sized_as_a_long(stop: str, expected: str) -> None:
    assert a_quantity(stop=stop) == Decimal(expected)


@pytest.mark.parametrize(
    ("most", "expected"), [("1000000", "0.096"), ("4800", "0.096"), ("4799.99", "0.095")]
)
def test_notional_never_exceeds_its_limit(most: str, expected: str) -> None:
    assert a_quantity(max_notional=most) == Decimal(expected)


@pytest.mark.parametrize(
    "rules",
    [
        replace(BITCOIN, min_quantity=Decimal("0.097")),
        replace(BITCOIN, market_min_quantity=Decimal("0.097")),
        replace(BITCOIN, min_notional=Decimal("4800.01")),
        replace(BITCOIN, step=Decimal("0.1")),
        replace(BITCOIN, market_step=Decimal("0.1")),
        replace(BITCOIN, min_quantity=Decimal(0), step=Decimal(1), min_notional=Decimal(0)),
    ],
)
def test_quantity_below_the_least_of_the_venue_is_nothing(rules: ContractRules) -> None:
    assert a_quantity(rules=rules) == 0


@pytest.mark.parametrize("field", ["max_quantity", "market_max_quantity"])
def test_quantity_above_the_most_of_the_venue_is_cut(field: str) -> None:
    assert a_quantity(rules=replace(BITCOIN, **{field: Decimal("0.0505")})) == Decimal("0.050")


@pytest.mark.parametrize("field", ["step", "market_step"])
def test_coarser_step_of_the_two_order_types_counts(field: str) -> None:
    assert a_quantity(rules=replace(BITCOIN, **{field: Decimal("0.01")})) == Decimal("0.09")


@pytest.mark.parametrize("equity", ["0", "-12.5"])
def test_nothing_can_be_risked_without_equity(equity: str) -> None:
    assert a_quantity(equity) == 0


def test_limit_of_zero_leaves_nothing() -> None:
    assert a_quantity(max_notional="0") == 0


@pytest.mark.requirement("R09")
@pytest.mark.requirement("R39")
@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("equity", ["NaN", "Infinity"]),
        ("risk_pct", ["NaN", "0", "-1", "100.01"]),
        ("entry", ["NaN", "0", "-50000", "Infinity"]),
        ("stop", ["NaN", "0", "-1", "50000", "Infinity"]),
        ("fee_rate", ["NaN", "-0.0001", "1"]),
        ("max_notional", ["NaN", "-1", "Infinity"]),
    ],
)
def test_bad_input_is_refused_by_name_and_never_gets_a_default(
    name: str, values: list[str]
) -> None:
    for value in values:
        with pytest.raises(ValueError, match=f"^{name} is {value}: "):
            a_quantity(**{name: value})  # type: ignore[arg-type]  # all of these are texts


@given(
    equity=decimals("0", "1000000", 2),
    risk_pct=decimals("0.01", "5", 2),
    entry=decimals("100", "200000", 1),
    distance=decimals("-0.5", "0.5", 3).filter(bool),
    fee_rate=decimals("0", "0.001", 4),
    most=st.none() | decimals("0", "100000", 2),
    step=st.sampled_from(["0.001", "0.01", "0.1", "1"]),
)
def test_largest_quantity_within_every_limit_is_found(
    *,
    equity: Decimal,
    risk_pct: Decimal,
    entry: Decimal,
    distance: Decimal,
    fee_rate: Decimal,
    most: Decimal | None,
    step: str,
) -> None:
    rules = replace(BITCOIN, step=Decimal(step), market_max_quantity=Decimal(120))
    stop = entry * (1 - distance)
    quantity = risk_quantity(
        equity=equity,
        risk_pct=risk_pct,
        entry=entry,
        stop=stop,
        fee_rate=fee_rate,
        rules=rules,
        max_notional=most,
    )

    def is_within(quantity: Decimal) -> bool:
        loss = quantity * abs(entry - stop) + quantity * (entry + stop) * fee_rate
        is_small = most is None or quantity * entry <= most
        return loss <= equity * risk_pct / 100 and quantity <= 120 and is_small

    assert is_within(quantity)
    assert quantity % rules.step == 0
    if quantity:
        assert quantity >= rules.min_quantity
        assert quantity * entry >= rules.min_notional
        assert not is_within(quantity + rules.step)
    else:
        assert not is_within(_least(rules, entry))


def _least(rules: ContractRules, entry: Decimal) -> Decimal:
    """Smallest order that the venue takes."""
    return rules.step * max(1, (rules.min_notional / entry / rules.step).__ceil__())


def test_size_does_not_depend_on_what_others_did_to_the_decimal_context() -> None:
    with localcontext(prec=4, rounding=ROUND_UP):
        assert a_quantity() == Decimal("0.096")
