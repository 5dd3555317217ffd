"""The ladder: asks above, bids below, and never a wrong book as a live one."""

import pytest
from builders import NOW_NS, SECOND, a_book_view, a_snapshot, ladder_rows
from msgspec.structs import replace
from pane_app import PaneApp, row_texts

from botcore_tui.model.market import BookState
from botcore_tui.model.snapshot import GROUPINGS, LadderRow, Snapshot
from botcore_tui.ui.panes.ink import Ink
from botcore_tui.ui.panes.ladder import Ladder


def a_ladder(now_ns: int = NOW_NS) -> Ladder:
    return Ladder(clock_ns=lambda: now_ns)


def drawn(snapshot: Snapshot, width: int = 38, height: int = 8) -> list[str]:
    return [line.rstrip() for line in row_texts(a_ladder().draw(snapshot, width, height))]


def test_live_book_stands_around_its_spread() -> None:
    assert drawn(a_snapshot()) == [
        "    price  size   sum",
        "▲ 61659.9 1.500 4.500 ████████████████",
        "▲ 61659.8 1.500 3.000 ████████████████",
        "▲ 61659.7 1.500 1.500 ████████████████",
        "── spread 0.1 · mid 61659.65 ──",
        "▼ 61659.6 1.500 1.500 ████████████████",
        "▼ 61659.5 1.500 3.000 ████████████████",
        "▼ 61659.4 1.500 4.500 ████████████████",
    ]


def test_best_prices_stand_out() -> None:
    rows = a_ladder().draw(a_snapshot(), 38, 5)
    assert [row[0][1] for row in rows] == [
        Ink.ASK,
        Ink.ASK_BEST,
        Ink.MUTED,
        Ink.BID_BEST,
        Ink.BID,
    ]


@pytest.mark.parametrize(
    ("width", "line"),
    [
        (30, "▼ 61659.6 1.500 1.500 ████████"),
        (25, "▼ 61659.6 1.500 1.500"),
        (20, "▼ 61659.6 1.500"),
        (12, "▼ 61659.6"),
        (8, "▼      …"),
    ],
)
def test_narrow_ladder_drops_columns_but_never_cuts_a_number(width: int, line: str) -> None:
    assert drawn(a_snapshot(), width, 3)[2] == line


@pytest.mark.parametrize("state", [BookState.SYNCING, BookState.CROSSED])
def test_book_that_is_not_right_shows_a_reason_and_no_number(state: BookState) -> None:
    snapshot = a_snapshot(book=a_book_view(state, reason="gap of three updates"))
    shown = drawn(snapshot)
    assert any(f"BOOK {state.upper()}" in line for line in shown)
    assert any("gap of three updates" in line for line in shown)
    assert not any("61659" in line for line in shown)


@pytest.mark.requirement("F06")
def test_stale_book_is_dimmed_and_says_since_when() -> None:
    book = a_book_view(BookState.STALE, changed_ns=NOW_NS - 4 * SECOND)
    rows = a_ladder().draw(a_snapshot(book=book), 38, 8)
    assert row_texts(rows)[4].rstrip() == " STALE · last change 4.0s ago"
    assert {ink for row in rows for _, ink in row} <= {Ink.STALE, Ink.ALARM, Ink.TEXT}
    assert rows[5][0] == ("▼ 61659.6", Ink.STALE)


def test_book_of_a_dead_engine_does_not_stay_live() -> None:
    rows = a_ladder(NOW_NS + 5 * SECOND).draw(a_snapshot(), 60, 8)
    assert row_texts(rows)[4].strip() == "ENGINE SILENT · no sign of life for 5.1s"
    assert rows[5][0][1] is Ink.STALE


def test_empty_and_one_sided_books_say_so() -> None:
    assert drawn(a_snapshot(book=a_book_view(bids=(), asks=())))[4] == "── the book is empty"
    one_sided = drawn(a_snapshot(book=a_book_view(asks=())))
    assert one_sided[1:6] == ["", "", "", "── spread - · mid - ──", one_sided[5]]
    assert one_sided[5].startswith("▼ 61659.6")


