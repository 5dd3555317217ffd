"""One run of the program: environments, claims, what the cockpit is told."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import Run, arguments

from botcore_tui.cli import cockpit
from botcore_tui.cli.claim import Claim
from botcore_tui.cli.cockpit import ControlRoom, check_screen
from botcore_tui.cli.places import Places, places
from botcore_tui.cli.settings import loaded
from botcore_tui.cli.workplace import Builder
from botcore_tui.config import Environment
from botcore_tui.errors import ConfigError, UnavailableError
from botcore_tui.ui.supervisor import CockpitSupervisor, Leave, LeaveReason
from botcore_tui.ui.theme import shipped_themes

pytestmark = pytest.mark.usefixtures("exchange")


def a_room(*words: object) -> ControlRoom:
    configuration, where = loaded(arguments(*words))
    return ControlRoom(configuration, where, is_headless=False)


def a_builder(room: ControlRoom) -> Builder:
    return Builder(room._config, room.logs.ring)


class Signals:
    """Takes no signals: the test's process keeps its own."""

    def __init__(self, *_: object, **__: object) -> None:
        self.expected = False

    def start(self) -> None:
        """Do nothing."""

    def expect_exit(self) -> None:
        """Remember."""
        self.expected = True


@pytest.fixture
def leaves(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[Leave]], list[str]]:
    """Cockpits that end at once, one with each of these; tells what was shown."""

    def prepare(ends: list[Leave]) -> list[str]:
        shown: list[str] = []
        remaining = iter(ends)

        def show(supervisor: CockpitSupervisor, _make: object) -> Leave:
            engine = supervisor._engine
            shown.append(f"{engine._settings.environment} {engine.is_halted}")  # type: ignore[attr-defined]  # the real one
            return next(remaining)

        monkeypatch.setattr(CockpitSupervisor, "run", show)
        monkeypatch.setattr(cockpit, "SignalThread", Signals)
        return shown

    return prepare


def run_room(room: ControlRoom, environment: Environment) -> int:
    return room.run(environment, a_builder(room), tape=None)


@pytest.mark.requirement("R19")
def test_another_environment_starts_halted(leaves: Callable[[list[Leave]], list[str]]) -> None:
    ends = [Leave(LeaveReason.SWITCH, environment="demo"), Leave(LeaveReason.QUIT)]
    shown = leaves(ends)
    assert run_room(a_room(), Environment.DEMO) == 0
    assert shown == ["demo False", "demo True"]


def test_an_environment_that_cannot_be_opened_leaves_the_present_one(
    leaves: Callable[[list[Leave]], list[str]],
) -> None:
    room = a_room()
    other = Claim.take(room._where.lock_dir / "paper.lock")
    assert other is not None
    ends = [
        Leave(LeaveReason.SWITCH, environment="paper"),
        Leave(LeaveReason.SWITCH, environment="production"),
        Leave(LeaveReason.QUIT),
    ]
    shown = leaves(ends)
    assert run_room(room, Environment.DEMO) == 0
    assert [line.split()[0] for line in shown] == ["demo"] * 3
    told = room.logs.path.read_text()
    assert f"environment not changed: environment paper runs already, pid {os.getpid()}" in told
    assert "environment not changed: the account was not looked at" in told
    other.release()


def test_a_claim_ends_with_its_environment(leaves: Callable[[list[Leave]], list[str]]) -> None:
    room = a_room()
    leaves([Leave(LeaveReason.SWITCH, environment="demo"), Leave(LeaveReason.QUIT)])
    assert run_room(room, Environment.PAPER) == 0
    claim = Claim.take(room._where.lock_dir / "paper.lock")
    assert claim is not None
    claim.release()


@pytest.mark.requirement("G2")
def test_a_demo_that_trades_is_kept_alone_and_survives_a_lost_terminal(
    leaves: Callable[[list[Leave]], list[str]],
) -> None:
    plain, trading = a_room(), a_room("--enable-trading")
    assert plain._claimed(Environment.DEMO) is None
    claim = trading._claimed(Environment.DEMO)
    assert claim is not None
    assert claim.path.name == "demo.lock"
    with pytest.raises(UnavailableError, match="environment demo runs already"):
        trading._claimed(Environment.DEMO)
    claim.release()
    assert trading._claimed(Environment.REPLAY) is None


def test_a_cockpit_that_was_given_up_is_exit_code_1(
    leaves: Callable[[list[Leave]], list[str]],
) -> None:
    leaves([Leave(LeaveReason.CRASHED)])
    assert run_room(a_room(), Environment.DEMO) == 1


@pytest.fixture
def where(monkeypatch: pytest.MonkeyPatch) -> Places:
    monkeypatch.setattr(cockpit, "check_terminal", lambda: None)
    return places(None)


def test_an_unknown_theme_on_the_command_line_is_refused_with_the_known_ones(
    where: Places,
) -> None:
    with pytest.raises(ConfigError, match=r'--theme: ui\.theme = "nope": no such theme; .*cb-dark'):
        check_screen(arguments("--theme", "nope"), where)


def test_shipped_builtin_and_own_themes_are_known(where: Places) -> None:
    where.theme_dir.mkdir(parents=True)
    mono = (shipped_themes() / "mono.toml").read_text().replace('"mono"', '"mine"')
    (where.theme_dir / "mine.toml").write_text(mono)
    for name in ("cb-dark", "textual-dark", "mine"):
        check_screen(arguments("--theme", name), where)
    check_screen(arguments(), where)


def test_a_spoilt_theme_on_the_command_line_is_refused_with_its_faults(where: Places) -> None:
    where.theme_dir.mkdir(parents=True)
    (where.theme_dir / "mine.toml").write_text("schema = 9\n")
    (where.theme_dir / "other.toml").write_text("")
    with pytest.raises(ConfigError, match=r"^mine\.toml: schema = 9"):
        check_screen(arguments("--theme", "mine"), where)


def test_a_refused_environment_leaves_no_trace(run: Run, home: Path) -> None:
    done = run("--headless", "--environment", "production")
    assert done.code == 1
    assert list(home.iterdir()) == []


@pytest.mark.requirement("R13")
def test_without_a_terminal_one_line_names_the_way_out(run: Run, home: Path) -> None:
    done = run()
    assert (done.code, done.out) == (1, "")
    assert done.err.count("\n") == 1
    assert "use --headless" in done.err
    assert list(home.iterdir()) == []


def test_a_live_environment_runs_once_in_a_state_directory(run: Run) -> None:
    where = places(None)
    where.make()
    claim = Claim.take(where.lock_dir / "testnet.lock")
    assert claim is not None
    done = run("--headless", "--environment", "testnet")
    claim.release()
    assert done.code == 1
    pid = os.getpid()
    assert done.err == (
        f"botcore: environment testnet runs already, pid {pid}, with its state in "
        f"{where.state_dir}; stop it (kill -TERM {pid}) or use another --state-dir\n"
    )


def test_the_first_environment_must_open(leaves: Callable[[list[Leave]], list[str]]) -> None:
    leaves([])
    with pytest.raises(UnavailableError, match="environment replay: "):
        run_room(a_room(), Environment.REPLAY)
