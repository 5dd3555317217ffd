"""The ledger on the screen, page by page."""

import pytest
from builders import a_snapshot
from cockpit import Cockpit, a_cockpit, screen_text, turn
from fake_engine import FakeEngine
from msgspec.structs import replace
from textual.pilot import Pilot

from botcore_tui.ui.screens.ledger import PAGE_ROWS, LedgerBrowser, LedgerScreen, Page
from botcore_tui.ui.supervisor import Leave


class FakeLedger:
    """Some rows a table, numbered from one."""

    def __init__(self, **rows: int) -> None:
        self.counts = rows
        self.asked: list[tuple[str, int | None]] = []
        self.error: OSError | None = None

    def tables(self) -> tuple[str, ...]:
        return tuple(self.counts)

    def page(self, table: str, limit: int, before: int | None) -> Page:
        self.asked.append((table, before))
        if self.error is not None:
            raise self.error
        newest = self.counts[table] if before is None else before - 1
        lines: list[tuple[str, ...]] = [
            (str(number), f"{table}-{number}\x1b")
            for number in range(newest, max(0, newest - limit), -1)
        ]
        return ("sequence", "text"), lines


def a_screen(ledger: LedgerBrowser | None) -> Cockpit:
    app = a_cockpit(FakeEngine(a_snapshot()))
    app.settings = replace(app.settings, ledger=ledger)
    return app


async def settle(pilot: Pilot[Leave], *keys: str) -> str:
    await pilot.press(*keys)
    for _ in range(2):
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
    app = pilot.app
    assert isinstance(app, Cockpit)
    return screen_text(app)


@pytest.mark.slow
async def test_newest_rows_of_the_first_table_are_shown_first() -> None:
    app = a_screen(FakeLedger(orders=3, fills=1))
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        await settle(pilot, "L")
        await turn(pilot)
        text = screen_text(app)
        band, *_ = text.splitlines()
        assert band.startswith(" DEMO  SYNTHETIC  ● ACTIVE"), "whether we trade stays in sight"
        lines = [line.strip("│").split() for line in text.splitlines()][2:]
        assert lines[1] == ["orders", "fills"]
        assert lines[2] == ["sequence", "text"]
        assert lines[3] == ["▶", "3", r"orders-3\x1b"]
        assert lines[5][0] == "1"


@pytest.mark.slow
async def test_tables_change_by_arrow_and_come_round() -> None:
    ledger = FakeLedger(orders=3, fills=0, audit=1)
    app = a_screen(ledger)
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        await settle(pilot, "L")
        assert "nothing is in this table" in await settle(pilot, "right")
        assert "audit-1" in await settle(pilot, "l")
        assert "orders-3" in await settle(pilot, "tab")
        assert "audit-1" in await settle(pilot, "left")


@pytest.mark.slow
async def test_older_rows_are_read_where_the_known_ones_end() -> None:
    ledger = FakeLedger(orders=PAGE_ROWS + 50)
    app = a_screen(ledger)
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        await settle(pilot, "L")
        for _ in range(2 * PAGE_ROWS // 15):
            await settle(pilot, "pagedown")
        assert ledger.asked == [("orders", None), ("orders", 51)]
        assert "orders-1\\x1b" in screen_text(app)
        assert "orders-250" in await settle(pilot, "home")
        assert ledger.asked[-1] == ("orders", None)


@pytest.mark.slow
async def test_one_row_can_be_read_whole() -> None:
    app = a_screen(FakeLedger(orders=3))
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        text = await settle(pilot, "L", "escape", "L")
        text = await settle(pilot, "j", "enter")
        lines = [line.strip("│ ").split() for line in text.splitlines()]
        assert ["sequence", "2"] in lines
        assert "orders-3" in await settle(pilot, "escape")
        assert isinstance(app.screen, LedgerScreen)
        await settle(pilot, "q")
        assert app.screen is app.main


async def test_cursor_moves_up_and_stops_at_the_ends() -> None:
    app = a_screen(FakeLedger(orders=3))
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        await settle(pilot, "L")
        text = await settle(pilot, "j", "j", "j", "k", "pageup", "up")
        assert "▶  3" in text


@pytest.mark.slow
async def test_ledger_that_cannot_be_read_says_why_and_can_be_tried_again() -> None:
    ledger = FakeLedger(orders=3)
    ledger.error = OSError("disk is gone")
    app = a_screen(ledger)
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        text = await settle(pilot, "L")
        assert "the ledger cannot be read" in text
        assert "disk is gone" in text
        ledger.error = None
        assert "orders-3" in await settle(pilot, "r")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ledger", "text"),
    [(None, "there is no ledger here"), (FakeLedger(), "the ledger has no tables")],
)
async def test_missing_ledger_is_said_and_no_key_hurts(
    ledger: LedgerBrowser | None, text: str
) -> None:
    app = a_screen(ledger)
    async with app.run_test(size=(60, 20)) as pilot:
        await turn(pilot)
        assert text in await settle(pilot, "L", "j", "right", "r", "enter", "pagedown")


async def test_many_tables_keep_the_chosen_one_in_sight() -> None:
    names = {f"a_long_table_{index}": 1 for index in range(9)}
    app = a_screen(FakeLedger(**names))
    async with app.run_test(size=(40, 12)) as pilot:
        await turn(pilot)
        text = await settle(pilot, "L", "left")
        assert "a_long_table_8" in text.splitlines()[1]


@pytest.mark.slow
async def test_older_rows_that_cannot_be_read_are_not_taken_for_none() -> None:
    ledger = FakeLedger(orders=PAGE_ROWS + 1)
    app = a_screen(ledger)
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        await settle(pilot, "L")
        ledger.error = OSError("disk is gone")
        text = await settle(pilot, *["pagedown"] * 15)
        assert "▶  2 " in text
        assert "older rows cannot be read: disk is gone" in text
        ledger.error = None
        await settle(pilot, "j")
        text = await settle(pilot, "j")
        assert "▶  1 " in text
        assert "cannot be read" not in text
