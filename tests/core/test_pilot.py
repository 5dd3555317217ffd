"""A strategy gets each closed bar once, in order; what it does wrong ends with it."""

from collections.abc import Sequence
from decimal import Decimal

import pytest
from builders import NOW_MS
from desk_stage import Script, a_minute
from market_builders import SYMBOL
from msgspec.structs import replace

from botcore_tui.core.market import Market, MarketSettings
from botcore_tui.core.pilot import Pilot, direction
from botcore_tui.model.command import Signal
from botcore_tui.model.market import Bar

SETTLED = 240
"""Turns after which older bars are not expected any more."""


def a_pilot(script: Script, *, bars: int = 0, turns: int = 0) -> tuple[Pilot, Market]:
    """On a market with so many closed minutes, after so many turns."""
    market = Market((SYMBOL,), MarketSettings())
    for number in range(bars):
        market.of(SYMBOL).on_bar(a_minute(number))
    pilot = Pilot(script, market)
    for _ in range(turns):
        pilot.on_tick((SYMBOL,))
    return pilot, market


def put(market: Market, *numbers: int) -> None:
    for number in numbers:
        market.of(SYMBOL).on_bar(a_minute(number))


def minutes(script: Script) -> list[int]:
    """Which bars it was given one by one."""
    return [(open_ms - NOW_MS // 60_000 * 60_000) // 60_000 for open_ms in script.bars]


def test_history_warms_it_up_and_then_each_closed_bar_comes_once() -> None:
    script = Script("1")
    pilot, market = a_pilot(script, bars=3)
    (signal,) = pilot.on_tick((SYMBOL,))
    assert (script.warmed, signal.target, pilot.name) == ([(SYMBOL, 3)], Decimal(1), "script")
    market.of(SYMBOL).on_bar(replace(a_minute(3), is_closed=False))
    assert pilot.on_tick((SYMBOL,)) == []
    put(market, 3, 4)
    assert pilot.on_tick((SYMBOL,)) == []
    assert pilot.on_tick((SYMBOL,)) == []
    assert minutes(script) == [3, 4]


def test_nothing_is_asked_before_there_is_a_bar_and_nothing_may_be_wanted() -> None:
    script = Script(None)
    pilot, market = a_pilot(script, turns=2)
    assert (script.warmed, pilot.signals) == ([], {})
    put(market, 0)
    assert pilot.on_tick((SYMBOL,)) == []
    assert (script.warmed, pilot.signals) == ([(SYMBOL, 1)], {})


def test_only_a_changed_target_is_news_and_the_newest_reason_is_kept() -> None:
    script = Script("1")
    pilot, market = a_pilot(script, bars=1, turns=1)
    put(market, 1)
    assert pilot.on_tick((SYMBOL,)) == []
    first = pilot.signals[SYMBOL]
    assert first.time_ms == a_minute(2).open_time_ms
    script.target = "-0.5"
    put(market, 2)
    assert [signal.target for signal in pilot.on_tick((SYMBOL,))] == [Decimal("-0.5")]


def test_older_bars_that_are_loaded_soon_after_the_start_begin_it_anew() -> None:
    script = Script("1")
    pilot, market = a_pilot(script)
    put(market, 5)
    pilot.on_tick((SYMBOL,))
    put(market, 6)
    pilot.on_tick((SYMBOL,))
    put(market, 0, 1, 2, 3, 4)
    pilot.on_tick((SYMBOL,))
    assert script.warmed == [(SYMBOL, 1), (SYMBOL, 7)]
    assert minutes(script) == [6]


def test_bars_of_a_long_absence_are_all_made_up_for() -> None:
    script = Script("1")
    pilot, market = a_pilot(script, bars=1, turns=SETTLED + 1)
    put(market, *range(1, 12))
    pilot.on_tick((SYMBOL,))
    assert minutes(script) == list(range(1, 12))
    put(market, 12)
    pilot.on_tick((SYMBOL,))
    assert minutes(script)[-1] == 12


@pytest.mark.requirement("F16")
@pytest.mark.parametrize("target", ["NaN", "Infinity", "1.0001", "-2", "sNaN"])
def test_target_that_is_no_share_leaves_it_out(target: str) -> None:
    script = Script(target)
    pilot, market = a_pilot(script, bars=1)
    assert pilot.on_tick((SYMBOL,)) == []
    assert pilot.trouble.startswith("script failed: ")
    put(market, 1)
    assert (pilot.on_tick((SYMBOL,)), script.bars) == ([], [])


@pytest.mark.requirement("F16")
def test_what_it_raises_goes_no_further() -> None:
    script = Script("1")
    script.error = ZeroDivisionError("by zero")
    pilot, _ = a_pilot(script, bars=1)
    assert pilot.on_tick((SYMBOL,)) == []
    assert pilot.trouble == "script failed: ZeroDivisionError: by zero"


@pytest.mark.requirement("F16")
def test_wish_for_another_symbol_leaves_it_out() -> None:
    script = Script("1")
    script.symbol = "ETHUSDT"
    pilot, _ = a_pilot(script, bars=1, turns=1)
    assert pilot.trouble.endswith("a bar of BTCUSDT led to a wish for ETHUSDT")
    assert pilot.signals == {}


@pytest.mark.requirement("F16")
@pytest.mark.parametrize(
    ("word", "value", "why"),
    [
        ("reason", 123, "TypeError: reason of a wish is 123: must be str"),
        ("reason", "\ud800", "UnicodeEncodeError"),
        ("target", 1, "TypeError: target of a wish is 1: must be Decimal"),
        ("time_ms", None, "TypeError: time_ms of a wish is None: must be int"),
        ("strategy", "me", "ValueError: a wish is in the name of 'me'"),
    ],
)
def test_wish_that_could_not_be_recorded_leaves_it_out(word: str, value: object, why: str) -> None:
    script = Script("1")
    told = script.warm

    def warm(symbol: str, bars: Sequence[Bar]) -> Signal | None:
        signal = told(symbol, bars)
        return None if signal is None else replace(signal, **{word: value})

    script.warm = warm  # type: ignore[method-assign]  # it answers what it should not
    pilot, _ = a_pilot(script, bars=1)
    assert pilot.on_tick((SYMBOL,)) == []
    assert pilot.trouble.startswith(f"script failed: {why}")
    assert pilot.signals == {}


def test_newest_bar_that_the_venue_corrects_begins_it_anew() -> None:
    script = Script("1")
    pilot, market = a_pilot(script, bars=3, turns=1)
    put(market, 3)
    pilot.on_tick((SYMBOL,))
    market.of(SYMBOL).on_bar(a_minute(3, close=55.0))
    pilot.on_tick((SYMBOL,))
    assert script.warmed == [(SYMBOL, 3), (SYMBOL, 4)]
    put(market, 4)
    pilot.on_tick((SYMBOL,))
    assert (script.warmed, minutes(script)) == ([(SYMBOL, 3), (SYMBOL, 4)], [3, 4])


def test_history_that_is_another_and_brings_no_wish_ends_the_one_before() -> None:
    script = Script("1")
    pilot, market = a_pilot(script, bars=3, turns=1)
    assert SYMBOL in pilot.signals
    script.target = None
    market.of(SYMBOL).on_bar(a_minute(1, close=55.0))
    assert pilot.on_tick((SYMBOL,)) == []
    assert (len(script.warmed), pilot.signals) == (2, {})


def test_bars_of_long_ago_are_remembered_no_longer() -> None:
    script = Script("1")
    pilot, market = a_pilot(script, bars=400, turns=1)
    for number in range(400, 410):
        put(market, number)
        pilot.on_tick((SYMBOL,))
    market.of(SYMBOL).on_bar(a_minute(9, close=55.0))
    pilot.on_tick((SYMBOL,))
    assert script.warmed == [(SYMBOL, 400)]
    market.of(SYMBOL).on_bar(a_minute(10, close=55.0))
    pilot.on_tick((SYMBOL,))
    assert script.warmed == [(SYMBOL, 400), (SYMBOL, 400)]


def test_reset_begins_anew() -> None:
    script = Script("1")
    pilot, _ = a_pilot(script, bars=1, turns=1)
    pilot.reset()
    assert pilot.signals == {}
    assert len(pilot.on_tick((SYMBOL,))) == 1
    assert len(script.warmed) == 2


@pytest.mark.parametrize(("target", "expected"), [("0.5", 1), ("-0.1", -1), ("0", 0), ("-0", 0)])
def test_direction_is_the_sign(target: str, expected: int) -> None:
    assert direction(Decimal(target)) == expected


def test_bar_whose_end_nobody_saw_is_not_closed_until_the_venue_says_how_it_ended() -> None:
    """The stream dies in minute 3 and comes back in minute 13; the history follows a second later.

    binance.md: there is no final frame of a bar if the connection dies.
    """
    script = Script("1")
    pilot, market = a_pilot(script, bars=3, turns=SETTLED + 1)
    market.of(SYMBOL).on_bar(replace(a_minute(3, close=200.0), is_closed=False))
    pilot.on_tick((SYMBOL,))
    script.target = "-1"
    market.of(SYMBOL).on_bar(replace(a_minute(13), is_closed=False))
    assert pilot.on_tick((SYMBOL,)) == []
    assert minutes(script) == []
    put(market, *range(13))
    pilot.on_tick((SYMBOL,))
    assert minutes(script) == list(range(3, 13))


def test_longer_bar_whose_end_nobody_saw_is_not_closed_either() -> None:
    market = Market((SYMBOL,), MarketSettings())
    first = 5 - NOW_MS // 60_000 % 5
    put(market, *range(first, first + 3))
    market.of(SYMBOL).on_bar(replace(a_minute(first + 3), is_closed=False))
    market.of(SYMBOL).on_bar(replace(a_minute(first + 13), is_closed=False))
    bars = market.of(SYMBOL).bars(300_000, 10)
    assert [bar.is_closed for bar in bars] == [False, False]


def test_bars_that_come_after_newer_ones_begin_it_anew() -> None:
    """The history is loaded late: the bar after the gap has closed before."""
    script = Script("1")
    pilot, market = a_pilot(script, bars=3, turns=SETTLED + 1)
    put(market, 13)
    pilot.on_tick((SYMBOL,))
    assert minutes(script) == [13]
    put(market, *range(14))
    pilot.on_tick((SYMBOL,))
    assert script.warmed[1:] == [(SYMBOL, 14)]
