"""The public record of trades."""

from botcore_tui.exchange.sim.prints import TradeLog, TradePrint
from botcore_tui.exchange.sim.queues import CROWD, Match


def a_log(trades: int = 0) -> TradeLog:
    log = TradeLog(1_000, 500)
    for number in range(trades):
        log.add([Match(100, 1, CROWD)], is_sell=False, time_ms=10 * number)
    return log


def test_single_trade_is_its_own_aggregate() -> None:
    log = a_log()
    match = Match(100, 3, CROWD)
    whole = log.add([match], is_sell=True, time_ms=7)
    assert whole == TradePrint(1_001, 501, 1_001, 1_001, 100, 3, is_sell=True, time_ms=7)
    assert match.trade_id == log.last_id == 1_001
    assert list(log.trades) == list(log.aggregates) == [whole]


def test_trades_of_one_order_at_one_price_are_one_aggregate() -> None:
    log = a_log()
    matches = [Match(100, 3, CROWD), Match(100, 2, 9), Match(100, 5, CROWD)]
    whole = log.add(matches, is_sell=False, time_ms=7)
    assert (whole.first_id, whole.last_id, whole.lots) == (1_001, 1_003, 10)
    assert [match.trade_id for match in matches] == [1_001, 1_002, 1_003]
    assert [(one.trade_id, one.lots, one.aggregate_id) for one in log.trades] == [
        (1_001, 3, 501),
        (1_002, 2, 501),
        (1_003, 5, 501),
    ]
    assert list(log.aggregates) == [whole]


def test_unpublished_trade_has_a_number_that_nobody_sees() -> None:
    log = a_log(1)
    assert log.next_id() == 1_002
    log.add([Match(100, 1, CROWD)], is_sell=False, time_ms=1)
    assert [one.trade_id for one in log.trades] == [1_001, 1_003]


def test_recent_trades_are_the_latest_or_from_a_number_on() -> None:
    log = a_log(5)
    assert [one.trade_id for one in log.recent(2)] == [1_004, 1_005]
    assert [one.trade_id for one in log.recent(99)] == [1_001, 1_002, 1_003, 1_004, 1_005]
    assert [one.trade_id for one in log.recent(2, from_id=1_002)] == [1_002, 1_003]
    assert log.recent(2, from_id=1_006) == []


def test_aggregates_are_found_by_number_and_by_time() -> None:
    log = a_log(5)

    def ids(**bounds: int) -> list[int]:
        return [one.aggregate_id for one in log.aggregated(2, **bounds)]

    assert ids() == [504, 505]
    assert ids(from_id=502) == [502, 503]
    assert ids(start_ms=20) == [503, 504]
    assert ids(start_ms=11, end_ms=20) == [503]
    assert ids(end_ms=20) == [502, 503]


def test_old_trades_are_forgotten() -> None:
    log = a_log(12_000)
    assert (len(log.trades), len(log.aggregates)) == (1_000, 10_000)
    assert log.aggregates[0].aggregate_id == 2_501
