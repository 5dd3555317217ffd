"""The log pane: following, holding, searching."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from builders import a_log_line, a_snapshot
from pane_app import PaneApp
from textual.events import MouseScrollDown, MouseScrollUp, Paste
from textual.pilot import Pilot

from botcore_tui.model.event import Severity
from botcore_tui.model.snapshot import LogLine
from botcore_tui.ui.panes.log import LogPane


def lines(first: int, last: int) -> list[LogLine]:
    return [a_log_line(each, text=f"line {each}.") for each in range(first, last + 1)]


class Desk:
    """A log pane of five lines on a screen of its own, with twenty lines in it."""

    def __init__(self, app: PaneApp, pane: LogPane, pilot: Pilot[None]) -> None:
        self.app = app
        self.pane = pane
        self.pilot = pilot

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    def shown(self) -> list[str]:
        return [line.split("stream ")[-1].rstrip() for line in self.app.lines()]

    @property
    def caption(self) -> str:
        return self.pane.caption()


@asynccontextmanager
async def a_desk(first: Sequence[LogLine] | None = None) -> AsyncIterator[Desk]:
    pane = LogPane()
    app = PaneApp(pane)
    async with app.run_test(size=(60, 5)) as pilot:
        pane.focus()
        pane.append(lines(1, 20) if first is None else first)
        yield Desk(app, pane, pilot)


def numbered(first: int, last: int) -> list[str]:
    return [f"line {each}." for each in range(first, last + 1)]


async def test_newest_line_is_followed() -> None:
    async with a_desk() as desk:
        assert desk.shown() == numbered(16, 20)
        desk.pane.append(lines(21, 22))
        assert desk.shown() == numbered(18, 22)
        assert desk.caption == "INFO+ · follow · 22 lines"
        desk.pane.show(a_snapshot())
        assert desk.shown() == numbered(18, 22)


async def test_scrolling_up_holds_still_while_lines_arrive() -> None:
    async with a_desk() as desk:
        await desk.press("k", "up")
        desk.pane.append(lines(21, 25))
        assert desk.shown() == numbered(14, 18)
        assert desk.caption == "INFO+ · held, 7 below · 25 lines"
        await desk.press("end")
        assert desk.shown() == numbered(21, 25)
        assert desk.pane.is_following


async def test_scrolling_down_to_the_newest_line_follows_again() -> None:
    async with a_desk() as desk:
        await desk.press("pageup")
        assert desk.shown() == numbered(12, 16)
        await desk.press("j")
        assert not desk.pane.is_following
        await desk.press("pagedown")
        assert desk.pane.is_following


async def test_home_shows_the_oldest_lines_and_up_stays_there() -> None:
    async with a_desk() as desk:
        await desk.press("home", "k")
        assert desk.shown() == numbered(1, 5)
        await desk.press("j")
        assert desk.shown() == numbered(2, 6)


async def test_wheel_scrolls_three_lines() -> None:
    async with a_desk() as desk:
        await desk.pilot._post_mouse_events([MouseScrollUp], desk.pane)
        assert desk.shown() == numbered(13, 17)
        await desk.pilot._post_mouse_events([MouseScrollDown], desk.pane)
        assert desk.pane.is_following


async def test_follow_key_holds_and_goes_on() -> None:
    async with a_desk() as desk:
        await desk.press("f")
        assert desk.caption == "INFO+ · held · 20 lines"
        desk.pane.append(lines(21, 21))
        assert desk.shown() == numbered(16, 20)
        await desk.press("f")
        assert desk.shown() == numbered(17, 21)


async def test_held_lines_that_leave_the_ring_are_followed_by_the_oldest() -> None:
    async with a_desk() as desk:
        await desk.press("home")
        desk.pane.append(lines(21, 6_000))
        assert desk.shown() == numbered(1_001, 1_005)


async def test_level_key_cycles_and_filters() -> None:
    async with a_desk([]) as desk:
        desk.pane.append(
            [a_log_line(n, text=s.value, severity=s) for n, s in enumerate(Severity, 1)]
        )
        assert desk.shown()[:4] == ["INFO", "WARN", "ERROR", "CRIT"]
        seen = []
        for _ in range(4):
            await desk.press("l")
            seen.append((desk.caption.split()[0], desk.shown()[0]))
        assert seen == [
            ("WARN+", "WARN"),
            ("ERROR+", "ERROR"),
            ("DEBUG+", "DEBUG"),
            ("INFO+", "INFO"),
        ]


async def test_search_marks_goes_to_matches_and_around() -> None:
    async with a_desk() as desk:
        await desk.press("slash", *"line 1")
        assert desk.pane.is_searching
        assert desk.app.lines()[-1].startswith("/line 1")
        assert "line 19." in desk.shown()
        await desk.press("enter")
        assert not desk.app.lines()[-1].startswith("/")
        assert desk.caption.endswith("/line 1 11/11")
        await desk.press("n")
        assert desk.caption.endswith("1/11")
        assert "line 1." in desk.shown()
        await desk.press("N", "N")
        assert desk.caption.endswith("10/11")
        assert "line 18." in desk.shown()
        await desk.press("escape")
        assert "/" not in desk.caption


async def test_keys_of_the_pane_and_digits_are_text_while_a_search_is_typed() -> None:
    async with a_desk() as desk:
        await desk.press("slash", *"lfnw7x", "backspace", "enter")
        assert "/lfnw7 0/0" in desk.caption
        assert desk.caption.startswith("INFO+ · follow")
        assert desk.pane.check_consume_key("7", "7") is False
        await desk.press("slash")
        assert desk.pane.check_consume_key("7", "7") is True


async def test_search_given_up_while_typing_goes_back_to_where_it_began() -> None:
    async with a_desk() as desk:
        await desk.press("slash", *"line 7")
        assert "line 7." in desk.shown()
        await desk.press("escape")
        assert desk.shown() == numbered(16, 20)
        assert desk.pane.is_following


async def test_pasted_text_goes_into_the_search_as_one_line() -> None:
    async with a_desk() as desk:
        desk.pane.post_message(Paste("ignored"))
        await desk.press("slash")
        desk.pane.post_message(Paste("line 7\x1b[31m\nsecond"))
        await desk.pilot.pause()
        assert r"/line 7\x1b[31m" in desk.app.lines()[-1]


async def test_escape_is_left_to_others_while_there_is_no_search() -> None:
    async with a_desk() as desk:
        assert desk.pane.check_action("forget", ()) is False
        await desk.press("slash")
        assert desk.pane.check_action("forget", ()) is True
        await desk.press("escape")
        assert desk.pane.check_action("forget", ()) is False


async def test_search_in_an_empty_log_finds_nothing() -> None:
    async with a_desk([]) as desk:
        await desk.press("slash", "a", "enter", "n", "k", "f")
        assert "/a 0/0" in desk.caption
        assert "no lines of INFO or above" in "".join(desk.app.lines())


async def test_wrap_key_folds_long_lines() -> None:
    async with a_desk([a_log_line(text="word " * 15)]) as desk:
        assert "…" in desk.app.lines()[0]
        await desk.press("w")
        assert "…" not in "".join(desk.app.lines())
        assert "word word" in desk.app.lines()[1]


async def test_lines_that_never_came_are_counted_in_the_border() -> None:
    async with a_desk() as desk:
        desk.pane.append(lines(24, 24))
        assert desk.caption == "INFO+ · follow · 21 lines · 3 dropped"
        desk.pane.clear()
        assert desk.caption == "INFO+ · follow · 0 lines"
