"""P13-P15: leverage at the venue, liquidation, and what is lost at the stop."""

from decimal import Decimal

import pytest
from gate_stage import AROUND, BUY, EXIT, LIMIT, STRICT, code, limited, proposal_of, text
from msgspec.structs import replace

from botcore_tui.core.controls_risk import P13, P14, P15
from botcore_tui.core.gate import Limits
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderRequest


def limits(**changes: object) -> Limits:
    return replace(STRICT, **changes)


@pytest.mark.requirement("P13")
@pytest.mark.requirement("R28")
@pytest.mark.parametrize(
    "around",
    [
        {"venue_leverage": None},
        {"venue_leverage": 4},
        {"margin_type": ""},
        {"margin_type": "ISOLATED"},
        {"is_one_way": False},
    ],
    ids=lambda around: " ".join(f"{name}={value}" for name, value in around.items()),
)
def test_margin_at_the_venue_must_be_what_was_planned(around: dict[str, object]) -> None:
    assert code(BUY, "95", **around) == "P13"
    assert code(EXIT, None, **around) == ""


@pytest.mark.requirement("P13")
def test_lower_leverage_is_fine_and_what_is_not_planned_may_be_anything() -> None:
    assert code(venue_leverage=1) == ""
    free = limits(venue_leverage=None, margin_type="")
    assert code(venue_leverage=None, margin_type="", limits=free) == ""


@pytest.mark.requirement("P14")
def test_liquidation_is_far_behind_the_stop_and_far_from_the_mark() -> None:
    # Of 49 equity one piece at 100 takes 2.5 for maintenance: it is liquidated 46.5 away.
    assert limited() == ""
    small = limits(
        risk_pct=Decimal(100), max_order_notional=Decimal(0), symbol_share_pct=Decimal(100)
    )
    around: dict[str, object] = {"limits": small, "equity": Decimal(49), "day_left": Decimal(99)}
    assert code(BUY, "95", **around) == ""
    assert text(BUY, "76", **around) == (
        "liquidation would be about 46.500 away, at least 48 = 2 x the stop's: take less"
    )
    near = limits(risk_pct=Decimal(100), symbol_share_pct=Decimal(100), liquidation_pct=Decimal(47))
    assert code(BUY, "95", **{**around, "limits": near}) == "P14"


@pytest.mark.requirement("P14")
def test_other_positions_and_isolated_margin_bring_liquidation_nearer() -> None:
    poor = limits(
        risk_pct=Decimal(100),
        margin_type="",
        venue_leverage=None,
        symbol_share_pct=Decimal(100),
        max_leverage=Decimal(100),
    )
    around: dict[str, object] = {"limits": poor, "equity": Decimal(50)}
    assert code(BUY, "95", **around) == ""
    assert code(BUY, "95", **around, gross_notional=Decimal(1_600)) == "P14"
    isolated: dict[str, object] = {**around, "margin_type": "ISOLATED", "equity": Decimal(5_000)}
    assert code(BUY, "95", **isolated, venue_leverage=8) == ""
    assert code(BUY, "95", **isolated, venue_leverage=9) == "P14"


@pytest.mark.requirement("P14")
def test_unknown_equity_denies_where_liquidation_is_watched() -> None:
    asked = proposal_of()
    found = P14.check(asked, replace(AROUND, equity=None))
    assert found is not None
    assert (found.code, found.text) == ("P14", "equity is not known: wait for the account")
    found = P14.check(asked, replace(AROUND, mark=None))
    assert found is not None
    assert found.text == "there is no mark price to tell the worth by: wait for the feed"
    found = P14.check(asked, replace(AROUND, gross_notional=None, unmarked=("SOLUSDT",)))
    assert found is not None
    assert found.text.startswith("the worth of what rests in SOLUSDT is not known")
    assert P14.check(replace(asked, stop_price=None), AROUND) is None
    assert P14.check(asked, replace(AROUND, limits=limits(liquidation_stops=None))) is None


@pytest.mark.requirement("P15")
def test_entry_without_a_stop_is_denied() -> None:
    assert (code(BUY, None), text(BUY, None)) == ("P15", "no stop, no order: give a stop price")


@pytest.mark.requirement("P15")
@pytest.mark.parametrize(
    ("request_", "stop"),
    [
        (BUY, "100"),
        (BUY, "101"),
        (replace(BUY, side=Side.SELL), "100"),
        (replace(BUY, side=Side.SELL), "99"),
        (replace(LIMIT, price=Decimal(98)), "99"),
        (replace(LIMIT, price=Decimal("100.3")), "100.2"),
        (replace(LIMIT, price=Decimal("99.8"), side=Side.SELL), "99.9"),
    ],
    ids=lambda each: str(each) if isinstance(each, str) else f"{each.side} {each.price}",
)
def test_stop_on_the_winning_side_is_denied(request_: OrderRequest, stop: str) -> None:
    around = {"depth": ((100.0, 10.0),)}
    assert code(request_, stop, **around) == "P15"
    assert text(request_, stop, **around).startswith("a stop of a ")


@pytest.mark.requirement("P15")
def test_loss_at_the_stop_is_within_the_risk_fees_included() -> None:
    assert code(equity=Decimal("509.75"), capital=Decimal(1_000)) == ""
    assert code(equity=Decimal("509.74"), capital=Decimal(1_000)) == "P15"


@pytest.mark.requirement("P15")
def test_price_of_a_market_order_does_not_hide_its_risk() -> None:
    big = replace(BUY, quantity=Decimal(20), price=Decimal("95.1"))
    found = limited(big, "94", max_order_notional=Decimal(0), volume_share_pct=None)
    assert found == "P15"


@pytest.mark.requirement("P15")
@pytest.mark.requirement("A01")
def test_loss_at_the_stop_is_within_what_the_day_has_left() -> None:
    assert code(day_left=Decimal("5.0975")) == ""
    assert code(day_left=Decimal("5.0974")) == "P15"
    assert code(day_left=None) == "P15"
    assert code(day_left=None, is_budget_watched=False) == ""


def test_unknown_equity_denies() -> None:
    found = P15.check(proposal_of(), replace(AROUND, equity=None))
    assert found is not None
    assert found.code == "P15"


def test_what_is_seen_is_told() -> None:
    asked = proposal_of()
    assert P13.look(asked, AROUND).value == "3x CROSSED one-way"
    free = replace(
        AROUND,
        venue_leverage=None,
        margin_type="",
        is_one_way=False,
        limits=limits(venue_leverage=None, margin_type=""),
    )
    assert P13.look(asked, free).value == "unknown unknown hedge"
    assert P13.look(asked, free).limit == "any any one-way"
    assert P14.look(asked, AROUND).value == "9997.50 away"
    assert P14.look(asked, replace(AROUND, mark=None)).value == "unknown"
    assert P14.look(asked, replace(AROUND, limits=limits(liquidation_stops=None))).limit == ""
    assert P15.look(asked, AROUND).value == "5.10 USDT"
    assert P15.look(asked, AROUND).limit == "100.00 USDT, 500.00 USDT left today"
    bare = replace(AROUND, equity=None, is_budget_watched=False)
    assert P15.look(asked, bare).limit == "unknown"
    assert P15.look(replace(asked, stop_price=None), AROUND).value == "no stop"
    assert P15.look(asked, replace(AROUND, mark=None)).value == "unknown"
    rich = replace(AROUND, equity=Decimal(12_345_678))
    assert P14.look(asked, rich).value == "12345700 away", "never with an exponent"
