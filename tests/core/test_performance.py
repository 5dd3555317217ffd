"""Return, Sharpe ratio and drawdown, worked out by hand."""

from decimal import Decimal

import pytest
from builders import NOW_MS

from botcore_tui.core.performance import Performance

_DAY_MS = 86_400_000
_MIDNIGHT = NOW_MS - NOW_MS % _DAY_MS


def _days(*equities: str) -> Performance:
    performance = Performance()
    for day, equity in enumerate(equities):
        performance.on_equity(_MIDNIGHT + day * _DAY_MS, Decimal(equity))
    return performance


def _rounded(number: Decimal | None) -> Decimal:
    assert number is not None
    return round(number, 4)


def test_without_equity_nothing_is_known() -> None:
    empty = Performance()
    empty.on_transfer(1, Decimal(5))
    assert (empty.return_pct, empty.monthly_return_pct) == (None, None)
    assert (empty.sharpe, empty.drawdown_pct) == (None, None)


def test_days_are_compounded_and_the_last_one_counts_as_far_as_it_is_gone() -> None:
    performance = _days("1000", "1100", "990")
    assert performance.return_pct == -1
    assert performance.monthly_return_pct == -10
    assert performance.drawdown_pct == 10


def test_the_sharpe_ratio_is_that_of_daily_returns_for_a_year() -> None:
    # The first day begins and ends with the same equity.
    performance = _days("1000", "1100", "990", "1089")
    returns = [Decimal(0), Decimal("0.1"), Decimal("-0.1"), Decimal("0.1")]
    mean = sum(returns, Decimal(0)) / 4
    deviation = (sum(((each - mean) ** 2 for each in returns), Decimal(0)) / 3).sqrt()
    assert _rounded(performance.sharpe) == round(mean / deviation * Decimal(365).sqrt(), 4)


@pytest.mark.parametrize("equities", [("1000",), ("1000", "1000", "1000")])
def test_a_ratio_over_nothing_is_unknown(equities: tuple[str, ...]) -> None:
    assert _days(*equities).sharpe is None


def test_a_deposit_is_no_profit_and_no_drawdown_ends_by_it() -> None:
    performance = Performance()
    performance.on_equity(_MIDNIGHT, Decimal(1_000))
    performance.on_equity(_MIDNIGHT + 1, Decimal(900))
    performance.on_transfer(_MIDNIGHT + 2, Decimal(1_000))
    performance.on_equity(_MIDNIGHT + 3, Decimal(1_900))
    assert performance.drawdown_pct == 10
    assert performance.return_pct == -5
    performance.on_equity(_MIDNIGHT + 4, Decimal(1_800))
    assert performance.drawdown_pct == 10


def test_a_withdrawal_is_no_loss() -> None:
    performance = Performance()
    performance.on_equity(_MIDNIGHT, Decimal(1_000))
    performance.on_transfer(_MIDNIGHT + 2, Decimal(-500))
    performance.on_equity(_MIDNIGHT + 3, Decimal(500))
    assert performance.return_pct == 0
    assert performance.drawdown_pct == 0


def test_a_transfer_in_the_night_belongs_to_the_day_in_which_it_came() -> None:
    performance = Performance()
    performance.on_transfer(_MIDNIGHT - 1, Decimal(77))
    performance.on_equity(_MIDNIGHT, Decimal(1_000))
    performance.on_transfer(_MIDNIGHT + _DAY_MS - 1, Decimal(1_000))
    performance.on_equity(_MIDNIGHT + _DAY_MS, Decimal(2_000))
    assert performance.return_pct == 0


def test_an_account_that_was_empty_has_no_return() -> None:
    performance = _days("1000", "0", "1000")
    assert (performance.return_pct, performance.sharpe) == (None, None)
    assert performance.drawdown_pct == 100


def test_an_account_that_begins_empty_has_no_drawdown_to_speak_of() -> None:
    performance = _days("0", "0")
    assert performance.return_pct is None
    assert performance.drawdown_pct == 0
