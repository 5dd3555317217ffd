"""P06, P07, P11, P12: how much, by order, by contract, and in all."""

from decimal import Decimal

import pytest
from gate_stage import AROUND, BUY, EXIT, LIMIT, STRICT, ZERO, code, limited, proposal_of, text
from msgspec.structs import replace

from botcore_tui.core.controls_size import P06, P07, P11, P12
from botcore_tui.core.gate import Limits
from botcore_tui.model.market import Side


def limits(**changes: object) -> Limits:
    return replace(STRICT, **changes)


@pytest.mark.requirement("P06")
def test_order_is_no_more_than_its_share_of_a_minute() -> None:
    assert (code(minute_volume=Decimal(20)), code(minute_volume=Decimal("19.99"))) == ("", "P06")
    assert code(minute_volume=None) == ""
    assert code(minute_volume=ZERO, limits=limits(volume_share_pct=None)) == ""
    assert code(EXIT, None, minute_volume=ZERO) == ""


@pytest.mark.requirement("P07")
def test_order_is_worth_no_more_than_configured() -> None:
    assert limited(max_order_notional=Decimal(100)) == ""
    assert limited(max_order_notional=Decimal("99.99")) == "P07"
    assert limited(EXIT, None, max_order_notional=Decimal(1)) == ""


@pytest.mark.requirement("P07")
def test_sale_below_the_mark_is_worth_what_it_will_bring() -> None:
    # It executes at the book's best price, not at its own, which is the least that it takes.
    below = replace(LIMIT, side=Side.SELL, price=Decimal("99.7"))
    assert limited(below, "105", max_order_notional=Decimal(100)) == ""
    assert limited(below, "105", max_order_notional=Decimal("99.99")) == "P07"
    # Nothing more than its price is paid for what is bought.
    bought = replace(LIMIT, price=Decimal("99.7"))
    assert limited(bought, "95", max_order_notional=Decimal("99.7")) == ""


@pytest.mark.requirement("P07")
@pytest.mark.requirement("R29")
def test_order_is_worth_no_more_than_its_share_of_the_phase() -> None:
    assert code(capital=Decimal("133.34")) == ""
    assert code(capital=Decimal("133.33")) == "P07"
    assert code(capital=None) == "P07"
    assert code(capital=None, has_phase=False) == ""
    assert code(capital=None, limits=limits(order_share_pct=None)) == ""
    none = limits(max_order_notional=ZERO)
    assert code(capital=None, has_phase=False, limits=none) == ""


@pytest.mark.requirement("P11")
def test_entry_does_not_go_through_zero() -> None:
    assert (code(position=Decimal(-1)), code(opposing=Decimal(1))) == ("P11", "P11")
    assert code(position=Decimal(1)) == ""
    sell = replace(BUY, side=Side.SELL)
    depth = ((99.99, 10.0),)
    assert code(sell, "105", position=Decimal(1), depth=depth) == "P11"
    assert code(sell, "105", position=Decimal(-1), depth=depth) == ""


@pytest.mark.requirement("P11")
def test_one_contract_takes_no_more_than_its_share_in_the_worst_case() -> None:
    # 50 % of 10,000 x 3 are 150 pieces at 100.
    assert code(position=Decimal(100), working=Decimal(49)) == ""
    assert code(position=Decimal(100), working=Decimal("49.001")) == "P11"
    dear = {"position": Decimal(100), "working": Decimal(40)}
    assert code(**dear, working_beyond=Decimal(900)) == ""
    assert code(**dear, working_beyond=Decimal("900.01")) == "P11"
    assert code(equity=None) == "P11"
    above = replace(LIMIT, price=Decimal("100.3"))
    assert code(above, "95", position=Decimal(148), working=Decimal("0.5")) == ""
    assert code(above, "95", position=Decimal(148), working=Decimal("0.6")) == "P11"


@pytest.mark.requirement("P12")
def test_everything_together_is_worth_no_more_than_equity_times_leverage() -> None:
    assert code(gross_notional=Decimal(29_900)) == ""
    assert code(gross_notional=Decimal("29_900.01")) == "P12"
    assert code(gross_notional=None) == "P12"
    assert code(EXIT, None, gross_notional=Decimal(10**9)) == ""


