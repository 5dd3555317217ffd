from sim_rest import RestStage

V1 = "/fapi/v1/"


def test_ping_is_empty() -> None:
    assert RestStage().get(V1 + "ping").view == {}
    assert RestStage().get("/api/v3/ping").view == {}


def test_time_is_the_simulated_one() -> None:
    stage = RestStage()
    stage.agenda.advance(stage.agenda.now_ms + 1_234)
    for path in (V1 + "time", "/api/v3/time", "/dapi/v1/time"):
        assert stage.get(path).view == {"serverTime": stage.agenda.now_ms}


def test_every_contract_is_listed() -> None:
    stage = RestStage(symbols=2)
    symbols = stage.get(V1 + "exchangeInfo", symbol="ignored").view["symbols"]
    assert isinstance(symbols, list)
    assert [row["symbol"] for row in symbols] == ["BTCUSDT", "ETHUSDT"]


def test_changed_rules_are_listed() -> None:
    stage = RestStage()
    stage.act("filters-changed=tick:10,step:5,min_notional:200")
    stage.act("symbol-settling")
    symbols = stage.get(V1 + "exchangeInfo").view["symbols"]
    assert isinstance(symbols, list)
    filters = {row["filterType"]: row for row in symbols[0]["filters"]}
    assert symbols[0]["status"] == "SETTLING"
    assert filters["PRICE_FILTER"]["tickSize"] == "1.00"
    assert filters["LOT_SIZE"]["stepSize"] == "0.005"
    assert filters["MIN_NOTIONAL"]["notional"] == "200"


def test_other_markets_have_no_contracts() -> None:
    for path in ("/api/v3/exchangeInfo", "/dapi/v1/exchangeInfo"):
        view = RestStage().get(path).view
        assert (view["symbols"], view["rateLimits"]) == ([], [])


def test_brackets_are_an_object_where_a_symbol_is_sent_else_an_array() -> None:
    stage = RestStage(symbols=2)
    one = stage.ask("GET", V1 + "leverageBracket", symbol="BTCUSDT").view
    rows = stage.ask("GET", V1 + "leverageBracket").rows
    assert rows[0] == one
    assert len(rows) == 2


def test_what_is_not_listed_is_empty() -> None:
    stage = RestStage()
    assert stage.get(V1 + "indexInfo").json == []
    assert stage.get(V1 + "tradingSchedule").view["marketSchedules"] == {}
