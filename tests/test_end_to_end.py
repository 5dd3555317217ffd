"""The real program: commands, pipes, signals, a live market on this machine, a real terminal."""

import json
import os
import re
import select
import signal
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from loopback_venue import loopback_venue
from real_program import (
    CTRL_Q,
    DEADLINE_SECONDS,
    ENTER,
    F7,
    F9,
    F12,
    Program,
    Screen,
    botcore,
    command,
    surroundings,
    wait_for_bytes,
)
from shared_tape import SHARED_TAPE, needs_shared_tape, text_of
from synthetic_tape import a_market_tape, market_lines

SECRET = "Zk3vN8qLp0XwRt5Yb7Ud"
LARGE = (160, 48)
HEAVY = "textual rich ccxt aiohttp websockets pydantic msgspec asyncio uvloop platformdirs"
EXCHANGE = re.compile(r"embedded exchange is ready: http://127\.0\.0\.1:[0-9]+, pid ([0-9]+)")
PRICE = re.compile(r"BTCUSDT ([0-9]+\.[0-9]{2})")


needs_pidfd = pytest.mark.skipif(
    not hasattr(os, "pidfd_open"), reason="this system cannot watch processes of others"
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    return home


def shell(script: str, *arguments: object, home: Path) -> subprocess.CompletedProcess[str]:
    env = surroundings(home, {"BOTCORE": " ".join(command())})
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; {script}", "sh", *map(str, arguments)],
        env=env,
        check=False,
        capture_output=True,
        text=True,
        timeout=DEADLINE_SECONDS,
    )


def files_in(directory: Path) -> list[str]:
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*"))


# --- commands ---------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["--help", "--version", "replay --help"])
def test_help_imports_nothing_heavy(home: Path, words: str) -> None:
    done = subprocess.run(
        [*command()[:1], "-X", "importtime", *command()[1:], *words.split()],
        env=surroundings(home),
        check=False,
        capture_output=True,
        text=True,
    )
    imported = {line.split("|")[-1].strip() for line in done.stderr.splitlines()}
    assert done.returncode == 0
    assert "botcore_tui.cli.parser" in imported
    assert imported.isdisjoint(HEAVY.split())


@pytest.mark.slow
@pytest.mark.requirement("R53")
def test_an_empty_home_is_enough_for_every_command(home: Path) -> None:
    for words in (["config", "show"], ["config", "check"], ["config", "path"], ["doctor"]):
        done = botcore(*words, home=home)
        assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.slow
