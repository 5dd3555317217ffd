"""Steering an embedded exchange, and nothing else."""

from collections.abc import Iterator

import pytest
from sim_process import Sim, running_sim

from botcore_tui.errors import UnavailableError
from botcore_tui.exchange.sim.steering import Steering

pytestmark = pytest.mark.xdist_group("drills")


@pytest.fixture(scope="module")
def sim() -> Iterator[Sim]:
    with running_sim("--seed", 4, "--symbols", "BTCUSDT", "--speed", 0) as sim:
        yield sim


@pytest.mark.parametrize(
    "rest",
    [
        "https://fapi.binance.com",
        "http://fapi.binance.com",
        "http://10.0.0.1:8080",
        "https://127.0.0.1",
        "http://localhost.example.com",
        "",
    ],
)
def test_another_machine_is_refused(rest: str) -> None:
    with pytest.raises(UnavailableError, match="no exchange on this machine"):
        Steering(rest)


@pytest.mark.slow
def test_the_best_bid_is_the_exchange_s_own(sim: Sim) -> None:
    assert Steering(sim.rest).bid("BTCUSDT") == sim.best("BTCUSDT")[0]
    with pytest.raises(UnavailableError, match="nobody who bids for ETHUSDT"):
        Steering(sim.rest).bid("ETHUSDT")


def test_faults_are_armed_and_disarmed(sim: Sim) -> None:
    steering = Steering(sim.rest)
    steering.arm("ws-refused", count="unlimited")
    assert _armed(sim) == 1
    steering.disarm()
    assert _armed(sim) == 0


def _armed(sim: Sim) -> int:
    state = sim.control("GET", "/sim/faults")
    assert isinstance(state, dict)
    return len(state["faults"])


def test_time_passes_at_once(sim: Sim) -> None:
    before = sim.ask("GET", "/fapi/v1/time")
    Steering(sim.rest).advance(60_000)
    after = sim.ask("GET", "/fapi/v1/time")
    assert isinstance(before, dict)
    assert isinstance(after, dict)
    assert after["serverTime"] - before["serverTime"] == 60_000


def test_what_it_refuses_and_what_is_gone_is_told(sim: Sim) -> None:
    with pytest.raises(UnavailableError, match="refused /sim/faults"):
        Steering(sim.rest).arm("no-such-fault")
    with pytest.raises(UnavailableError, match="does not answer"):
        Steering("http://127.0.0.1:1").disarm()
