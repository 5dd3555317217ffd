"""The form: fields, problems, figures, and one button that sends."""

from collections.abc import Mapping, Sequence

import pytest
from builders import a_snapshot
from textual.app import App
from textual.events import Key, Paste
from textual.widgets import Button, Input, Static

from botcore_tui.model.snapshot import Snapshot
from botcore_tui.ui.screens.form import Field, FormDialog


class Doubling(FormDialog[int]):
    """Takes a number and shows it doubled."""

    price = 0.0

    def take(self, snapshot: Snapshot) -> None:
        self.price = snapshot.last_price or 0.0

    def read(self) -> tuple[int | None, Mapping[str, str], Sequence[str]]:
        text = self.texts["one"]
        if not text.isdecimal():
            return None, {"one": f"{text!r} is no number"}, (f"at {self.price}",)
        return int(text), {}, (f"twice is {2 * int(text)}",)


class Host(App[None]):
    def __init__(self, *, arm_seconds: float = 0.0) -> None:
        super().__init__()
        fields = (Field("one", "a number"), Field("two", "nothing"))
        self.form = Doubling("Double", fields, label="Go", arm_seconds=arm_seconds)
        self.answers: list[int | None] = []

    def on_mount(self) -> None:
        self.push_screen(self.form, self.answers.append)

    def receive(self, *keys: str) -> None:
        """Keys that come in one piece, as after a pause of an SSH line."""
        for key in keys:
            self.post_message(Key(key, key if len(key) == 1 else None))

    def text(self, selector: str) -> str:
        return str(self.form.query_one(selector, Static).render())

    @property
    def can_confirm(self) -> bool:
        return not self.form.query_one("#confirm", Button).disabled


async def test_what_is_typed_is_read_at_once_and_its_problem_stands_beside_it() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.pause()
        assert app.text("#one-problem") == "", "nobody typed anything yet"
        assert "one: '' is no number" in app.text("#figures")
        await pilot.press("x")
        assert app.text("#one-problem") == "'x' is no number"
        assert not app.can_confirm
        await pilot.press("backspace", "2", "1")
        assert app.text("#one-problem") == ""
        assert "twice is 42" in app.text("#figures")
        assert app.can_confirm


async def test_enter_goes_on_and_ends_at_cancel() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.press("5", "enter", "enter")
        assert app.focused is app.form.query_one("#cancel")
        await pilot.press("enter")
        await pilot.pause()
        assert app.answers == [None]


async def test_button_gives_the_result_and_escape_nothing() -> None:
    for keys, answer in ((["7", "up", "enter"], 7), (["7", "escape"], None)):
        app = Host()
        async with app.run_test() as pilot:
            await pilot.press(*keys)
            await pilot.pause()
            assert app.answers == [answer]


async def test_newer_picture_changes_the_figures_and_what_turned_wrong_is_not_sent() -> None:
    app = Host()
    async with app.run_test() as pilot:
        app.form.show(a_snapshot(last_price=12.5))
        await pilot.pause()
        assert "at 12.5" in app.text("#figures")
        app.form.query_one("#confirm", Button).disabled = False
        await pilot.press("up", "enter")
        await pilot.pause()
        assert app.answers == []
        assert not app.can_confirm


@pytest.mark.slow
async def test_nothing_can_be_confirmed_at_once() -> None:
    app = Host(arm_seconds=3_600.0)
    async with app.run_test() as pilot:
        await pilot.press("5")
        assert not app.can_confirm


async def test_correction_applies_to_what_was_typed_before_it() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.pause()
        app.receive("5", "backspace", "1")
        await pilot.pause()
        assert app.form.texts["one"] == "1"
        app.receive("ctrl+u", "2", "7", "left", "backspace", "3", "end", "4")
        await pilot.pause()
        assert app.form.texts["one"] == "374"


@pytest.mark.parametrize("forward", ["enter", "tab", "down"])
async def test_what_is_typed_behind_a_key_that_goes_on_is_of_the_next_field(forward: str) -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.pause()
        app.receive("5", forward, "6", "0", "shift+tab", "1", "down", "7", "up", "2")
        await pilot.pause()
        assert app.form.texts == {"one": "512", "two": "607"}


async def test_pasted_book_leaves_room_for_what_is_wrong_with_it() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.pause()
        app.receive(*"9" * 100)
        await pilot.pause()
        assert app.form.query_one("#one", Input).value == "9" * 64
        app.post_message(Paste("8" * 5_000))
        await pilot.pause()
        assert app.form.query_one("#one", Input).value == "9" * 64
