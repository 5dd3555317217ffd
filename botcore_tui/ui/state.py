"""What the cockpit remembers from one start to the next: looks only, never the run state."""

import contextlib
import json
import os
import tempfile
from pathlib import Path

import msgspec
from msgspec import Struct

from botcore_tui.errors import ConfigError
from botcore_tui.model.snapshot import INTERVALS_MS

_LARGEST_FILE_BYTES = 16_384


class UiState(Struct, frozen=True, forbid_unknown_fields=True):
    """The remembered looks; a field that the file lacks keeps its default."""

    theme: str = ""
    """Empty: the configured one."""
    pane: str = "chart"
    """The chosen pane."""
    zoomed: bool = False
    interval_ms: int = 0
    """Chart interval; 0: the configured one."""


def load_state(path: Path) -> UiState:
    """Read the remembered looks; the defaults if there is no file yet.

    Raises:
        ConfigError: The file cannot be used; the text says why.
    """
    try:
        with path.open("rb") as file:
            state = msgspec.toml.decode(file.read(_LARGEST_FILE_BYTES), type=UiState)
    except FileNotFoundError:
        return UiState()
    except OSError as error:
        raise ConfigError([f"{path.name}: {error.strerror or error}"]) from error
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ConfigError([f"{path.name}: {error}"]) from error
    if state.interval_ms and state.interval_ms not in INTERVALS_MS:
        raise ConfigError(
            [f"{path.name}: interval_ms = {state.interval_ms}: not one of {INTERVALS_MS}"]
        )
    return state


def save_state(path: Path, state: UiState) -> None:
    """Replace the file in one step, so that a reader finds the old or the new one, never half.

    Raises:
        OSError: The directory cannot be written.
    """
    fields = msgspec.structs.asdict(state)
    # A JSON string, number or boolean is a TOML value as well.
    text = "".join(f"{key} = {json.dumps(value)}\n" for key, value in fields.items())
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
