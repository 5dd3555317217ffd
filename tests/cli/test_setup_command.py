"""The wizard: asks in a terminal, obeys flags elsewhere, never overwrites, never takes a secret."""

import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

import pytest
from command_line import Run

from botcore_tui.cli import setup_command
from botcore_tui.cli.doctor_terms import Finding, Grade, good
from botcore_tui.cli.first_start import Acknowledgements
from botcore_tui.config import Config, Environment, example_text, load


class Terminal:
    """Where a person sits who answers with these words."""

    def __init__(self, answers: Iterable[str]) -> None:
        self.answers = iter(answers)
        self.questions: list[str] = []

    def isatty(self) -> bool:
        return True

    def ask(self, question: str) -> str:
        self.questions.append(question)
        try:
            return next(self.answers)
        except StopIteration:
            raise EOFError from None


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[Finding]:
    """What a look at the venue finds; nothing is asked of it here."""
    findings: list[Finding] = [good("clock", "near"), good("key", "good")]
    monkeypatch.setattr(setup_command, "keys_checked", lambda *_: findings)
    for name in ("KEY", "SECRET"):
        monkeypatch.setenv(f"BOTCORE_TESTNET_API_{name}", name[0] * 64)
    return findings


def sit(monkeypatch: pytest.MonkeyPatch, *answers: str) -> Terminal:
    terminal = Terminal(answers)
    monkeypatch.setattr(sys, "stdin", terminal)
    monkeypatch.setattr("builtins.input", terminal.ask)
    return terminal


@pytest.mark.requirement("R55")
@pytest.mark.requirement("R73")
def test_the_first_configuration_is_the_example_on_testnet_with_trading_off(
    run: Run, tmp_path: Path
) -> None:
    done = run("setup", "--state-dir", tmp_path, "--write-config")
    assert (done.code, done.err) == (0, "")
    text = (tmp_path / "config.toml").read_text()
    assert text == example_text().replace('\nenvironment = "demo"\n', '\nenvironment = "testnet"\n')
    config = load(tmp_path / "config.toml", {}).config
    assert config == Config.model_validate({"environment": "testnet"})
    assert not config.trading.enabled
    assert "enabled" not in tomllib.loads(text)["breaker"]  # there is no way to turn it off


