import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botcore_tui.exchange.sim.agenda import Agenda
from botcore_tui.exchange.sim.fault_specs import parse_spec
from botcore_tui.exchange.sim.faults import Faults


class _NoDice:
    def random(self) -> float:
        raise AssertionError("nothing here depends on chance")


def _armed(*specs: str, agenda: Agenda | None = None) -> Faults:
    faults = Faults(_NoDice(), agenda or Agenda(0))
    for spec in specs:
        for fault in parse_spec(spec):
            faults.add(fault)
    return faults


def _rows(faults: Faults) -> list[dict[str, object]]:
    rows = faults.report()["faults"]
    assert isinstance(rows, list)
    return rows


def test_nothing_strikes_where_nothing_is_armed() -> None:
    assert _armed().take("banned") is None
    assert _armed("waf").take("banned") is None


def test_a_fault_strikes_as_often_as_it_counts() -> None:
    faults = _armed("banned=count:2")
    assert [faults.take("banned") is not None for _ in range(3)] == [True, True, False]
    assert not faults.is_armed("banned")


def test_a_fault_without_end_goes_on() -> None:
    faults = _armed("key-revoked")
    assert all(faults.take("key-revoked") for _ in range(50))


def test_the_fault_tells_what_it_was_given() -> None:
    fault = _armed("banned=retry_after:7").take("banned")
    assert fault is not None
    assert fault.amount("retry_after") == 7


def test_faults_of_one_name_strike_one_after_the_other() -> None:
    faults = _armed("banned=retry_after:1", "banned=retry_after:2")
    taken = [faults.take("banned") for _ in range(3)]
    assert [fault and fault.amount("retry_after") for fault in taken] == [1, 2, None]


def test_a_fault_of_one_symbol_leaves_the_others_alone() -> None:
    faults = _armed("depth-gap=symbol:BTCUSDT")
    assert faults.take("depth-gap", symbol="ETHUSDT") is None
    assert faults.take("depth-gap") is None
    assert faults.take("depth-gap", symbol="BTCUSDT")


@pytest.mark.parametrize(
    ("only", "asked", "hits"),
    [
        ("", "GET /fapi/v1/order", True),
        ("GET /fapi/v1/order", "GET /fapi/v1/order", True),
        ("GET /fapi/v1/order", "POST /fapi/v1/order", False),
        ("/fapi/v1/order", "POST /fapi/v1/order", True),
        ("/fapi/v1/order", "POST /fapi/v1/orders", False),
        ("/fapi/v1/order", "", False),
    ],
)
def test_a_fault_of_one_endpoint_leaves_the_others_alone(only: str, asked: str, hits: bool) -> None:
    faults = _armed(f"waf=endpoint:{only}" if only else "waf")
    assert (faults.take("waf", endpoint=asked) is not None) is hits


def test_a_window_is_counted_from_arming() -> None:
    agenda = Agenda(1000)
    faults = _armed("waf=after_ms:10,for_ms:5,count:unlimited", agenda=agenda)
    struck = []
    for now_ms in (1000, 1009, 1010, 1014, 1015):
        agenda.advance(now_ms)
        struck.append(faults.take("waf") is not None)
    assert struck == [False, False, True, True, False]
    assert not faults.is_armed("waf")


def test_a_moment_is_counted_from_the_start() -> None:
    agenda = Agenda(1000)
    faults = Faults(_NoDice(), agenda)
    agenda.advance(1500)
    faults.add(parse_spec("waf=at_ms:600")[0])
    assert faults.take("waf") is None
    agenda.advance(1600)
    assert faults.take("waf")


def test_a_fault_whose_time_has_passed_makes_room_for_the_next() -> None:
    agenda = Agenda(0)
    faults = _armed("waf=for_ms:1", "waf", agenda=agenda)
    agenda.advance(5)
    assert faults.take("waf")
    assert [row["state"] for row in _rows(faults)] == ["over", "over"]


@given(seed=st.integers(0, 2**32), probability=st.floats(0.05, 0.95), tries=st.integers(1, 60))
def test_chance_is_that_of_the_dice_alone(seed: int, probability: float, tries: int) -> None:
    def struck() -> list[bool]:
        faults = Faults(random.Random(seed), Agenda(0))
        faults.add(parse_spec(f"waf=count:unlimited,probability:{probability}")[0])
        return [faults.take("waf") is not None for _ in range(tries)]

    dice = random.Random(seed)
    assert struck() == struck() == [dice.random() < probability for _ in range(tries)]


@given(st.data())
def test_it_never_strikes_more_often_than_counted_nor_outside_its_window(
    data: st.DataObject,
) -> None:
    agenda = Agenda(0)
    faults = Faults(random.Random(data.draw(st.integers(0, 99))), agenda)
    limit, after_ms, for_ms = (data.draw(st.integers(1, 20)) for _ in range(3))
    probability = data.draw(st.sampled_from([0.5, 1]))
    keys = f"count:{limit},after_ms:{after_ms},for_ms:{for_ms},probability:{probability}"
    faults.add(parse_spec(f"waf={keys}")[0])
    struck = []
    for now_ms in sorted(data.draw(st.lists(st.integers(0, 40), max_size=60))):
        agenda.advance(now_ms)
        if faults.take("waf"):
            struck.append(now_ms)
    assert len(struck) <= limit
    assert all(after_ms <= now_ms < after_ms + for_ms for now_ms in struck)
    assert faults.report()["taken"] == ({"waf": len(struck)} if struck else {})


