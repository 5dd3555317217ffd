"""Facts in one column or two, scrolled where they are too many."""

from builders import NOW_NS, a_snapshot
from pane_app import PaneApp, row_texts
from textual.events import MouseScrollDown, MouseScrollUp

from botcore_tui.ui.panes.ink import Ink
from botcore_tui.ui.panes.listing import Fact, fact_rows, named_rows
from botcore_tui.ui.panes.market import MarketPane

FACTS = [Fact("a", "1"), Fact("long", "22"), Fact("c", "333"), Fact("", "a note in words")]


def test_facts_stand_below_each_other_with_their_values_in_line() -> None:
    assert row_texts(fact_rows(FACTS, 12, 10)) == [
        "a    1      ",
        "long 22     ",
        "c    333    ",
        "a note in   ",
        "words       ",
    ]


def test_wide_and_short_pane_uses_two_columns() -> None:
    rows = row_texts(fact_rows(FACTS, 80, 2))
    assert [line.split() for line in rows] == [
        ["a", "1", "c", "333"],
        ["long", "22"],
        ["a", "note", "in", "words"],
    ]


def test_name_gives_way_to_its_value_and_a_value_is_never_cut() -> None:
    fact = [Fact("distance", "1234.5", Ink.WARN)]
    assert row_texts(fact_rows(fact, 10, 5)) == ["di… 1234.5"]
    assert row_texts(fact_rows(fact, 6, 5)) == ["1234.5"]
    assert row_texts(fact_rows(fact, 5, 5)) == ["dist…"]


async def test_keys_and_wheel_scroll_and_the_border_says_how_much_is_hidden() -> None:
    app = PaneApp(MarketPane(clock_ns=lambda: NOW_NS))
    async with app.run_test(size=(40, 5)) as pilot:
        app.pane.show(a_snapshot())
        app.pane.focus()
        assert app.pane.border_subtitle == "BTCUSDT ↓7"
        await pilot.press("j", "down", "k")
        assert app.lines()[0].startswith("mark")
        assert app.pane.border_subtitle == "BTCUSDT ↑1 ↓6"
        await pilot.press("end")
        assert app.lines()[-1].startswith("update id")
        assert app.pane.border_subtitle == "BTCUSDT ↑7"
        await pilot.press("pagedown", "pageup")
        assert app.pane.border_subtitle == "BTCUSDT ↑3 ↓4"
        await pilot.press("home", "k")
        assert app.lines()[0].startswith("last")
        await pilot._post_mouse_events([MouseScrollDown], app.pane)
        assert app.pane.border_subtitle == "BTCUSDT ↑3 ↓4"
        await pilot._post_mouse_events([MouseScrollUp], app.pane)
        assert app.pane.border_subtitle == "BTCUSDT ↓7"


def test_named_facts_go_on_in_the_next_line_and_nameless_ones_with_them() -> None:
    facts = [Fact("a", "one two"), Fact("", "three"), Fact("long", "")]
    assert row_texts(named_rows(facts, 9)) == ["a    one ", "     two ", "     thre", "     e   "]
    assert named_rows([], 9) == []
