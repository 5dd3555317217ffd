"""What the account is worth, in whichever order its parts are told."""

from decimal import Decimal

import pytest
from market_builders import SYMBOL
from order_builders import NOW_MS, ZERO, a_balance, a_position_report

from botcore_tui.core.holdings import Holding
from botcore_tui.core.worth import Worth

MARKS = {SYMBOL: Decimal(80)}


def a_worth(wallet: str = "1000") -> Worth:
    worth = Worth()
    worth.take(a_balance(wallet=wallet, time_ms=NOW_MS), NOW_MS, is_listed=False)
    return worth


def long(quantity: str = "1", entry: str = "100") -> dict[str, Holding]:
    holding = Holding(SYMBOL, NOW_MS)
    holding.quantity, holding.entry_price = Decimal(quantity), Decimal(entry)
    return {SYMBOL: holding}


def test_nothing_is_known_before_the_venue_told() -> None:
    assert Worth().equity({}, {}) is None
    assert Worth().settled_wallet() is None
    assert a_worth().equity(long(), {}) is None
    assert a_worth().equity(long(), MARKS) == 980


@pytest.mark.requirement("A01")
def test_wallet_that_is_told_before_its_execution_does_not_count_the_loss_twice() -> None:
    worth = a_worth()
    # Closed at 80: the wallet has the loss, and our own book still has the position.
    worth.take(a_balance(wallet="980", time_ms=NOW_MS + 5), NOW_MS + 5, is_listed=False)
    worth.told([a_position_report(quantity="0", time_ms=NOW_MS + 5)], long(), is_traded=True)
    assert worth.equity(long(), MARKS) == 980
    worth.book(Decimal(-20), NOW_MS + 5)
    worth.booked(SYMBOL, ZERO, NOW_MS + 5)
    assert worth.equity({}, MARKS) == 980
    assert not worth.unexplained


@pytest.mark.requirement("A01")
def test_execution_that_is_told_before_its_wallet_does_not_lose_the_loss() -> None:
    worth = a_worth()
    worth.book(Decimal(-20), NOW_MS + 5)
    worth.book(ZERO, NOW_MS + 5)
    worth.booked(SYMBOL, ZERO, NOW_MS + 5)
    assert worth.equity({}, MARKS) == worth.settled_wallet() == 980
    assert worth.settled_wallet(NOW_MS) == 1000
    worth.take(a_balance(wallet="980", time_ms=NOW_MS + 5), NOW_MS + 5, is_listed=True)
    assert worth.equity({}, MARKS) == 980
    assert not worth.unexplained


def test_position_that_the_stream_told_counts_until_ours_is_newer_or_the_same() -> None:
    worth, held = a_worth(), long()
    ahead = a_position_report(quantity="3", entry_price="90", time_ms=NOW_MS + 5)
    worth.told([ahead], held, is_traded=True)
    assert worth.symbols(held) == [SYMBOL]
    assert worth.equity(held, MARKS) == 970
    worth.booked(SYMBOL, Decimal(2), NOW_MS + 5)
    assert worth.equity(held, MARKS) == 970
    worth.booked(SYMBOL, Decimal(2), NOW_MS + 6)
    assert worth.equity(held, MARKS) == 980
    worth.booked(SYMBOL, Decimal(2), NOW_MS + 6)
    worth.told([ahead], {}, is_traded=True)
    worth.settle(SYMBOL)
    assert worth.equity({}, {}) == 1000
    worth.told([ahead], held, is_traded=True)
    worth.told([a_position_report(quantity="1")], held, is_traded=True)
    assert worth.equity(held, MARKS) == 980


@pytest.mark.requirement("F15")
def test_listed_change_without_a_reason_is_kept_until_it_is_explained() -> None:
    worth = a_worth()
    worth.explain(Decimal(5))
    worth.take(a_balance(wallet="400", time_ms=NOW_MS + 5), NOW_MS + 5, is_listed=True)
    assert worth.unexplained == -600
    worth.explain(Decimal(100))
    assert worth.unexplained == -600
    worth.explain(Decimal(-500))
    assert worth.unexplained == -100
    worth.book(Decimal("-99.9999"), NOW_MS)
    assert worth.unexplained == 0


def test_change_that_goes_back_by_itself_is_no_surprise_any_more() -> None:
    worth = a_worth()
    for wallet, unexplained in (("400", -600), ("1000.001", 0), ("1000.009", 0), ("1500", 500)):
        worth.take(a_balance(wallet=wallet, time_ms=NOW_MS), NOW_MS, is_listed=True)
        assert abs(worth.unexplained - unexplained) < Decimal("0.01")
    assert worth.accept() > 499
    assert worth.unexplained == 0


