"""``botcore halt`` and ``flatten``: from the halt file to what the venue confirms."""

import json
import sys
from collections.abc import Iterator
from decimal import Decimal
from errno import EACCES
from pathlib import Path

import pytest
from command_line import FullDisk, Run
from kill_doors import answering, bid, hanging, long_position, open_at_venue, stop_order
from sim_process import Sim, running_sim

from botcore_tui.cli.kill_command import left_lines
from botcore_tui.cli.places import latch_path, places, socket_path, trace_path
from botcore_tui.engine.kill_terms import Left
from botcore_tui.engine.latch import HaltLatch
from botcore_tui.exchange.lingering import write_trace
from botcore_tui.model.event import Answer
from botcore_tui.model.snapshot import HaltInfo

pytestmark = pytest.mark.xdist_group("kill_command")
BTC = "BTCUSDT"
HALTED = Answer(command_id="", is_accepted=True, code="", text="trading is HALTED", time_ms=1)


@pytest.fixture(scope="module")
def exchange() -> Iterator[Sim]:
    with running_sim("--seed", 4, "--symbols", f"{BTC},ETHUSDT", "--no-limits") as sim:
        yield sim


@pytest.fixture
def sim(exchange: Sim) -> Iterator[Sim]:
    """An exchange that a program which was killed has left behind."""
    exchange.clean()
    where = places(None)
    where.make()
    write_trace(trace_path(where.state_dir), ("botcore", "sim"), exchange)
    yield exchange
    exchange.clean()


def latched() -> HaltLatch:
    return HaltLatch(latch_path(places(None).state_dir, "demo"), "demo")


@pytest.mark.requirement("K6")
@pytest.mark.requirement("K4")
def test_halt_without_an_engine_cancels_entries_and_says_what_is_confirmed(
    sim: Sim, run: Run
) -> None:
    bid(sim)
    bid(sim, "ETHUSDT")
    long_position(sim)
    stop_order(sim)

    done = run("halt", "--reason", "enough")

    assert (done.code, done.err) == (0, "")
    assert "scope: all contracts, as neither --symbol nor --all was given" in done.out
    assert "engine: not running" in done.out
    assert (
        "venue, confirmed: 2 of 2 entries cancelled, 0 open, 1 position held, 1 with a stop"
        in done.out
    )
    assert open_at_venue(sim) == (0, 1)
    kept = latched().read()
    assert kept is not None
    assert kept.reason == "enough"


