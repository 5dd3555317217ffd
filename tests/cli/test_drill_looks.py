"""What a drill sees is so, or is not: nothing passes by silence."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path

import pytest
from account_builders import a_position, an_account, an_answer
from drill_scene import BTC, Scene
from fake_account import accepted
from order_builders import a_position_report
from risk_views import a_dead_man, a_gauge, a_kill, a_risk, an_obstacle

from botcore_tui.cli import drill_looks as looks
from botcore_tui.cli.drill_stage import Stage
from botcore_tui.cli.drill_terms import Seen
from botcore_tui.engine.control import Refusal
from botcore_tui.model.market import Side
from botcore_tui.model.order import (
    AlgoReport,
    OrderReport,
    OrderRequest,
    OrderType,
    Purpose,
    TimeInForce,
)
from botcore_tui.model.risk import KillStage
from botcore_tui.model.trading import AccountView, Cover

Look = Callable[[Stage], Awaitable[Seen]]
BLOCKED = a_risk(obstacles=(an_obstacle("P09"),))


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def seen(scene: Scene, look: Look) -> bool:
    async def run() -> Seen:
        return await look(scene)

    return asyncio.run(run()).is_so


def an_entry(name: str = "e1", *, reduce_only: bool = False) -> OrderReport:
    report = accepted(_request(name, OrderType.LIMIT, reduce_only=reduce_only), 1, 1)
    assert isinstance(report, OrderReport)
    return report


def a_stop(kind: OrderType = OrderType.STOP_MARKET, *, reduce_only: bool = True) -> AlgoReport:
    report = accepted(_request("s1", kind, reduce_only=reduce_only), 2, 1)
    assert isinstance(report, AlgoReport)
    return report


def _request(name: str, kind: OrderType, *, reduce_only: bool = False) -> OrderRequest:
    return OrderRequest(
        client_order_id=name,
        symbol=BTC,
        side=Side.BUY,
        type=kind,
        purpose=Purpose.ENTRY,
        quantity=Decimal(1),
        reduce_only=reduce_only,
        time_in_force=TimeInForce.GTC,
    )


def test_a_position_is_protected_by_a_stop_and_by_nothing_else(scene: Scene) -> None:
    assert not seen(scene, looks.protected)
    scene.venue.held_positions = [a_position_report(quantity="0.1")]
    scene.venue.algo_orders = [a_stop(OrderType.TAKE_PROFIT_MARKET)]
    assert not seen(scene, looks.protected)
    scene.venue.algo_orders.append(a_stop(reduce_only=False))
    assert not seen(scene, looks.protected)
    scene.venue.algo_orders.append(a_stop())
    assert seen(scene, looks.protected)


def test_reducing_orders_are_no_entries(scene: Scene) -> None:
    scene.venue.orders = [an_entry(), an_entry("e2", reduce_only=True)]
    assert seen(scene, lambda stage: looks.entries(stage, 1))
    assert not seen(scene, lambda stage: looks.entries(stage, 0))


def test_flat_is_neither_position_nor_conditional_order(scene: Scene) -> None:
    assert seen(scene, looks.flat)
    scene.venue.algo_orders = [a_stop()]
    assert not seen(scene, looks.flat)
    scene.venue.algo_orders, scene.venue.held_positions = [], [a_position_report(quantity="0.1")]
    assert not seen(scene, looks.flat)


@pytest.mark.parametrize(
    ("look", "good"),
    [
        (looks.tripped, an_account(risk=a_risk(latched=("A03-1h",)))),
        (looks.armed, an_account(risk=a_risk(dead_men=(a_dead_man(),)))),
        (looks.blocked, an_account(risk=BLOCKED)),
        (looks.unblocked, an_account(risk=a_risk())),
        (
            looks.halt_confirmed,
            an_account(risk=a_risk(kill=a_kill(stage=KillStage.CONFIRMED, text="flat"))),
        ),
    ],
    ids=["tripped", "armed", "blocked", "unblocked", "confirmed"],
)
def test_what_the_engine_says_is_seen(scene: Scene, look: Look, good: AccountView) -> None:
    scene.view = good
    assert seen(scene, look)


@pytest.mark.parametrize(
    ("look", "bad"),
    [
        (looks.tripped, an_account(risk=a_risk())),
        (lambda stage: looks.tripped(stage, "A01"), an_account(risk=a_risk(latched=("A02",)))),
        (looks.tripped, None),
        (looks.armed, an_account(risk=a_risk(dead_men=(a_dead_man(until_ms=0),)))),
        (looks.armed, None),
        (looks.halt_confirmed, an_account(risk=a_risk())),
        (looks.halt_confirmed, an_account(risk=a_risk(kill=a_kill(stage=KillStage.VERIFYING)))),
        (looks.halt_confirmed, None),
        (looks.blocked, an_account(risk=a_risk(obstacles=(an_obstacle("P05"),)))),
        (looks.unblocked, an_account(risk=BLOCKED)),
        (looks.unblocked, an_account(risk=a_risk(), is_stream_up=False)),
        (looks.unblocked, an_account(risk=a_risk(), trouble="not reconciled")),
        (looks.unblocked, None),
        (looks.known, None),
        (looks.known, an_account(positions=(a_position(cover=Cover.NAKED),))),
    ],
)
def test_what_is_not_so_or_not_told_is_not_seen(
    scene: Scene, look: Look, bad: AccountView | None
) -> None:
    scene.view = bad
    scene.position = a_position().quantity
    assert not seen(scene, look)


def test_the_engine_must_know_the_position_and_the_entries(scene: Scene) -> None:
    scene.view = an_account(positions=(a_position(cover=Cover.VERIFIED),))
    scene.position = a_position().quantity
    assert seen(scene, looks.known)
    scene.position += 1
    assert not seen(scene, looks.known)
    (order, *_) = scene.view.orders
    scene.venue.orders = [an_entry(order.client_order_id)]
    assert seen(scene, looks.remembered)
    scene.venue.orders.append(an_entry("nobody's"))
    assert not seen(scene, looks.remembered)


def test_answers_are_told_in_words() -> None:
    refused = an_answer("c", refused="P01", text="halted")
    assert (looks.words(refused), looks.is_taken(refused)) == ("halted (P01)", False)
    assert looks.refused(refused).is_so
    assert looks.is_taken(an_answer("c"))
    assert looks.words(an_answer("c")) == "taken on"
    assert looks.words(Refusal(error="busy", code="busy")) == "busy (busy)"
    assert looks.words(None) == "no answer"


def test_the_daily_loss_in_money_is_that_of_its_gauge() -> None:
    gauge = a_gauge(code="A01", limit_amount=Decimal(250))
    risk = a_risk(gauges=(a_gauge(code="A02"), gauge))
    assert looks.limit_amount(an_account(risk=risk)) == Decimal(250)
    assert looks.limit_amount(None) is None
