"""A question that only a typed word answers with yes."""

from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from botcore_tui.ui.screens.dialog import ARM_SECONDS, ArmedDialog
from botcore_tui.ui.screens.line import Line, moving


class TypedDialog(ArmedDialog[str]):
    """Asks for a word; gives back that word, or the empty string if the answer is no.

    The focus starts on Cancel, and a letter typed there goes to the input line.

    Args:
        title: What is going to happen.
        lines: What to know before.
        word: What must be typed; empty: nothing can be confirmed.
        label: Of the button that confirms.
        arm_seconds: How long it stays disabled.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", tooltip="Change nothing"),
        *moving("app.focus_next", "tab", tooltip="Go on"),
        *moving("app.focus_previous", "shift+tab", tooltip="Go back"),
    ]
    AUTO_FOCUS = "#cancel"

    def __init__(
        self,
        title: str,
        lines: Sequence[str],
        *,
        word: str,
        label: str,
        arm_seconds: float = ARM_SECONDS,
    ) -> None:
        super().__init__(label, arm_seconds=arm_seconds)
        self._heading = title
        self.lines = tuple(lines)
        self.word = word

    def compose(self) -> ComposeResult:
        """Title, text, what the subclass adds, input line, hint, two buttons."""
        with VerticalScroll(classes="box", can_focus=False) as box:
            box.border_title = self._heading
            yield Static("\n".join(self.lines), markup=False, id="what")
            yield from self.compose_choices()
            # A selection would be replaced by the letter after the one that brought the focus.
            yield Line(
                placeholder=self._invitation(), compact=True, select_on_focus=False, id="word"
            )
            yield Static(self._keys(), markup=False, id="hint")
            yield from self.compose_buttons()

    def compose_choices(self) -> Sequence[Widget]:
        """Widgets between the text and the input line."""
        return ()

    def action_cancel(self) -> None:
        """Answer no."""
        self.answer("")

    def tell(self, lines: Sequence[str]) -> None:
        """Say something else from now on; what was typed stays."""
        if tuple(lines) != self.lines and self.is_mounted:
            self.lines = tuple(lines)
            self.query_one("#what", Static).update("\n".join(self.lines))

    def require(self, word: str) -> None:
        """Ask for another word from now on."""
        self.word = word
        entry = self.query_one("#word", Input)
        entry.value = ""
        entry.placeholder = self._invitation()
        self.update_confirm()

    def _invitation(self) -> str:
        return f"type {self.word} to confirm" if self.word else "nothing to confirm"

    def _keys(self) -> str:
        confirm = "enter confirms the typed word · " if self.word else ""
        return f"{confirm}tab goes on · esc cancels"

    def _say(self, text: str, *, is_warning: bool) -> None:
        hint = self.query_one("#hint", Static)
        hint.update(text)
        hint.set_class(is_warning, "warning")

    def missing(self) -> str:
        """What is missing besides the word; empty: nothing."""
        return ""

    def result(self) -> str:
        """The answer once all is typed; never empty."""
        return self.word

    def entry(self) -> Input:
        """The line that letters go to while no line has the focus."""
        return self.query_one("#word", Input)

    def _can_confirm(self) -> bool:
        typed = self.query_one("#word", Input).value.strip()
        return self.is_armed and bool(self.word) and typed == self.word and not self.missing()

    @on(Input.Changed)
    def update_confirm(self) -> None:
        """Enable the button if all is typed, and say the keys again."""
        self.query_one("#confirm", Button).disabled = not self._can_confirm()
        self._say(self._keys(), is_warning=False)

    @on(Input.Submitted, "#word")
    @on(Button.Pressed, "#confirm")
    def _confirm(self) -> None:
        typed = self.query_one("#word", Input).value.strip()
        if self._can_confirm():
            self.answer(self.result())
        elif self.word and typed == self.word:
            why = self.missing() or "too early: read it, then press enter again"
            self._say(why, is_warning=True)
        elif self.word:
            found = f"{typed!r} is not it" if typed else "nothing was typed"
            self._say(f"{found}: type {self.word}, then enter", is_warning=True)

    @on(Button.Pressed, "#cancel")
    def _cancel(self) -> None:
        self.action_cancel()

    def on_key(self, event: events.Key) -> None:
        """Send a letter that no input line took to one, whatever has the focus."""
        if self.take_letter(event):
            event.stop()

    def take_letter(self, event: events.Key) -> bool:
        """Put a letter into the line that waits for one, which has the focus from now on.

        A blank presses a button, unless it came behind a letter that has moved the focus.
        """
        present = self.focused if isinstance(self.focused, Input) else None
        is_press = event.key == "space" and present is None
        if not event.character or not event.is_printable or is_press:
            return False
        line = present or self.entry()
        self.set_focus(line)
        line.insert_text_at_cursor(event.character)
        return True
