"""The venue's dead-man: begun in time, refreshed, stopped, missed."""

import pytest
from market_builders import SYMBOL
from order_builders import NOW_MS

from botcore_tui.core.deadman import DeadManSettings, DeadMen
from botcore_tui.model.account import DeadManFailed, DeadManSet
from botcore_tui.model.event import ArmDeadMan, Effect, Record

ETH = "ETHUSDT"


def some_men() -> DeadMen:
    return DeadMen(DeadManSettings())


def asked(effects: list[Effect]) -> list[tuple[str, int]]:
    return [(one.symbol, one.countdown_ms) for one in effects if isinstance(one, ArmDeadMan)]


def confirm(men: DeadMen, time_ms: int, *, countdown_ms: int = 120_000) -> None:
    men.on_set(
        DeadManSet(symbol=SYMBOL, countdown_ms=countdown_ms, asked_ms=time_ms, time_ms=time_ms + 50)
    )


def fail(men: DeadMen, time_ms: int) -> list[Effect]:
    return men.on_failed(DeadManFailed(SYMBOL, "timeout", time_ms), time_ms)


@pytest.mark.requirement("A16")
def test_dead_man_is_begun_with_the_first_entry_and_refreshed_at_a_quarter() -> None:
    men = some_men()
    assert asked(men.arm(SYMBOL, NOW_MS)) == [(SYMBOL, 120_000)]
    assert men.arm(SYMBOL, NOW_MS + 1) == []
    confirm(men, NOW_MS)
    (view,) = men.views()
    assert (view.symbol, view.until_ms, view.missed) == (SYMBOL, NOW_MS + 120_000, 0)
    assert asked(men.on_tick([SYMBOL], NOW_MS + 29_999)) == []
    assert asked(men.on_tick([SYMBOL], NOW_MS + 30_000)) == [(SYMBOL, 120_000)]


def test_entry_of_an_earlier_run_gets_one_with_the_first_tick() -> None:
    assert asked(some_men().on_tick([ETH, SYMBOL], NOW_MS)) == [(SYMBOL, 120_000), (ETH, 120_000)]


def test_dead_man_is_stopped_when_nothing_rests_and_forgotten_when_that_is_confirmed() -> None:
    men = some_men()
    men.arm(SYMBOL, NOW_MS)
    confirm(men, NOW_MS)
    assert asked(men.on_tick([], NOW_MS + 250)) == [(SYMBOL, 0)]
    assert asked(men.on_tick([], NOW_MS + 500)) == []
    confirm(men, NOW_MS + 250, countdown_ms=0)
    assert men.on_tick([], NOW_MS + 750) == []
    assert men.views() == ()
    assert asked(men.arm(SYMBOL, NOW_MS + 800)) == [(SYMBOL, 120_000)]


def test_new_entry_takes_a_stop_back() -> None:
    men = some_men()
    men.arm(SYMBOL, NOW_MS)
    men.on_tick([], NOW_MS + 250)
    assert asked(men.arm(SYMBOL, NOW_MS + 500)) == [(SYMBOL, 120_000)]


def test_stop_that_is_not_confirmed_is_asked_for_until_the_countdown_is_over() -> None:
    men = some_men()
    men.arm(SYMBOL, NOW_MS)
    confirm(men, NOW_MS)
    men.on_tick([], NOW_MS + 250)
    fail(men, NOW_MS + 300)
    fail(men, NOW_MS + 300)
    assert men.dead() is None
    assert asked(men.on_tick([], NOW_MS + 5_300)) == [(SYMBOL, 0)]
    fail(men, NOW_MS + 5_400)
    assert men.on_tick([], NOW_MS + 120_001) == []
    assert men.views() == ()


@pytest.mark.requirement("A16")
def test_refresh_that_fails_is_repeated_soon_and_twice_in_a_row_is_dead() -> None:
    men = some_men()
    men.arm(SYMBOL, NOW_MS)
    (record,) = fail(men, NOW_MS + 100)
    assert isinstance(record, Record)
    assert record.text == f"dead-man of {SYMBOL} not confirmed (1): timeout"
    assert men.dead() is None
    assert asked(men.on_tick([SYMBOL], NOW_MS + 5_100)) == [(SYMBOL, 120_000)]
    fail(men, NOW_MS + 5_200)
    assert men.dead() == (SYMBOL, 2, "timeout")


@pytest.mark.requirement("A16")
def test_success_in_between_counts_anew() -> None:
    men = some_men()
    men.arm(SYMBOL, NOW_MS)
    fail(men, NOW_MS + 100)
    men.on_tick([SYMBOL], NOW_MS + 5_100)
    confirm(men, NOW_MS + 5_100)
    men.on_tick([SYMBOL], NOW_MS + 40_000)
    fail(men, NOW_MS + 40_100)
    assert men.dead() is None
    assert men.views()[0].missed == 1


@pytest.mark.requirement("A16")
def test_silence_is_a_failure_too() -> None:
    men = some_men()
    men.arm(SYMBOL, NOW_MS)
    told = men.on_tick([SYMBOL], NOW_MS + 30_000) + men.on_tick([SYMBOL], NOW_MS + 60_000)
    assert len(asked(told)) == 2
    assert men.dead() == (SYMBOL, 2, "no answer")


def test_clock_that_was_set_back_does_not_delay_the_refresh() -> None:
    men = some_men()
    men.arm(SYMBOL, NOW_MS)
    confirm(men, NOW_MS)
    assert asked(men.on_tick([SYMBOL], NOW_MS - 60_000)) == [(SYMBOL, 120_000)]


def test_word_on_a_symbol_without_one_changes_nothing() -> None:
    men = some_men()
    confirm(men, NOW_MS)
    assert fail(men, NOW_MS) == []
    assert men.views() == ()