@pytest.mark.requirement("K6")
def test_what_is_left_is_told_where_standard_output_takes_nothing(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only that the disk was full was told: not that it halted, nor what was in doubt."""
    monkeypatch.setattr(sys, "stdout", FullDisk())
    done = run("halt", "--all")
    assert done.code == 0
    assert "botcore: demo: halt latched after" in done.err
    latched().path.unlink()
    latched().path.mkdir()
    doubtful = run("halt", "--all", "--json")
    assert doubtful.code == 1
    assert "cannot be written: Is a directory" in doubtful.err
    assert '"is_confirmed":false' in doubtful.err


@pytest.mark.requirement("K3")
def test_flatten_closes_everything_and_tells_in_numbers(sim: Sim, run: Run) -> None:
    bid(sim)
    long_position(sim)
    long_position(sim, "ETHUSDT")
    stop_order(sim)

    done = run("flatten", "--all", "--json")

    told = json.loads(done.out)
    assert (done.code, told["is_confirmed"], told["trouble"]) == (0, True, [])
    venue = told["venue"]
    assert (venue["entries"], venue["cancelled"], venue["closed"], venue["positions"]) == (
        1, 1, 2, [],
    )  # fmt: skip
    assert (venue["executed"], venue["untold"]) == (0, 0)
    assert venue["flat_ms"] > 0
    assert 0 < told["latched_ms"] < told["total_ms"]
    assert open_at_venue(sim) == (0, 0)


@pytest.mark.slow
@pytest.mark.requirement("K5")
def test_named_contract_alone_is_flattened_and_trading_halts_as_a_whole(sim: Sim, run: Run) -> None:
    long_position(sim)
    long_position(sim, "ETHUSDT")

    done = run("halt", "--flatten", "--symbol", "ethusdt")

    assert (done.code, done.err) == (0, "")
    assert "scope: ETHUSDT\n" in done.out
    assert "halt is of trading as a whole" in done.out
    state = sim.control("GET", "/sim/state")
    assert isinstance(state, dict)
    assert latched().read() is not None
    again = run("flatten", "--symbol", BTC)
    assert "1 of 1 positions closed" in again.out


@pytest.mark.slow
@pytest.mark.requirement("K11")
def test_second_halt_keeps_the_first_reason_and_confirms_again(sim: Sim, run: Run) -> None:
    bid(sim)
    assert run("halt", "--reason", "first").code == 0
    first = latched().identity()

    done = run("halt", "--reason", "second")

    assert done.code == 0
    assert "0 of 0 entries cancelled" in done.out
    kept = latched().read()
    assert kept is not None
    assert kept.reason == "first"
    assert latched().identity() != first  # an engine that clears the first one keeps this


@pytest.mark.requirement("K4")
def test_what_is_still_there_is_told_with_exit_code_1(sim: Sim, run: Run) -> None:
    long_position(sim)

    done = run("halt")

    assert done.code == 1
    assert f"position: {BTC} 0.010, WITHOUT A STOP" in done.out
    assert "1 position held, 1 WITHOUT A STOP" in done.out
    assert done.err == f"botcore: positions WITHOUT A STOP: {BTC}\n"


@pytest.mark.slow
@pytest.mark.requirement("A06")
def test_stop_far_away_is_told_as_none_with_exit_code_1(sim: Sim, run: Run) -> None:
    long_position(sim)
    stop_order(sim, share="0.7")

    halted, status = run("halt"), run("status")

    assert halted.code == 1
    assert halted.err == f"botcore: positions WITHOUT A STOP: {BTC}\n"
    assert f"position: {BTC} 0.010, WITHOUT A STOP" in status.out
    assert open_at_venue(sim) == (0, 1)


@pytest.mark.requirement("K5")
def test_contract_that_is_not_listed_is_told_at_once(sim: Sim, run: Run) -> None:
    done = run("halt", "--symbol", "BTCUSD", "--json")

    told = json.loads(done.out)
    assert (done.code, told["is_confirmed"]) == (1, False)
    assert told["trouble"] == ["the venue knows no contract BTCUSD: nothing was cancelled there"]
    assert latched().read() is not None


@pytest.mark.slow
@pytest.mark.requirement("K4")
@pytest.mark.requirement("F04")
def test_entry_that_was_executed_before_it_could_be_cancelled_is_told_as_that(
    sim: Sim, run: Run
) -> None:
    bid(sim)
    sim.control("POST", "/sim/faults", {"name": "cancel-race"})

    done = run("halt")

    assert done.code == 1
    assert (
        "venue, confirmed: 0 of 1 entries cancelled, 1 executed, 0 open, 1 position held,"
        " 1 WITHOUT A STOP\n"
    ) in done.out


@pytest.mark.requirement("K6")
@pytest.mark.requirement("F13")
def test_running_engine_is_told_beside_the_venue(sim: Sim, run: Run) -> None:
    with answering(socket_path(places(None).state_dir, "demo"), HALTED) as asked:
        done = run("flatten", "--all", "--reason", "enough")

    assert done.code == 0
    assert "engine: halted\n" in done.out
    # Whatever there was, the engine may have closed it first: no number pretends to know.
    assert "0 open, all contracts found flat\n" in done.out
    assert "what the engine closed before the venue was asked is not counted here\n" in done.out
    (line,) = asked
    command = json.loads(line)
    assert (command["command"], command["reason"], command["flattens"]) == ("Halt", "enough", True)


@pytest.mark.slow
@pytest.mark.requirement("K6")
@pytest.mark.parametrize("words", [("halt",), ("flatten", "--symbol", BTC)])
def test_engine_that_hangs_holds_nothing_up(sim: Sim, run: Run, words: tuple[str, ...]) -> None:
    bid(sim)
    with hanging(socket_path(places(None).state_dir, "demo")):
        done = run(*words)

    assert done.code == 0
    assert "engine: does not answer; it halts when it turns again" in done.out
    assert open_at_venue(sim) == (0, 0)


@pytest.mark.slow
@pytest.mark.requirement("K5")
def test_engine_of_another_environment_is_told_unless_one_was_named(sim: Sim, run: Run) -> None:
    state_dir = places(None).state_dir
    with hanging(socket_path(state_dir, "production")), hanging(socket_path(state_dir, "paper")):
        silent, named = run("halt"), run("halt", "--environment", "demo")
        told = run("status")

    assert (silent.code, told.code) == (1, 1)
    assert (
        silent.err
        == told.err
        == (
            "botcore: an engine runs in production, too, and is not part of this:"
            " see --environment production\n"
        )
    )
    assert named.code == 0


@pytest.mark.slow
def test_socket_that_was_left_behind_is_no_engine(sim: Sim, run: Run) -> None:
    with hanging(socket_path(places(None).state_dir, "demo")):
        pass
    assert "engine: not running" in run("halt").out


@pytest.mark.slow
def test_engine_that_talks_nonsense_counts_as_silent(sim: Sim, run: Run) -> None:
    with answering(socket_path(places(None).state_dir, "demo"), {"type": "Nonsense"}):
        assert "engine: does not answer" in run("halt").out


# --- without a venue ---------------------------------------------------------------------------


@pytest.mark.requirement("K1")
def test_demo_whose_exchange_is_gone_is_latched(run: Run) -> None:
    done = run("halt")

    assert done.code == 0
    assert "venue: its exchange is gone, and all orders with it" in done.out
    assert latched().read() is not None


@pytest.mark.requirement("K1")
@pytest.mark.requirement("K6")
def test_without_a_key_it_latches_and_says_what_it_could_not_confirm(run: Run) -> None:
    done = run("halt", "--environment", "testnet")

    assert done.code == 1
    assert "testnet: halt latched after" in done.out
    assert "the venue was not asked" in done.err
    assert HaltLatch(latch_path(places(None).state_dir, "testnet"), "testnet").read() is not None


@pytest.mark.requirement("K1")
def test_halt_file_that_cannot_be_written_holds_nothing_up(sim: Sim, run: Run) -> None:
    bid(sim)
    latch_path(places(None).state_dir, "demo").mkdir()

    done = run("halt")

    assert done.code == 1
    assert "demo: NOT LATCHED" in done.out
    assert "halt-demo.json cannot be written: " in done.err
    assert open_at_venue(sim) == (0, 0)


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A state directory of another user, into which nobody else may look."""
    state_dir, exists = places(None).state_dir, Path.exists

    def refuse(_latch: HaltLatch, _halt: HaltInfo) -> None:
        raise PermissionError(EACCES, "Permission denied")

    def look(path: Path) -> bool:
        if path in {latch_path(state_dir, "demo"), socket_path(state_dir, "demo")}:
            raise PermissionError(EACCES, "Permission denied")
        return exists(path)

    monkeypatch.setattr(HaltLatch, "renew", refuse)
    monkeypatch.setattr(Path, "exists", look)


@pytest.mark.slow
@pytest.mark.requirement("K1")
@pytest.mark.usefixtures("refused")
def test_state_directory_of_another_user_keeps_no_halt_from_the_venue(sim: Sim, run: Run) -> None:
    bid(sim)

    done = run("halt")

    assert done.code == 1
    assert "halt-demo.json cannot be written: Permission denied" in done.err
    assert open_at_venue(sim) == (0, 0)


@pytest.mark.slow
@pytest.mark.requirement("K6")
@pytest.mark.usefixtures("refused")
def test_engine_that_neither_answers_nor_finds_a_halt_file_may_trade_on(sim: Sim, run: Run) -> None:
    assert open_at_venue(sim) == (0, 0)
    with hanging(socket_path(places(None).state_dir, "demo")):
        done = run("halt")

    assert done.code == 1
    assert "engine: does not answer, and there is no halt file: it MAY TRADE ON" in done.out


@pytest.mark.requirement("K1")
def test_broken_configuration_stops_no_halt_of_a_named_environment(
    sim: Sim, run: Run, tmp_path: Path
) -> None:
    bid(sim)
    broken = tmp_path / "broken.toml"
    broken.write_text("[risk]\nno_such_key = 1\n")

    refused = run("--config", broken, "halt")
    assert refused.code == 1
    way = "the same with --environment demo|testnet|production needs no configuration"
    assert refused.err.splitlines()[-1] == f"botcore: NOTHING WAS STOPPED: {way}"
    assert latched().read() is None

    done = run("--config", broken, "halt", "--environment", "demo")
    assert done.code == 1
    assert "no_such_key" in done.err
    assert latched().read() is not None
    assert open_at_venue(sim) == (0, 0)


@pytest.mark.requirement("K1")
@pytest.mark.parametrize(
    ("command", "undone"),
    [
        (("halt",), "NOTHING WAS STOPPED"),
        (("flatten", "--all"), "NOTHING WAS STOPPED"),
        (("status",), "nothing was told"),
    ],
)
def test_broken_configuration_tells_which_engine_can_be_named(
    run: Run, tmp_path: Path, command: tuple[str, ...], undone: str
) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("[risk]\nno_such_key = 1\n")
    socket = socket_path(places(None).state_dir, "testnet")
    socket.parent.mkdir(parents=True, exist_ok=True)

    with hanging(socket):
        done = run("--config", broken, *command)

    assert done.code == 1
    way = "the same with --environment testnet needs no configuration"
    assert done.err.splitlines()[-1] == f"botcore: {undone}; an engine runs in testnet: {way}"


@pytest.mark.parametrize("command", ["halt", "status"])
def test_environment_without_an_account_has_nothing_to_stop(run: Run, command: str) -> None:
    done = run(command, "--environment", "paper")
    assert (done.code, done.err) == (
        1, "botcore: paper has no account: there is nothing to stop\n",
    )  # fmt: skip


@pytest.mark.requirement("K4")
def test_stop_that_the_venue_did_not_list_is_not_told_as_missing() -> None:
    left = [Left(BTC, Decimal("0.01"), is_protected=False)]
    assert left_lines(left) == [f"position: {BTC} 0.01, WITHOUT A STOP"]
    unseen = [f"position: {BTC} 0.01, its stop was not seen"]
    assert left_lines(left, are_stops_seen=False) == unseen