@pytest.mark.requirement("R55")
def test_a_configuration_is_never_overwritten(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('environment = "paper"\n')
    done = run("setup", "--state-dir", tmp_path, "--write-config")
    assert done.code == 1
    assert f"FAIL  configuration {file} is there already: nothing was written" in done.out
    assert file.read_text() == 'environment = "paper"\n'


@pytest.mark.requirement("R73")
def test_without_a_terminal_and_flags_it_only_tells(run: Run, home: Path) -> None:
    done = run("setup")
    assert (done.code, done.err) == (0, "")
    assert list(home.iterdir()) == []
    for told in (
        "NOTE  configuration there is none",
        "BOTCORE_TESTNET_API_KEY",
        "TESTNET: the venue's play-money market",
        "NOTE  limits        not acknowledged yet",
        "NOTE  alert         none is configured",
        "botcore doctor --environment testnet",
    ):
        assert told in done.out


@pytest.mark.requirement("R71")
def test_the_limits_can_be_accepted_without_a_terminal(run: Run, tmp_path: Path) -> None:
    shown = run("setup", "--state-dir", tmp_path, "--limits")
    assert (shown.code, Acknowledgements(tmp_path).last()) == (0, None)
    done = run("setup", "--state-dir", tmp_path, "--accept")
    assert done.code == 0
    assert "What halts trading by itself" in done.out
    assert "ok    limits        acknowledged " in done.out
    kept = Acknowledgements(tmp_path).last()
    assert kept is not None
    assert kept.environment == "testnet"


@pytest.mark.requirement("R73")
def test_in_a_terminal_each_step_is_asked_for(
    run: Run, tmp_path: Path, checked: list[Finding], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = sit(monkeypatch, "y", "yes", "y")
    done = run("setup", "--state-dir", tmp_path)
    assert done.code == 0
    assert [question.split()[0] for question in terminal.questions] == ["write", "ask", "have"]
    assert (tmp_path / "config.toml").exists()
    assert Acknowledgements(tmp_path).last() is not None
    assert "ok    clock         near" in done.out
    again = sit(monkeypatch)  # the end of input is no
    assert run("setup", "--state-dir", tmp_path).code == 0
    assert [question.split()[0] for question in again.questions] == ["ask", "have"]


def test_no_changes_nothing(run: Run, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = sit(monkeypatch, "n", "no")
    assert run("setup").code == 0
    # There is no key that could be checked.
    assert [question.split()[0] for question in terminal.questions] == ["write", "have"]
    assert list(home.iterdir()) == []


@pytest.mark.requirement("R73")
def test_a_key_that_is_no_good_fails(run: Run, checked: list[Finding], tmp_path: Path) -> None:
    checked.append(Finding(Grade.BAD, "account", "refused: ********", "use another"))
    done = run("setup", "--state-dir", tmp_path, "--check-keys")
    assert done.code == 1
    assert "FAIL  account       refused" in done.out


@pytest.mark.requirement("R74")
def test_a_test_alert_tells_what_became_of_it(run: Run, tmp_path: Path) -> None:
    told = tmp_path / "told"
    (tmp_path / "config.toml").write_text(f'[alerts]\ncommand = ["cp", "/dev/stdin", "{told}"]\n')
    done = run("setup", "--state-dir", tmp_path, "--test-alert")
    assert done.code == 0
    assert "ok    alert         cp took it, exit code 0 after " in done.out
    assert "this is only a test" in told.read_text()
    assert told.read_text().startswith("botcore demo on ")


@pytest.mark.requirement("R74")
@pytest.mark.parametrize(
    ("config", "told"),
    [
        ('[alerts]\ncommand = ["false"]\n', "FAIL  alert         false: exit code 1"),
        ("", "FAIL  alert         none is configured"),
    ],
    ids=["failing", "none"],
)
def test_an_alert_that_is_not_sent_fails(run: Run, tmp_path: Path, config: str, told: str) -> None:
    (tmp_path / "config.toml").write_text(config)
    done = run("setup", "--state-dir", tmp_path, "--test-alert")
    assert done.code == 1
    assert told in done.out


def test_a_configured_alert_is_offered_as_a_step(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, checked: list[Finding]
) -> None:
    (tmp_path / "config.toml").write_text('[alerts]\ncommand = ["true"]\n')
    terminal = sit(monkeypatch, "n", "y")
    done = run("setup", "--state-dir", tmp_path)
    assert terminal.questions[-1] == "send one test alert now? [y/N] "
    assert "ok    alert         true took it" in done.out


@pytest.mark.parametrize(
    ("words", "environment"),
    [
        ((), "testnet"),
        (("--environment", "production"), "production"),
        (("--config", "missing.toml"), "testnet"),
    ],
    ids=["none", "flag", "unwritten"],
)
def test_who_has_configured_nothing_begins_on_the_testnet(
    run: Run, words: tuple[str, ...], environment: str
) -> None:
    done = run("setup", *words)
    assert done.code == 0
    assert f"{environment.upper()}: " in done.out


def test_what_is_configured_is_kept_to(run: Run, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('environment = "paper"\n')
    out = run("setup", "--state-dir", tmp_path).out
    assert f"{Environment.PAPER.upper()}: " in out
    assert "ok    key           paper needs none" in out


def test_a_wrong_configuration_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("nonsense = 1\n")
    done = run("setup", "--state-dir", tmp_path)
    assert done.code == 1
    assert "nonsense" in done.err
    assert "Traceback" not in done.err
