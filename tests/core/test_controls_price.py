"""P08, P09, P21: the price, how fresh it is, and what the next funding costs."""

from decimal import Decimal

import pytest
from gate_stage import AROUND, BUY, EXIT, LIMIT, STRICT, code, limited, proposal_of, text
from msgspec.structs import replace
from order_builders import NOW_MS

from botcore_tui.core.controls_price import P08, P09, P21
from botcore_tui.core.gate import Limits
from botcore_tui.model.market import Side

MINUTE_MS = 60_000
SELL = replace(LIMIT, side=Side.SELL)


@pytest.mark.requirement("P08")
@pytest.mark.parametrize(
    ("price", "expected"), [("98", ""), ("97.9", "P08"), ("100.3", ""), ("100.4", "P08")]
)
def test_limit_to_buy_is_near_the_mark_and_hardly_through_the_book(
    price: str, expected: str
) -> None:
    assert code(replace(LIMIT, price=Decimal(price))) == expected


@pytest.mark.requirement("P08")
@pytest.mark.parametrize(
    ("price", "expected"), [("102", ""), ("102.1", "P08"), ("99.7", ""), ("99.6", "P08")]
)
def test_limit_to_sell_likewise(price: str, expected: str) -> None:
    assert code(replace(SELL, price=Decimal(price)), "105") == expected


@pytest.mark.requirement("P08")
def test_denial_of_a_price_says_how_far_off_it_is() -> None:
    assert text(replace(LIMIT, price=Decimal(97))) == (
        "price 97 is 3.00 % from the mark 100, at most 2 %: come nearer, or relax risk.collar_pct"
    )


@pytest.mark.requirement("P08")
def test_limit_order_needs_the_other_sides_best_price() -> None:
    assert code(LIMIT, "95", ask=None) == "P08"
    assert code(SELL, "105", bid=None) == "P08"
    assert code(LIMIT, "95", bid=None) == ""


@pytest.mark.requirement("P08")
@pytest.mark.requirement("F07")
@pytest.mark.parametrize(
    ("depth", "expected"),
    [
        ((), "P08"),
        (((100.01, 0.5),), "P08"),
        (((100.01, 0.5), (100.9, 0.5)), ""),
        (((100.01, 0.5), (101.1, 0.5)), "P08"),
        (((100.5, 1.0),), ""),
        (((100.6, 1.0),), "P08"),
    ],
    ids=["empty", "thin", "near", "far", "at the limit", "beyond"],
)
def test_market_order_slips_no_farther_than_the_visible_book_lets_it(
    depth: tuple[tuple[float, float], ...], expected: str
) -> None:
    assert code(BUY, "95", depth=depth) == expected


@pytest.mark.requirement("P08")
def test_market_order_needs_both_best_prices() -> None:
    assert (code(BUY, "95", bid=None), code(BUY, "95", ask=None)) == ("P08", "P08")


@pytest.mark.requirement("P08")
def test_collar_does_not_hold_back_what_reduces_or_what_is_not_limited() -> None:
    assert code(EXIT, None, depth=(), bid=None, ask=None) == ""
    far = replace(LIMIT, price=Decimal(110))
    assert limited(far, collar_pct=None) == "P08"
    assert limited(far, collar_pct=None, through_pct=None, risk_pct=Decimal(5)) == ""
    assert code(BUY, "95", depth=(), limits=replace(STRICT, slippage_pct=None)) == ""


@pytest.mark.requirement("P09")
@pytest.mark.requirement("A07")
@pytest.mark.parametrize(
    "around",
    [
        {"mark": None},
        {"mark_age_ms": None},
        {"mark_age_ms": 5_001},
        {"mark_skew_ms": None},
        {"mark_skew_ms": 3_001},
        {"mark_skew_ms": -3_001},
        {"is_book_live": False, "book_trouble": "crossed"},
    ],
    ids=lambda around: " ".join(f"{name}={value}" for name, value in around.items()),
)
def test_entry_needs_prices_that_are_fresh(around: dict[str, object]) -> None:
    assert code(BUY, "95", **around) == "P09"
    assert code(EXIT, None, **around) == ""


@pytest.mark.requirement("P09")
def test_bounds_of_freshness_are_inclusive_and_the_book_may_be_left_out() -> None:
    assert code(mark_age_ms=5_000, mark_skew_ms=-3_000) == ""
    assert code(is_book_live=False, limits=replace(STRICT, needs_book=False)) == ""
    assert code(mark_skew_ms=None, limits=replace(STRICT, skew_ms=None)) == ""


@pytest.mark.requirement("P08")
@pytest.mark.requirement("P09")
def test_book_that_is_not_live_is_told_as_that_and_not_as_one_that_is_too_thin() -> None:
    dark = {"is_book_live": False, "book_trouble": "awaits a snapshot", "bid": None, "ask": None}
    for order in (BUY, LIMIT):
        assert text(order, "95", **dark, depth=()).startswith("the book of")
    left_out = replace(STRICT, needs_book=False)
    assert code(BUY, "95", **dark, depth=(), limits=left_out) == "P08"


@pytest.mark.requirement("P21")
@pytest.mark.parametrize(
    ("left_ms", "rate", "side", "expected"),
    [
        (15 * MINUTE_MS, "0.0006", Side.BUY, "P21"),
        (15 * MINUTE_MS + 1, "0.0006", Side.BUY, ""),
        (15 * MINUTE_MS, "0.0005", Side.BUY, ""),
        (15 * MINUTE_MS, "0.0006", Side.SELL, ""),
        (15 * MINUTE_MS, "-0.0006", Side.SELL, "P21"),
        (-1, "0.0006", Side.BUY, "P21"),
    ],
)
def test_entry_shortly_before_a_dear_funding_is_denied(
    left_ms: int, rate: str, side: Side, expected: str
) -> None:
    request = replace(BUY, side=side)
    stop = "95" if side is Side.BUY else "105"
    around: dict[str, object] = {
        "funding_time_ms": NOW_MS + left_ms,
        "funding_rate": Decimal(rate),
        "depth": ((100.0, 10.0),),
    }
    assert code(request, stop, **around) == expected


@pytest.mark.requirement("P21")
def test_unknown_funding_denies_where_it_is_watched() -> None:
    for around in ({"funding_rate": None}, {"funding_time_ms": 0}):
        assert code(BUY, "95", **around) == "P21"
        assert code(BUY, "95", **around, limits=replace(STRICT, funding_pct=None)) == ""


def limits(**changes: object) -> Limits:
    return replace(STRICT, **changes)


def test_what_is_seen_is_told() -> None:
    market, limit = proposal_of(), proposal_of(LIMIT)
    assert P08.look(market, AROUND).value == "0.010 % slippage"
    assert P08.look(market, replace(AROUND, depth=())).value == "unknown"
    assert P08.look(market, replace(AROUND, limits=limits(slippage_pct=None))).limit == ""
    assert P08.look(limit, AROUND).limit == "2 % of mark"
    assert P09.look(market, AROUND).value == "mark 100, book live"
    dark = replace(AROUND, mark=None, is_book_live=False, limits=limits(needs_book=False))
    assert P09.look(market, dark).value == "no mark, book not live"
    assert P09.look(market, dark).limit == "5 s"
    assert P21.look(market, AROUND).value == "0.0100 %"
    assert P21.look(market, replace(AROUND, funding_rate=None)).value == "unknown"
    assert P21.look(market, replace(AROUND, limits=limits(funding_pct=None))).value == "not watched"