def test_an_act_is_due_once_at_its_time() -> None:
    faults = _armed("liquidation=after_ms:10")
    assert faults.next_act_ms == 10
    assert faults.due_acts(9) == []
    assert [fault.name for fault in faults.due_acts(10)] == ["liquidation"]
    assert faults.due_acts(10_000) == []


def test_an_act_repeats_as_often_as_it_counts() -> None:
    faults = _armed("transfer=count:3,every_ms:100,after_ms:50")
    assert len(faults.due_acts(149)) == 1
    assert faults.next_act_ms == 150
    assert len(faults.due_acts(10_000)) == 2


def test_acts_come_in_order_of_time() -> None:
    faults = _armed("adl=after_ms:20", "transfer=count:2,every_ms:30,after_ms:5", "liquidation")
    names = [fault.name for fault in faults.due_acts(100)]
    assert names == ["liquidation", "transfer", "adl", "transfer"]


@given(st.lists(st.integers(0, 500), max_size=20))
def test_how_often_one_asks_does_not_change_which_acts_happen(stops: list[int]) -> None:
    histories = []
    for times in ([500], [*sorted(stops), 500]):
        faults = Faults(random.Random(1), Agenda(0))
        for spec in ("transfer=count:9,every_ms:40", "adl=count:unlimited,for_ms:200,every_ms:30"):
            faults.add(parse_spec(spec)[0])
        histories.append([fault.name for stop in times for fault in faults.due_acts(stop)])
    assert sorted(histories[0]) == sorted(histories[1])
    assert histories[0].count("transfer") == 9
    assert histories[0].count("adl") == 7


def test_an_act_that_chance_spares_is_not_counted() -> None:
    faults = Faults(random.Random(0), Agenda(0))
    faults.add(parse_spec("adl=count:2,probability:0.001,for_ms:3000")[0])
    assert faults.due_acts(10_000) == []
    assert [row["state"] for row in _rows(faults)] == ["armed"]  # no time passed


def test_an_act_does_not_strike_when_asked_for() -> None:
    assert _armed("liquidation").take("liquidation") is None


def test_a_fault_can_be_disarmed() -> None:
    faults = _armed("waf", "liquidation")
    assert faults.remove(1)
    assert faults.remove(2)
    assert not faults.remove(2)
    assert faults.take("waf") is None
    assert faults.due_acts(10) == []


def test_a_fault_that_is_over_can_be_removed_from_the_report() -> None:
    faults = _armed("waf")
    faults.take("waf")
    assert faults.remove(1)
    assert _rows(faults) == []


def test_all_faults_can_be_disarmed() -> None:
    faults = _armed("waf", "banned", "liquidation")
    faults.take("banned")
    assert faults.clear() == 2
    assert faults.take("waf") is None
    assert faults.due_acts(10) == []
    assert _rows(faults) == []


def test_a_fault_can_be_armed_for_as_long_as_something_lasts() -> None:
    faults = _armed()
    with faults.meanwhile(*parse_spec("F05")):
        assert faults.take("user-lost")
        assert faults.take("user-silent")
    assert faults.take("user-silent") is None
    assert _rows(faults) == []


def test_the_report_tells_what_is_armed_and_what_struck() -> None:
    agenda = Agenda(100)
    faults = _armed("banned=count:3,retry_after:5", "waf=after_ms:50,for_ms:50", agenda=agenda)
    faults.take("banned")
    assert faults.report() == {
        "faults": [
            {
                "id": 1,
                "state": "armed",
                "armed_ms": 100,
                "starts_ms": 100,
                "ends_ms": None,
                "left": 2,
                "taken": 1,
                "fault": {"name": "banned", "probability": 1.0, "count": 3, "retry_after": 5},
            },
            {
                "id": 2,
                "state": "waiting",
                "armed_ms": 100,
                "starts_ms": 150,
                "ends_ms": 200,
                "left": 1,
                "taken": 0,
                "fault": {
                    "name": "waf",
                    "probability": 1.0,
                    "count": 1,
                    "after_ms": 50,
                    "for_ms": 50,
                },
            },
        ],
        "taken": {"banned": 1},
    }


def test_what_is_over_is_forgotten_at_last() -> None:
    faults = _armed("key-revoked")
    for _ in range(1500):
        faults.add(parse_spec("waf")[0])
        faults.take("waf")
    rows = _rows(faults)
    assert len(rows) == 1000
    assert [row["id"] for row in rows[:2]] == [1, 503]


def test_what_is_still_armed_is_never_forgotten() -> None:
    faults = _armed(*["waf"] * 1100)
    assert len(_rows(faults)) == 1100
