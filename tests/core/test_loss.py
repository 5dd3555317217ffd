"""One limit of loss: tiers, percent, money."""

from decimal import Decimal

import pytest

from botcore_tui.core.loss import LossGauge, strictest
from botcore_tui.model.risk import Tier


def a_gauge(limit: str = "5") -> LossGauge:
    return LossGauge("A01", "daily loss", "day", "equity at 00:00 UTC", Decimal(limit))


@pytest.mark.requirement("A04")
@pytest.mark.parametrize(
    ("equity", "tier"),
    [
        ("1100", Tier.CLEAR),
        ("1000", Tier.CLEAR),
        ("975.01", Tier.CLEAR),
        ("975", Tier.WARN),
        ("960.01", Tier.WARN),
        ("960", Tier.REDUCE),
        ("950.01", Tier.REDUCE),
        ("950", Tier.TRIPPED),
        ("-1", Tier.TRIPPED),
    ],
)
def test_tier_is_told_by_the_share_of_the_limit(equity: str, tier: Tier) -> None:
    gauge = a_gauge()
    gauge.read(Decimal(1000), Decimal(equity))
    assert gauge.tier is tier


def test_loss_is_told_in_percent_and_money_with_what_is_left() -> None:
    gauge = a_gauge()
    gauge.read(Decimal(1000), Decimal("987.6"))
    view = gauge.view(is_latched=False)
    assert [view.used_pct, view.used_amount] == [Decimal("1.24"), Decimal("12.4")]
    assert [view.limit_pct, view.limit_amount, view.left_amount] == [5, 50, Decimal("37.6")]
    assert gauge.text == (
        "daily loss 1.24 % (12.40 of 1000.00 USDT, equity at 00:00 UTC), limit 5 % (50.00 USDT)"
    )
    assert gauge.view(is_latched=True).tier is Tier.TRIPPED


def test_profit_is_no_loss_and_makes_no_more_room() -> None:
    gauge = a_gauge()
    gauge.read(Decimal(1000), Decimal(1300))
    view = gauge.view(is_latched=False)
    assert [view.used_pct, view.used_amount, view.left_amount] == [0, 0, 50]


@pytest.mark.requirement("F15")
@pytest.mark.parametrize("base", [None, "0", "-5"])
def test_loss_without_a_base_is_unknown(base: str | None) -> None:
    gauge = a_gauge()
    gauge.read(None if base is None else Decimal(base), Decimal(900))
    view = gauge.view(is_latched=False)
    assert view.tier is Tier.UNKNOWN
    assert (view.used_pct, view.used_amount, view.left_amount, view.base) == (None,) * 4
    assert gauge.text == "daily loss is unknown, limit 5 %"


@pytest.mark.requirement("F15")
@pytest.mark.requirement("A05")
def test_unknown_equity_makes_nothing_more_permissive() -> None:
    gauge = a_gauge()
    gauge.read(Decimal(1000), Decimal(955))
    gauge.read(Decimal(1000), None)
    assert gauge.view(is_latched=False).tier is Tier.REDUCE
    assert gauge.view(is_latched=False).left_amount is None
    gauge.read(Decimal(1000), Decimal(1000))
    gauge.read(Decimal(1000), None)
    assert gauge.view(is_latched=False).tier is Tier.UNKNOWN


def test_limit_may_become_another() -> None:
    gauge = a_gauge()
    gauge.limit(Decimal(3))
    gauge.read(Decimal(1000), Decimal(970))
    assert gauge.tier is Tier.TRIPPED
    assert gauge.limit_amount == 30


def test_strictest_of_none_is_clear() -> None:
    assert strictest() is Tier.CLEAR
    assert strictest(Tier.UNKNOWN, Tier.WARN) is Tier.UNKNOWN
    assert strictest(Tier.UNKNOWN, Tier.REDUCE, Tier.CLEAR) is Tier.REDUCE
