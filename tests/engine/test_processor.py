"""Event by event; what nobody expected is told and nothing falls with it."""

from collections.abc import Sequence

import pytest
from engine_fakes import SYMBOL, a_trade

from botcore_tui.clock import ManualClock
from botcore_tui.core.trader import Trader
from botcore_tui.engine.health import HealthMonitor
from botcore_tui.engine.hygiene import ThreadHygiene
from botcore_tui.engine.processor import Processor, united
from botcore_tui.model.account import AccountUpdate, ClockHealth
from botcore_tui.model.event import Append, Effect, Event, Halt, Record, Resume, StateChanged
from botcore_tui.model.ledger import AuditRow
from botcore_tui.model.severity import Severity

HALT = Halt("anna", "why", 1)


class Stage:
    """A processor whose effects are noted; those of a kind fail."""

    def __init__(self, failing: type | None = None, trader: Trader | None = None) -> None:
        self.clock = ManualClock()
        self.health = HealthMonitor(self.clock, ThreadHygiene())
        self.performed: list[Effect] = []
        self.observed: list[tuple[Event, int]] = []
        self.defects: list[str] = []
        self._failing = failing
        self.processor = Processor(
            trader or Trader((SYMBOL,)),
            self.perform,
            self.health,
            self.clock,
            self.defects.append,
            self.observe,
        )

    def perform(self, effect: Effect) -> None:
        if self._failing is not None and isinstance(effect, self._failing):
            raise ZeroDivisionError("by nothing")
        self.performed.append(effect)

    def observe(self, event: Event, effects: Sequence[Effect], _trader: Trader) -> None:
        self.observed.append((event, len(effects)))


def test_effects_are_performed_in_order_and_told_to_the_observer() -> None:
    stage = Stage()

    stage.processor.process([(0, a_trade()), (0, HALT)])

    assert isinstance(stage.performed[0], StateChanged)
    assert [event for event, _ in stage.observed] == [a_trade(), HALT]
    assert stage.observed[1][1] == len(stage.performed)
    assert stage.health.events == 2


@pytest.mark.requirement("F14")
def test_rows_of_one_event_are_recorded_as_one() -> None:
    one, two, three = (
        AuditRow(code="a", severity=Severity.INFO, text=text, time_ms=1) for text in "123"
    )
    first, last = Record(Severity.INFO, "a", "", 1), Record(Severity.INFO, "b", "", 1)
    effects: list[Effect] = [first, Append(one), Append(two), last, Append(three)]

    class Decided(Trader):
        def process(self, event: Event) -> list[Effect]:
            return effects

    stage = Stage(trader=Decided((SYMBOL,)))
    stage.processor.process([(0, HALT)])

    assert stage.performed == [first, Append(one, (two, three)), last]
    assert stage.observed == [(HALT, 5)]
    assert united([first, Append(one)]) == [first, Append(one)]


def test_latency_is_taken_of_what_was_received() -> None:
    stage = Stage()
    received_ns = stage.clock.monotonic_ns()
    stage.clock.advance(0.001)

    stage.processor.process([(0, a_trade(1)), (received_ns, a_trade(2))])

    assert stage.health.latency.percentiles().max_us == 1_000
    assert stage.processor.last_data_ns == received_ns


@pytest.mark.requirement("A07")
def test_clock_and_account_are_no_market_data() -> None:
    stage = Stage()
    stage.processor.process([(7, a_trade(1))])

    clock = ClockHealth(offset_ms=1, uncertainty_ms=1, has_stepped=False, time_ms=1)
    update = AccountUpdate(reason="ORDER", balances=(), positions=(), time_ms=1)
    stage.processor.process([(8, clock), (9, update)])

    assert stage.processor.last_data_ns == 7


def test_effect_that_fails_takes_no_other_with_it(caplog: pytest.LogCaptureFixture) -> None:
    stage = Stage(failing=StateChanged)
    stage.processor.process([(0, HALT)])
    assert stage.performed
    assert stage.defects == []  # a halt that fails leaves the latch as it is: closed
    caplog.clear()

    stage.processor.process([(0, Resume("anna", "why", 2)), (0, Resume("anna", "why", 3))])

    assert len(stage.observed) == 3
    assert stage.defects == ["processing Resume failed: by nothing"] * 2
    assert [record.getMessage() for record in caplog.records] == ["processing Resume failed"]
