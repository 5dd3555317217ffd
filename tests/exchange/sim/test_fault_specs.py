import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botcore_tui.errors import ConfigError
from botcore_tui.exchange.sim.fault_catalogue import CATALOGUE, GROUPS, kinds_of
from botcore_tui.exchange.sim.fault_kinds import FaultKind, Narrowing
from botcore_tui.exchange.sim.fault_specs import Fault, parse_json, parse_spec, read_fault, to_json

_NARROWED = {
    Narrowing.ENDPOINT: ("POST /fapi/v1/order", "/fapi/v1/depth"),
    Narrowing.STREAM: ("depth", "bookTicker"),
}


@st.composite
def _given(draw: st.DrawFn, kind: FaultKind) -> dict[str, str]:
    """Some keys of a fault with values, as they stand in a specification."""
    items: dict[str, str] = {}

    def maybe(key: str, values: st.SearchStrategy[object]) -> None:
        if draw(st.booleans()):
            items[key] = str(draw(values))

    for item in kind.parameters:
        if item.choices:
            maybe(item.name, st.sampled_from(item.choices))
        elif isinstance(item.default, int):
            maybe(item.name, st.integers(item.least, item.most))
        else:
            maybe(item.name, st.sampled_from(["-500", "0.5", "12.25"]))
    if kind.narrowing is not Narrowing.NOTHING:
        maybe(kind.narrowing.value, st.sampled_from(kind.only or _NARROWED[kind.narrowing]))
    if kind.has_symbol:
        maybe("symbol", st.sampled_from(["BTCUSDT", "ETHUSDT"]))
    maybe("probability", st.floats(0.001, 1))
    maybe("count", st.one_of(st.integers(1, 99), st.just("unlimited")))
    maybe(draw(st.sampled_from(["at_ms", "after_ms"])), st.integers(0, 10**6))
    maybe("for_ms", st.integers(1, 10**6))
    if kind.is_act:
        maybe("every_ms", st.integers(1, 10**6))
    return items


@given(st.data())
def test_a_specification_survives_the_way_through_json(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(CATALOGUE))
    items = data.draw(_given(kind))
    spec = ",".join(f"{key}:{value}" for key, value in items.items())
    faults = parse_spec(f"{kind.name}={spec}" if spec else kind.name)
    assert [fault.kind for fault in faults] == [kind]
    assert parse_json([to_json(fault) for fault in faults]) == faults
    assert parse_json(to_json(faults[0])) == faults
    assert parse_json({"name": kind.name, **items}) == faults


@given(st.text())
def test_whatever_is_written_is_a_fault_or_refused(text: str) -> None:
    with contextlib.suppress(ConfigError):
        assert parse_spec(text)


def test_a_name_alone_has_the_defaults() -> None:
    (fault,) = parse_spec("create-lost")
    assert fault == Fault(name="create-lost", count=1, values={"how": "timeout"})


def test_every_key_is_read() -> None:
    spec = "create-lost=how:503,count:unlimited,probability:0.5,symbol:BTCUSDT"
    (fault,) = parse_spec(spec + ",endpoint:POST /fapi/v1/order,after_ms:10,for_ms:20")
    assert fault == Fault(
        name="create-lost",
        probability=0.5,
        count=None,
        symbol="BTCUSDT",
        endpoint="POST /fapi/v1/order",
        after_ms=10,
        for_ms=20,
        values={"how": "503"},
    )
    assert fault.word("how") == "503"


def test_a_parameter_that_was_not_given_has_its_default() -> None:
    assert Fault(name="user-late").amount("delay_ms") == 2000
    assert Fault(name="transfer").word("amount") == "-500"


@pytest.mark.parametrize("identifier", [key for key in GROUPS if kinds_of(key)])
def test_an_id_arms_all_its_faults_with_their_defaults(identifier: str) -> None:
    alone = tuple(parse_spec(kind.name)[0] for kind in kinds_of(identifier))
    assert parse_spec(identifier) == parse_spec(identifier.lower()) == alone


