"""An engine with an account: commands, and the order path."""

import asyncio

import pytest
from engine_fakes import SETTINGS, SYMBOL, Observed, ScriptedFeed, run_to_end
from engine_stage import is_halted
from fake_ledger import FakeLedger
from msgspec.structs import replace
from order_builders import a_fill, a_position_report, a_request
from trading_stage import PLACE, Stage
from virtual_time import VirtualTime
from waiting import settle

from botcore_tui.core.trader import Trader
from botcore_tui.engine.engine import Engine
from botcore_tui.exchange.base import Sink
from botcore_tui.model.account import EngineLag
from botcore_tui.model.command import ClosePosition
from botcore_tui.model.event import (
    Cancel,
    Effect,
    Event,
    Halt,
    Query,
    Reconcile,
    Submit,
    TradingState,
)
from botcore_tui.model.order import Purpose, SubmitFailed
from botcore_tui.model.snapshot import View

# --- the order path ----------------------------------------------------------------------------


def test_order_by_command_is_recorded_sent_and_protected(time: VirtualTime) -> None:
    class Play(Stage):
        async def script(self) -> None:
            await self.placed()
            entry, stop = self.account.sent[:2]
            assert (entry.purpose, stop.purpose) == (Purpose.ENTRY, Purpose.STOP)
            assert self.ledger.intents()[:2] == [entry.client_order_id, stop.client_order_id]
            (position,) = self.view().positions
            assert position.quantity == 1
            await self.time.sleep(11)  # a reconciliation later
            (position,) = self.view().positions
            assert self.view().reconciled_ns == position.confirmed_ns > 0
            money = self.view().money
            assert money is not None
            assert money.as_of_ns == position.confirmed_ns

        async def placed(self) -> None:
            self.mark("100")
            await settle()
            self.engine.send(PLACE)
            await self.account.until(lambda: self.account.sent)
            entry = self.account.sent[0]
            fill = a_fill(
                7, order_id=1_001, client_order_id=entry.client_order_id, time_ms=self.time.now_ms()
            )
            self.account.fills = [fill]
            self.account.held_positions = [a_position_report(quantity="1", entry_price="100")]
            self.account.tell(fill)
            await self.account.until(lambda: len(self.account.sent) > 1)
            await settle()

    stage = Play(time)
    stage.run()

    (answer,) = stage.answers
    assert (answer.command_id, answer.is_accepted) == ("c1", True)
    assert stage.view().answers == (answer,)
    assert len({request.client_order_id for request in stage.account.sent}) == len(
        stage.account.sent
    )


@pytest.mark.requirement("F17")
def test_nobody_needs_to_look(time: VirtualTime) -> None:
    class Play(Stage):
        async def script(self) -> None:
            self.mark("100")
            self.engine.send(PLACE)
            await self.account.until(lambda: self.account.sent)
            assert self.engine.look(View()) is None  # no picture was ever drawn
            await self.time.sleep(0.3)
            snapshot = self.engine.look(View())
            assert snapshot is not None
            assert snapshot.account is not None

    Play(time).run()


def test_refused_command_is_answered_with_its_code(time: VirtualTime) -> None:
    class Play(Stage):
        async def script(self) -> None:
            self.engine.send(replace(PLACE, stop_price=None))
            await settle()

    stage = Play(time)
    stage.run()

    (answer,) = stage.answers
    assert not answer.is_accepted
    assert answer.code
    assert stage.account.sent == []


def test_command_without_an_account_is_answered_by_the_engine(time: VirtualTime) -> None:
    class Play(Stage):
        async def script(self) -> None:
            self.engine.send(ClosePosition(command_id="c2", actor="anna", symbol=SYMBOL, time_ms=1))
            await settle()

    stage = Play(time, is_enabled=False)
    stage.run()

    (answer,) = stage.answers
    assert (answer.command_id, answer.code) == ("c2", "no-account")
    assert stage.observed.of(ClosePosition) == []


