"""The chart pane: candles by time, the last price on the axis, keys that ask for another view."""

import pytest
from builders import MS, NOW_MS, NOW_NS, SECOND, a_bar, a_snapshot
from msgspec.structs import replace
from pane_app import PaneApp, row_texts

from botcore_tui.model.snapshot import INTERVALS_MS, Snapshot
from botcore_tui.ui.panes.candles import Candles, _Canvas
from botcore_tui.ui.panes.chart import Graph
from botcore_tui.ui.panes.ink import Ink

MINUTE = 60_000
OPEN_MS = NOW_MS - NOW_MS % MINUTE


def a_chart(now_ns: int = NOW_NS) -> Candles:
    return Candles(clock_ns=lambda: now_ns)


def drawn(snapshot: Snapshot, width: int = 30, height: int = 4) -> list[str]:
    return row_texts(a_chart().draw(snapshot, width, height))


def test_missing_interval_stays_a_gap() -> None:
    bars = tuple(a_bar(OPEN_MS - ago * MINUTE) for ago in (5, 2, 1))
    body = drawn(a_snapshot(bars=bars, last_price=None), 8, 1)[0]
    assert body == "  ┃  ┃┃ "


def test_market_that_stopped_trading_leaves_its_right_side_empty() -> None:
    bars = (a_bar(OPEN_MS - 30 * MINUTE),)
    assert drawn(a_snapshot(bars=bars, last_price=None), 10, 1)[0] == "┃         "


def test_last_price_is_marked_on_the_axis_with_its_direction() -> None:
    lines = drawn(a_snapshot(bars=(a_bar(),), last_price=61659.7, previous_price=61659.6))
    assert [line for line in lines if "▲61659.7" in line]
    assert [line for line in lines if "┄┄┄" in line]
    falling = drawn(a_snapshot(bars=(a_bar(),), previous_price=61660.0))
    assert [line for line in falling if "▼61659.7" in line]
    still = drawn(a_snapshot(bars=(a_bar(),), previous_price=None))
    assert [line for line in still if "=61659.7" in line]


@pytest.mark.parametrize(
    ("graph", "label"),
    [(Graph.LINE, "┄┄61659.7"), (Graph.BLOCK, "┄┄61659.7"), (Graph.ASCII, "..61659.7")],
)
def test_last_price_of_dead_data_has_no_direction_and_the_border_says_stale(
    graph: Graph, label: str
) -> None:
    chart = a_chart(NOW_NS + 4 * SECOND)
    chart.graph = graph
    rows = chart.draw(a_snapshot(), 40, 10)
    assert (label, Ink.STALE) in [part for row in rows for part in row]
    assert chart.subtitle(a_snapshot()) == f"BTCUSDT · 1m · stale · {graph}"


@pytest.mark.requirement("F07")
def test_border_says_that_bars_are_stale_where_prices_come_late() -> None:
    late = a_snapshot(late_ms=8_000)
    assert "stale" in a_chart(NOW_NS).subtitle(late)
    assert "stale" not in a_chart(NOW_NS).subtitle(a_snapshot())