def test_an_id_takes_the_keys_that_all_its_faults_have() -> None:
    faults = parse_spec("F11=count:3,endpoint:POST /fapi/v1/order")
    assert {fault.count for fault in faults} == {3}
    assert {fault.endpoint for fault in faults} == {"POST /fapi/v1/order"}


@pytest.mark.parametrize("identifier", [key for key in GROUPS if not kinds_of(key)])
def test_an_id_of_the_client_says_what_the_venue_offers(identifier: str) -> None:
    with pytest.raises(ConfigError, match=f"{identifier} is nothing that a venue can inject: "):
        parse_spec(identifier)


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (
            "create-lots",
            (
                "fault 'create-lots': there is no fault 'create-lots'; did you mean create-lost or"
                " create-late? botcore sim --list-faults shows all"
            ),
        ),
        ("xyz", "fault 'xyz': there is no fault 'xyz'; botcore sim --list-faults shows all"),
        ("", "fault '': there is no fault ''; botcore sim --list-faults shows all"),
        (
            "create-lost=hwo:503",
            (
                "fault 'create-lost=hwo:503': create-lost has no key 'hwo'; did you mean how? it"
                " takes how, endpoint, symbol, probability, count, after_ms, at_ms, for_ms"
            ),
        ),
        (
            "create-lost=how:502",
            "fault 'create-lost=how:502': how must be timeout, reset, 503, 1006 or 1007; not '502'",
        ),
        ("banned=5", "fault 'banned=5': '5' is no KEY:VALUE, such as count:3"),
        ("banned=count:1,count:2", "fault 'banned=count:1,count:2': count is given twice"),
        (
            "F11=retry_after:5",
            (
                "fault 'F11=retry_after:5': F11 has no key 'retry_after'; it takes endpoint,"
                " symbol, probability, count, after_ms, at_ms, for_ms"
            ),
        ),
        (
            "F11=count:x",
            "fault 'F11=count:x': count must be a whole number, at least 1, or unlimited; not 'x'",
        ),
        (
            "banned=at_ms:1,after_ms:2",
            (
                "fault 'banned=at_ms:1,after_ms:2': at_ms and after_ms exclude each other; give"
                " one of them"
            ),
        ),
    ],
)
def test_a_mistake_is_named_with_what_is_allowed(spec: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_spec(spec)
    assert str(caught.value) == message


def test_every_mistake_is_reported_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        parse_spec("banned=retry_after:x,count:0,probability:2,symbol:btc")
    assert len(caught.value.problems) == 4


def test_json_takes_numbers_and_null() -> None:
    (fault,) = parse_json({"name": "banned", "retry_after": 5, "count": None, "probability": 0.5})
    assert (fault.amount("retry_after"), fault.count, fault.probability) == (5, None, 0.5)


@pytest.mark.parametrize(
    ("data", "problems"),
    [
        ([], ["there is no fault in the list"]),
        ("banned", ['fault: must be an object such as {"name": "create-lost"}']),
        ({"count": 1}, ["fault: has no name; botcore sim --list-faults shows all"]),
        (
            [{"name": "banned"}, {"name": "banned", "count": True}, {"name": 5}],
            [
                "fault 2: count must be a whole number, at least 1, or unlimited; not True",
                "fault 3: has no name; botcore sim --list-faults shows all",
            ],
        ),
    ],
)
def test_json_that_is_no_fault_is_refused(data: object, problems: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_json(data)
    assert list(caught.value.problems) == problems


def test_a_place_begins_each_message() -> None:
    with pytest.raises(ConfigError, match=r"^here: banned has no key 'x'"):
        read_fault("banned", {"x": 1}, "here")


def test_a_moment_since_the_start_stands_in_json() -> None:
    (fault,) = parse_spec("liquidation=at_ms:0,every_ms:50,symbol:BTCUSDT")
    assert to_json(fault) == {
        "name": "liquidation",
        "probability": 1.0,
        "count": 1,
        "symbol": "BTCUSDT",
        "at_ms": 0,
        "every_ms": 50,
    }
