"""A line in which keys that come in one piece keep their order."""

import pytest
from textual.app import App, ComposeResult
from textual.events import Key

from botcore_tui.ui.screens.line import Line


class Host(App[None]):
    def compose(self) -> ComposeResult:
        yield Line()


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        (("5", "backspace", "1"), "1"),
        (("5", "9", "ctrl+u", "1"), "1"),
        (("5", "9", "left", "1", "end", "2"), "5192"),
        (("5", "9", "home", "delete", "1"), "19"),
        (("5", "ctrl+w", "1"), "1"),
    ],
    ids=str,
)
async def test_correction_applies_to_what_was_typed_before_it(
    keys: tuple[str, ...], value: str
) -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.pause()
        for key in keys:
            app.post_message(Key(key, key if len(key) == 1 else None))
        await pilot.pause()
        assert app.query_one(Line).value == value
