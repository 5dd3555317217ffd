"""``botcore sim``: refused in one clear line, or there within moments and gone when told."""

import json
import os
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest
from brief import brief
from command_line import Run
from real_program import DEADLINE_SECONDS, command, surroundings
from websockets.sync.client import connect

SCENARIO = '[[fault]]\nat_seconds = 1\nname = "waf"\n'


# --- refused ------------------------------------------------------------------------------------


@pytest.mark.requirement("R20")
@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--seed", "x"), "--seed: 'x' is no whole number from 0"),
        (("--seed", str(2**63)), "is no whole number from 0"),
        (("--seed", "9" * 5_000), "is no whole number from 0"),
        (("--balance", "much"), "--balance: 'much' is no amount from 0 to 1000000000 USDT"),
        (("--balance", "nan"), "is no amount"),
        (("--balance=-1",), "is no amount"),
        (("--host", "example.com"), "--host: 'example.com' is no IP address such as 127.0.0.1"),
        (("--host", "0.0.0.0"), "can be reached by other machines; if that is meant"),
        (("--host", "::"), "--host: :: can be reached by other machines"),
        (("--host", "203.0.113.7", "--allow-remote"), "203.0.113.7 is no address of this machine"),
        (("--symbols", "BTC"), "--symbols: 'BTC' is no contract margined in USDT"),
        (("--fault", "create-lots"), "--fault: fault 'create-lots': there is no fault"),
        (("--fault", "waf=count:x"), "count must be a whole number"),
        (("--market", "tape:/no/such"), "/no/such"),
        (("--scenario", "/no/such.toml"), "--scenario: /no/such.toml: No such file or directory"),
    ],
)
def test_what_cannot_be_is_told_in_one_line(run: Run, words: tuple[str, ...], reason: str) -> None:
    done = run("sim", *words)
    assert (done.code, done.out) == (1, "")
    assert reason in done.err
    assert done.err.startswith("botcore: ")
    assert done.err.count("\n") == 1


def test_every_problem_of_faults_and_scenario_is_told_at_once(run: Run, tmp_path: Path) -> None:
    scenario = tmp_path / "s.toml"
    scenario.write_text("nonsense = 1\n")
    done = run("sim", "--fault", "nope", "--fault", "nada", "--scenario", scenario)
    assert done.code == 1
    assert len(done.err.splitlines()) >= 4
    scenario.write_bytes(b"\xff")
    assert "is no text in UTF-8" in run("sim", "--scenario", scenario).err


