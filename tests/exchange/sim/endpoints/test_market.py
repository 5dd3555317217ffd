import pytest
from sim_rest import RestStage
from sim_stage import BID, BUY

V1 = "/fapi/v1/"
BTC = {"symbol": "BTCUSDT"}
HOUR_MS = 3_600_000


def traded(count: int = 3) -> RestStage:
    stage = RestStage(symbols=2, balance=100_000)
    for _ in range(count):
        stage.market_order("BUY", "0.020")
    return stage


@pytest.mark.parametrize("limit", [5, 10, 20, 50, 100, 500, 1_000])
def test_the_book_is_shown_to_a_depth(limit: int) -> None:
    view = RestStage().get(V1 + "depth", **BTC, limit=limit).view
    assert view["bids"] == [[f"{(BID - step) / 10:.2f}", "1.000"] for step in range(5)]


def test_the_book_is_shown_to_500_levels_unless_asked_otherwise() -> None:
    stage = RestStage()
    for step in range(600):
        stage.market.book.crowd_set(BUY, BID - step, 1)
    bids = stage.get(V1 + "depth", **BTC).view["bids"]
    assert isinstance(bids, list)
    assert len(bids) == 500


def test_the_book_with_improving_orders_is_the_same() -> None:
    stage = RestStage()
    view = stage.get(V1 + "rpiDepth", **BTC, limit=1_000).view
    assert view == stage.get(V1 + "depth", **BTC).view
    assert stage.get(V1 + "rpiDepth", **BTC, limit=500).code == -4021


def test_the_books_number_is_that_of_its_last_update() -> None:
    stage = RestStage()
    assert stage.get(V1 + "depth", **BTC).view["lastUpdateId"] == stage.market.update_id


def test_trades_are_the_latest_ones_oldest_first() -> None:
    stage = traded()
    every = stage.get(V1 + "trades", **BTC).rows
    assert len(every) == 3
    assert stage.get(V1 + "trades", **BTC, limit=2).rows == every[1:]
    assert every[0]["isBuyerMaker"] is False


def test_old_trades_can_be_asked_for_by_number() -> None:
    stage = traded()
    every = stage.get(V1 + "trades", **BTC).rows
    found = stage.ask("GET", V1 + "historicalTrades", **BTC, fromId=every[1]["id"], limit=1)
    assert found.rows == every[1:2]
    assert stage.get(V1 + "historicalTrades", **BTC).code == -2014


def test_aggregates_can_be_asked_for_by_number_and_time() -> None:
    stage = traded(1)
    start = stage.agenda.now_ms
    stage.agenda.advance(start + 1_000)
    stage.market_order("BUY", "0.010")
    every = stage.get(V1 + "aggTrades", **BTC).rows
    assert len(every) == 2
    assert stage.get(V1 + "aggTrades", **BTC, fromId=every[1]["a"]).rows == every[1:]
    assert stage.get(V1 + "aggTrades", **BTC, startTime=start + 1).rows == every[1:]
    assert stage.get(V1 + "aggTrades", **BTC, endTime=start).rows == every[:1]
    hour = {"startTime": start, "endTime": start + HOUR_MS}
    assert stage.get(V1 + "aggTrades", **BTC, **hour).rows == every


def test_aggregates_are_forgotten_after_two_days() -> None:
    stage = traded()
    stage.skip(48 * HOUR_MS + 1)
    assert stage.get(V1 + "aggTrades", **BTC, startTime=1).rows == []


@pytest.mark.parametrize(
    "path", ["ticker/24hr", "ticker/price", "ticker/bookTicker", "premiumIndex", "symbolAdlRisk"]
)
def test_one_symbol_is_an_object_and_all_are_an_array(path: str) -> None:
    stage = traded()
    one = stage.get(V1 + path, **BTC).view
    rows = stage.get(V1 + path).rows
    assert rows[0] == one
    assert [row["symbol"] for row in rows] == ["BTCUSDT", "ETHUSDT"]


def test_the_last_price_is_that_of_the_last_trade() -> None:
    stage = traded()
    assert stage.get(V1 + "ticker/price", **BTC).view["price"] == "61659.80"
    assert stage.get("/fapi/v2/ticker/price", **BTC).view["price"] == "61659.80"


def test_funding_rates_are_oldest_first() -> None:
    stage = RestStage(symbols=2)
    stage.agenda.advance(stage.agenda.now_ms + 8 * HOUR_MS)
    rows = stage.get(V1 + "fundingRate", **BTC, limit=3).rows
    times = [row["fundingTime"] for row in rows]
    assert times == [1_723_104_000_000, 1_723_132_800_000, 1_723_161_600_000]
    assert rows[-1]["fundingRate"] == "0.00010000"
    start = stage.get(V1 + "fundingRate", **BTC, startTime=times[1], limit=1).rows
    assert start == rows[1:2]


def test_funding_rates_of_all_contracts_are_in_order_of_time() -> None:
    stage = RestStage(symbols=2)
    rows = stage.get(V1 + "fundingRate", limit=4).rows
    assert [row["symbol"] for row in rows] == ["BTCUSDT", "ETHUSDT"] * 2
    assert len({row["fundingTime"] for row in rows}) == 2


def test_funding_rates_have_a_limit_of_their_own() -> None:
    stage = RestStage()
    for _ in range(500):
        assert stage.get(V1 + "fundingInfo").json == []
    assert stage.get(V1 + "fundingRate", **BTC).status == 429
    assert stage.get(V1 + "ping").status == 200


def test_open_interest_is_that_of_the_market() -> None:
    assert RestStage().get(V1 + "openInterest", **BTC).view["openInterest"] == "1.000"


def test_the_insurance_fund_is_shown() -> None:
    stage = RestStage()
    assert stage.get(V1 + "insuranceBalance").view["assets"] == [
        {"asset": "USDT", "marginBalance": "0.00000000", "updateTime": stage.agenda.now_ms}
    ]