def test_output_that_nobody_reads_or_that_is_closed_brings_no_traceback(
    home: Path, tmp_path: Path
) -> None:
    tape = a_market_tape(tmp_path)
    replay = '$BOTCORE replay "$1" --headless --check --json'
    for script, code in (
        (f"{replay} | head -c 10", 0),
        (f"{replay} | true", 0),
        (f"NO_COLOR=1 {replay}", 0),
        (f"{replay} >&-", 0),
        (f"{replay} 2>&-", 0),
        (f"{replay} >/dev/full", 1),
        ("$BOTCORE sim --json >/dev/full", 1),
        ("$BOTCORE config show | head -n 1", 0),
        ("$BOTCORE --help | true", 0),
    ):
        done = shell(script, tape, home=home)
        assert done.returncode == code, script
        assert "Traceback" not in done.stderr, script
        assert "Exception" not in done.stderr, script


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_a_headless_replay_without_a_traceback(
    home: Path, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    fifo = tmp_path / "tape"
    os.mkfifo(fifo)
    with Program("replay", fifo, "--headless", "--check", home=home) as program:
        # Opening returns when the replay has opened its end: it plays, and waits for more.
        with fifo.open("wb") as tape:
            tape.write(text_of(market_lines(100)))
            tape.flush()
            program.signal(number)
            assert program.wait_for_exit() == code
        assert program.told == ""


# --- a live market on this machine ------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.requirement("R16", "F17")
def test_a_headless_live_run_records_a_tape_obeys_signals_and_keeps_secrets(
    home: Path, tmp_path: Path
) -> None:
    tape, state = tmp_path / "live.zst", tmp_path / "state"
    run = ("run", "--headless", "--environment", "testnet", "--state-dir", state)
    with loopback_venue() as venue:
        env = {**venue.variables(), "BOTCORE_TESTNET_API_SECRET": SECRET}
        with Program(*run, "--record", tape, home=home, env=env) as program:
            program.wait_for("BTCUSDT book is live")
            venue.wait_for_depths(25)
            second = botcore(*run, home=home, env=env)
            assert second.returncode == 1
            assert f"runs already, pid {program.process.pid}" in second.stderr
            program.signal(signal.SIGHUP)
            program.wait_for("terminal is gone (SIGHUP): continue")
            venue.wait_for_depths(5)
            program.signal(signal.SIGUSR1)
            program.wait_for("HALTED by signal: SIGUSR1")
            assert program.process.poll() is None
            program.signal(signal.SIGTERM)
            assert program.wait_for_exit() == 0
    assert "left: terminated SIGTERM" in program.told
    assert "recorded " in program.told
    log = (state / "log" / "botcore.log").read_text()
    assert "BTCUSDT book is live" in log
    assert SECRET not in log + program.told
    assert list(home.iterdir()) == []

    replayed = botcore("replay", tape, "--headless", "--check", "--json", home=home)
    found = json.loads(replayed.stdout)
    assert (replayed.returncode, replayed.stderr) == (0, "")
    assert found["book_checks"] > 10
    assert (found["book_mismatches"], found["sequence_gaps"]) == (0, 0)


@pytest.mark.requirement("F17")
def test_terminate_halts_before_it_leaves(home: Path) -> None:
    with Program("--headless", home=home) as program:
        program.wait_for("running without a cockpit")
        program.signal(signal.SIGTERM)
        assert program.wait_for_exit() == 0
        assert program.told.index("HALTED by signal: SIGTERM") < program.told.index("left: ")


# --- the embedded exchange ---------------------------------------------------------------------


def exchange_of(told: str) -> int:
    """The process of the exchange that was told of last."""
    return int(EXCHANGE.findall(told)[-1])


@pytest.mark.slow
@needs_pidfd
@pytest.mark.requirement("R13", "F17")
def test_the_exchange_is_started_again_when_it_dies_and_dies_with_a_program_that_is_killed(
    home: Path, tmp_path: Path
) -> None:
    tape = tmp_path / "demo.gz"
    with Program("--headless", "--seed", "3", "--record", tape, home=home) as program:
        program.wait_for("BTCUSDT book is live")
        first = exchange_of(program.told)
        os.kill(first, signal.SIGKILL)
        program.wait_for("embedded exchange: killed by SIGKILL; starting again in ")
        program.wait_for("embedded exchange started again")
        second = exchange_of(program.told)
        assert second != first
        program.forget()
        program.wait_for("BTCUSDT book is live")
        wait_for_bytes(tape.parent, 20_000)
        with process_end(second) as has_ended:
            program.process.kill()
            assert has_ended()

    # Not checked: both exchanges number their updates alike, so a ticker of one may be taken for
    # the other's.
    replayed = botcore("replay", tape, "--headless", "--json", home=home)
    assert json.loads(replayed.stdout)["frames"] > 0  # as far as it was written


@pytest.mark.slow
@needs_pidfd
def test_the_exchange_ends_with_the_program_and_leaves_nothing_behind(home: Path) -> None:
    with Program("--headless", home=home) as program:
        program.wait_for("BTCUSDT book is live")
        with process_end(exchange_of(program.told)) as has_ended:
            program.signal(signal.SIGTERM)
            assert program.wait_for_exit() == 0
            assert has_ended()
        assert "Traceback" not in program.told


@pytest.mark.slow
def test_a_recorded_market_is_shown_through_the_exchange(home: Path, tmp_path: Path) -> None:
    tape = a_market_tape(tmp_path, 5_000, "ETHUSDT")
    with Screen("run", "--market", f"tape:{tape}", home=home, size=LARGE) as screen:
        screen.wait_for("DEMO", "TAPE", "ACTIVE", "ETHUSDT 2", "✓ live")
        screen.signal(signal.SIGTERM)
        assert screen.wait_for_exit() == 0


@pytest.mark.slow
@needs_shared_tape
def test_the_real_capture_is_shown_through_the_exchange(home: Path) -> None:
    # Its book came as a bare reply, which does not name its symbol.
    with Screen("--market", f"tape:{SHARED_TAPE}", home=home, size=LARGE) as screen:
        screen.wait_for("DEMO", "TAPE", "BTCUSDT 618", "✓ live")
        screen.signal(signal.SIGTERM)
        assert screen.wait_for_exit() == 0


# --- the cockpit in a terminal ----------------------------------------------------------------


@contextmanager
def process_end(pid: int) -> Iterator[Callable[[], bool]]:
    """Watch a process that is not ours; tells whether it ends before a test would be given up."""
    watched = os.pidfd_open(pid)
    try:
        yield lambda: bool(select.select([watched], [], [], DEADLINE_SECONDS)[0])
    finally:
        os.close(watched)


def price_on(text: str) -> str:
    match = PRICE.search(text)
    return match[1] if match else ""


@pytest.mark.slow
@pytest.mark.requirement("F18", "R16")
def test_demo_moves_halts_resumes_and_is_left_by_its_dialog(home: Path) -> None:
    with Screen(home=home, env={"BOTCORE_TESTNET_API_SECRET": SECRET}, size=LARGE) as screen:
        screen.wait_for("DEMO", "SYNTHETIC", "ACTIVE", "· 1m ·")
        screen.until(price_on, "a price")
        first = price_on(screen.text)
        screen.until(lambda text: price_on(text) not in ("", first), "another price")
        screen.send(F12)
        screen.wait_for("HALTED by", "key F12")
        screen.send(F9)
        screen.wait_for("DEMO: HALTED → REDUCING")
        screen.send(b"seen enough" + ENTER)
        screen.wait_for("seen enough")
        screen.confirm("resume", "Go to REDUCING")
        screen.wait_for("▼ REDUCING")
        screen.send(CTRL_Q)
        screen.wait_for("The cockpit and its engine end.")
        screen.press("Quit, leaving everything as it is")
        assert screen.wait_for_exit() == 0
        screen.assert_is_restored()
        assert SECRET.encode() not in screen.output
    log = home / ".local" / "state" / "botcore" / "log" / "botcore.log"
    assert "seen enough" in log.read_text()
    assert "left: quit" in log.read_text()
    assert SECRET not in log.read_text()


@pytest.mark.slow
def test_a_signal_halts_and_another_leaves_in_order(home: Path) -> None:
    with Screen(home=home) as screen:
        screen.wait_for("ACTIVE")
        screen.signal(signal.SIGUSR1)
        screen.wait_for("HALTED by signal")
        screen.signal(signal.SIGINT)
        assert screen.wait_for_exit() == 0
        screen.assert_is_restored()


@pytest.mark.slow
def test_a_lost_terminal_ends_the_demo(home: Path) -> None:
    with Screen(home=home) as screen:
        screen.wait_for("ACTIVE")
        screen.signal(signal.SIGHUP)
        assert screen.wait_for_exit() == 0
        screen.assert_is_restored()


@pytest.mark.slow
@pytest.mark.requirement("R19")
def test_f7_changes_from_a_live_environment_to_the_demo_which_starts_halted(
    home: Path, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    with loopback_venue() as venue:
        words = ("--environment", "testnet", "--state-dir", state)
        with Screen(*words, home=home, env=venue.variables(), size=LARGE) as screen:
            screen.wait_for("TESTNET", "MARKET DATA ONLY", "✓ live", "· 1m ·")
            screen.send(F12)
            screen.wait_for("HALTED by")
            screen.send(F7)
            screen.wait_for("● testnet  running")
            screen.send(b"\x1b[H")
            screen.wait_for("type demo to confirm")
            screen.confirm("demo", "Change")
            screen.wait_for("DEMO", "SYNTHETIC", "HALTED", "✓ live")
            screen.signal(signal.SIGTERM)
            assert screen.wait_for_exit() == 0
            screen.assert_is_restored()
    assert list(home.iterdir()) == []


@pytest.mark.slow
@needs_shared_tape
def test_the_real_capture_plays_in_the_cockpit_to_its_last_price(home: Path) -> None:
    with Screen("replay", SHARED_TAPE, "--speed", "max", home=home, size=LARGE) as screen:
        screen.wait_for("REPLAY", "05:44/05:44", "ENDED", "61659.70", "61659.80")
        screen.signal(signal.SIGTERM)
        assert screen.wait_for_exit() == 0


@pytest.mark.slow
@pytest.mark.requirement("R13")
def test_a_cut_tape_shows_its_damage_and_is_exit_code_3(home: Path, tmp_path: Path) -> None:
    tape = tmp_path / "cut"
    tape.write_bytes(text_of(market_lines(900))[:-40])
    with Screen("replay", tape, "--speed", "max", home=home) as screen:
        screen.wait_for("cut off in the middle")
        screen.signal(signal.SIGTERM)
        assert screen.wait_for_exit() == 3
        end = screen.output[screen.output.rindex(b"\x1b[?1049l") :]
        assert f"botcore: {tape}, line 900: cut off".encode() in end


@pytest.mark.slow
def test_two_cockpits_on_one_state_directory_keep_logs_of_their_own(home: Path) -> None:
    log = home / ".local" / "state" / "botcore" / "log"
    with Screen(home=home) as first, Screen(home=home) as second:
        first.wait_for("ACTIVE")
        second.wait_for("ACTIVE")
        assert {"botcore.log", "botcore-2.log"} == set(files_in(log))
        for screen in (first, second):
            screen.signal(signal.SIGTERM)
        assert [first.wait_for_exit(), second.wait_for_exit()] == [0, 0]


def refused(words: Sequence[object], home: Path) -> str:
    with Screen(*words, home=home) as screen:
        assert screen.wait_for_exit() == 1
        assert b"\x1b[?1049h" not in screen.output
        return screen.output.decode()


@pytest.mark.slow
def test_an_unknown_theme_is_refused_where_typed_and_told_where_configured(home: Path) -> None:
    told = refused(["--theme", "nope"], home)
    assert 'botcore: --theme: ui.theme = "nope": no such theme; ' in told
    with Screen(home=home, env={"BOTCORE__UI__THEME": "nope"}) as screen:
        screen.wait_for("ACTIVE", "theme 'nope': there is no such theme")
        screen.signal(signal.SIGTERM)
        assert screen.wait_for_exit() == 0


@pytest.mark.requirement("F13", "R13")
def test_a_full_disk_is_told_in_one_line_before_the_screen_opens(
    home: Path, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    (state / "lock").mkdir(parents=True)
    (state / "lock" / "botcore.log.lock").symlink_to("/dev/full")
    told = refused(["--state-dir", state], home)
    assert "No space left on device); make room, or name another with --state-dir" in told
    assert told.count("\n") == 1
