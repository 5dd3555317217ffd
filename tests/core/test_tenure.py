"""The phase in force: begun by gate rows alone, lowered by trips, never raised here."""

from decimal import Decimal

import pytest
from builders import NOW_MS
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from risk_rows import a_phase

from botcore_tui.core.phase import Phase, PhaseRules, rules_of, starting_rules
from botcore_tui.core.standing import BREAKER
from botcore_tui.core.tenure import Tenure, demotion
from botcore_tui.model.ledger import PhaseRow, RiskMemory

_TEST = starting_rules(is_real_money=False)
_PLAY = starting_rules(is_real_money=False, is_play_money=True)
_REAL = starting_rules(is_real_money=True)


def _real(row: PhaseRow | None = None, transfers: str = "0") -> Tenure:
    memory = RiskMemory(phase=row, phase_transfers=Decimal(transfers))
    return Tenure(_REAL, memory, is_real_money=True)


def _other(rules: PhaseRules | None, row: PhaseRow | None = None) -> Tenure:
    return Tenure(rules, RiskMemory(phase=row), is_real_money=False)


def _begun(tenure: Tenure, equity: str) -> PhaseRow:
    row = tenure.on_equity(Decimal(equity), NOW_MS)
    assert row is not None
    return row


def test_without_a_phase_nothing_is_limited() -> None:
    tenure = _other(None, a_phase())
    assert (tenure.rules, tenure.phase, tenure.view(), tenure.trouble()) == (None, None, None, "")
    assert tenure.on_equity(Decimal(1), NOW_MS) is None
    assert tenure.on_trip("A01", None, NOW_MS) is None


@pytest.mark.requirement("G1")
@pytest.mark.requirement("R23")
@pytest.mark.parametrize("row", [None, a_phase("testnet", ""), a_phase("pilot")])
def test_real_money_without_a_gate_row_is_not_touched(row: PhaseRow | None) -> None:
    tenure = _real(row)
    assert tenure.rules == rules_of(Phase.CONSERVATIVE)
    assert tenure.phase is Phase.TESTNET
    assert "no gate" in tenure.trouble()
    assert tenure.on_equity(Decimal(800), NOW_MS) is None


def test_real_money_is_in_the_phase_of_the_newest_gate_row() -> None:
    tenure = _real(a_phase("scale", equity="7000"), transfers="500")
    assert tenure.rules == rules_of(Phase.SCALE)
    assert (tenure.capital, tenure.trouble()) == (Decimal(7_500), "")
    view = tenure.view()
    assert view is not None
    assert (view.phase, view.since_ms, view.is_in_band) == ("scale", NOW_MS, True)
    assert (view.max_positions, view.max_leverage) == (3, Decimal(2))
    assert (view.band_low, view.band_high) == (Decimal(5_000), Decimal(10_000))
    assert (view.daily_loss_pct, view.drawdown_pct) == (Decimal(5), Decimal(15))
    assert view.risk_pct == Decimal(2)


@pytest.mark.requirement("R22")
@pytest.mark.parametrize("row", [None, a_phase("full", "scale")])
def test_the_testnet_is_always_in_phase_testnet(row: PhaseRow | None) -> None:
    tenure = _other(_TEST, row)
    assert (tenure.phase, tenure.rules) == (Phase.TESTNET, _TEST)
    assert tenure.capital is None
    assert "not known" in tenure.trouble()


def test_the_first_equity_becomes_the_capital_and_a_row_once() -> None:
    tenure = _other(_TEST)
    assert tenure.on_equity(None, NOW_MS) is None
    assert tenure.on_equity(Decimal("nan"), NOW_MS) is None
    row = _begun(tenure, "4000")
    assert (row.phase, row.previous, row.equity) == ("testnet", "", Decimal(4_000))
    assert tenure.on_equity(Decimal(3_000), NOW_MS + 1) is None
    assert (tenure.capital, tenure.trouble()) == (Decimal(4_000), "")


def test_a_gate_row_without_equity_is_completed_by_one_of_the_same_phase() -> None:
    tenure = _real(a_phase("conservative", equity=None))
    assert "not known" in tenure.trouble()
    row = _begun(tenure, "900")
    assert (row.phase, row.previous, row.actor) == ("conservative", "conservative", "")
    assert tenure.trouble() == ""


@pytest.mark.requirement("R30")
def test_profit_does_not_leave_the_band_and_a_deposit_does() -> None:
    tenure = _other(_TEST)
    tenure.on_transfer(Decimal(9_999))
    _begun(tenure, "4900")
    tenure.on_equity(Decimal(9_000), NOW_MS)
    assert tenure.trouble() == ""
    tenure.on_transfer(Decimal(101))
    assert "outside the band" in tenure.trouble()
    tenure.on_transfer(Decimal(-101))
    assert tenure.trouble() == ""


