"""A widget that lacks a method is refused when it is made."""

from abc import abstractmethod

import pytest
from textual import on
from textual.message import Message
from textual.widget import Widget

from botcore_tui.ui.abstract import AbstractWidgetMeta
from botcore_tui.ui.panes.base import PicturePane
from botcore_tui.ui.panes.cursor import CursorPane
from botcore_tui.ui.panes.listing import ListPane
from botcore_tui.ui.screens.form import FormDialog


class Shape(Widget, metaclass=AbstractWidgetMeta):
    class Drawn(Message):
        """It was."""

    @abstractmethod
    def area(self) -> int:
        """Cells."""

    @on(Drawn)
    def was_drawn(self) -> None:
        """Nothing to do."""


class Square(Shape):
    def area(self) -> int:
        return 4


def test_only_what_has_every_method_can_be_made() -> None:
    with pytest.raises(TypeError, match=r"abstract.*area"):
        Shape()  # type: ignore[abstract]  # it must be refused
    assert Square().area() == 4


def test_textual_still_finds_its_handlers() -> None:
    assert list(Shape._decorated_handlers) == [Shape.Drawn]


@pytest.mark.parametrize(
    ("base", "methods"),
    [
        (PicturePane, {"draw"}),
        (CursorPane, {"keys", "head", "table", "empty"}),
        (ListPane, {"list_rows"}),
        (FormDialog, {"take", "read"}),
    ],
)
def test_panes_and_forms_leave_these_to_others(base: type[Widget], methods: set[str]) -> None:
    assert getattr(base, "__abstractmethods__", set()) == methods
