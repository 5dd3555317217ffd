"""Geometry of the chart: every price and time in its cell."""

import pytest
from builders import NOW_MS, a_bar
from hypothesis import given
from hypothesis import strategies as st

from botcore_tui.ui.panes.chart import (
    Graph,
    Scale,
    candle,
    price_ticks,
    scale_of,
    time_ticks,
    volume_column,
)

SCALE = Scale(low=0.0, high=8.0, rows=4)
DAY_MS = 86_400_000


@pytest.mark.parametrize(
    ("graph", "rising", "falling"),
    [
        (Graph.LINE, "╽┃╵ ", "╽┇╵ "),
        (Graph.BLOCK, "▄█╵ ", "▒▒╵ "),
        (Graph.ASCII, "++| ", "--| "),
    ],
)
def test_candle_shows_wick_body_and_direction(graph: Graph, rising: str, falling: str) -> None:
    up = a_bar(open=4.5, close=6.5, high=7.5, low=3.5)
    down = a_bar(open=6.5, close=4.5, high=7.5, low=3.5)
    assert candle(up, SCALE, graph) == rising
    assert candle(down, SCALE, graph) == falling


def test_candle_that_did_not_move_is_half_a_cell() -> None:
    assert candle(a_bar(open=5, close=5, high=5, low=5), SCALE, Graph.LINE) == " ╻  "


@given(
    st.lists(st.floats(1e-8, 1e12), min_size=6, max_size=6),
    st.integers(1, 60),
    st.sampled_from(Graph),
)
def test_any_candle_on_any_scale_is_as_tall_as_the_scale(
    prices: list[float], rows: int, graph: Graph
) -> None:
    scale = scale_of(min(prices[:2]), max(prices[:2]), rows, smallest=0.01)
    bar = a_bar(open=prices[2], close=prices[3], high=prices[4], low=prices[5])
    assert len(candle(bar, scale, graph)) == rows
    ticks = list(price_ticks(scale, decimals=2))
    assert all(0 <= row < rows for row, _ in ticks)
    assert len(ticks) <= rows + 1


@given(st.floats(0, 1e9), st.floats(0, 1e9), st.integers(1, 20), st.sampled_from(Graph))
def test_volume_is_as_tall_as_its_rows(
    volume: float, largest: float, rows: int, graph: Graph
) -> None:
    assert len(volume_column(volume, largest, rows, graph)) == rows


def test_volume_grows_from_the_bottom_in_eighths() -> None:
    assert volume_column(10, 10, 2, Graph.LINE) == "██"
    assert volume_column(5, 10, 2, Graph.LINE) == " █"
    assert volume_column(6.25, 10, 2, Graph.LINE) == "▂█"
    assert volume_column(5, 0, 2, Graph.LINE) == "  "


def test_price_labels_are_round_and_in_the_row_of_their_price() -> None:
    assert list(price_ticks(Scale(low=61_740, high=61_820, rows=16), decimals=1)) == [
        (15, "61740.0"),
        (12, "61760.0"),
        (8, "61780.0"),
        (4, "61800.0"),
        (0, "61820.0"),
    ]


def test_price_labels_are_not_finer_than_the_decimals() -> None:
    texts = [text for _, text in price_ticks(Scale(low=1.0, high=1.02, rows=40), decimals=2)]
    assert texts == ["1.00", "1.01", "1.02"]


def test_scale_of_one_price_has_a_height() -> None:
    assert scale_of(5, 5, 4, smallest=0.1).row(5) in (1, 2)


@given(
    right_ms=st.integers(0, 2 * NOW_MS),
    interval_ms=st.sampled_from([1_000, 5_000, 60_000, 900_000, 3_600_000]),
    columns=st.integers(1, 300),
)
def test_time_labels_stand_in_order_and_inside(
    right_ms: int, interval_ms: int, columns: int
) -> None:
    right_ms -= right_ms % interval_ms
    end = 0
    for column, text in time_ticks(right_ms, interval_ms, columns, width=columns):
        assert column >= end
        end = column + len(text) + 1
        assert end - 1 <= columns


def test_time_labels_name_the_minute_the_second_or_the_day() -> None:
    midnight = NOW_MS - NOW_MS % DAY_MS
    assert list(time_ticks(midnight, 60_000, 11, width=15)) == [
        (0, "23:50"),
        (10, "11-14"),
    ]
    assert list(time_ticks(midnight + 15_000, 1_000, 31, width=31)) == [
        (0, "23:59:45"),
        (15, "00:00:00"),
    ]
