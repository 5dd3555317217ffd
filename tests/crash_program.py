"""The real engine without a screen: recovers, says so, and trades a script up to its end.

Made for ``crash_lab``, which forks it, and kills it at a point of the script.
"""

import asyncio
import logging
import os
import time
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Final, Literal, TypedDict

import msgspec
from crash_points import START, Points, watch_tasks, watched_parts
from fault_config import CALM
from msgspec import Struct
from msgspec.structs import replace
from sim_process import Sim

from botcore_tui.cli.workplace import Builder, Workplace
from botcore_tui.config import Config, Environment
from botcore_tui.engine.log_ring import LogRing
from botcore_tui.model.command import (
    CancelOrder,
    ClosePosition,
    MoveStop,
    OrderCommand,
    PlaceOrder,
)
from botcore_tui.model.event import Answer, TradingState
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderState, OrderType, Purpose
from botcore_tui.model.risk import KillStage
from botcore_tui.model.snapshot import Snapshot, View
from botcore_tui.model.trading import AccountView, Cover, OrderView

logger = logging.getLogger(__name__)

SYMBOL: Final = "BTCUSDT"
QUANTITY: Final = Decimal("0.010")
GUARDS: Final = (Purpose.STOP, Purpose.TARGET, Purpose.TRAIL)
"""A position has one order of each."""
_SECONDS: Final = 25.0
"""Longest wait for anything; what is UNKNOWN is known within ten."""
_LOOK_SECONDS: Final = 0.02
_VIEW: Final = View(SYMBOL)


class Plan(Struct, frozen=True):
    """What a program is to do.

    Attributes:
        kind: ``play``: the script from the start; ``hold``: up to a position with a stop and a
            resting entry; ``start``: only recover, with points counting from the first moment.
    """

    kind: Literal["play", "hold", "start"]
    target: str = ""


class Told(Struct, frozen=True):
    """A line from the program."""

    what: Literal["recovered", "phase", "halted", "done", "failed"]
    text: str = ""
    state: str = ""
    protected_seconds: float = 0.0
    """From the fork until every position had a stop that the venue confirms."""
    settled_seconds: float = 0.0
    """From the fork until nothing was left to be found out."""
    open_orders: tuple[str, ...] = ()
    foreign: int = 0


class _Words(TypedDict):
    command_id: str
    actor: str
    time_ms: int


class _TooLongError(Exception):
    pass


