from typing import Any

import msgspec
import pytest

from botcore_tui.exchange.sim import control
from botcore_tui.exchange.sim.agenda import Agenda
from botcore_tui.exchange.sim.control import Answer
from botcore_tui.exchange.sim.fault_catalogue import CATALOGUE
from botcore_tui.exchange.sim.faults import Faults


class _NoDice:
    def random(self) -> float:
        raise AssertionError("nothing here depends on chance")


LISTED = ("BTCUSDT", "ETHUSDT")


def _faults() -> Faults:
    return Faults(_NoDice(), Agenda(0))


def _read(answer: Answer, status: int = 200) -> Any:  # noqa: ANN401 - what a client sees
    assert answer.status == status
    return msgspec.json.decode(answer.body)


def test_a_fault_is_armed() -> None:
    faults = _faults()
    answer = control.arm(faults, b'{"name": "waf", "count": 2}', LISTED)
    assert _read(answer) == {"armed": [{"id": 1, "name": "waf"}]}
    assert faults.take("waf")


def test_a_list_and_an_id_are_armed() -> None:
    faults = _faults()
    answer = control.arm(faults, b'[{"name": "waf"}, {"name": "F06"}]', LISTED)
    assert [row["name"] for row in _read(answer)["armed"]] == ["waf", "silent-stream"]


def test_a_fault_of_a_contract_that_is_not_listed_is_refused() -> None:
    answer = control.arm(_faults(), b'{"name": "adl", "symbol": "NOPEUSDT"}', LISTED)
    error = _read(answer, 400)["error"]
    assert error == "symbol NOPEUSDT is not listed here; BTCUSDT, ETHUSDT"


def test_of_a_list_with_a_mistake_nothing_is_armed() -> None:
    faults = _faults()
    answer = control.arm(faults, b'[{"name": "waf"}, {"name": "wff"}]', LISTED)
    problem = (
        "fault 2: there is no fault 'wff'; did you mean waf? botcore sim --list-faults shows all"
    )
    assert _read(answer, 400) == {"error": problem, "problems": [problem]}
    assert faults.take("waf") is None


@pytest.mark.parametrize("body", [b"", b"{", b"name=waf", b"\xff", b"[" * 99_999], ids=range(5))
def test_a_body_that_is_no_json_is_refused(body: bytes) -> None:
    error = _read(control.arm(_faults(), body, LISTED), 400)["error"]
    assert error.startswith("the body is no JSON (")
    assert '{"name": "create-lost", "count": 1}' in error


def test_what_is_armed_and_what_there_is_can_be_listed() -> None:
    faults = _faults()
    control.arm(faults, b'{"name": "waf"}', LISTED)
    listed = _read(control.list_faults(faults))
    assert [row["fault"]["name"] for row in listed["faults"]] == ["waf"]
    assert [row["name"] for row in listed["catalogue"]] == [kind.name for kind in CATALOGUE]
    assert listed["catalogue"][0] == {
        "name": "create-lost",
        "id": "F01",
        "summary": "the venue takes the order, its reply is lost",
        "incident": "nautechsystems/nautilus_trader#4215",
        "is_act": False,
        "narrowed_by": "endpoint",
        "count": 1,
        "parameters": {"how": "timeout"},
    }


def test_one_fault_is_disarmed_by_its_id() -> None:
    faults = _faults()
    control.arm(faults, b'[{"name": "waf"}, {"name": "banned"}]', LISTED)
    assert _read(control.disarm(faults, "id=1")) == {"disarmed": 1}
    assert faults.take("waf") is None
    assert faults.take("banned")


def test_all_faults_are_disarmed() -> None:
    faults = _faults()
    control.arm(faults, b'[{"name": "waf"}, {"name": "banned"}]', LISTED)
    assert _read(control.disarm(faults)) == {"disarmed": 2}
    assert faults.take("waf") is None


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        ("id=7", 404, "there is no fault with id 7; GET /sim/faults lists them"),
        ("id=x", 400, "id must be the number of a fault; not 'x'"),
        ("id=", 400, "id must be the number of a fault; not ''"),
        ("id=" + "9" * 99, 400, f"id must be the number of a fault; not '{'9' * 99}'"),
        ("name=waf", 400, "unknown parameter 'name'; only id=NUMBER is known"),
    ],
)
def test_a_fault_that_cannot_be_disarmed_says_why(query: str, status: int, message: str) -> None:
    assert _read(control.disarm(_faults(), query), status)["error"] == message


def test_the_state_is_that_of_the_exchange_and_its_faults() -> None:
    faults = _faults()
    control.arm(faults, b'{"name": "waf"}', LISTED)
    faults.take("waf")
    state = _read(control.state({"now_ms": 5}, faults))
    assert state["now_ms"] == 5
    assert state["taken"] == {"waf": 1}
