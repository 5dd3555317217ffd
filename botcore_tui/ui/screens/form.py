"""What the dialogs share in which prices and sizes are typed."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Final, TypeVar

from msgspec import Struct
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.widget import Widget
from textual.widgets import Button, Input, Static

from botcore_tui.model.snapshot import Snapshot
from botcore_tui.ui.abstract import AbstractWidgetMeta
from botcore_tui.ui.panes.cells import printable
from botcore_tui.ui.screens.dialog import ARM_SECONDS, ArmedDialog
from botcore_tui.ui.screens.line import Line, moving

Result = TypeVar("Result")

_LONGEST: Final = 64
"""Characters of a field; what is wrong with it repeats them, and must leave room for the rest."""


class Field(Struct, frozen=True):
    """One line to type in."""

    name: str
    hint: str
    """What stands in it while it is empty."""


class FormDialog(ArmedDialog[Result | None], metaclass=AbstractWidgetMeta):
    """Fields with their problems beside them, figures below, Cancel and a button that confirms.

    Enter goes on to the next field, and from the last one to Cancel: only the button confirms, and
    only what is shown. It follows the market: ``show`` is called with newer pictures.

    Args:
        title: What is going to happen.
        fields: To be typed.
        label: Of the button that confirms.
        arm_seconds: How long it stays disabled.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "cancel", "Cancel", tooltip="Change nothing"),
        *moving("go_on", "enter", tooltip="Next field"),
        *moving("app.focus_next", "down", "tab", tooltip="Next field"),
        *moving("app.focus_previous", "up", "shift+tab", tooltip="Field before"),
    ]
    AUTO_FOCUS = "Input"

    def __init__(
        self,
        title: str,
        fields: Sequence[Field],
        *,
        label: str,
        arm_seconds: float = ARM_SECONDS,
    ) -> None:
        super().__init__(label, arm_seconds=arm_seconds, classes="dialog form")
        self._heading = title
        self._fields = tuple(fields)
        self._touched: set[str] = set()

    # --- for the subclass ----------------------------------------------------------------------

    def compose_head(self) -> Sequence[Widget]:
        """Widgets above the fields."""
        return ()

    @abstractmethod
    def take(self, snapshot: Snapshot) -> None:
        """Keep what is needed of a newer picture."""

    @abstractmethod
    def read(self) -> tuple[Result | None, Mapping[str, str], Sequence[str]]:
        """Result, problems by field and lines of figures for what is typed now."""

    # --- of the form ---------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """Fields, figures, buttons, keys."""
        with VerticalScroll(classes="box form", can_focus=False) as box:
            box.border_title = self._heading
            yield from self.compose_head()
            yield from self._lines()
            yield Static("", markup=False, id="figures")
            yield from self.compose_buttons()
            keys = "enter or tab goes on · the button sends · esc cancels"
            yield Static(keys, markup=False, id="hint")

    def _lines(self) -> Iterator[Widget]:
        for field in self._fields:
            yield Horizontal(
                Static(field.name, classes="name", markup=False),
                Line(
                    placeholder=field.hint,
                    compact=True,
                    select_on_focus=False,
                    max_length=_LONGEST,
                    id=field.name,
                ),
                Static("", classes="problem", id=f"{field.name}-problem", markup=False),
                classes="field",
            )

    @property
    def texts(self) -> dict[str, str]:
        """What is typed, by field."""
        return {field.name: self.query_one(f"#{field.name}", Input).value for field in self._fields}

    def show(self, snapshot: Snapshot) -> None:
        """Take a newer picture: prices and figures follow it."""
        self.take(snapshot)
        # A picture can come before the form has its fields; arming then shows what it says.
        if self.is_mounted:
            self.update_form()

    def update_form(self) -> None:
        """Read what is typed and show what it means."""
        result, problems, figures = self.read()
        for field in self._fields:
            # What nobody typed yet is no mistake.
            text = problems.get(field.name, "") if field.name in self._touched else ""
            self.query_one(f"#{field.name}-problem", Static).update(printable(text))
        missing = [
            f"{name}: {text}" for name, text in problems.items() if name not in self._touched
        ]
        self.query_one("#figures", Static).update(
            "\n".join(printable(line) for line in (*figures, *missing))
        )
        self.query_one("#confirm", Button).disabled = not (self.is_armed and result is not None)

    def action_cancel(self) -> None:
        """Send nothing."""
        self.answer(None)

    def update_confirm(self) -> None:
        """With all that the form shows."""
        self.update_form()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self._touched.add(event.input.id or "")
        self.update_form()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enter goes on from a field only; a button takes it itself."""
        if action == "go_on":
            return isinstance(self.focused, Input)
        return super().check_action(action, parameters)

    @on(Input.Submitted)
    def action_go_on(self) -> None:
        """To the next field, and from the last one to Cancel."""
        self.focus_next()

    @on(Button.Pressed, "#confirm")
    def _confirm(self) -> None:
        result, _, _ = self.read()
        if result is not None:
            self.answer(result)
        else:
            self.update_form()

    @on(Button.Pressed, "#cancel")
    def _cancel(self) -> None:
        self.action_cancel()
