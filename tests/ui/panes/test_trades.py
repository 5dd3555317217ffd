"""Time and sales: newest on top, side as arrow and colour."""

import pytest
from builders import NOW_MS, NOW_NS, SECOND, a_snapshot, a_trade_row
from pane_app import PaneApp, row_texts

from botcore_tui.model.market import Side
from botcore_tui.ui.panes.ink import Ink
from botcore_tui.ui.panes.trades import TimeAndSales

TRADES = (
    a_trade_row(61660.0, 2.0, time_ms=NOW_MS + 7, taker=Side.SELL),
    a_trade_row(61659.5, 0.5, time_ms=NOW_MS, taker=Side.BUY),
)


def drawn(width: int, height: int = 4) -> list[str]:
    pane = TimeAndSales(clock_ns=lambda: NOW_NS)
    rows = pane.draw(a_snapshot(trades=TRADES), width, height)
    return [line.rstrip() for line in row_texts(rows)]


def test_trades_stand_newest_first_with_bars_for_their_sizes() -> None:
    assert drawn(40) == [
        "time (UTC)       price  size",
        "22:13:20.007 ▼ 61660.0 2.000 ███████████",
        "22:13:20.000 ▲ 61659.5 0.500 ██▊",
    ]


@pytest.mark.parametrize(
    ("width", "line"),
    [
        (28, "22:13:20.007 ▼ 61660.0 2.000"),
        (24, "22:13:20 ▼ 61660.0 2.000"),
        (16, "▼ 61660.0 2.000"),
        (12, "▼ 61660.0"),
        (6, "▼    …"),
    ],
)
def test_narrow_pane_drops_columns_but_never_cuts_a_number(width: int, line: str) -> None:
    assert drawn(width, 2)[0] == line


def test_side_has_a_colour_beside_its_arrow() -> None:
    rows = TimeAndSales(clock_ns=lambda: NOW_NS).draw(a_snapshot(trades=TRADES), 40, 3)
    assert [row[1] for row in rows] == [("▼ 61660.0", Ink.DOWN), ("▲ 61659.5", Ink.UP)]


def test_trades_of_dead_data_lose_their_colour() -> None:
    pane = TimeAndSales(clock_ns=lambda: NOW_NS + 4 * SECOND)
    rows = pane.draw(a_snapshot(trades=TRADES), 40, 3)
    assert {ink for row in rows for text, ink in row if text.strip()} == {Ink.STALE}


def test_pane_without_trades_says_so() -> None:
    pane = TimeAndSales(clock_ns=lambda: NOW_NS)
    assert row_texts(pane.draw(a_snapshot(trades=()), 20, 1)) == ["   no trades yet    "]


async def test_trades_asked_for_follow_the_height() -> None:
    app = PaneApp(TimeAndSales(clock_ns=lambda: NOW_NS))
    async with app.run_test(size=(40, 23)) as pilot:
        await pilot.pause()
        assert app.view.trades == 23
