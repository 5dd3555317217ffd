"""Where this program keeps things on a machine."""

import os
from pathlib import Path

import platformdirs
from msgspec import Struct

from botcore_tui.errors import UnavailableError


class Places(Struct, frozen=True):
    """Directories and files of one installation; nothing is made before it is needed."""

    config_file: Path
    """Read when no other is named and it exists."""
    state_dir: Path
    """Logs, locks, and what the cockpit remembers."""
    theme_dir: Path
    """The user's own themes; they win over those shipped."""

    @property
    def log_dir(self) -> Path:
        """Log files."""
        return self.state_dir / "log"

    @property
    def lock_dir(self) -> Path:
        """Marks of what is in use by a running program."""
        return self.state_dir / "lock"

    def make(self) -> None:
        """Make the directories that the program writes to.

        Raises:
            UnavailableError: One of them cannot be made or written.
        """
        for directory in (self.state_dir, self.log_dir, self.lock_dir):
            try:
                # Whatever the umask: who writes there could put a halt file away, or locks.
                directory.mkdir(mode=0o755, parents=True, exist_ok=True)
            except OSError as error:
                raise UnavailableError(
                    f"state directory {self.state_dir} cannot be used ({error.strerror}); "
                    "name another with --state-dir"
                ) from error
            if not os.access(directory, os.W_OK | os.X_OK):
                raise UnavailableError(
                    f"state directory {directory} is not writable; name another with --state-dir"
                )


def places(state_dir: Path | None) -> Places:
    """The XDG directories, or everything under one directory when that is given."""
    if state_dir is not None:
        root = state_dir.expanduser().absolute()
        return Places(root / "config.toml", root, root / "themes")
    config = Path(platformdirs.user_config_dir("botcore"))
    return Places(
        config / "config.toml", Path(platformdirs.user_state_dir("botcore")), config / "themes"
    )


def lock_path(state_dir: Path, environment: str) -> Path:
    """What the program that runs an environment here holds, with its number in it."""
    return places(state_dir).lock_dir / f"{environment}.lock"


def socket_path(state_dir: Path, environment: str) -> Path:
    """Where the engine of an environment takes commands."""
    return state_dir / f"{environment}.sock"


def trace_path(state_dir: Path) -> Path:
    """The trace of a demo exchange that outlives a crash."""
    return state_dir / "demo-exchange.json"


def latch_path(state_dir: Path, environment: str) -> Path:
    """The halt file of an environment."""
    return state_dir / f"halt-{environment}.json"