class Program:
    """One life of it.

    Args:
        sim: Whose account is traded.
        home: State directory.
        points: Where it comes by.
        say: Takes lines.
    """

    def __init__(
        self, sim: Sim, home: Path, points: Points, say: Callable[[Told], None], began_ns: int
    ) -> None:
        self._points = points
        self._say = say
        self._began_ns = began_ns
        self._count = 0
        os.environ["BOTCORE_TESTNET_API_KEY"] = sim.api_key
        os.environ["BOTCORE_TESTNET_API_SECRET"] = sim.api_secret
        builder = Builder(a_config(sim), LogRing(), state_dir=home)
        self._place: Workplace = builder.build(Environment.TESTNET, TradingState.ACTIVE)
        self._engine = self._place.engine
        self._engine.serve("points", self._watch)

    async def _watch(self) -> None:
        watch_tasks(self._points)
        await asyncio.Event().wait()

    def start(self) -> None:
        """Start the engine and wait until it has recovered."""
        self._engine.start()
        self._until(_is_protected, "a protected account")
        protected_ns = time.monotonic_ns()
        seen = self._until(_is_settled, "a settled account")
        self._points.is_on = False
        assert seen.account is not None
        self._say(
            Told(
                "recovered",
                state=str(seen.state),
                protected_seconds=(protected_ns - self._began_ns) / 1e9,
                settled_seconds=(time.monotonic_ns() - self._began_ns) / 1e9,
                open_orders=tuple(order.client_order_id for order in open_orders(seen.account)),
                foreign=seen.account.foreign_orders,
            )
        )

    def flatten(self) -> None:
        """Leave nothing behind of the life before."""
        seen = self._look()
        assert seen.account is not None
        for order in open_orders(seen.account):
            if order.purpose is Purpose.ENTRY:
                self._tell(self._cancel(order.client_order_id))
        if seen.account.positions:
            self._tell(ClosePosition(**self._words(), symbol=SYMBOL))
        self._until(_is_flat, "nothing open")
        self._until(_is_calm, "a halt that is confirmed")
        for state in (TradingState.REDUCING, TradingState.ACTIVE):
            if self._look().state not in {state, TradingState.ACTIVE}:
                self._engine.resume("lab", "next round")
        self._until(lambda snapshot: snapshot.state is TradingState.ACTIVE, "a resume")

    def play(self, plan: Plan) -> None:
        """Trade the script; points count from here on."""
        self._until(lambda snapshot: snapshot.mark is not None and _is_free(snapshot), "a market")
        self._begin("entry")
        self._points.begin(plan.target)
        price = self._price()
        entry = self._order(OrderType.MARKET, stop=price * Decimal("0.95"))
        target = (price * Decimal("1.08")).quantize(Decimal(1))
        self._tell(replace(entry, target_price=target, trail_pct=Decimal(4)))
        self._until(lambda snapshot: _is_protected(snapshot) and _is_long(snapshot), "a position")
        self._until(_is_settled, "a settled entry")
        self._begin("move")
        stop = (price * Decimal("0.94")).quantize(Decimal(1))
        self._tell(MoveStop(**self._words(), symbol=SYMBOL, stop_price=stop))
        self._until(lambda snapshot: _has_stop(snapshot, stop) and _is_settled(snapshot), "a move")
        if plan.kind != "hold":
            self._begin("limit")
            resting = self._rest(price * Decimal("0.985"))
            self._begin("cancel")
            self._tell(self._cancel(resting))
            self._until(lambda snapshot: not _entries(snapshot), "no entry")
        self._begin("rest")
        self._rest(price * Decimal("0.982"))
        if plan.kind == "hold":
            self._points.is_on = False
            return
        self._begin("halt")
        self._engine.halt("lab", "the script says so")
        self._until(lambda snapshot: snapshot.state is TradingState.HALTED, "a halt")
        self._say(Told("halted"))
        self._until(lambda snapshot: not _entries(snapshot), "no entry")
        self._begin("close")
        self._tell(ClosePosition(**self._words(), symbol=SYMBOL))
        self._until(_is_flat, "nothing open")
        self._until(_is_calm, "a halt that is confirmed")
        self._begin("resume")
        self._engine.resume("lab", "the script says so")
        self._until(lambda snapshot: snapshot.state is TradingState.REDUCING, "a resume")
        self._points.is_on = False

    # --- doing --------------------------------------------------------------------------------

    def _begin(self, phase: str) -> None:
        self._points.phase = phase
        self._say(Told("phase", phase))

    def _rest(self, limit: Decimal) -> str:
        self._tell(self._order(OrderType.LIMIT, stop=limit * Decimal("0.95"), limit=limit))

        def rests(snapshot: Snapshot) -> bool:
            return [order.state for order in _entries(snapshot)] == [OrderState.OPEN]

        seen = self._until(lambda snapshot: rests(snapshot) and _is_settled(snapshot), "an order")
        return _entries(seen)[0].client_order_id

    def _order(self, kind: OrderType, *, stop: Decimal, limit: Decimal | None = None) -> PlaceOrder:
        return PlaceOrder(
            **self._words(),
            symbol=SYMBOL,
            side=Side.BUY,
            type=kind,
            quantity=QUANTITY,
            price=None if limit is None else limit.quantize(Decimal(1)),
            stop_price=stop.quantize(Decimal(1)),
        )

    def _cancel(self, client_order_id: str) -> CancelOrder:
        return CancelOrder(**self._words(), client_order_id=client_order_id)

    def _words(self) -> _Words:
        self._count += 1
        now_ms = time.time_ns() // 1_000_000
        return {"command_id": f"lab-{self._count}", "actor": "lab", "time_ms": now_ms}

    def _tell(self, command: OrderCommand) -> Answer:
        self._engine.send(command)

        def answered(snapshot: Snapshot) -> bool:
            return self._answer(snapshot, command.command_id) is not None

        answer = self._answer(self._until(answered, "an answer"), command.command_id)
        assert answer is not None
        assert answer.is_accepted, f"{answer.code} {answer.text}"
        return answer

    @staticmethod
    def _answer(snapshot: Snapshot, command_id: str) -> Answer | None:
        answers = () if snapshot.account is None else snapshot.account.answers
        return next((each for each in answers if each.command_id == command_id), None)

    # --- looking ------------------------------------------------------------------------------

    def _price(self) -> Decimal:
        mark = self._look().mark
        assert mark is not None
        return mark.mark

    def _look(self) -> Snapshot:
        return self._until(lambda _: True, "a picture")

    def _until(self, claim: Callable[[Snapshot], bool], what: str) -> Snapshot:
        deadline = time.monotonic() + _SECONDS
        asked_ns = time.monotonic_ns()
        snapshot: Snapshot | None = None
        while time.monotonic() < deadline:
            snapshot = self._engine.look(_VIEW)
            # Of a picture from before the last command it is true of the past.
            if snapshot is not None and snapshot.published_ns > asked_ns and claim(snapshot):
                return snapshot
            time.sleep(_LOOK_SECONDS)  # as a screen would look; until the deadline above
        seen = "" if snapshot is None else f"{snapshot.state} {snapshot.account}"
        raise _TooLongError(f"not seen: {what}; {seen}")


