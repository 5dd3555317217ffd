import pytest
from sim_rest import RestStage
from sim_stage import BID

from botcore_tui.exchange.sim.mark_bars import Kind

V1 = "/fapi/v1/"
BTC = {"symbol": "BTCUSDT"}


def rows(stage: RestStage, path: str, **parameters: object) -> list[list[object]]:
    usual: dict[str, object] = {**BTC, "pair": "BTCUSDT", "interval": "1m", "limit": 3}
    answer = stage.get(V1 + path, **{**usual, **parameters}).json
    assert isinstance(answer, list)
    return answer


def traded() -> RestStage:
    stage = RestStage()
    stage.market_order("BUY", "0.020")
    stage.mark(BID + 50)
    return stage


def test_the_last_bar_is_the_open_one() -> None:
    *_, last = rows(traded(), "klines")
    assert last[0] == 1_723_161_240_000
    assert last[5:] == [
        "0.020",
        1_723_161_299_999,
        "1233.19600",
        1,
        "0.020",
        "1233.19600",
        "0",
    ]
    assert last[4] == "61659.80"


def test_bars_follow_each_other() -> None:
    times = [row[0] for row in rows(traded(), "klines", interval="1h")]
    assert times == [1_723_150_800_000, 1_723_154_400_000, 1_723_158_000_000]


def test_bars_can_be_asked_for_by_time() -> None:
    first, second = 1_723_150_800_000, 1_723_154_400_000
    found = rows(traded(), "klines", interval="1h", startTime=first - 1, endTime=second)
    assert [row[0] for row in found] == [first, second]


def test_a_pairs_perpetual_is_its_contract() -> None:
    stage = traded()
    assert rows(stage, "continuousKlines", contractType="PERPETUAL") == rows(stage, "klines")


def test_a_pair_has_no_other_contract() -> None:
    answer = traded().get(
        V1 + "continuousKlines", pair="BTCUSDT", contractType="NEXT_QUARTER", interval="1m"
    )
    assert answer.code == -4144


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("markPriceKlines", Kind.MARK),
        ("indexPriceKlines", Kind.INDEX),
        ("premiumIndexKlines", Kind.PREMIUM),
    ],
)
def test_bars_of_mark_index_and_premium_are_those_of_the_market(path: str, kind: Kind) -> None:
    stage = traded()
    bars = stage.market.mark_bars.klines(kind, "1m", now_ms=stage.agenda.now_ms, limit=500)
    shown = rows(stage, path)
    assert [row[0] for row in shown] == [bar.open_ms for bar in bars[-len(shown) :]]
    assert float(str(shown[-1][4])) == bars[-1].close / 10**8
    assert shown[-1][8] == bars[-1].count


@pytest.mark.parametrize("path", ["klines", "markPriceKlines", "premiumIndexKlines"])
def test_a_symbol_and_an_interval_must_be_sent(path: str) -> None:
    stage = RestStage()
    assert stage.get(V1 + path, interval="1m").code == -1102
    assert stage.get(V1 + path, **BTC).code == -1102
    assert stage.get(V1 + path, **BTC, interval="1s").code == -1120


def test_a_month_is_an_interval() -> None:
    assert len(rows(RestStage(), "klines", interval="1M")) == 3