def test_a_port_that_is_taken_is_told(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = run("sim", "--port", port)
    assert done.err == (
        f"botcore: --host 127.0.0.1 --port {port}: port {port} of 127.0.0.1 is in use;"
        " --port 0 takes a free one\n"
    )


def test_every_fault_is_explained(run: Run) -> None:
    done = run("sim", "--list-faults")
    assert done.code == 0
    for name in ("F01", "create-lost", "F20", "second-instance"):
        assert name in done.out


# --- running ------------------------------------------------------------------------------------


@contextmanager
def started(
    home: Path, *words: object, stdin: int | IO[bytes] = subprocess.DEVNULL
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        command("sim", *words),
        env=surroundings(home),
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def ready_line(process: subprocess.Popen[bytes]) -> dict[str, object]:
    assert process.stdout is not None
    facts: dict[str, object] = json.loads(process.stdout.readline())
    return facts


def ended(process: subprocess.Popen[bytes]) -> tuple[int, bytes]:
    """Exit code, and what was said on standard error."""
    _, errors = process.communicate(timeout=DEADLINE_SECONDS)
    return process.returncode, errors


def get(url: object) -> object:
    with urllib.request.urlopen(str(url), timeout=DEADLINE_SECONDS) as reply:
        answer: object = json.loads(reply.read())
        return answer


@pytest.mark.parametrize("number", brief([signal.SIGTERM, signal.SIGINT]))
def test_it_says_where_it_is_and_ends_when_told(tmp_path: Path, number: int) -> None:
    with started(tmp_path, "--json", "--seed", 4, "--symbols", "BTCUSDT,SOLUSDT") as process:
        facts = ready_line(process)
        assert list(facts) == [
            "rest",
            "ws_public",
            "ws_market",
            "ws_private",
            "ws_api",
            "api_key",
            "api_secret",
            "ed25519_api_key",
            "ed25519_private_key",
            "symbols",
            "seed",
            "pid",
            "instance",
        ]
        assert (facts["symbols"], facts["seed"]) == (["BTCUSDT", "SOLUSDT"], 4)
        assert facts["pid"] == process.pid
        assert get(f"{facts['rest']}/fapi/v1/ping") == {}
        process.send_signal(number)
        assert ended(process) == (0, b"")


@pytest.mark.slow
def test_it_hears_signals_that_its_parent_has_blocked(tmp_path: Path) -> None:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    try:
        with started(tmp_path, "--json") as process:
            ready_line(process)
            process.send_signal(signal.SIGTERM)
            assert ended(process) == (0, b"")
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@pytest.mark.slow
def test_without_json_it_says_so_in_lines(tmp_path: Path) -> None:
    with started(tmp_path, "--host", "localhost") as process:
        assert process.stdout is not None
        first, *lines = [process.stdout.readline().decode() for _ in range(13)]
    assert first.startswith("rest            http://127.0.0.1:")
    assert [line[:16].strip() for line in lines[:11]] == [
        "ws public",
        "ws market",
        "ws private",
        "ws api",
        "api key",
        "api secret",
        "ed25519 api key",
        "symbols",
        "seed",
        "pid",
        "instance",
    ]
    assert lines[11] == "-----BEGIN PRIVATE KEY-----\n"


@pytest.mark.slow
def test_keys_are_others_in_every_run(tmp_path: Path) -> None:
    keys, instances = set(), set[str]()
    for _ in range(2):
        with started(tmp_path, "--json") as process:
            facts = ready_line(process)
        keys |= {facts[name] for name in ("api_key", "api_secret", "ed25519_api_key")}
        instances.add(str(facts["instance"]))
    assert len(keys) == 6
    assert {len(str(key)) for key in keys} == {64}
    assert [len(bytes.fromhex(instance)) for instance in instances] == [4, 4]


@pytest.mark.slow
def test_it_ends_with_its_standard_input_if_asked_to(tmp_path: Path) -> None:
    ours, theirs = os.pipe()
    with started(tmp_path, "--json", "--until-eof", stdin=ours) as process:
        os.close(ours)
        ready_line(process)
        os.write(theirs, b"not the end yet\n")
        assert process.poll() is None
        os.close(theirs)
        assert ended(process) == (0, b"")


@pytest.mark.slow
def test_a_standard_input_that_is_a_file_ends_it_as_well(tmp_path: Path) -> None:
    words = tmp_path / "words"
    words.write_text("no more than this")
    with words.open("rb") as file, started(tmp_path, "--until-eof", stdin=file) as process:
        assert ended(process)[0] == 0


@pytest.mark.slow
@pytest.mark.requirement("F17")
def test_one_that_lingers_goes_on_while_it_is_followed_and_ends_when_it_is_not(
    tmp_path: Path,
) -> None:
    words = ("--json", "--until-eof", "--linger", 0.1)
    with started(tmp_path, *words) as process:  # its input has ended already
        facts = ready_line(process)
        with connect(f"{facts['ws_public']}/ws/btcusdt@depth") as follower:
            for _ in range(5):  # a frame each 100 ms
                follower.recv(DEADLINE_SECONDS)
            assert process.poll() is None
        assert ended(process) == (0, b"")


@pytest.mark.slow
def test_one_that_lingers_ends_at_once_when_told(tmp_path: Path) -> None:
    words = ("--json", "--until-eof", "--linger", 1000)
    with started(tmp_path, *words) as process:
        ready_line(process)
        process.send_signal(signal.SIGTERM)
        assert ended(process) == (0, b"")


@pytest.mark.slow
def test_faults_and_scenario_are_armed_and_time_stands_still(tmp_path: Path) -> None:
    scenario = tmp_path / "s.toml"
    scenario.write_text(SCENARIO)
    words = ("--json", "--speed", 0, "--fault", "user-lost", "--scenario", scenario)
    with started(tmp_path, *words) as process:
        rest = ready_line(process)["rest"]
        listed = get(f"{rest}/sim/faults")
        assert isinstance(listed, dict)
        assert [row["fault"]["name"] for row in listed["faults"]] == ["user-lost", "waf"]
        times = [get(f"{rest}/fapi/v1/time") for _ in range(2)]
        assert times == [{"serverTime": 1_767_225_600_000}] * 2


@pytest.mark.slow
def test_an_ipv6_address_is_written_as_such(tmp_path: Path) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("no IPv6 on this machine")
    with started(tmp_path, "--json", "--host", "::1") as process:
        facts = ready_line(process)
        assert str(facts["rest"]).startswith("http://[::1]:")
        assert get(f"{facts['rest']}/fapi/v1/ping") == {}
