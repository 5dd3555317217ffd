"""Cancels and questions: every answer is told, and executions before what follows from them."""

import pytest
from desk_stage import RULES
from executor_stage import ENTRY, Stage, a_cancel, a_query, kinds
from fake_account import NOW_MS
from market_builders import SYMBOL
from msgspec.structs import replace
from order_builders import a_fill, a_position_report, an_algo_report, an_order_report
from virtual_time import VirtualTime
from waiting import settle

from botcore_tui.errors import FetchError
from botcore_tui.exchange.base import OrderError
from botcore_tui.exchange.binance.rest import RestError
from botcore_tui.model.event import Event, Query
from botcore_tui.model.order import (
    AlgoReport,
    AlgoStatus,
    CancelFailed,
    Fill,
    OrderNotFound,
    OrderReport,
    Outcome,
    QueryFailed,
    Source,
    VenueStatus,
)


@pytest.fixture
def stage(time: VirtualTime) -> Stage:
    return Stage(time)


# --- cancelling --------------------------------------------------------------------------------


def test_reply_to_a_cancel_is_told_if_it_says_something(stage: Stage, time: VirtualTime) -> None:
    report = an_order_report(client_order_id="bc-1-1-e", status=VenueStatus.CANCELED)
    stage.account.cancel_replies["bc-1-1-e"] = report

    async def play() -> None:
        async with stage.session():
            stage.executor.cancel(a_cancel())
            stage.executor.cancel(a_cancel("bc-1-2-s", is_algo=True))

    time.run(play)

    assert stage.told == [report]


@pytest.mark.requirement("F04")
def test_refused_cancel_is_told_with_its_code(stage: Stage, time: VirtualTime) -> None:
    refusal = OrderError(Outcome.REJECTED, -2011, "Unknown order sent.")
    stage.account.cancel_replies["bc-1-1-e"] = refusal

    async def play() -> None:
        async with stage.session():
            stage.executor.cancel(a_cancel())

    time.run(play)

    now_ms = time.now_ms()
    assert stage.told == [
        CancelFailed("bc-1-1-e", Outcome.REJECTED, -2011, "Unknown order sent.", now_ms)
    ]


def test_defect_while_cancelling_is_told(stage: Stage, time: VirtualTime) -> None:
    stage.account.cancel_replies["bc-1-1-e"] = ZeroDivisionError("by nothing")

    async def play() -> None:
        async with stage.session():
            stage.executor.cancel(a_cancel())

    time.run(play)

    (told,) = stage.told
    assert isinstance(told, CancelFailed)
    assert told.outcome is Outcome.UNKNOWN
    assert stage.deaths == ["cancel: by nothing"]


@pytest.mark.requirement("F16")
def test_cancels_pass_a_flood_of_orders_that_wait(stage: Stage, time: VirtualTime) -> None:
    async def play() -> None:
        stage.account.hold("place")
        stage.ledger.hold()
        async with stage.session():
            for number in range(1_000):
                stage.submit(replace(ENTRY, client_order_id=f"bc-1-{number}-e"))
            before = time.elapsed()
            stage.executor.cancel(a_cancel("bc-0-1-e"))
            await stage.account.until(lambda: stage.account.count("cancel"))
            assert time.elapsed() == before
            stage.ledger.release()
            await settle()
            stage.executor.cancel(a_cancel("bc-0-2-e"))
            await stage.account.until(lambda: stage.account.count("cancel") == 2)
            stage.account.release("place")

    time.run(play)

    assert len(stage.account.sent) == len(set(stage.account.sent)) == 1_000


# --- asking ------------------------------------------------------------------------------------


def asked(stage: Stage, time: VirtualTime, query: Query) -> list[Event]:
    async def play() -> None:
        async with stage.session():
            stage.executor.query(query)

    time.run(play)
    return stage.told


@pytest.mark.requirement("F02")
def test_order_that_the_venue_does_not_know_is_told_with_the_time_of_the_question(
    stage: Stage, time: VirtualTime
) -> None:
    assert asked(stage, time, a_query()) == [OrderNotFound("bc-1-1-e", NOW_MS)]


def test_question_waits_as_long_as_it_is_told_to(stage: Stage, time: VirtualTime) -> None:
    asked(stage, time, a_query(delay_seconds=2.5))

    assert time.elapsed() == 2.5


def test_unfilled_order_is_told_without_asking_for_its_trades(
    stage: Stage, time: VirtualTime
) -> None:
    report = an_order_report(client_order_id="bc-1-1-e", filled_quantity="0")
    stage.account.reports["bc-1-1-e"] = report

    assert asked(stage, time, a_query()) == [report]
    assert stage.account.count("trades") == 0