@pytest.mark.requirement("P12")
def test_entries_of_unknown_worth_are_named_with_what_to_do() -> None:
    # 10 000 of equity are known: what is missing is what rests elsewhere.
    around: dict[str, object] = {"gross_notional": None, "unmarked": ("SOLUSDT", "XRPUSDT")}
    assert text(**around) == (
        "the worth of what rests in SOLUSDT, XRPUSDT is not known: no mark price:"
        " cancel its orders, or follow it (symbols)"
    )
    assert text(gross_notional=None, unmarked=("ETHUSDT",)) == (
        "the worth of what rests in ETHUSDT is not known: no mark price:"
        " wait for the feed, or cancel its orders"
    )


@pytest.mark.requirement("P11")
@pytest.mark.requirement("P12")
def test_missing_mark_is_not_called_missing_equity() -> None:
    asked = proposal_of()
    for control in (P11, P12):
        found = control.check(asked, replace(AROUND, mark=None))
        assert found is not None
        assert found.text == "there is no mark price to tell the worth by: wait for the feed"
        found = control.check(asked, replace(AROUND, equity=None))
        assert found is not None
        assert found.text == "equity is not known: wait for the account"


@pytest.mark.requirement("P12")
def test_order_counts_at_the_mark_or_at_its_own_higher_price() -> None:
    for side, stop in ((Side.BUY, "95"), (Side.SELL, "105")):
        below = replace(LIMIT, side=side, price=Decimal("99.8"))
        assert code(below, stop, gross_notional=Decimal(29_900)) == ""
        assert code(below, stop, gross_notional=Decimal("29_900.01")) == "P12"
    above = replace(LIMIT, side=Side.SELL, price=Decimal(102))
    assert code(above, "105", gross_notional=Decimal(29_898)) == ""
    assert code(above, "105", gross_notional=Decimal("29_898.01")) == "P12"


@pytest.mark.requirement("P12")
@pytest.mark.requirement("F15")
def test_account_without_equity_takes_no_risk() -> None:
    for equity in (ZERO, Decimal(-5)):
        assert code(equity=equity) in {"P11", "P12"}
        found = P12.check(proposal_of(), replace(AROUND, equity=equity))
        assert found is not None
        assert found.text == "there is no equity to trade with, above zero: wait for the account"


@pytest.mark.requirement("P12")
def test_no_more_contracts_at_once_than_allowed() -> None:
    assert code(exposed_symbols=frozenset({"A", "BTCUSDT"})) == ""
    assert code(exposed_symbols=frozenset({"A"})) == ""
    assert code(exposed_symbols=frozenset({"A", "B"})) == "P12"


def test_what_is_seen_is_told() -> None:
    asked = proposal_of()
    assert P06.look(asked, AROUND).limit == "50 = 5 % of a minute"
    assert P06.look(asked, replace(AROUND, minute_volume=None)).limit == "unknown = 5 % of a minute"
    assert P06.look(asked, replace(AROUND, limits=limits(volume_share_pct=None))).limit == ""
    assert P07.look(asked, AROUND).limit == "2000.00 USDT"
    assert P07.look(asked, replace(AROUND, capital=None)).limit == "unknown"
    free = replace(AROUND, has_phase=False, limits=limits(max_order_notional=ZERO), mark=None)
    assert (P07.look(asked, free).value, P07.look(asked, free).limit) == ("unknown", "none")
    assert P11.look(asked, AROUND).limit == "15000.00 USDT"
    assert P11.look(asked, replace(AROUND, mark=None, equity=None)).value == "unknown"
    assert P12.look(asked, AROUND).value == "100.00 USDT in 1 with it"
    assert P12.look(asked, replace(AROUND, mark=None)).value == "unknown in 1 with it"
    assert P12.look(asked, replace(AROUND, gross_notional=None)).value == "unknown in 1 with it"
    dark = replace(AROUND, gross_notional=None, unmarked=("ETHUSDT",))
    assert P12.look(asked, dark).value == "no mark of ETHUSDT in 1 with it"
    assert P12.look(asked, replace(AROUND, equity=None)).limit == "unknown, 2 contracts"
