"""Which panes are seen at which size, and how to get to the others."""

import pytest
from account_builders import an_account
from builders import a_snapshot
from cockpit import Cockpit, a_cockpit, turn
from fake_engine import FakeEngine

from botcore_tui.ui.panes.base import LinePane

ONE_OF_EACH_LAYOUT = [(160, 48), (120, 40), (80, 24), (20, 5)]
EVERYTHING = ["book", "chart", "market", "engine", "feeds", "trades", "log"]
DIGITS = dict(
    zip(
        "1234567890",
        ["pos", "book", "chart", "engine", "orders", "feeds", "log", "trades", "market", "risk"],
        strict=True,
    )
)


def seen(app: Cockpit) -> list[str]:
    return [pane.pane_id for pane in app.desk.seen()]


PANES_BY_SIZE = {
    (160, 48): EVERYTHING,
    (300, 100): EVERYTHING,
    (160, 30): ["book", "chart", "feeds", "trades"],
    (120, 40): ["book", "chart", "feeds", "trades", "log"],
    (120, 24): ["book", "chart", "feeds", "trades"],
    (80, 24): ["book", "chart"],
    (100, 12): ["book", "chart"],
    (60, 20): ["chart"],
    (20, 5): ["chart"],
}


@pytest.mark.slow
async def test_each_size_shows_the_panes_it_has_room_for_without_overlap_or_gap() -> None:
    app = a_cockpit(FakeEngine(a_snapshot()))
    async with app.run_test(size=(160, 48)) as pilot:
        for size, panes in PANES_BY_SIZE.items():
            await pilot.resize_terminal(*size)
            await turn(pilot)
            assert seen(app) == panes, size
            regions = [pane.region for pane in app.desk.seen()]
            assert sum(region.area for region in regions) == app.desk.region.area, size
            assert all(app.desk.region.contains_region(region) for region in regions)
            bottom = app.query_one("#footer").region
            assert (bottom.y, bottom.height) == (size[1] - 1, 1)


TRADING = a_snapshot(trading_enabled=True, account=an_account())
PANES_WITH_AN_ACCOUNT = {
    (160, 48): ["book", "chart", "pos", "orders", "risk", "feeds", "trades", "log"],
    (160, 30): ["book", "chart", "pos"],
    (120, 40): ["book", "chart", "pos", "log"],
    (120, 24): ["book", "chart", "pos"],
    (80, 48): ["book", "chart", "pos"],
    (80, 24): ["book", "chart", "pos"],
    (60, 20): ["chart", "pos"],
    (100, 12): ["book", "chart"],
    (20, 5): ["chart"],
}


@pytest.mark.slow
async def test_positions_are_seen_at_every_size_that_has_the_height_once_there_is_an_account() -> (
    None
):
    app = a_cockpit(FakeEngine(TRADING))
    async with app.run_test(size=(160, 48)) as pilot:
        for size, panes in PANES_WITH_AN_ACCOUNT.items():
            await pilot.resize_terminal(*size)
            await turn(pilot)
            await turn(pilot)
            assert sorted(seen(app)) == sorted(panes), size
            regions = [pane.region for pane in app.desk.seen()]
            assert sum(region.area for region in regions) == app.desk.region.area, size
            assert all(app.desk.region.contains_region(region) for region in regions)


@pytest.mark.slow
@pytest.mark.parametrize("size", [(160, 48), (160, 24), (120, 40), (80, 24), (60, 20)], ids=str)
async def test_positions_stay_whatever_pane_is_chosen(size: tuple[int, int]) -> None:
    app = a_cockpit(FakeEngine(TRADING))
    async with app.run_test(size=size) as pilot:
        await turn(pilot)
        for digit, name in DIGITS.items():
            await pilot.press(digit)
            await turn(pilot)
            assert {"pos", name} <= set(seen(app)), digit
            assert app.focused is app.desk.panes[name]
            assert all(pane.size.area > 0 for pane in app.desk.seen()), f"{name} at {size}"


async def test_orders_take_the_width_of_a_narrow_screen_until_the_book_is_chosen() -> None:
    app = a_cockpit(FakeEngine(TRADING))
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        steps = {
            "5": ["orders", "pos"],
            "1": ["orders", "pos"],
            "2": ["book", "orders", "pos"],
            "3": ["book", "chart", "pos"],
        }
        for key, panes in steps.items():
            await pilot.press(key)
            await turn(pilot)
            assert sorted(seen(app)) == panes, key