class Turning:
    """A chart whose candles are counted as they are drawn."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now_ns = NOW_NS
        self.drawings = 0
        self.chart = Candles(clock_ns=lambda: self.now_ns)
        original = self.chart._new_canvas

        def count(
            snapshot: Snapshot, width: int, height: int, *, key: tuple[object, ...]
        ) -> _Canvas:
            self.drawings += 1
            return original(snapshot, width, height, key=key)

        monkeypatch.setattr(self.chart, "_new_canvas", count)

    def draw(self, snapshot: Snapshot, *, milliseconds: int = 100, height: int = 10) -> list[str]:
        self.now_ns += milliseconds * MS
        fresh = replace(snapshot, last_data_ns=self.now_ns, heartbeat_ns=self.now_ns)
        return row_texts(self.chart.draw(fresh, 40, height))


def test_mark_follows_the_price_while_the_candles_wait_for_their_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    turning = Turning(monkeypatch)
    turning.draw(a_snapshot())
    for price in (61650.0, 61655.0, 61645.0):
        lines = turning.draw(a_snapshot(last_price=price, previous_price=61660.0))
        (marked,) = [line for line in lines if "┄┄" in line]
        assert f"▼{price}" in marked
        assert "▲" not in "".join(lines)
    assert turning.drawings == 1
    turning.draw(a_snapshot(), milliseconds=700)
    assert turning.drawings == 2


def test_candles_are_drawn_at_once_for_a_new_bar_price_or_size(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    turning = Turning(monkeypatch)
    bars = (a_bar(),)
    turning.draw(a_snapshot(bars=bars))
    turning.draw(a_snapshot(bars=(*bars, a_bar(OPEN_MS + MINUTE))))
    assert turning.drawings == 2
    lines = turning.draw(a_snapshot(bars=bars, last_price=62_000.0))
    assert turning.drawings == 3
    assert "62000.0" in lines[0]
    turning.draw(a_snapshot(bars=bars, last_price=62_000.0), height=5)
    assert turning.drawings == 4


def test_last_price_beyond_the_bars_is_still_on_the_chart() -> None:
    lines = drawn(a_snapshot(bars=(a_bar(),), last_price=61999.0, previous_price=None), 30, 6)
    assert "=61999.0" in lines[0]


def test_direction_colours_the_candle() -> None:
    bars = (a_bar(OPEN_MS - MINUTE), a_bar(OPEN_MS, open=61660.0, close=61650.0))
    rows = a_chart().draw(a_snapshot(bars=bars, last_price=None), 4, 1)
    assert [ink for text, ink in rows[0] if text.strip()] == [Ink.UP, Ink.DOWN]


def test_volume_and_times_stand_below_with_the_largest_volume_labelled() -> None:
    lines = drawn(a_snapshot(), 40, 12)
    assert lines[-1].split() == ["21:50", "22:00", "22:10"]
    assert lines[-3].endswith("   12.500")
    assert lines[-2].endswith("  volume ")


def test_chart_without_room_for_an_axis_is_candles_alone() -> None:
    assert drawn(a_snapshot(last_price=None), 15, 1)[0].strip() == "┃" * 10


def test_chart_without_trades_says_so() -> None:
    assert drawn(a_snapshot(bars=()), 20, 1) == ["   no trades yet    "]


async def test_keys_walk_through_the_intervals_and_stop_at_the_ends() -> None:
    app = PaneApp(a_chart())
    async with app.run_test(size=(40, 12)) as pilot:
        app.pane.focus()
        seen = []
        for _ in range(5):
            await pilot.press("left_square_bracket")
            seen.append(app.view.interval_ms)
        assert seen == [15_000, 5_000, 1_000, 1_000, 1_000]
        for _ in INTERVALS_MS:
            await pilot.press("right_square_bracket")
        assert app.view.interval_ms == INTERVALS_MS[-1]


async def test_bars_asked_for_follow_the_width() -> None:
    app = PaneApp(a_chart())
    async with app.run_test(size=(93, 12)) as pilot:
        await pilot.pause()
        assert app.view.bars == 93


async def test_style_and_volume_keys_redraw_at_once() -> None:
    chart = a_chart()
    app = PaneApp(chart)
    async with app.run_test(size=(40, 12)) as pilot:
        chart.show(a_snapshot())
        chart.focus()
        assert "volume" in "".join(app.lines())
        await pilot.press("v")
        assert "volume" not in "".join(app.lines())
        await pilot.press("c", "c")
        assert chart.graph.value == "ascii"
        assert "".join(app.lines()).replace("▲", "").isascii()
        await pilot.press("c")
        assert chart.graph.value == "line"


@pytest.mark.parametrize(
    ("interval_ms", "subtitle"),
    [(1_000, "BTCUSDT · 1s · from trades · line"), (300_000, "BTCUSDT · 5m · line")],
)
def test_border_names_interval_and_source(interval_ms: int, subtitle: str) -> None:
    assert a_chart().subtitle(a_snapshot(interval_ms=interval_ms)) == subtitle