def open_orders(account: AccountView) -> list[OrderView]:
    """Ours that have not ended."""
    return [
        order
        for order in account.orders
        if not order.state.is_terminal and order.purpose is not None
    ]


def _entries(snapshot: Snapshot) -> list[OrderView]:
    assert snapshot.account is not None
    return [each for each in open_orders(snapshot.account) if each.purpose is Purpose.ENTRY]


def _is_protected(snapshot: Snapshot) -> bool:
    account = snapshot.account
    return (
        account is not None
        and account.is_reconciled
        and all(position.cover is Cover.VERIFIED for position in account.positions)
    )


def _is_settled(snapshot: Snapshot) -> bool:
    account = snapshot.account
    if account is None or not _is_protected(snapshot) or account.unknown_orders:
        return False
    orders = open_orders(account)
    guards = [order.purpose for order in orders if order.purpose is not Purpose.ENTRY]
    return (
        account.is_stream_up
        and Counter(guards) == Counter(GUARDS if account.positions else ())
        and not any(order.is_cancel_requested for order in orders)
        and all(order.state is OrderState.OPEN for order in orders)
    )


def _is_calm(snapshot: Snapshot) -> bool:
    """Whether no halt is under way: before that nothing is resumed."""
    account = snapshot.account
    risk = None if account is None else account.risk
    return risk is not None and risk.kill.stage in {KillStage.NONE, KillStage.CONFIRMED}


def _is_free(snapshot: Snapshot) -> bool:
    account = snapshot.account
    if account is None or account.trouble or account.risk is None:
        return False
    # The venue's clock is measured a moment later than the account is known.
    return all(each.is_passed for each in account.risk.obstacles if each.code == "P23")


def _is_long(snapshot: Snapshot) -> bool:
    assert snapshot.account is not None
    return [position.quantity for position in snapshot.account.positions] == [QUANTITY]


def _has_stop(snapshot: Snapshot, price: Decimal) -> bool:
    assert snapshot.account is not None
    return [position.stop_price for position in snapshot.account.positions] == [price]


def _is_flat(snapshot: Snapshot) -> bool:
    account = snapshot.account
    return account is not None and not account.positions and not open_orders(account)


def a_config(sim: Sim) -> Config:
    """That of a program at this exchange, which asks as much as it wants to."""
    config = Config.model_validate(
        {
            "environment": "testnet",
            "symbols": [SYMBOL],
            "trading": {"enabled": True},
            "hosts": {
                "rest": sim.rest,
                "ws_public": sim.ws_public,
                "ws_market": sim.ws_market,
                "ws_private": sim.ws_private,
            },
            "risk": {"risk_pct": 5.0, "max_leverage": 5.0},
            "breaker": CALM,
            "engine": {"pin_cores": False},
        }
    )
    # Beyond what a user may configure: hundreds of starts within the same minutes.
    limits = config.limits.model_copy(update={"weight_per_minute": 1_000_000})
    return config.model_copy(update={"limits": limits})


def live(sim: Sim, home: Path, plan: Plan, lines: tuple[int, int], began_ns: int) -> None:
    """One life, in a process of its own; ends by being killed, or when it has said why not.

    Args:
        sim: Whose account.
        home: State directory.
        plan: For what follows the recovery; that of ``start`` is for the recovery itself.
        lines: Descriptors: to hear of further plans from, and to tell into.
        began_ns: When it was forked.
    """
    hearing, telling = os.fdopen(lines[0], "rb"), lines[1]

    def say(told: Told) -> None:
        os.write(telling, msgspec.json.encode(told) + b"\n")

    logging.basicConfig(
        filename=home / "log", level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s"
    )
    logger.info("a life begins: %s", plan)
    points = Points(home / "points")
    if plan.kind == START:
        points.begin(plan.target)
    try:
        with watched_parts(points):
            program = Program(sim, home, points, say, began_ns)
            program.start()
            while line := hearing.readline():
                plan = msgspec.json.decode(line, type=Plan)
                logger.info("plan: %s", plan)
                program.flatten()
                if plan.kind != START:
                    program.play(plan)
                say(Told("done"))
    except Exception as error:  # whatever it is, the lab tells it
        logger.exception("failed")
        say(Told("failed", f"{type(error).__name__}: {error}"))
