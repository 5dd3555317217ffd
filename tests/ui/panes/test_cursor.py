"""The cursor stays with its row, and its row stays in sight."""

from account_builders import an_account, an_order
from builders import NOW_NS, a_snapshot
from pane_app import PaneApp
from textual.events import MouseScrollDown, MouseScrollUp

from botcore_tui.model.snapshot import Snapshot
from botcore_tui.ui.panes.orders import Orders


def orders(*names: str) -> Snapshot:
    rows = tuple(an_order(client_order_id=name) for name in names)
    return a_snapshot(account=an_account(orders=rows))


def a_pane() -> Orders:
    return Orders(clock_ns=lambda: NOW_NS)


def chosen(pane: Orders) -> str | None:
    order = pane.chosen
    return None if order is None else order.client_order_id


async def test_cursor_stays_with_its_row_when_others_come_and_go() -> None:
    pane = a_pane()
    async with PaneApp(pane).run_test(size=(80, 8)) as pilot:
        pane.focus()
        pane.show(orders("a", "b", "c"))
        await pilot.press("j")
        assert chosen(pane) == "b"
        pane.show(orders("new", "a", "b"))
        assert chosen(pane) == "b"
        assert pane.place == 2
        pane.show(orders("new", "a"))
        assert chosen(pane) == "a", "the row is gone: the one at its place, or the last"
        pane.show(orders())
        assert chosen(pane) is None
        pane.show(orders("d"))
        assert chosen(pane) == "d"


async def test_until_somebody_chooses_the_first_row_stays_in_sight() -> None:
    pane = a_pane()
    app = PaneApp(pane)
    async with app.run_test(size=(80, 3)) as pilot:
        app.set_focus(None)
        await pilot.pause()
        pane.show(orders("a"))
        pane.show(orders("new", "a", "b", "c"))
        assert chosen(pane) == "new"
        await pilot.pause()
        assert any("new" in line for line in app.lines())
        await pilot.click(pane, offset=(5, 2))
        assert chosen(pane) == "a"
        pane.show(orders("newer", "new", "a"))
        assert chosen(pane) == "a"


async def test_keys_move_by_rows_pages_and_to_the_ends_and_the_row_stays_in_sight() -> None:
    pane = a_pane()
    app = PaneApp(pane)
    names = [f"o{index:02}" for index in range(20)]
    async with app.run_test(size=(120, 6)) as pilot:
        pane.focus()
        await pilot.press("j", "end")
        assert chosen(pane) is None
        pane.show(orders(*names))
        steps = (
            (["down", "down"], "o02"),
            (["k"], "o01"),
            (["pagedown"], "o05"),
            (["end"], "o19"),
            (["pageup"], "o15"),
            (["home", "up"], "o00"),
        )
        for keys, name in steps:
            await pilot.press(*keys)
            assert chosen(pane) == name, keys
            (marked,) = [line for line in app.lines() if line.startswith("▶")]
            assert name in marked
        await pilot.press("end")
        assert pane.border_subtitle == "↑15"
        await pilot.press("home")
        assert pane.border_subtitle == "↓15"


async def test_click_and_wheel_choose_rows() -> None:
    pane = a_pane()
    async with PaneApp(pane).run_test(size=(80, 6)) as pilot:
        pane.show(orders(*"abcdefgh"))
        await pilot.click(pane, offset=(5, 3))
        assert chosen(pane) == "c"
        await pilot.click(pane, offset=(5, 0))
        assert chosen(pane) == "c", "a title is no row"
        for kind, name in ((MouseScrollDown, "d"), (MouseScrollUp, "c")):
            event = kind(pane, 1, 1, 0, 1, 0, shift=False, meta=False, ctrl=False)
            pane.post_message(event)
            await pilot.pause()
            assert chosen(pane) == name