def test_play_money_may_be_any_amount() -> None:
    tenure = _other(_PLAY, a_phase("testnet", "", equity="123456"))
    view = tenure.view()
    assert view is not None
    assert (view.is_in_band, view.trouble) == (None, "")


@pytest.mark.requirement("G1")
@pytest.mark.parametrize("code", ["A01", "A02"])
def test_a_trip_with_real_money_demotes_one_phase_at_once(code: str) -> None:
    tenure = _real(a_phase("full", "scale", equity="20000"))
    row = tenure.on_trip(code, Decimal(17_000), NOW_MS + 5)
    assert row is not None
    assert (row.phase, row.previous, row.actor) == ("scale", "full", BREAKER)
    assert code in row.reason
    assert tenure.rules == rules_of(Phase.SCALE)
    assert tenure.capital == Decimal(17_000)


def test_two_breakers_that_trip_by_one_loss_demote_once() -> None:
    tenure = _real(a_phase("full", "scale", equity="20000"))
    assert tenure.on_trip("A01", None, NOW_MS + 5) is not None
    assert tenure.on_trip("A02", None, NOW_MS + 5) is None
    assert str(tenure.phase) == "scale"
    assert tenure.on_trip("A02", None, NOW_MS + 6) is not None
    assert str(tenure.phase) == "conservative"


def test_a_demotion_out_of_conservative_keeps_its_limits_and_stops_trading() -> None:
    tenure = _real(a_phase("conservative"))
    row = tenure.on_trip("A01", None, NOW_MS + 5)
    assert row is not None
    assert row.phase == "testnet"
    assert tenure.rules == rules_of(Phase.CONSERVATIVE)
    assert "no gate" in tenure.trouble()
    assert tenure.on_trip("A01", None, NOW_MS + 6) is None


@pytest.mark.parametrize("code", ["A03-1h", "A05", "A13", "A14", "A16"])
def test_other_trips_demote_nobody(code: str) -> None:
    assert _real(a_phase("full")).on_trip(code, None, NOW_MS) is None


def test_a_trip_with_other_money_demotes_nobody() -> None:
    assert demotion(Phase.FULL, "A01", is_real_money=False, equity=None, time_ms=1) is None
    assert _other(_TEST).on_trip("A01", None, NOW_MS) is None


_AMOUNTS = st.decimals(-20_000, 50_000, places=2) | st.just(Decimal("nan"))
_STEPS = st.lists(
    st.tuples(st.just("equity"), _AMOUNTS | st.none())
    | st.tuples(st.just("transfer"), st.decimals(-20_000, 20_000, places=2))
    | st.tuples(st.just("trip"), st.sampled_from(["A01", "A02", "A03-1h", "A14"]))
    | st.tuples(st.just("restart"), st.none()),
    max_size=20,
)
_GATES = st.none() | st.sampled_from(["testnet", "conservative", "scale", "full", "pilot", ""])


def _allowed(gate: str | None) -> PhaseRules:
    known = gate in ("conservative", "scale", "full")
    return rules_of(gate if known and gate else Phase.CONSERVATIVE)


@pytest.mark.requirement("G1")
@pytest.mark.requirement("R30")
@given(gate=_GATES, equity=st.none() | st.just(Decimal(800)), steps=_STEPS)
def test_no_path_raises_a_limit_without_a_gate_row(
    gate: str | None, equity: Decimal | None, steps: list[tuple[str, object]]
) -> None:
    row = None if gate is None else structs.replace(a_phase(gate), equity=equity)
    memory = RiskMemory(phase=row)
    tenure = Tenure(_REAL, memory, is_real_money=True)
    most = _allowed(gate)
    for kind, value in steps:
        told: PhaseRow | None = None
        match kind, value:
            case "equity", (Decimal() | None) as amount:
                told = tenure.on_equity(amount, NOW_MS)
            case "transfer", Decimal() as amount:
                tenure.on_transfer(amount)
            case "trip", str(code):
                told = tenure.on_trip(code, None, NOW_MS)
            case _:
                tenure = Tenure(_REAL, memory, is_real_money=True)
        if told is not None:
            memory = RiskMemory(phase=told)
        rules = tenure.rules
        assert rules is not None
        for name in rules.caps.__struct_fields__:
            assert getattr(rules.caps, name) <= getattr(most.caps, name)
        if gate not in ("conservative", "scale", "full"):
            assert tenure.trouble()
        most = rules
