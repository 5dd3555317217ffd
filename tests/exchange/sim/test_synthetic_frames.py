"""Integers to the venue's decimals."""

import msgspec
import pytest

from botcore_tui.exchange.sim.synthetic_frames import Frames


@pytest.mark.parametrize(
    ("tick", "ticks", "expected"),
    [
        ("0.10", 616_597, "61659.70"),
        ("0.10", 1, "0.10"),
        ("0.01", 300_005, "3000.05"),
        ("0.00001", 35_120, "0.35120"),
        ("0.05", 7, "0.35"),
        ("1", 20_000, "20000"),
        ("1E+1", 2_000, "20000"),
    ],
)
def test_price_keeps_the_decimals_of_its_tick(tick: str, ticks: int, expected: str) -> None:
    assert Frames("BTCUSDT", tick).price(ticks) == expected


@pytest.mark.parametrize(("lots", "expected"), [(0, "0.000"), (5, "0.005"), (12_340, "12.340")])
def test_quantity_has_three_decimals(lots: int, expected: str) -> None:
    assert Frames("BTCUSDT", "0.10").quantity(lots) == expected


@pytest.mark.parametrize("premium", [0.003, -0.003, 0.0])
def test_funding_rate_is_kept_within_a_band_around_the_premium(premium: float) -> None:
    class Data(msgspec.Struct):
        r: str
        T: int

    class Frame(msgspec.Struct):
        data: Data

    raw = Frames("BTCUSDT", "0.10").mark(616_597.5, premium=premium, time_ms=1_723_161_255_000)
    data = msgspec.json.decode(raw, type=Frame).data
    assert abs(float(data.r) - premium) <= 0.0005
    assert data.T == 1_723_161_600_000  # 00:00 UTC