def test_rows_beyond_the_depth_of_the_snapshot_are_muted_and_their_sums_marked() -> None:
    book = a_book_view(bids_known_to=61659.5, asks_known_to=61659.8)
    rows = a_ladder().draw(a_snapshot(book=book), 38, 8)
    assert [line.rstrip() for line in row_texts(rows)] == [
        "    price  size    sum",
        "▲ 61659.9 1.500 ~4.500 ███████████████",
        "▲ 61659.8 1.500  3.000 ███████████████",
        "▲ 61659.7 1.500  1.500 ███████████████",
        "── spread 0.1 · mid 61659.65 ──",
        "▼ 61659.6 1.500  1.500 ███████████████",
        "▼ 61659.5 1.500  3.000 ███████████████",
        "▼ 61659.4 1.500 ~4.500 ███████████████",
    ]
    assert {ink for row in (rows[1], rows[7]) for _, ink in row} == {Ink.MUTED}
    assert (rows[2][0][1], rows[6][0][1]) == (Ink.ASK, Ink.BID)


def test_row_that_ends_at_the_depth_of_the_snapshot_is_whole_despite_float_noise() -> None:
    rows = (LadderRow(0.1 * 3, 1.0, 1.0), LadderRow(0.1 * 2, 1.0, 2.0))
    book = a_book_view(bids=rows[1:], asks=rows[:1], bids_known_to=0.2, asks_known_to=0.3)
    assert not any("~" in line for line in drawn(a_snapshot(book=book)))


async def test_border_says_where_visible_rows_are_partial_and_only_then() -> None:
    app = PaneApp(a_ladder())
    async with app.run_test(size=(80, 9)):
        below = a_book_view(bids_known_to=61659.5)
        app.pane.show(a_snapshot(book=below))
        assert app.pane.border_subtitle == "BTCUSDT · live · partial below 61659.5 · step 0.1"
        above = a_book_view(asks_known_to=61659.7)
        app.pane.show(a_snapshot(book=above))
        assert app.pane.border_subtitle == "BTCUSDT · live · partial above 61659.7 · step 0.1"
        app.pane.show(a_snapshot(book=a_book_view(bids_known_to=61659.1, asks_known_to=61660.2)))
        assert app.pane.border_subtitle == "BTCUSDT · live · step 0.1"
        hidden = a_book_view(BookState.SYNCING, bids_known_to=61659.5)
        app.pane.show(a_snapshot(book=hidden))
        assert app.pane.border_subtitle == "BTCUSDT · syncing · step 0.1"


def test_columns_do_not_jump_back_when_a_long_number_leaves() -> None:
    ladder = a_ladder()
    long = ladder_rows(61659.6, step=-0.1, count=3, quantity=12345.0)
    ladder.draw(a_snapshot(book=a_book_view(bids=long)), 60, 8)
    after = row_texts(ladder.draw(a_snapshot(), 60, 8))
    assert after[5].startswith("▼ 61659.6     1.500     1.500 ")


async def test_keys_walk_through_the_groupings_and_stop_at_the_ends() -> None:
    app = PaneApp(a_ladder())
    async with app.run_test(size=(40, 12)) as pilot:
        app.pane.focus()
        await pilot.press("minus")
        assert app.view.grouping == GROUPINGS[0]
        seen = []
        for _ in GROUPINGS:
            await pilot.press("plus")
            seen.append(app.view.grouping)
        assert seen == [*GROUPINGS[1:], GROUPINGS[-1]]
        app.view = replace(app.view, grouping=7)
        await pilot.press("equals_sign")
        assert app.view.grouping == 10


async def test_rows_asked_for_follow_the_height() -> None:
    app = PaneApp(a_ladder())
    async with app.run_test(size=(40, 36)) as pilot:
        await pilot.pause()
        assert app.view.book_rows == 17
        await pilot.resize_terminal(40, 5)
        await pilot.pause()
        assert app.view.book_rows == 2


async def test_border_names_symbol_state_and_step() -> None:
    app = PaneApp(a_ladder())
    async with app.run_test(size=(40, 12)):
        app.pane.show(a_snapshot())
        assert (app.pane.border_title, app.pane.border_subtitle) == (
            "2 book",
            "BTCUSDT · live · step 0.1",
        )