@pytest.mark.requirement("F18")
def test_entry_that_waits_for_its_turn_does_not_leave_after_a_halt(time: VirtualTime) -> None:
    class Play(Stage):
        async def script(self) -> None:
            self.mark("100")
            await settle()
            self.account.hold("place")
            self.engine.send(PLACE)
            await self.account.until(lambda: self.account.count("place"))
            self.engine.halt("anna", "enough")
            self.account.release("place")  # before the trader has seen the halt
            await settle()

    stage = Play(time)
    stage.run()

    assert stage.account.sent == []
    (failure,) = stage.observed.of(SubmitFailed)
    assert isinstance(failure, SubmitFailed)
    assert failure.reason == "halted or reducing before sending"


@pytest.mark.requirement("P01")
@pytest.mark.requirement("A14")
def test_entry_that_waits_for_its_turn_does_not_leave_once_trading_reduces(
    time: VirtualTime,
) -> None:
    class Play(Stage):
        async def script(self) -> None:
            self.mark("100")
            await settle()
            self.account.hold("place")
            self.engine.send(PLACE)
            await self.account.until(lambda: self.account.count("place"))
            self.engine.deliver(EngineLag(2.0, self.time.now_ms()), 0)
            await settle()
            assert self.engine.status().state is TradingState.REDUCING
            self.account.release("place")
            await settle()

    stage = Play(time)
    stage.run()

    assert stage.account.sent == []
    (failure,) = stage.observed.of(SubmitFailed)
    assert isinstance(failure, SubmitFailed)
    assert failure.reason == "halted or reducing before sending"


@pytest.mark.requirement("F13")
def test_defect_of_the_ledger_takes_no_order_with_it(time: VirtualTime) -> None:
    class BrokenLedger(FakeLedger):
        def append(self, row: object, *more: object) -> None:
            raise ZeroDivisionError("by nothing")

    class Play(Stage):
        async def script(self) -> None:
            self.mark("100")
            await settle()
            self.session._ledger = BrokenLedger()
            self.ledger.is_writable = False
            self.engine.send(PLACE)
            await settle(40)

    stage = Play(time)
    stage.run()

    assert is_halted(stage.engine)
    assert stage.account.sent == []
    (failure,) = stage.observed.of(SubmitFailed)
    assert isinstance(failure, SubmitFailed)
    assert failure.reason.startswith("ledger ")


# --- without an account ------------------------------------------------------------------------


class EffectTrader(Trader):
    """Wants things of the venue when it is halted, whatever the venue."""

    def process(self, event: Event) -> list[Effect]:
        effects = super().process(event)
        if isinstance(event, Halt):
            request = a_request()
            client_order_id = request.client_order_id
            effects += [
                Submit(request),
                Cancel(client_order_id=client_order_id, symbol=SYMBOL, is_algo=False),
                Query(client_order_id=client_order_id, symbol=SYMBOL, is_algo=False),
                Reconcile(reason="start"),
            ]
        return effects


def test_effects_for_a_venue_fail_at_once_where_there_is_only_a_market(time: VirtualTime) -> None:
    async def script(_sink: Sink) -> None:
        engine.halt("anna", "enough")
        await settle()

    observed = Observed()
    feed = ScriptedFeed(script)
    trader = EffectTrader((SYMBOL,))
    engine = Engine(trader, feed, time, replace(SETTINGS, ends_with_feed=True), observer=observed)
    run_to_end(engine, feed)

    names = [type(event).__name__ for event in observed.events]
    assert names[-4:] == ["SubmitFailed", "CancelFailed", "QueryFailed", "ReconcileFailed"]
    assert engine.status().account is None


# --- services ----------------------------------------------------------------------------------


def test_service_runs_in_the_loop_and_ends_with_the_engine(time: VirtualTime) -> None:
    steps: list[str] = []

    async def serve() -> None:
        steps.append(f"serving {asyncio.get_running_loop() is stage.engine._loop}")
        try:
            await asyncio.Event().wait()
        finally:
            steps.append("closed")

    class Play(Stage):
        async def script(self) -> None:
            await settle()

    stage = Play(time)
    stage.engine.serve("door", serve)
    stage.run()

    assert steps == ["serving True", "closed"]
