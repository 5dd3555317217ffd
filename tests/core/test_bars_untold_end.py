"""A longer bar with a minute in it whose end was not told: not closed, not even as the newest."""

from desk_stage import Script, a_minute
from market_builders import SYMBOL
from msgspec.structs import replace
from order_builders import NOW_MS

from botcore_tui.core.market import Market, MarketSettings
from botcore_tui.core.pilot import Pilot

FIRST = 5 - NOW_MS // 60_000 % 5
"""Of the minutes one that begins a bar of five."""


class Five(Script):
    interval_ms = 300_000


def a_cut_bar() -> tuple[Five, Pilot, Market]:
    """Ten minutes, then five of which the second has no final frame; the history is late."""
    script, market = Five("1"), Market((SYMBOL,), MarketSettings())
    pilot = Pilot(script, market)
    for number in range(10):
        market.of(SYMBOL).on_bar(a_minute(FIRST + number))
    for _ in range(241):
        pilot.on_tick((SYMBOL,))
    on_bar = market.of(SYMBOL).on_bar
    on_bar(a_minute(FIRST + 10))
    on_bar(replace(a_minute(FIRST + 11), is_closed=False))
    for number in (12, 13, 14):
        on_bar(a_minute(FIRST + number))
    return script, pilot, market


def test_bar_with_a_minute_whose_end_was_not_told_decides_nothing() -> None:
    script, pilot, _ = a_cut_bar()
    pilot.on_tick((SYMBOL,))
    assert script.bars == []


def test_bar_with_a_minute_whose_end_is_told_later_is_given_once() -> None:
    script, pilot, market = a_cut_bar()
    pilot.on_tick((SYMBOL,))
    market.of(SYMBOL).on_bar(replace(a_minute(FIRST + 15), is_closed=False))
    pilot.on_tick((SYMBOL,))
    market.of(SYMBOL).on_bar(a_minute(FIRST + 11))  # from the history, as it was
    pilot.on_tick((SYMBOL,))
    assert len(script.bars) == 1
