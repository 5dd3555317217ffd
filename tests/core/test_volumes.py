"""A usual minute's volume is the median of those that have closed."""

from decimal import Decimal

from desk_stage import a_minute
from market_builders import SYMBOL
from msgspec.structs import replace
from order_builders import NOW_MS

from botcore_tui.core.market import Market, MarketSettings
from botcore_tui.core.volumes import MinuteVolumes


def test_median_of_the_last_half_hour_is_looked_at_anew_every_few_seconds() -> None:
    market = Market((SYMBOL,), MarketSettings())
    volumes = MinuteVolumes(market)
    assert volumes.median("NOSUCHUSDT", NOW_MS) is None
    for number in range(4):
        market.of(SYMBOL).on_bar(a_minute(number))
    assert volumes.median(SYMBOL, NOW_MS) is None
    for number in range(4, 40):
        market.of(SYMBOL).on_bar(replace(a_minute(number), volume=float(number)))
    assert volumes.median(SYMBOL, NOW_MS + 4_999) is None
    assert volumes.median(SYMBOL, NOW_MS + 5_000) == Decimal("24.0")
    market.of(SYMBOL).on_bar(replace(a_minute(40), volume=1e6, is_closed=False))
    assert volumes.median(SYMBOL, NOW_MS) == Decimal("24.5")  # a clock set back is no excuse
