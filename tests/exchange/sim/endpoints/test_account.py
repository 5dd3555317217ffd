import pytest
from sim_rest import Json, RestStage
from sim_stage import BID, BUY

V1, V2, V3 = "/fapi/v1/", "/fapi/v2/", "/fapi/v3/"
BTC: Json = {"symbol": "BTCUSDT"}


def holding() -> RestStage:
    """Long a tenth of a bitcoin on a market of two contracts."""
    stage = RestStage(symbols=2)
    stage.at_market(BUY, 100)
    return stage


def test_old_and_new_balance_are_the_same() -> None:
    stage = holding()
    rows = stage.ask("GET", V3 + "balance").rows
    assert stage.ask("GET", V2 + "balance").rows == rows
    assert (rows[0]["asset"], rows[0]["balance"]) == ("USDT", "4996.91701000")


def test_the_new_account_shows_what_is_held_and_the_old_one_everything() -> None:
    stage = holding()
    new = stage.ask("GET", V3 + "account").view["positions"]
    old = stage.ask("GET", V2 + "account").view["positions"]
    assert isinstance(new, list)
    assert isinstance(old, list)
    assert [row["symbol"] for row in new] == ["BTCUSDT"]
    assert [(row["symbol"], row["positionAmt"]) for row in old] == [
        ("BTCUSDT", "0.100"),
        ("ETHUSDT", "0.000"),
    ]


def test_a_contract_with_orders_only_is_shown() -> None:
    stage = RestStage()
    assert stage.ask("GET", V3 + "positionRisk").json == []
    stage.order()
    row = stage.ask("GET", V3 + "positionRisk", **BTC).rows[0]
    assert (row["positionAmt"], row["bidNotional"]) == ("0.000", "610.00100000")
    stage.ask("DELETE", V1 + "allOpenOrders", **BTC)
    assert stage.ask("GET", V3 + "positionRisk").json == []


def test_positions_can_be_asked_for_by_symbol() -> None:
    stage = holding()
    assert stage.ask("GET", V3 + "positionRisk", symbol="ETHUSDT").json == []
    assert len(stage.ask("GET", V3 + "positionRisk").rows) == 1
    assert len(stage.ask("GET", V2 + "positionRisk").rows) == 2
    assert len(stage.ask("GET", V2 + "positionRisk", **BTC).rows) == 1


def test_asking_leaves_no_trace() -> None:
    stage = RestStage(symbols=2)
    for path in (V2 + "account", V2 + "positionRisk", V1 + "symbolConfig"):
        stage.ask("GET", path)
    assert stage.venue.floor.account.positions == {}


def test_settings_are_told_by_symbol() -> None:
    stage = holding()
    stage.ask("POST", V1 + "leverage", **BTC, leverage=50)
    rows = stage.ask("GET", V1 + "symbolConfig").rows
    assert [(row["symbol"], row["leverage"]) for row in rows] == [("BTCUSDT", 50), ("ETHUSDT", 20)]
    assert stage.ask("GET", V1 + "symbolConfig", **BTC).rows == rows[:1]
    assert stage.ask("GET", V1 + "accountConfig").view["dualSidePosition"] is False


def test_queues_of_deleveraging_are_told_of_positions() -> None:
    stage = holding()
    rows = stage.ask("GET", V1 + "adlQuantile").rows
    assert rows[0]["adlQuantile"] == {"LONG": 1, "SHORT": 0, "BOTH": 1}
    assert stage.ask("GET", V1 + "adlQuantile", symbol="ETHUSDT").json == []


def test_fees_are_those_that_are_charged() -> None:
    view = RestStage().ask("GET", V1 + "commissionRate", **BTC).view
    assert (view["makerCommissionRate"], view["takerCommissionRate"]) == ("0.000200", "0.000500")


def test_income_can_be_asked_for_by_kind_symbol_and_time() -> None:
    stage = RestStage(symbols=2)
    start = stage.agenda.now_ms
    stage.agenda.advance(start + 1_000)
    stage.market_order("BUY", "0.010")
    stage.market_order("SELL", "0.010")
    path = V1 + "income"
    every = stage.ask("GET", path).rows
    assert [row["incomeType"] for row in every] == [
        "TRANSFER",
        "COMMISSION",
        "REALIZED_PNL",
        "COMMISSION",
    ]
    assert stage.ask("GET", path, incomeType="REALIZED_PNL").rows == every[2:3]
    assert stage.ask("GET", path, **BTC).rows == every[1:]
    assert stage.ask("GET", path, symbol="ETHUSDT").rows == []
    assert stage.ask("GET", path, startTime=start + 1).rows == every[1:]
    assert stage.ask("GET", path, endTime=start).rows == every[:1]
    assert stage.ask("GET", path, limit=3).rows == every[1:]
    assert stage.ask("GET", path, limit=3, startTime=start).rows == every[:3]
    # Without effect since 2026-10-16: times locate the records.
    assert stage.ask("GET", path, limit=3, page=2).rows == every[1:]
    assert stage.ask("GET", path, limit=3, page=2, startTime=start).rows == every[:3]


def test_income_of_a_quarter_ago_is_forgotten() -> None:
    stage = RestStage()
    stage.skip(91 * 86_400_000)
    assert stage.ask("GET", V1 + "income", startTime=1).json == []


def test_moved_margin_is_told_by_kind() -> None:
    stage = RestStage()
    stage.venue.settings.set_margin_type("BTCUSDT", is_isolated=True)
    stage.at_market(BUY, 10)
    for kind, amount in ((1, "7.5"), (2, "2.5")):
        stage.ask("POST", V1 + "positionMargin", **BTC, amount=amount, type=kind)
    path = V1 + "positionMargin/history"
    every = stage.ask("GET", path, **BTC).rows
    assert [(row["type"], row["amount"]) for row in every] == [(1, "7.50000000"), (2, "2.50000000")]
    assert stage.ask("GET", path, **BTC, type=2).rows == every[1:]
    assert stage.ask("GET", path, **BTC, type=3).code == -1130


def test_no_rule_of_trading_is_broken() -> None:
    assert RestStage().ask("GET", V1 + "apiTradingStatus").view["indicators"] == {}


def test_limits_of_orders_are_told() -> None:
    rows = RestStage().ask("GET", V1 + "rateLimit/order").rows
    assert [(row["intervalNum"], row["interval"], row["limit"]) for row in rows] == [
        (10, "SECOND", 300),
        (1, "MINUTE", 1_200),
    ]


@pytest.mark.parametrize("path", [V3 + "account", V2 + "account"])
def test_the_figures_of_an_account_fit_together(path: str) -> None:
    stage = holding()
    stage.order()
    stage.mark(BID - 1_000)
    view = stage.ask("GET", path).view
    figures = {name: float(str(value)) for name, value in view.items() if name.startswith("total")}
    assert figures["totalUnrealizedProfit"] == pytest.approx(-10.01)
    assert figures["totalMarginBalance"] == pytest.approx(
        figures["totalWalletBalance"] + figures["totalUnrealizedProfit"]
    )
    assert figures["totalInitialMargin"] == pytest.approx(
        figures["totalPositionInitialMargin"] + figures["totalOpenOrderInitialMargin"]
    )
    assert float(str(view["availableBalance"])) == pytest.approx(
        figures["totalMarginBalance"] - figures["totalInitialMargin"]
    )