@pytest.mark.requirement("F15")
def test_what_a_message_says_beyond_its_own_change_is_a_surprise() -> None:
    worth = a_worth()

    def take(wallet: str, change: str | None, after_ms: int) -> bool:
        said = None if change is None else Decimal(change)
        balance = a_balance(wallet=wallet, time_ms=NOW_MS + after_ms)
        return worth.take(balance, NOW_MS, is_listed=False, change=said)

    assert take("1050", "50", 1)
    assert worth.unexplained == 0
    worth.book(Decimal(-7), NOW_MS + 2)
    assert take("1042", "-1", 3)  # the execution before it is known
    assert worth.unexplained == 0
    assert take("900", None, 4)  # executions tell
    assert worth.unexplained == 0
    assert take("790", "-10", 5)
    assert worth.unexplained == -100
    assert not take("790", "-10", 5)  # told again
    assert not take("1", "-10", 4)
    assert worth.unexplained == -100


@pytest.mark.requirement("F15")
def test_older_word_and_absurd_word_surprise_nobody() -> None:
    worth = a_worth()
    worth.take(a_balance(wallet="1", time_ms=NOW_MS - 1), NOW_MS, is_listed=True)
    assert worth.wallet == 1000
    worth.take(a_balance(wallet="NaN", time_ms=NOW_MS), NOW_MS, is_listed=True)
    told = [worth.is_absurd]
    assert worth.tolerance() == Decimal("0.01")
    worth.take(a_balance(wallet="1000", time_ms=NOW_MS), NOW_MS, is_listed=True)
    assert [worth.wallet, worth.unexplained] == [1000, 0]
    worth.take(a_balance(wallet="-1000", time_ms=NOW_MS), NOW_MS, is_listed=True)
    told.append(worth.is_absurd)
    worth.take(a_balance(wallet="700", time_ms=NOW_MS), NOW_MS, is_listed=True)
    assert [worth.wallet, worth.unexplained] == [700, -300]
    assert [*told, worth.is_absurd] == [True, True, False]
    assert Worth().tolerance() == Decimal("0.01")
    assert not Worth().is_absurd


def test_newest_execution_that_moved_a_position_is_known() -> None:
    worth = a_worth()
    assert worth.booked_ms(SYMBOL) == 0
    worth.booked(SYMBOL, Decimal(1), NOW_MS + 5)
    worth.booked(SYMBOL, Decimal(2), NOW_MS)
    assert worth.booked_ms(SYMBOL) == NOW_MS + 5


@pytest.mark.requirement("A03")
def test_what_was_closed_counts_by_our_own_reckoning_until_executions_or_wallet_tell() -> None:
    worth = a_worth()
    half = long("0.5")
    worth.presume(SYMBOL, Decimal(-6), NOW_MS + 5)
    worth.presume(SYMBOL, Decimal(-4), NOW_MS + 6)
    assert worth.equity(half, MARKS) == 980
    assert worth.settled_wallet() == 1000
    worth.book(Decimal(-7), NOW_MS + 6, SYMBOL)
    assert worth.equity(half, MARKS) == 980
    worth.book(Decimal(-1), NOW_MS + 7, SYMBOL)  # since then
    assert worth.equity(half, MARKS) == 979
    worth.take(a_balance(wallet="989", time_ms=NOW_MS + 7), NOW_MS + 7, is_listed=True)
    assert worth.equity(half, MARKS) == 979


def test_what_was_closed_counts_no_longer_when_all_executions_are_told() -> None:
    worth = a_worth()
    worth.presume(SYMBOL, Decimal(-6), NOW_MS + 5)
    worth.book(Decimal(-5), NOW_MS + 5, SYMBOL)
    worth.prove(SYMBOL)
    assert worth.equity({}, MARKS) == 995


@pytest.mark.parametrize(("symbol", "time_ms"), [(SYMBOL, NOW_MS), ("BTCUSD_PERP", NOW_MS + 5)])
def test_what_is_in_the_wallet_already_or_in_another_one_is_not_presumed(
    symbol: str, time_ms: int
) -> None:
    worth = a_worth()
    worth.presume(symbol, Decimal(-6), time_ms)
    assert worth.equity({}, MARKS) == 1000
