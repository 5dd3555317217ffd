"""All theme files of some directories, read again when they change."""

from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct
from textual.theme import Theme

from botcore_tui.errors import ConfigError
from botcore_tui.ui.theme import load_theme


class ThemeChanges(Struct, frozen=True):
    """What one look at the directories found new."""

    themes: tuple[Theme, ...]
    """To be registered; a name that was there before replaces its older self."""
    problems: tuple[str, ...]
    """One text a file, fit for one toast."""


class _Reading(Struct):
    signature: tuple[int, int, int]
    outcome: Theme | ConfigError
    is_settled: bool
    """Seen twice, so nobody is still writing it."""
    is_reported: bool = False


class ThemeShelf:
    """All theme files of some directories, and which of them changed since the last look.

    Args:
        directories: The first one that has a usable file of a name provides that name.
    """

    def __init__(self, directories: Sequence[Path]) -> None:
        self._directories = tuple(directories)
        self._readings: dict[Path, _Reading] = {}
        self._published: dict[str, Theme] = {}
        self._source: dict[str, Path] = {}
        self._is_first_look = True

    def look(self) -> ThemeChanges:
        """Stat every file, read the changed ones; cheap enough for once a second on a UI loop.

        A file that turned bad keeps its last good colours, and is reported only when it is still
        the same at the next look: an editor may be in the middle of writing it.
        """
        fresh: list[Theme] = []
        problems: list[str] = []
        files = self._files()
        for name, paths in files.items():
            theme = self._provided(name, paths, problems)
            if theme is not None and self._published.get(name) is not theme:
                self._published[name] = theme
                fresh.append(theme)
        for name in self._published.keys() - files.keys():
            problems.append(
                f"{self._source.pop(name).name}: file is gone; its colours stay for now"
            )
            del self._published[name]
        self._is_first_look = False
        return ThemeChanges(themes=tuple(fresh), problems=tuple(problems))

    @property
    def names(self) -> list[str]:
        """Names of the usable themes, in order."""
        return sorted(self._published)

    def _files(self) -> dict[str, list[Path]]:
        found: dict[str, list[Path]] = {}
        for directory in self._directories:
            try:
                paths = sorted(directory.iterdir())
            except OSError:  # no such directory is the usual case for a user's own
                continue
            for path in paths:
                if path.suffix == ".toml" and not path.name.startswith("."):
                    found.setdefault(path.stem, []).append(path)
        return found

    def _provided(self, name: str, paths: Sequence[Path], problems: list[str]) -> Theme | None:
        for path in paths:
            reading = self._read(path)
            if isinstance(reading.outcome, Theme):
                self._source[name] = path
                return reading.outcome
            _report(reading, problems)
            if self._source.get(name) == path:
                return None
        return None

    def _read(self, path: Path) -> _Reading:
        try:
            status = path.stat()
            signature = (status.st_mtime_ns, status.st_size, status.st_ino)
        except OSError:
            signature = (0, 0, 0)
        reading = self._readings.get(path)
        if reading is not None and reading.signature == signature:
            reading.is_settled = True
            return reading
        outcome: Theme | ConfigError
        try:
            outcome = load_theme(path)
        except ConfigError as error:
            outcome = error
        self._readings[path] = _Reading(signature, outcome, self._is_first_look)
        return self._readings[path]


def _report(reading: _Reading, problems: list[str]) -> None:
    if isinstance(reading.outcome, Theme) or reading.is_reported or not reading.is_settled:
        return
    problems.append("\n".join(reading.outcome.problems))
    reading.is_reported = True
