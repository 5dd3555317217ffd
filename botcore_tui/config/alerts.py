"""Keys of what is told to somebody who does not look at the screen."""

from typing import Annotated, Final

from pydantic import AfterValidator, Field, Strict

from botcore_tui.config.section import Allowed, Section

_MOST_WORDS: Final = 40


def _words(words: tuple[str, ...]) -> tuple[str, ...]:
    if words and not words[0].strip():
        raise ValueError("its first word names no program")
    if any("\0" in word for word in words):
        raise ValueError("no program takes such a word")
    return words


def _path(text: str) -> str:
    if not text.isprintable():
        raise ValueError("no path")
    return text


_Command = Annotated[
    tuple[str, ...],
    Strict(strict=False),
    AfterValidator(_words),
    Allowed(
        f"a program and its arguments, up to {_MOST_WORDS} words, such as"
        ' ["mail", "-s", "botcore", "ada@example.org"]; empty for none'
    ),
]
_Path = Annotated[str, AfterValidator(_path), Allowed("empty, or the path of a file")]


class AlertSettings(Section):
    """What is told to somebody who does not look at the screen. No secrets belong here: a program
    that needs one reads it from a file of its own."""

    command: _Command = Field(
        default=(),
        max_length=_MOST_WORDS,
        description="Executed, without a shell, for every halt and everything else that is"
        " CRITICAL; the text comes on its standard input. It gets none of the BOTCORE_ variables.",
    )
    timeout_seconds: float = Field(
        default=10,
        ge=0.1,
        le=120,
        description="Longest time for it, and for heartbeat_command; then it is killed.",
    )
    pause_seconds: float = Field(
        default=10,
        ge=0,
        le=3600,
        description="Shortest time between two alerts; what happens meanwhile goes into one.",
    )
    heartbeat_file: _Path = Field(
        default="",
        description="Written anew again and again while the engine turns, so that another program"
        " can tell by its age that it does not.",
    )
    heartbeat_command: _Command = Field(
        default=(),
        max_length=_MOST_WORDS,
        description="Executed as often, for a service that calls somebody when it is no longer"
        " called itself.",
    )
    heartbeat_seconds: float = Field(default=30, ge=1, le=3600, description="How often that is.")
