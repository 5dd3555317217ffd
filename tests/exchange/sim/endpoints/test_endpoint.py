import pytest
from sim_rest import RestStage

from botcore_tui.exchange.sim.endpoints.endpoint import Call, Endpoint, by_symbol
from botcore_tui.exchange.sim.endpoints.general import ping
from botcore_tui.exchange.sim.parameters import Parameters
from botcore_tui.exchange.sim.refusals import RefusalError


def a_call(**parameters: str) -> Call:
    stage = RestStage(symbols=2)
    return Call(stage.backend, Parameters(parameters), stage.agenda.now_ms)


def test_the_mandatory_symbol_names_a_market() -> None:
    call = a_call(symbol="ETHUSDT")
    assert call.market().contract is call.contract()
    assert call.contract().symbol == "ETHUSDT"


@pytest.mark.parametrize(("symbol", "code"), [("", -1102), ("btcusdt", -1121), ("BTCUSDC", -1121)])
def test_it_must_be_listed(symbol: str, code: int) -> None:
    with pytest.raises(RefusalError) as refusal:
        a_call(symbol=symbol).market()
    assert refusal.value.code == code


def test_without_a_symbol_all_markets_are_meant() -> None:
    assert [one.contract.symbol for one in a_call().markets()] == ["BTCUSDT", "ETHUSDT"]
    assert [one.contract.symbol for one in a_call(symbol="BTCUSDT").markets()] == ["BTCUSDT"]
    assert a_call().optional_market() is None


def test_a_call_can_be_made_again_with_other_parameters() -> None:
    call = a_call(symbol="BTCUSDT")
    other = call.having(Parameters({"symbol": "ETHUSDT"}))
    assert (other.backend, other.now_ms) == (call.backend, call.now_ms)
    assert other.contract().symbol == "ETHUSDT"


def test_a_statement_has_all_marks_and_the_open_orders() -> None:
    stage = RestStage(symbols=2)
    stage.order()
    statement = Call(stage.backend, Parameters({}), stage.agenda.now_ms).statement()
    assert set(statement.marks) == {"BTCUSDT", "ETHUSDT"}
    assert statement.busy == {"BTCUSDT"}


def test_an_endpoint_is_named_by_method_and_path() -> None:
    assert Endpoint("GET", "/fapi/v1/ping", ping).name == "GET /fapi/v1/ping"


def test_weight_may_depend_on_a_symbol() -> None:
    weight = by_symbol(1, 40)
    assert (weight(Parameters({"symbol": "A"})), weight(Parameters({}))) == (1, 40)


def test_the_clock_is_right_unless_told_otherwise() -> None:
    stage = RestStage()
    assert stage.backend.clock_step_ms() == 0
    stage.arm("clock-step=ms:-3000")
    assert stage.backend.clock_step_ms() == -3_000
