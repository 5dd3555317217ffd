"""Every pane paints any picture at any size."""

from decimal import Decimal

import pytest
from account_builders import a_position, an_account, an_order
from account_strategies import PICTURES
from builders import (
    MS,
    NOW_MS,
    NOW_NS,
    a_book_view,
    a_feed,
    a_halt,
    a_health,
    a_log_line,
    a_replay,
    a_snapshot,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from pane_app import PaneApp, record_repaints, row_texts
from property_examples import examples
from rich.cells import cell_len
from strategies import LOG_LINES
from textual.binding import Binding
from textual.theme import Theme

from botcore_tui.model.event import TradingState
from botcore_tui.model.market import BookState, Side
from botcore_tui.model.snapshot import LadderRow, LogLine, Snapshot, TradeRow
from botcore_tui.ui.panes.base import LinePane, filled, message_rows
from botcore_tui.ui.panes.candles import Candles
from botcore_tui.ui.panes.engine import EnginePane
from botcore_tui.ui.panes.feeds import Feeds
from botcore_tui.ui.panes.ink import Ink
from botcore_tui.ui.panes.ladder import Ladder
from botcore_tui.ui.panes.log import LogPane
from botcore_tui.ui.panes.market import MarketPane
from botcore_tui.ui.panes.orders import Orders
from botcore_tui.ui.panes.positions import Positions
from botcore_tui.ui.panes.reading import RECORDING
from botcore_tui.ui.panes.status import StatusBand
from botcore_tui.ui.panes.trades import TimeAndSales

PANES: list[type[LinePane]] = [
    StatusBand,
    TimeAndSales,
    Ladder,
    Candles,
    EnginePane,
    MarketPane,
    Feeds,
    LogPane,
    Positions,
    Orders,
]


@pytest.mark.parametrize("pane_type", PANES)
@given(
    snapshot=PICTURES,
    log_lines=LOG_LINES,
    width=st.integers(1, 300) | st.integers(1, 30),
    height=st.integers(1, 100) | st.integers(1, 5),
)
@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_picture_at_any_size_fills_its_rows_exactly(
    pane_type: type[LinePane],
    snapshot: Snapshot,
    log_lines: list[LogLine],
    width: int,
    height: int,
) -> None:
    pane = pane_type(clock_ns=lambda: NOW_NS)
    if isinstance(pane, LogPane):
        pane.append(log_lines)
    pane.show(snapshot)
    rows = pane.rows(width, height)
    assert len(rows) <= height
    for row in rows:
        assert sum(cell_len(text) for text, _ in row) == width
        assert all(text.isprintable() for text, _ in row)
    assert pane.caption().isprintable()


EVIL = "\x1b[2J\x07\r\n"


@pytest.mark.parametrize("pane_type", PANES)
@pytest.mark.parametrize("state", BookState)
@pytest.mark.parametrize("is_halted", [True, False])
def test_terminal_codes_in_any_text_are_written_out(
    pane_type: type[LinePane], state: BookState, is_halted: bool
) -> None:
    snapshot = a_snapshot(
        environment=EVIL,
        label=EVIL,
        symbol=EVIL,
        symbols=(EVIL,),
        state=TradingState.HALTED if is_halted else TradingState.ACTIVE,
        halt=a_halt(EVIL, reason=EVIL) if is_halted else None,
        book=a_book_view(state, reason=EVIL),
        feeds=(
            a_feed(EVIL, EVIL, sequence=EVIL, detail=EVIL),
            a_feed(RECORDING, "down", detail=EVIL),
            a_feed(RECORDING, EVIL, detail=EVIL),
        ),
        health=a_health(faults=(EVIL,), hygiene=(EVIL,)),
        replay=a_replay(error=EVIL),
        account=an_account(
            positions=(a_position(symbol=EVIL, tag=EVIL),),
            orders=(an_order(symbol=EVIL, type=EVIL, client_order_id=EVIL, reason=EVIL),),
            trouble=EVIL,
        ),
    )
    pane = pane_type(clock_ns=lambda: NOW_NS)
    if isinstance(pane, LogPane):
        pane.append([a_log_line(text=EVIL, source=EVIL)])
    pane.show(snapshot)
    for height in (1, 2, 24):
        for row in pane.rows(120, height):
            assert all(text.isprintable() for text, _ in row)
    assert pane.caption().isprintable()


@pytest.mark.parametrize("pane_type", PANES)
@pytest.mark.parametrize(
    "size", [(1, 1), pytest.param((300, 100), marks=pytest.mark.slow), (20, 6)]
)
async def test_pane_starts_empty_shows_and_resizes(
    pane_type: type[LinePane], size: tuple[int, int]
) -> None:
    app = PaneApp(pane_type(clock_ns=lambda: NOW_NS))
    async with app.run_test(size=size) as pilot:
        app.pane.show(a_snapshot())
        await pilot.resize_terminal(40, 10)
        await pilot.pause()
        assert app.pane.size.width == 40
        assert [cell_len(line) for line in app.lines()] == [40] * 10


@pytest.mark.parametrize("pane_type", PANES)
async def test_same_picture_again_repaints_nothing(pane_type: type[LinePane]) -> None:
    app = PaneApp(pane_type(clock_ns=lambda: NOW_NS))
    async with app.run_test(size=(80, 24)):
        app.pane.show(a_snapshot())
        marked = record_repaints(app.pane)
        app.pane.show(a_snapshot())
        assert marked == []


async def test_hidden_pane_formats_nothing_and_catches_up_when_shown() -> None:
    app = PaneApp(TimeAndSales(clock_ns=lambda: NOW_NS))
    async with app.run_test(size=(40, 12)) as pilot:
        app.pane.display = False
        await pilot.pause()
        app.pane.show(a_snapshot())
        app.pane.display = True
        await pilot.pause()
        assert "61659.7" in app.lines()[1]


async def test_colours_follow_the_theme() -> None:
    app = PaneApp(TimeAndSales(clock_ns=lambda: NOW_NS))
    async with app.run_test(size=(40, 12)) as pilot:
        app.pane.show(a_snapshot())
        before = [segment.style for segment in app.pane.render_line(1)]
        app.theme = "textual-light"
        await pilot.pause()
        assert [segment.style for segment in app.pane.render_line(1)] != before


async def test_pane_is_painted_anew_when_only_a_colour_of_ours_changes() -> None:
    app = PaneApp(TimeAndSales(clock_ns=lambda: NOW_NS))
    async with app.run_test(size=(40, 12)) as pilot:
        for name, colour in (("one", "#112233"), ("two", "#445566")):
            app.register_theme(Theme(name, primary="#000000", variables={"up": colour}))
            app.theme = name
            await pilot.pause()
            app.pane.show(a_snapshot())
            await pilot.pause()
            assert colour in app.export_screenshot(), name


async def test_symbol_with_markup_stands_as_it_is_in_the_border() -> None:
    app = PaneApp(MarketPane(clock_ns=lambda: NOW_NS))
    async with app.run_test(size=(80, 24)):
        app.pane.show(a_snapshot(symbol="[b]X[/]\x1b"))
        subtitle = app.pane._border_subtitle
        assert subtitle is not None
        assert subtitle.plain == r"[b]X[/]\x1b"


def test_titles_carry_the_hotkeys_one_to_nine() -> None:
    named = sorted((pane.hotkey, pane.pane_title) for pane in PANES if pane.hotkey)
    assert named == [
        ("1", "positions"),
        ("2", "book"),
        ("3", "chart"),
        ("4", "engine"),
        ("5", "orders"),
        ("6", "feeds"),
        ("7", "log"),
        ("8", "trades"),
        ("9", "market"),
    ]


def test_every_binding_explains_itself() -> None:
    bindings = [binding for pane in PANES for binding in pane.BINDINGS]
    assert len(bindings) > 15
    assert all(isinstance(binding, Binding) and binding.tooltip for binding in bindings)


def test_message_stands_in_the_middle_and_is_cut_at_the_bottom() -> None:
    rows = row_texts(message_rows("STALE", "one two three", width=7, height=5))
    assert rows == ["       ", " STALE ", "one two", " three ", "       "]
    assert row_texts(message_rows("STALE", "one two", width=3, height=1)) == ["ST…"]


def test_row_is_filled_or_cut_to_the_width() -> None:
    row = (("币安", Ink.TEXT), ("人生", Ink.BID))
    assert row_texts([filled(row, 10), filled(row, 7), filled(row, 3)]) == [
        "币安人生  ",
        "币安人…",
        "币…",
    ]


def parsed(texts: list[str]) -> list[Decimal]:
    return [Decimal(text) for text in texts]


@given(
    price_decimals=st.integers(0, 8),
    quantity_decimals=st.integers(0, 8),
    levels=st.lists(
        st.builds(LadderRow, st.floats(1e-6, 1e9), st.floats(0, 1e9), st.floats(0, 1e9)),
        min_size=1,
        max_size=10,
    ),
)
def test_painted_numbers_read_back_as_the_numbers_of_the_picture(
    price_decimals: int, quantity_decimals: int, levels: list[LadderRow]
) -> None:
    book = replace(a_snapshot().book, bids=tuple(levels), asks=tuple(levels))
    trades = tuple(TradeRow(NOW_MS, 1, level.price, level.quantity, Side.SELL) for level in levels)
    snapshot = a_snapshot(
        price_decimals=price_decimals,
        quantity_decimals=quantity_decimals,
        book=book,
        trades=trades,
        heartbeat_ns=NOW_NS - MS,
    )

    def rounded(value: float, decimals: int) -> Decimal:
        return Decimal(value).quantize(Decimal(1).scaleb(-decimals))

    wanted = [
        [
            rounded(level.price, price_decimals),
            rounded(level.quantity, quantity_decimals),
            rounded(level.cumulative, quantity_decimals),
        ]
        for level in levels
    ]
    ladder = Ladder(clock_ns=lambda: NOW_NS)
    painted = row_texts(ladder.draw(snapshot, 120, 2 * len(levels) + 8))
    asks = [parsed(line.split()[1:4]) for line in painted if line.startswith("▲")]
    bids = [parsed(line.split()[1:4]) for line in painted if line.startswith("▼")]
    assert (asks[::-1], bids) == (wanted, wanted)
    sales = row_texts(TimeAndSales(clock_ns=lambda: NOW_NS).draw(snapshot, 120, 30))
    assert [parsed(line.split()[2:4]) for line in sales[1:]] == [row[:2] for row in wanted]
