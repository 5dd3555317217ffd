"""The command line inside the test's process: a home of its own, and nothing left behind."""

import contextlib
import logging
from collections.abc import Iterator
from errno import EACCES
from functools import cache
from itertools import count
from pathlib import Path
from typing import Final

import pytest
from command_line import Exchange, Outcome, Run
from cryptography.hazmat.primitives.asymmetric import rsa
from fake_exchange import a_command

from botcore_tui.cli import embedded, main

_generate: Final = rsa.generate_private_key


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home directory."""
    home = tmp_path / "home"
    home.mkdir()
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    return home


@pytest.fixture
def hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    """All is in directories of another user, into which nobody else may look."""

    def refuse(_path: Path) -> bool:
        raise PermissionError(EACCES, "Permission denied")

    for look in ("exists", "is_file"):
        monkeypatch.setattr(Path, look, refuse)


@cache
def _made_key(_number: int, public_exponent: int, key_size: int) -> rsa.RSAPrivateKey:
    return _generate(public_exponent, key_size)


@pytest.fixture(autouse=True)
def _keys_are_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a test the keys that others had made; no two of its own are alike."""
    numbers = count()
    monkeypatch.setattr(
        rsa,
        "generate_private_key",
        lambda public_exponent, key_size: _made_key(next(numbers), public_exponent, key_size),
    )


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root, ours = logging.getLogger(), logging.getLogger("botcore_tui")
    before = (list(root.handlers), root.level, ours.level, logging.raiseExceptions)
    yield
    for handler in set(root.handlers) - set(before[0]):
        root.removeHandler(handler)
        with contextlib.suppress(OSError):  # what a full disk did not take
            handler.close()
    root.setLevel(before[1])
    ours.setLevel(before[2])
    logging.raiseExceptions = before[3]
    logging.captureWarnings(capture=False)


@pytest.fixture
def exchange(monkeypatch: pytest.MonkeyPatch) -> Exchange:
    """Let the embedded exchange be another program; at first a quick one that is well."""

    def be(*command: str) -> None:
        monkeypatch.setattr(embedded, "exchange_command", lambda _config, *_: command)

    be(*a_command())
    return be


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command; usage errors give their exit code like every other end."""

    def run_command(*arguments: object) -> Outcome:
        capsys.readouterr()
        code: object
        try:
            code = main([*map(str, arguments)])
        except SystemExit as left:
            code = left.code
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return run_command