def test_executions_are_told_before_the_report_and_bear_its_client_id(
    stage: Stage, time: VirtualTime
) -> None:
    report = an_order_report(client_order_id="bc-1-1-e", order_id=7, filled_quantity="0.5")
    ours, another = a_fill(trade_id=1, order_id=7), a_fill(trade_id=2, order_id=8)
    stage.account.reports[7] = report
    stage.account.fills = [replace(ours, client_order_id=""), another]

    told = asked(stage, time, a_query("", order_id=7))

    assert told == [
        replace(ours, client_order_id="bc-1-1-e", source=Source.QUERY),
        report,
    ]


@pytest.mark.parametrize("status", [AlgoStatus.TRIGGERED, AlgoStatus.FINISHED])
def test_triggered_order_is_followed_to_the_order_that_it_became(
    stage: Stage, time: VirtualTime, status: AlgoStatus
) -> None:
    algo = an_algo_report(client_order_id="bc-1-2-s", status=status, order_id=9)
    order = an_order_report(client_order_id="bc-1-2-s", order_id=9, filled_quantity="1")
    stage.account.reports = {"bc-1-2-s": algo, 9: order}
    stage.account.fills = [a_fill(trade_id=5, order_id=9)]

    told = asked(stage, time, a_query("bc-1-2-s", is_algo=True))

    assert kinds(told) == ["Fill", "OrderReport", "AlgoReport"]
    fill = told[0]
    assert isinstance(fill, Fill)
    assert fill.client_order_id == "bc-1-2-s"


def test_waiting_or_unfollowable_conditional_order_is_told_alone(
    stage: Stage, time: VirtualTime
) -> None:
    waiting = an_algo_report(client_order_id="bc-1-2-s", status=AlgoStatus.NEW)
    gone = an_algo_report(client_order_id="bc-1-3-s", status=AlgoStatus.TRIGGERED, order_id=9)
    stage.account.reports = {"bc-1-2-s": waiting, "bc-1-3-s": gone}

    async def play() -> None:
        async with stage.session():
            stage.executor.query(a_query("bc-1-2-s", is_algo=True))
            stage.executor.query(a_query("bc-1-3-s", is_algo=True))

    time.run(play)

    assert [event for event in stage.told if isinstance(event, AlgoReport)] == [waiting, gone]
    assert not any(isinstance(event, OrderReport | Fill) for event in stage.told)


@pytest.mark.parametrize("part", ["order", "trades"])
def test_question_without_an_answer_has_failed(stage: Stage, time: VirtualTime, part: str) -> None:
    stage.account.reports["bc-1-1-e"] = an_order_report(
        client_order_id="bc-1-1-e", filled_quantity="1"
    )
    stage.account.failures[part].append(FetchError("the venue is away"))

    told = asked(stage, time, a_query())

    assert told == [QueryFailed("bc-1-1-e", "the venue is away", time.now_ms())]
    assert stage.deaths == []


def test_defect_while_asking_is_told(stage: Stage, time: VirtualTime) -> None:
    stage.account.failures["order"].append(ZeroDivisionError("by nothing"))

    told = asked(stage, time, a_query())

    assert kinds(told) == ["QueryFailed"]
    assert stage.deaths == ["query: by nothing"]


def test_contract_that_the_venue_no_longer_knows_has_no_order(
    stage: Stage, time: VirtualTime
) -> None:
    """It was delivered while an order rested in it: asked for ever, that would be in doubt."""
    refused = RestError("http://venue/x", "Invalid symbol.", status=400, code=-1121)
    stage.account.failures["order"].append(refused)

    async def play() -> None:
        async with stage.session():
            stage.executor.query(a_query())

    time.run(play)

    assert kinds(stage.told) == ["OrderNotFound"]


@pytest.mark.parametrize("code", [-1121, -1122])
def test_order_that_the_venue_tells_of_is_there_though_its_trades_are_not_told(
    stage: Stage, time: VirtualTime, code: int
) -> None:
    """Of a delivered contract they never are: the order would be UNKNOWN for ever."""
    report = an_order_report(client_order_id="bc-1-1-e", filled_quantity="1")
    stage.account.reports["bc-1-1-e"] = report
    stage.account.failures["trades"].append(refused_as(code))

    assert asked(stage, time, a_query()) == [report]


