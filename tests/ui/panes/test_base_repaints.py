"""A pane writes again what changed, and little else."""

import random
from collections.abc import Sequence

from builders import NOW_NS, a_snapshot
from msgspec.structs import replace
from pane_app import PaneApp, record_repaints
from rich.cells import cell_len
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip

from botcore_tui.model.snapshot import Snapshot
from botcore_tui.ui.panes.base import PicturePane, Row, filled
from botcore_tui.ui.panes.ink import Ink
from botcore_tui.ui.panes.trades import TimeAndSales


async def test_only_lines_that_changed_are_repainted() -> None:
    app = PaneApp(TimeAndSales(clock_ns=lambda: NOW_NS))
    async with app.run_test(size=(40, 12)):
        snapshot = a_snapshot()
        app.pane.show(snapshot)
        marked = record_repaints(app.pane)
        third = replace(snapshot.trades[2], price=61660.0)
        trades = (*snapshot.trades[:2], third, *snapshot.trades[3:])
        app.pane.show(replace(snapshot, trades=trades))
        assert marked == [3]
        app.pane.show(replace(snapshot, trades=trades[:5]))
        assert set(marked) == {3, *range(6, 10)}


class Patchwork(PicturePane):
    """A pane of given rows."""

    pane_id = "patchwork"
    shown: Sequence[Row] = ()

    def draw(self, snapshot: Snapshot, width: int, height: int) -> Sequence[Row]:
        return self.shown


def cells(strip: Strip) -> list[tuple[str, Style | None]]:
    """What is seen in each cell: a blank on the plain ground has no colour."""
    seen: list[tuple[str, Style | None]] = []
    for text, style, _ in strip:
        is_reversed = style is not None and style.reverse
        for character in text:
            is_bare = character == " " and not is_reversed
            seen += [(character, None if is_bare else style)] * max(1, cell_len(character))
    return seen


async def test_parts_that_are_written_anew_make_the_old_picture_the_new_one() -> None:
    rng = random.Random(8)
    texts = ["a", "bc", "  ", "", "▲1", "界", "     "]
    inks = [Ink.TEXT, Ink.BID, Ink.HALTED, Ink.STALE]

    def a_row() -> Row:
        pieces = rng.choices(texts, k=rng.randint(0, 6))
        return filled(tuple((piece, rng.choice(inks)) for piece in pieces), 16)

    pane = Patchwork(clock_ns=lambda: NOW_NS)
    app = PaneApp(pane)
    async with app.run_test(size=(16, 4)):
        rows = [a_row() for _ in range(4)]
        pane.shown = rows
        pane.show(a_snapshot())
        screen = [cells(pane.render_line(y)) for y in range(4)]
        regions: list[Region] = []
        record_repaints(pane, regions)
        for _ in range(300):
            rows = [row if rng.random() < 0.4 else a_row() for row in rows][: rng.randint(1, 4)]
            rows += [a_row() for _ in range(rng.randint(0, 4 - len(rows)))]
            pane.shown = rows
            pane.show(a_snapshot())
            for region in regions:
                for y in region.line_range:
                    fresh = cells(pane.render_line(y))
                    screen[y][region.x : region.right] = fresh[region.x : region.right]
            assert screen == [cells(pane.render_line(y)) for y in range(4)]
            regions.clear()


async def test_end_of_a_line_that_did_not_change_is_not_written_again() -> None:
    pane = Patchwork(clock_ns=lambda: NOW_NS)
    app = PaneApp(pane)
    async with app.run_test(size=(16, 4)):
        pane.shown = [filled((("price", Ink.BID), ("123", Ink.TEXT), ("bar", Ink.ASK)), 16)] * 3
        pane.show(a_snapshot())
        regions: list[Region] = []
        record_repaints(pane, regions)
        pane.shown = [filled((("price", Ink.BID), ("124", Ink.TEXT), ("bar", Ink.ASK)), 16)] * 2
        pane.show(a_snapshot())
        assert regions == [Region(0, 0, 8, 2), Region(0, 2, 16, 1)]


async def test_blanks_do_not_change_the_colour_unless_they_are_seen() -> None:
    pane = Patchwork(clock_ns=lambda: NOW_NS)
    app = PaneApp(pane)
    async with app.run_test(size=(16, 1)):
        pane.shown = [
            (
                *(("ab", Ink.BID), ("  ", Ink.TEXT), ("c", Ink.BID)),
                *((" ", Ink.HALTED), ("d", Ink.HALTED), (" ", Ink.TEXT), ("        ", Ink.ASK)),
            )
        ]
        pane.show(a_snapshot())
        assert [segment.text for segment in pane.render_line(0)] == ["ab  c", " d", "         "]
