"""Fills and the stop on the chart."""

from decimal import Decimal

import pytest
from account_builders import a_fill, a_position, an_account
from builders import NOW_MS, NOW_NS, a_snapshot
from pane_app import row_texts

from botcore_tui.model.market import Side
from botcore_tui.model.snapshot import Snapshot
from botcore_tui.model.trading import AccountView, Cover
from botcore_tui.ui.panes.candles import Candles
from botcore_tui.ui.panes.chart import Graph, Scale
from botcore_tui.ui.panes.chart_marks import chart_marks, label_of
from botcore_tui.ui.panes.ink import Ink

MINUTE = 60_000
RIGHT_MS = NOW_MS - NOW_MS % MINUTE
SCALE = Scale(100.0, 200.0, 10)


def with_account(**fields: object) -> Snapshot:
    return a_snapshot(account=an_account(**fields))


def drawn(account: AccountView | None, graph: Graph = Graph.LINE, width: int = 40) -> list[str]:
    pane = Candles(clock_ns=lambda: NOW_NS)
    pane.graph = graph
    return row_texts(pane.draw(a_snapshot(account=account, last_price=None), width, 12))


def test_fill_stands_in_the_column_of_its_time_and_the_row_of_its_price() -> None:
    fills = (
        a_fill("150", time_ms=NOW_MS),
        a_fill("199", side=Side.SELL, time_ms=RIGHT_MS - MINUTE + 1),
        a_fill("150", time_ms=RIGHT_MS - 10 * MINUTE - 1),
        a_fill("250", time_ms=NOW_MS),
        a_fill("150", symbol="ETHUSDT"),
    )
    marks = chart_marks(with_account(fills=fills), SCALE, right_ms=RIGHT_MS, columns=11)
    assert marks.fills == {5: {10: "▲"}, 0: {9: "▼"}}


@pytest.mark.parametrize(
    ("price", "cover", "sign", "is_inside"),
    [
        ("120", Cover.VERIFIED, "■ ", True),
        ("120", Cover.PLACING, "■?", True),
        ("90", Cover.VERIFIED, "■↓", False),
        ("210", Cover.VERIFIED, "■↑", False),
        ("90", Cover.PLACING, "?↓", False),
    ],
)
def test_stop_says_where_it_is_and_whether_it_is_verified(
    price: str, cover: Cover, sign: str, is_inside: bool
) -> None:
    position = a_position(stop_price=Decimal(price), cover=cover)
    snapshot = with_account(positions=(position,))
    stop = chart_marks(snapshot, SCALE, right_ms=RIGHT_MS, columns=9).stop
    assert stop is not None
    assert (stop.sign, stop.is_inside) == (sign, is_inside)


def test_nothing_of_ours_leaves_the_chart_as_it_is() -> None:
    without = a_position(stop_price=None)
    for snapshot in (
        a_snapshot(),
        with_account(positions=()),
        with_account(positions=(without,)),
        with_account(positions=(a_position(symbol="ETHUSDT"),)),
    ):
        marks = chart_marks(snapshot, SCALE, right_ms=RIGHT_MS, columns=9)
        assert marks.rows == set()
        assert label_of(marks, 3, 7, 1) is None
    assert drawn(None) == drawn(an_account(positions=()))


def test_chart_shows_the_stop_as_a_line_with_its_price_and_fills_over_the_candles() -> None:
    account = an_account(
        positions=(a_position(stop_price=Decimal("61645.0")),), fills=(a_fill("61665.0"),)
    )
    lines = drawn(account)
    (stop,) = [line for line in lines if "■ 61645.0" in line]
    assert stop.startswith("╌╌╌╌")
    assert any("▲" in line for line in lines)
    (ascii_stop,) = [line for line in drawn(account, Graph.ASCII) if "61645.0" in line]
    assert ascii_stop.startswith("----")


def test_stop_beyond_the_scale_is_named_at_the_edge_without_a_line() -> None:
    lines = drawn(an_account(positions=(a_position(stop_price=Decimal("50000.0")),)))
    (stop,) = [line for line in lines if "■↓50000.0" in line]
    assert "╌" not in stop


def test_chart_without_room_for_an_axis_still_has_the_line() -> None:
    account = an_account(positions=(a_position(stop_price=Decimal("61645.0")),))
    lines = drawn(account, width=15)
    assert any("╌╌╌" in line for line in lines)


def test_row_with_a_fill_only_keeps_the_label_of_the_axis() -> None:
    plain = drawn(None)
    label = next(line.split()[-1] for line in plain if "616" in line)
    marked = drawn(an_account(positions=(), fills=(a_fill(label),)))
    (row,) = [line for line in marked if "▲" in line]
    assert row.rstrip().endswith(label)


def test_marks_are_drawn_in_the_colour_of_our_own_things() -> None:
    account = an_account(positions=(a_position(stop_price=Decimal("61645.0")),))
    pane = Candles(clock_ns=lambda: NOW_NS)
    rows = pane.draw(a_snapshot(account=account), 40, 12)
    own = [text for row in rows for text, ink in row if ink is Ink.OWN]
    assert any("╌" in text for text in own)
    assert any("61645.0" in text for text in own)
