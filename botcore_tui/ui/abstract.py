"""Widgets that are abstract: one that lacks a method cannot be made, instead of failing later."""

from abc import ABCMeta

# Textual has no public name for it, and a class can have but one metaclass.
from textual.message_pump import _MessagePumpMeta


class AbstractWidgetMeta(_MessagePumpMeta, ABCMeta):
    """The metaclass of Textual's widgets and that of abstract classes in one."""