@pytest.mark.slow
async def test_layout_gives_the_room_back_when_there_is_no_account_any_more() -> None:
    engine = FakeEngine(TRADING)
    app = a_cockpit(engine)
    async with app.run_test(size=(160, 48)) as pilot:
        await turn(pilot)
        assert "pos" in seen(app)
        engine.snapshot = a_snapshot()
        await turn(pilot)
        assert seen(app) == EVERYTHING


@pytest.mark.slow
@pytest.mark.parametrize("size", ONE_OF_EACH_LAYOUT, ids=str)
async def test_digit_brings_its_pane_to_the_screen_and_the_focus_to_it(
    size: tuple[int, int],
) -> None:
    app = a_cockpit(FakeEngine(a_snapshot()))
    async with app.run_test(size=size) as pilot:
        for digit, name in DIGITS.items():
            await pilot.press(digit)
            await turn(pilot)
            pane = app.desk.panes[name]
            assert pane.hotkey == digit
            assert name in seen(app)
            assert app.focused is pane
            assert pane.size.area > 0, f"{name} has no room at {size}"


async def test_inner_sizes_of_the_wide_layout() -> None:
    app = a_cockpit(FakeEngine(a_snapshot()))
    async with app.run_test(size=(160, 48)) as pilot:
        await turn(pilot)
        sizes = {name: tuple(pane.size) for name, pane in app.desk.panes.items()}
        assert sizes["book"] == (38, 35)
        assert sizes["chart"] == (80, 23)
        assert sizes["trades"] == (80, 10)
        assert sizes["log"] == (158, 7)


@pytest.mark.slow
async def test_side_panes_swap_at_middle_width_and_the_last_one_stays() -> None:
    app = a_cockpit(FakeEngine(a_snapshot()))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("4")
        await turn(pilot)
        await pilot.press("3")
        await turn(pilot)
        assert seen(app) == ["book", "chart", "engine", "trades", "log"]


async def test_pane_beside_the_book_stays_when_the_book_is_chosen() -> None:
    app = a_cockpit(FakeEngine(a_snapshot()))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("6")
        await turn(pilot)
        await pilot.press("2")
        await turn(pilot)
        assert seen(app) == ["book", "feeds"]


@pytest.mark.slow
async def test_resize_keeps_the_chosen_pane_its_focus_and_the_widgets() -> None:
    app = a_cockpit(FakeEngine(a_snapshot()))
    async with app.run_test(size=(160, 48)) as pilot:
        await pilot.press("9")
        widgets = list(app.desk.walk_children(LinePane))
        for size in [(20, 5), (80, 24), (120, 40), (60, 20), (300, 100)]:
            await pilot.resize_terminal(*size)
            await turn(pilot)
            assert "market" in seen(app)
            assert app.focused is app.desk.panes["market"]
        assert list(app.desk.walk_children(LinePane)) == widgets


@pytest.mark.slow
async def test_resize_behind_a_dialog_reaches_the_panes() -> None:
    app = a_cockpit(FakeEngine(a_snapshot()))
    async with app.run_test(size=(160, 48)) as pilot:
        await pilot.press("ctrl+q")
        await pilot.resize_terminal(60, 20)
        await pilot.press("escape")
        await turn(pilot)
        assert seen(app) == ["chart"]


@pytest.mark.slow
@pytest.mark.parametrize("size", ONE_OF_EACH_LAYOUT, ids=str)
async def test_zoom_shows_the_chosen_pane_alone_and_escape_ends_it(size: tuple[int, int]) -> None:
    app = a_cockpit(FakeEngine(a_snapshot()))
    async with app.run_test(size=size) as pilot:
        await turn(pilot)
        before = seen(app)
        await pilot.press("z")
        await turn(pilot)
        assert seen(app) == ["chart"]
        assert app.desk.panes["chart"].region == app.desk.region
        await pilot.press("8")
        await turn(pilot)
        assert seen(app) == ["trades"]
        await pilot.press("3", "escape")
        await turn(pilot)
        assert seen(app) == before


async def test_tab_goes_through_the_visible_panes_and_back() -> None:
    app = a_cockpit(FakeEngine(a_snapshot()))
    async with app.run_test(size=(80, 24)) as pilot:
        await turn(pilot)
        await pilot.press("tab")
        await pilot.pause()
        assert app.desk.chosen == "book"
        await pilot.press("shift+tab")
        await pilot.pause()
        assert app.desk.chosen == "chart"


@pytest.mark.slow
async def test_click_chooses_a_pane() -> None:
    app = a_cockpit(FakeEngine(a_snapshot()))
    async with app.run_test(size=(160, 48)) as pilot:
        await turn(pilot)
        await pilot.click("#feeds")
        await pilot.pause()
        assert app.desk.chosen == "feeds"
