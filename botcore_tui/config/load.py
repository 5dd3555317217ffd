"""Reading the configuration: file, then environment variables; all problems at once."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from msgspec import Struct
from pydantic import ValidationError

from botcore_tui.config.catalogue import KEYS
from botcore_tui.config.masking import printable, secrets_in
from botcore_tui.config.models import Config
from botcore_tui.config.problems import Problem, Sources, problems_in
from botcore_tui.config.read import Overrides, read_file, read_variables
from botcore_tui.errors import ConfigError

_Tree = dict[str, object]


class Loaded(Struct, frozen=True):
    """A configuration and where each value of it came from."""

    config: Config
    origins: Mapping[str, str]
    """By dotted key: "default", "file PATH" or "environment variable NAME"."""


def load(path: Path | None, env: Mapping[str, str]) -> Loaded:
    """Read, override and check.

    Args:
        path: TOML file; None for the defaults.
        env: Environment variables; ``BOTCORE__SECTION__KEY`` overrides the file.

    Raises:
        ConfigError: With every problem of file and variables.
    """
    secrets = secrets_in(env)
    overrides = read_variables(env, secrets)
    problems = list(overrides.problems)
    tree: _Tree = {}
    if path is not None:
        try:
            tree = read_file(path)
        except ConfigError as error:
            problems[:0] = error.problems
    origins = _origins(tree, overrides, path)
    _override(tree, overrides)
    sources = Sources(
        origins=origins,
        file=printable(str(path)) if path is not None else "",
        environment=tree.get("environment"),
        secrets=secrets,
    )
    config, refused = _checked(tree, sources)
    problems.extend(refused)
    if problems:
        raise ConfigError(list(dict.fromkeys(problems)))
    return Loaded(config, MappingProxyType(origins))


def _checked(tree: _Tree, sources: Sources) -> tuple[Config, list[str]]:
    """The configuration without what is wrong, and what was."""
    refused: list[str] = []
    wrong: set[tuple[str, ...]] = set()
    while True:
        try:
            return Config.model_validate(tree), refused
        except ValidationError as error:
            # A model compares its keys with each other only once each of them is right by
            # itself: leave out what is wrong, and ask again, so that nobody repairs in rounds.
            found = list(problems_in(error.errors(include_url=False), _flat(tree), sources))
        refused += [item.text for item in found if not wrong.intersection(item.paths)]
        for problem in found:
            _leave_out(tree, problem)
            wrong.update(problem.paths)


def _leave_out(tree: _Tree, problem: Problem) -> None:
    for path in problem.paths:
        table = _table(tree, path[:-1])
        if table is not None:
            table.pop(path[-1], None)


def _flat(tree: _Tree) -> dict[str, object]:
    return {dotted: value for dotted in KEYS for value in _found(tree, dotted)}


def _found(tree: _Tree, dotted: str) -> Iterable[object]:
    """The value of ``dotted`` alone, or nothing."""
    *section, name = dotted.split(".")
    table = _table(tree, section)
    if table is not None and name in table:
        yield table[name]


def _table(tree: _Tree, section: Sequence[str], *, is_made: bool = False) -> _Tree | None:
    """A table within tables; None where it is missing, or something else stands there."""
    table: object = tree
    for name in section:
        if not isinstance(table, dict):
            return None
        table = table.setdefault(name, {}) if is_made else table.get(name)
    return table if isinstance(table, dict) else None


def _origins(tree: _Tree, overrides: Overrides, path: Path | None) -> dict[str, str]:
    origins = dict.fromkeys(KEYS, "default")
    for dotted in _flat(tree):
        origins[dotted] = f"file {printable(str(path))}"
    for dotted in overrides.values:
        origins[dotted] = f"environment variable {KEYS[dotted].variable}"
    return origins


def _override(tree: _Tree, overrides: Overrides) -> None:
    for dotted, value in overrides.values.items():
        *section, name = dotted.split(".")
        table = _table(tree, section, is_made=True)
        # A section that is no table in the file is a problem of its own, found by the models.
        if table is not None:
            table[name] = value
