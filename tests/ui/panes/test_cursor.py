"""The cursor stays with its row, and its row stays in sight."""

from account_builders import an_account, an_order
from builders import NOW_NS, a_snapshot
from pane_app import PaneApp
from textual.events import MouseScrollDown, MouseScrollUp

from botcore_tui.model.order import OrderState
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


async def test_cursor_does_not_stay_with_an_order_that_ended_once_the_focus_has_left() -> None:
    # Below thirty ended orders it would keep those in sight, and what is open out of it.
    pane = a_pane()
    app = PaneApp(pane)
    ended = an_order(client_order_id="a", state=OrderState.FILLED)
    new = an_order(client_order_id="new")
    later = a_snapshot(account=an_account(orders=(new, ended)))
    async with app.run_test(size=(80, 2)) as pilot:
        pane.focus()
        pane.show(orders("b", "a"))
        await pilot.press("j")
        pane.show(later)
        assert chosen(pane) == "a", "under the fingers of a person it moves to no other order"
        app.set_focus(None)
        await pilot.pause()
        pane.show(later)
        await pilot.pause()
        assert chosen(pane) == "new"
        assert any("new" in line for line in app.lines())


async def test_ended_order_that_was_chosen_as_such_stays_chosen_until_it_is_gone() -> None:
    pane = a_pane()
    app = PaneApp(pane)
    ended = an_order(client_order_id="a", state=OrderState.FILLED)
    new = an_order(client_order_id="new")
    async with app.run_test(size=(80, 6)) as pilot:
        app.set_focus(None)
        pane.show(a_snapshot(account=an_account(orders=(new, ended))))
        event = MouseScrollDown(pane, 1, 1, 0, 1, 0, shift=False, meta=False, ctrl=False)
        pane.post_message(event)
        await pilot.pause()
        pane.show(a_snapshot(account=an_account(orders=(new, ended))))
        assert chosen(pane) == "a"
        pane.show(orders("newer", "new"))
        assert chosen(pane) == "newer"


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