def test_order_is_not_told_without_its_trades_where_these_only_did_not_come(
    stage: Stage, time: VirtualTime
) -> None:
    stage.account.reports["bc-1-1-e"] = an_order_report(
        client_order_id="bc-1-1-e", filled_quantity="1"
    )
    stage.account.failures["trades"].append(FetchError("the venue is away"))

    assert kinds(asked(stage, time, a_query())) == ["QueryFailed"]


@pytest.mark.requirement("F02")
@pytest.mark.parametrize("code", [-1121, -1122])
def test_contract_that_only_rests_may_have_the_order(
    stage: Stage, time: VirtualTime, code: int
) -> None:
    """Taken for gone, it would be placed again, and both execute when the contract goes on."""
    stage.account.failures["order"].append(refused_as(code))
    stage.account.rules_of[SYMBOL] = replace(RULES, status="PENDING_TRADING")

    assert kinds(asked(stage, time, a_query())) == ["QueryFailed"]


# --- a contract that is off the list, of which the venue says only that its state is invalid ------


def refused_as(code: int) -> RestError:
    return RestError("http://venue/x", "Invalid symbol status.", status=400, code=code)


@pytest.mark.requirement("F02")
@pytest.mark.parametrize("is_algo", [False, True])
@pytest.mark.parametrize("trades", [[], [-1121], [-1122]])
def test_contract_that_is_off_the_list_and_empty_has_no_order(
    stage: Stage, time: VirtualTime, trades: list[int], *, is_algo: bool
) -> None:
    """Else it is UNKNOWN for ever, and its exposure reserved: no halt is ever confirmed."""
    stage.account.failures["order"].append(refused_as(-1122))
    stage.account.failures["trades"].extend(map(refused_as, trades))
    other = "ETHUSDT"
    stage.account.orders = [an_order_report(symbol=other)]
    stage.account.algo_orders = [an_algo_report(symbol=other)]
    stage.account.held_positions = [a_position_report(symbol=other)]

    assert kinds(asked(stage, time, a_query(is_algo=is_algo))) == ["OrderNotFound"]


@pytest.mark.requirement("F02")
@pytest.mark.parametrize("what", ["position", "trade", "order", "conditional"])
@pytest.mark.parametrize("is_algo", [False, True])
def test_contract_that_is_off_the_list_and_not_empty_may_have_the_order(
    stage: Stage, time: VirtualTime, what: str, *, is_algo: bool
) -> None:
    stage.account.failures["order"].append(refused_as(-1122))
    match what:
        case "position":
            stage.account.held_positions = [a_position_report()]
        case "trade":
            stage.account.fills = [a_fill()]
        case "order":
            stage.account.orders = [an_order_report()]
        case _:
            stage.account.algo_orders = [an_algo_report()]

    is_open = is_algo or what != "conditional"  # of an order of the book they say nothing
    expected = "QueryFailed" if is_open else "OrderNotFound"
    assert kinds(asked(stage, time, a_query(is_algo=is_algo))) == [expected]


@pytest.mark.requirement("F02")
@pytest.mark.parametrize("part", ["rules", "positions", "trades", "open_orders"])
def test_what_is_not_answered_of_a_contract_off_the_list_proves_nothing(
    stage: Stage, time: VirtualTime, part: str
) -> None:
    stage.account.failures["order"].append(refused_as(-1122))
    stage.account.failures[part].append(FetchError("the venue is away"))

    assert kinds(asked(stage, time, a_query())) == ["QueryFailed"]


@pytest.mark.requirement("F02")
def test_contract_that_the_venue_no_longer_knows_leaves_time_for_the_income_history(
    stage: Stage, time: VirtualTime
) -> None:
    """It may tell that the order was executed before its contract was delivered."""

    async def play() -> None:
        async with stage.session():
            for seconds in (0, 5, 25):
                await time.sleep(seconds)
                stage.account.failures["order"].append(refused_as(-1121))
                stage.executor.query(a_query())
                await settle()

    time.run(play)

    assert kinds(stage.told) == ["OrderNotFound", "QueryFailed", "OrderNotFound"]


@pytest.mark.requirement("P18")
def test_whole_account_is_listed_seldom_for_a_contract_off_the_list(
    stage: Stage, time: VirtualTime
) -> None:
    """It weighs forty; and what is missing for a moment only is no proof."""

    async def play() -> None:
        async with stage.session():
            for seconds in (0, 5, 20, 5):
                await time.sleep(seconds)
                stage.account.failures["order"].append(refused_as(-1122))
                stage.executor.query(a_query())
                await settle()

    time.run(play)

    told = ["OrderNotFound", "QueryFailed", "QueryFailed", "OrderNotFound"]
    assert kinds(stage.told) == told
    assert stage.account.count("open_orders") == 2
