import pytest
from sim_market import START_MS
from sim_rest import read
from sim_wire import Wire

from botcore_tui.errors import ConfigError
from botcore_tui.exchange.sim.fault_specs import Fault
from botcore_tui.exchange.sim.scenario import parse_scenario

_SCRIPT = """
# A bad quarter of an hour.
[[fault]]
at_seconds = 12.5
name = "create-lost"
how = "503"
count = 2
for_seconds = 60

[[fault]]
name = "depth-gap"
symbol = "BTCUSDT"

[[fault]]
at_seconds = 3
name = "transfer"
amount = -250.5
every_seconds = 0.25
count = 3
"""


def _problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        parse_scenario(text, "bad.toml")
    return list(caught.value.problems)


def test_a_script_is_read_in_order_of_time() -> None:
    assert parse_scenario(_SCRIPT, "s.toml") == (
        Fault(name="depth-gap", count=1, symbol="BTCUSDT", at_ms=0),
        Fault(name="transfer", count=3, at_ms=3000, every_ms=250, values={"amount": "-250.5"}),
        Fault(name="create-lost", count=2, at_ms=12_500, for_ms=60_000, values={"how": "503"}),
    )


@pytest.mark.parametrize("step_ms", [7, 1_000, 20_000])
def test_what_a_script_says_happens_at_its_time_however_time_passes(step_ms: int) -> None:
    wire = Wire(script=_SCRIPT)
    for _ in range(20_000 // step_ms):
        wire.advance(step_ms)
    rows = wire.ask("GET", "/fapi/v1/income", incomeType="TRANSFER").rows
    assert [(row["time"], row["income"]) for row in rows if row["income"] != "5000.00000000"] == [
        (START_MS + 3_000 + 250 * number, "-250.50000000") for number in range(3)
    ]
    lost = [read(wire.bid(newClientOrderId=name)).status for name in "abc"]
    assert lost == [503, 503, 200]


def test_an_id_stands_for_all_its_faults() -> None:
    faults = parse_scenario('[[fault]]\nname = "F04"\nat_seconds = 1', "s.toml")
    assert [(fault.name, fault.at_ms) for fault in faults] == [
        ("cancel-race", 1000),
        ("partial-fill", 1000),
    ]


def test_a_count_may_be_without_end() -> None:
    (fault,) = parse_scenario('[[fault]]\nname = "waf"\ncount = "unlimited"', "s.toml")
    assert fault.count is None


def test_every_problem_is_told_with_its_place() -> None:
    text = """
[[fault]]
name = "create-lots"

 [[ fault ]]
at_seconds = -1
for_ms = 5
name = "create-lost"
count = 0

[[fault]]
at_seconds = "soon"
"""
    seconds = "a number of seconds from 0 to 31622400, of whole milliseconds"
    assert _problems("title = 1\n" + text) == [
        (
            "bad.toml: unknown key 'title'; it holds tables such as [[fault]] with at_seconds ="
            ' 12.5 and name = "create-lost"'
        ),
        (
            "bad.toml, line 3, fault 1 (create-lots): there is no fault 'create-lots'; did you mean"
            " create-lost or create-late? botcore sim --list-faults shows all"
        ),
        f"bad.toml, line 6, fault 2: at_seconds must be {seconds}; not -1",
        "bad.toml, line 6, fault 2: for_ms is not for scripts; use for_seconds",
        (
            "bad.toml, line 6, fault 2 (create-lost): count must be a whole number, at least 1, or"
            " unlimited; not 0"
        ),
        f"bad.toml, line 12, fault 3: at_seconds must be {seconds}; not 'soon'",
        'bad.toml, line 12, fault 3: has no name, such as name = "create-lost"',
    ]


@pytest.mark.parametrize("value", ["true", "nan", "inf", "0.0005", "1e12", "1979-05-27"])
def test_a_time_that_is_none_is_refused(value: str) -> None:
    (problem,) = _problems(f'[[fault]]\nname = "waf"\nat_seconds = {value}')
    assert "at_seconds must be a number of seconds" in problem


def test_a_period_without_length_is_refused() -> None:
    (problem,) = _problems('[[fault]]\nname = "waf"\nfor_seconds = 0')
    assert "for_seconds must be a number of seconds from 0.001 to" in problem


@pytest.mark.parametrize(
    ("key", "instead"),
    [
        ("at_ms", "at_seconds"),
        ("after_ms", "at_seconds"),
        ("for_ms", "for_seconds"),
        ("every_ms", "every_seconds"),
    ],
)
def test_milliseconds_are_not_for_scripts(key: str, instead: str) -> None:
    (problem,) = _problems(f'[[fault]]\nname = "waf"\n{key} = 1')
    assert problem.endswith(f"{key} is not for scripts; use {instead}")


@pytest.mark.parametrize("text", ["", "fault = 3", "fault = []", "fault = {}"])
def test_a_file_without_faults_is_refused(text: str) -> None:
    assert _problems(text)[-1].startswith("bad.toml: has no faults; it holds tables")


def test_faults_in_an_array_are_counted() -> None:
    assert _problems('fault = [{name = "waf"}, 5]') == [
        (
            "bad.toml, fault 2: is no table; it holds tables such as [[fault]] with at_seconds ="
            ' 12.5 and name = "create-lost"'
        )
    ]


def test_what_is_no_toml_is_refused_with_the_line() -> None:
    (problem,) = _problems("[[fault]\nname")
    assert problem.startswith("bad.toml: is no valid TOML: ")
    assert "line 1" in problem


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a = " + "[" * 100_000, "brackets are nested too deep"),
        (f"a = {'9' * 5_000}", "a number or date is out of range"),
    ],
    ids=["nested", "long"],
)
def test_what_toml_cannot_hold_is_refused(text: str, reason: str) -> None:
    assert _problems(text) == [f"bad.toml: {reason}"]
