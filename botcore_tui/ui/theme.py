"""Theme files: one Textual theme a TOML file, checked to the last value before it is used.

An invalid colour does not fail when a theme is registered; it ends the running app when the theme
is applied. So nothing reaches Textual that was not parsed here, and what does is the parsed
colour, written back in one canonical form.
"""

import stat
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from textual.color import Color, ColorParseError
from textual.theme import BUILTIN_THEMES, Theme

from botcore_tui.errors import ConfigError

DEFAULT_THEME = "cb-dark"

BASE_KEYS = (
    "primary",
    "secondary",
    "accent",
    "foreground",
    "background",
    "surface",
    "panel",
    "success",
    "warning",
    "error",
)
"""The fields of a Textual theme that a file may set; ``primary`` it must."""

# Okabe and Ito, "Color Universal Design" (2008): told apart with every common colour blindness.
_DARK = {
    "bid": "#56b4e9",
    "ask": "#e69f00",
    "up": "#56b4e9",
    "down": "#e69f00",
    "own": "#f0e442",
    "env-demo": "#009e73",
    "env-replay": "#cc79a7",
    "env-paper": "#56b4e9",
    "env-testnet": "#009e73",
    "env-production": "#d55e00",
    "halted": "#d55e00",
    "stale": "#8a7f6a",
    "muted": "#7c8aa0",
    "warn": "#f0e442",
    "grid": "#2b3a55",
}
# The same hues, darkened until they read on a light ground.
_LIGHT = {
    "bid": "#0072b2",
    "ask": "#a85400",
    "up": "#0072b2",
    "down": "#a85400",
    "own": "#6b5b00",
    "env-demo": "#00664a",
    "env-replay": "#96386f",
    "env-paper": "#0072b2",
    "env-testnet": "#00664a",
    "env-production": "#b33a00",
    "halted": "#b33a00",
    "stale": "#7d7361",
    "muted": "#5a6478",
    "warn": "#7a6000",
    "grid": "#b4bccb",
}
VARIABLES = tuple(_DARK)
"""The closed list of ``[vars]``."""

_TOP_KEYS = ("schema", "name", "dark", "ansi", "base", "vars")
_SCHEMA = 1
_LARGEST_FILE_BYTES = 65_536


def variable_defaults(*, dark: bool) -> dict[str, str]:
    """Colours of ``VARIABLES`` for a theme that does not set them, Textual's own included."""
    return dict(_DARK if dark else _LIGHT)


def shipped_themes() -> Path:
    """Directory of the themes that come with the program: in the wheel, else in the checkout."""
    package = Path(__file__).parents[1]
    installed = package / "themes"
    return installed if installed.is_dir() else package.parent / "themes"


def load_theme(path: Path) -> Theme:
    """Read and check one theme file.

    Raises:
        ConfigError: The file cannot be used; every problem names the file (without its
            directory, for want of room), the key and the value.
    """
    table = _parsed(path)
    problems = [f"{path.name}: {problem}" for problem in _problems(table, path.stem)]
    if problems:
        raise ConfigError(problems)
    base, variables = _colours(table.get("base")), _colours(table.get("vars"))
    # Textual derives shades from these; the ten names are checked above, so each field exists.
    return Theme(
        name=path.stem,
        primary=base["primary"],
        secondary=base.get("secondary"),
        accent=base.get("accent"),
        foreground=base.get("foreground"),
        background=base.get("background"),
        surface=base.get("surface"),
        panel=base.get("panel"),
        success=base.get("success"),
        warning=base.get("warning"),
        error=base.get("error"),
        dark=table.get("dark", True) is True,
        ansi=table.get("ansi", False) is True,
        variables=_inherited(table) | variables,
    )


def _parsed(path: Path) -> Mapping[str, object]:
    try:
        status = path.stat()
        # A pipe or a device would block the screen for ever, so only regular files are opened.
        if not stat.S_ISREG(status.st_mode):
            raise ConfigError([f"{path.name}: not a regular file"])
        if status.st_size > _LARGEST_FILE_BYTES:
            raise ConfigError(
                [f"{path.name}: {status.st_size} bytes; a theme has at most {_LARGEST_FILE_BYTES}"]
            )
        with path.open("rb") as file:
            text = file.read(_LARGEST_FILE_BYTES).decode("utf-8")
        return tomllib.loads(text)
    except OSError as error:
        raise ConfigError([f"{path.name}: {error.strerror or error}"]) from error
    except UnicodeDecodeError as error:
        raise ConfigError([f"{path.name}: not UTF-8 at byte {error.start}"]) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"{path.name}: not TOML: {error}"]) from error
    except RecursionError as error:  # tomllib recurses once for each nested bracket
        raise ConfigError([f"{path.name}: not a theme: nested too deeply"]) from error


def _problems(table: Mapping[str, object], stem: str) -> Iterator[str]:
    for key in table:
        if key not in _TOP_KEYS:
            yield f"{_shown(key)}: unknown key; allowed: {', '.join(_TOP_KEYS)}"
    schema, name = table.get("schema"), table.get("name")
    if type(schema) is not int or schema != _SCHEMA:
        yield f"schema = {_shown(schema)}: must be {_SCHEMA}"
    if name != stem:
        yield f"name = {_shown(name)}: must equal the file's name, {_shown(stem)}"
    for key in ("dark", "ansi"):
        if not isinstance(table.get(key, True), bool):
            yield f"{key} = {_shown(table[key])}: must be true or false"
    is_ansi = table.get("ansi") is True
    base = table.get("base")
    yield from _section_problems("base", base, BASE_KEYS, is_ansi=is_ansi)
    if isinstance(base, dict) and "primary" not in base:
        yield "[base] primary: missing"
    yield from _section_problems("vars", table.get("vars", {}), VARIABLES, is_ansi=is_ansi)


def _section_problems(
    section: str, values: object, allowed: Sequence[str], *, is_ansi: bool
) -> Iterator[str]:
    if not isinstance(values, dict):
        yield f"[{section}]: must be a table, is {_shown(values)}"
        return
    for key, value in values.items():
        if key not in allowed:
            yield f"[{section}] {_shown(key)}: unknown key; allowed: {', '.join(allowed)}"
        elif (reason := _refusal(value, is_ansi=is_ansi)) is not None:
            yield f"[{section}] {key} = {_shown(value)}: {reason}"


def _refusal(value: object, *, is_ansi: bool) -> str | None:
    if not isinstance(value, str):
        return "must be a colour between quotes"
    try:
        colour = Color.parse(value)
    except (ColorParseError, ValueError) as error:
        return str(error)
    if colour.ansi is not None and not is_ansi:
        # Shades of a terminal's own colour cannot be computed: nobody knows its value.
        return "the terminal's own colours need ansi = true"
    if colour.a != 1:
        return "must not be transparent"
    return None


def _colours(section: object) -> dict[str, str]:
    values = section if isinstance(section, dict) else {}
    return {key: Color.parse(value).hex for key, value in values.items()}


def _inherited(table: Mapping[str, object]) -> dict[str, str]:
    # Textual's style sheets use variables that exist in its own two terminal-colour themes only;
    # a theme of that kind without them ends the app.
    if table.get("ansi") is not True:
        return {}
    model = "ansi-dark" if table.get("dark", True) is True else "ansi-light"
    return BUILTIN_THEMES[model].variables


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 48 else f"{text[:47]}…"
