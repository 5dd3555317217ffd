"""Sequences that are rare and real: amended elsewhere, vanished, other steps, a clock set back."""

from decimal import Decimal

import pytest
from desk_stage import DOWN, HALT, RULES, UP, Stage, buy, codes, requests
from engine_stage import Stage as EngineStage
from engine_stage import ticks
from msgspec.structs import replace
from order_builders import NOW_MS
from recollection_builders import a_recollection
from virtual_time import VirtualTime

import botcore_tui.engine.engine as engine_module
from botcore_tui.core.client_ids import ClientIds
from botcore_tui.core.deadman import DeadManSettings, DeadMen
from botcore_tui.core.exits import Exits
from botcore_tui.core.guard import Guard, Scene
from botcore_tui.core.orders import OrderRegister
from botcore_tui.exchange.base import Sink
from botcore_tui.model.account import DeadManSet
from botcore_tui.model.command import ClosePosition, Halt
from botcore_tui.model.event import ArmDeadMan, RulesUpdate, Tick
from botcore_tui.model.ledger import RiskMemory
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderState, Purpose

# --- partial fill + amend + reconnect ---------------------------------------------------------


def _amended_while_away() -> tuple[Stage, str]:
    """An entry of 2, one filled; while the stream is down a person makes it 5, one more fills."""
    stage = Stage(symbols=("BTCUSDT",)).begin()
    stage.venue.is_filling = False
    stage.tell(buy("2", price="99", stop="98"))
    (entry,) = stage.live(Purpose.ENTRY)
    name = entry.client_order_id
    stage.tell(*stage.venue.fill(name, Decimal(1)))
    stage.wait(1_000)
    stage.is_performing = False
    stage.tell(DOWN)
    order = stage.venue.orders[name]
    order.request = replace(order.request, quantity=Decimal(5))
    stage.time_ms += 250
    stage.venue.time_ms = stage.time_ms
    stage.venue.fill(name, Decimal(1))  # nobody hears of it
    stage.is_performing = True
    stage.tell(Tick(stage.time_ms), UP)
    return stage, name


@pytest.mark.requirement("F03")
def test_entry_amended_upwards_while_away_is_not_forgotten() -> None:
    stage, name = _amended_while_away()
    assert stage.held() == 2
    assert stage.venue.orders[name].is_open  # three more may be executed
    order = stage.desk.state.register.of(name)
    assert order is not None
    assert order.state is OrderState.PARTLY_FILLED
    assert stage.desk.state.register.exposure("BTCUSDT", Side.BUY) == 3


@pytest.mark.requirement("K2")
def test_halt_cancels_entry_that_was_amended_upwards_while_away() -> None:
    stage, name = _amended_while_away()
    stage.tell(HALT)
    stage.wait(30_000)
    assert not stage.venue.orders[name].is_open
    assert "halt.confirmed" in stage.codes()


# --- a position that the venue no longer mentions, then the next one of that symbol -----------


@pytest.mark.requirement("F03")
def test_position_after_one_that_vanished_is_booked_by_its_fills() -> None:
    stage = Stage().begin()
    other = "ETHUSDT"
    stage.tell(stage.venue.trade_by_hand(Side.BUY, "1", symbol=other))
    stage.wait(3_000)
    assert stage.held(other) == 1
    stage.tell(DOWN)
    stage.venue.trade_by_hand(Side.SELL, "1", symbol=other)  # nobody hears of it
    del stage.venue.positions[other]  # positionRisk v3 lists only what is held
    stage.wait(90_000)
    stage.tell(UP)
    stage.wait(1_000)
    assert stage.held(other) == 0
    stage.tell(stage.venue.trade_by_hand(Side.BUY, "2", symbol=other))
    assert stage.held(other) == 2
    before = stage.codes().count("position.adopted")
    stage.wait(90_000)  # pictures tell of the trade by which it was closed
    assert stage.held(other) == 2
    assert stage.codes().count("position.adopted") == before


# --- the machine's clock is set back by minutes -----------------------------------------------


class SetBack(VirtualTime):
    """UTC of the machine is set back ten minutes, after one second."""

    def utc_ns(self) -> int:
        step_ns = 600_000_000_000 if self.elapsed() > 1 else 0
        return super().utc_ns() - step_ns


class Idle(EngineStage):
    async def script(self, sink: Sink) -> None:
        await self.time.sleep(20)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Times of the ticks that an engine makes meanwhile."""
    time = SetBack()
    monkeypatch.setattr(engine_module, "loop_factory", lambda *, uses_uvloop: time.loop)
    stage = Idle(time, owns_time=False)
    stage.run()
    return ticks(stage.observed)


@pytest.mark.requirement("F12")
def test_ticks_of_the_engine_never_go_back(seen: list[int]) -> None:
    assert seen == sorted(seen)


@pytest.mark.requirement("F12")
def test_stop_that_is_lost_while_the_clock_steps_back_is_replaced_in_time(seen: list[int]) -> None:
    stage = Stage().begin()
    stage.venue.rule = lambda request: "sink" if request.purpose is Purpose.STOP else "ok"
    stage.tell(buy("1"))
    assert stage.held() == 1
    assert stage.live(Purpose.STOP) == []
    stage.venue.rule = None
    naked_ticks = 0
    for each in seen:
        stage.time_ms = stage.venue.time_ms = NOW_MS + each - seen[0]
        stage.tell(Tick(stage.time_ms))
        naked_ticks += not (stage.live(Purpose.STOP) or stage.is_flat())
    assert naked_ticks * 0.25 < 7  # seconds


# --- an entry that rests where no stop can be had ---------------------------------------------


@pytest.mark.requirement("F08")
def test_entry_does_not_open_again_what_had_to_be_closed_for_want_of_a_stop() -> None:
    stage = Stage().begin()
    stage.venue.rule = lambda request: "refuse -4120" if request.purpose is Purpose.STOP else "ok"
    stage.venue.is_filling = True
    stage.tell(buy("2", price="99", stop="98"))
    (entry,) = stage.live(Purpose.ENTRY)
    stage.tell(*stage.venue.fill(entry.client_order_id, Decimal(1)))
    stage.wait(10_000)
    assert "protection.closing" in stage.codes()
    assert stage.is_flat()
    assert not stage.venue.orders[entry.client_order_id].is_open


# --- the venue makes the quantity step of a contract coarser while a position is held ---------


def _held_across_steps() -> Stage:
    stage = Stage().begin()
    stage.tell(buy("1.005"))
    assert stage.held() == Decimal("1.005")
    step = Decimal("0.01")
    rules = replace(RULES, step=step, min_quantity=step, market_step=step, market_min_quantity=step)
    stage.tell(RulesUpdate(rules, NOW_MS))
    return stage


@pytest.mark.requirement("F19")
def test_position_that_is_no_multiple_of_a_new_step_is_closed_as_far_as_it_can_be() -> None:
    stage = _held_across_steps()
    stage.tell(
        ClosePosition(command_id="c", actor="t", symbol="BTCUSDT", reason="", time_ms=NOW_MS)
    )
    stage.wait(5_000)
    assert stage.held() == stage.venue.positions["BTCUSDT"] == Decimal("0.005")
    assert stage.stop().close_position  # what is left is less than one step, and protected


@pytest.mark.requirement("F19")
def test_what_is_less_than_one_step_is_closed_beside_the_mark_and_nobody_is_called() -> None:
    stage = _held_across_steps()
    close = ClosePosition(command_id="c", actor="t", symbol="BTCUSDT", reason="", time_ms=NOW_MS)
    told = stage.tell(close) + stage.wait(600_000)
    assert codes(told).count("exit.rest") == 1
    assert "exit.failed" not in codes(told)
    (near,) = stage.live(Purpose.TARGET)
    assert (near.close_position, near.trigger_price) == (True, Decimal("100.1"))
    stage.move("104")  # others hold what nobody closed: it follows the mark
    stage.venue.answers.append("refuse -2021")
    stage.wait(120_000)
    (near,) = stage.live(Purpose.TARGET)
    assert near.trigger_price == Decimal("104.1")
    stage.tell(*stage.venue.trigger(near.client_order_id))
    stage.wait(3_000)
    assert stage.is_flat()
    assert stage.venue.open_orders() == []


@pytest.mark.requirement("F19")
def test_rest_waits_for_a_mark() -> None:
    guard = Guard("BTCUSDT")
    ids = ClientIds("1a")
    exits = Exits(OrderRegister(ids), ids)
    rules = replace(RULES, market_min_quantity=Decimal(1))
    scene = Scene(Decimal("-0.5"), Decimal(100), None, rules, NOW_MS)
    assert exits.close(guard, scene) == []
    told = exits.close(guard, replace(scene, mark=Decimal(100)))
    (near,) = requests(told, Purpose.TARGET)
    assert (near.side, near.trigger_price) == (Side.BUY, Decimal("99.9"))


@pytest.mark.requirement("F19")
def test_rest_is_closed_where_the_engine_watched_the_target_that_led_to_it() -> None:
    """The venue refused the target that was wished for: that says nothing of one at the mark."""
    guard = Guard("BTCUSDT")
    guard.is_target_watched, guard.closing = True, "target 100 reached"
    ids = ClientIds("1a")
    rules = replace(RULES, market_min_quantity=Decimal(1))
    scene = Scene(Decimal("0.5"), Decimal(100), Decimal(100), rules, NOW_MS)
    told = Exits(OrderRegister(ids), ids).close(guard, scene)
    (near,) = requests(told, Purpose.TARGET)
    assert (near.side, near.trigger_price) == (Side.SELL, Decimal("100.1"))


@pytest.mark.requirement("F19")
def test_halt_that_flattens_closes_it_as_well() -> None:
    stage = _held_across_steps()
    stage.tell(Halt("F12", "by hand", NOW_MS, flattens=True))
    stage.wait(5_000)
    assert stage.held() == stage.venue.positions["BTCUSDT"] == Decimal("0.005")


# --- what is under way together, and a contract that is settled ----------------------------------


@pytest.mark.requirement("A16")
def test_countdown_that_was_stopped_last_is_not_taken_for_running() -> None:
    men = DeadMen(DeadManSettings())
    men.arm("BTCUSDT", NOW_MS)
    men.on_set(_set(120_000, 0, 0))
    (stop,) = men.on_tick((), NOW_MS + 250)
    assert isinstance(stop, ArmDeadMan)
    assert stop.countdown_ms == 0
    men.arm("BTCUSDT", NOW_MS + 300)
    men.on_set(_set(120_000, 300, 400))
    men.on_set(_set(0, 250, 450))  # the venue may have taken this one last
    effects = men.on_tick(("BTCUSDT",), NOW_MS + 1_000)
    assert [one for one in effects if isinstance(one, ArmDeadMan) and one.countdown_ms]


def _set(countdown_ms: int, asked_ms: int, told_ms: int) -> DeadManSet:
    return DeadManSet(
        symbol="BTCUSDT",
        countdown_ms=countdown_ms,
        asked_ms=NOW_MS + asked_ms,
        time_ms=NOW_MS + told_ms,
    )


@pytest.mark.requirement("F19")
def test_position_in_a_contract_that_is_settled_can_be_closed() -> None:
    stage = Stage().begin()
    stage.tell(buy("1"))
    stage.tell(RulesUpdate(replace(RULES, status="SETTLING"), NOW_MS))
    stage.tell(
        ClosePosition(command_id="c", actor="t", symbol="BTCUSDT", reason="", time_ms=NOW_MS)
    )
    stage.wait(2_000)
    assert stage.is_flat()


# --- a flatten that a crash interrupts -----------------------------------------------------------


def _interrupted() -> Stage:
    """A person flattened, the exit did not arrive, and the program was killed."""
    stage = Stage().begin()
    stage.tell(buy("1"))
    stage.venue.rule = lambda request: "fail" if request.purpose is Purpose.EXIT else "ok"
    stage.tell(Halt("F12", "by hand", NOW_MS, flattens=True))
    stage.wait(1_000)
    assert stage.held() == 1
    stage.venue.rule = None
    return stage


@pytest.mark.requirement("K3")
@pytest.mark.parametrize("is_flattening", [True, False])
def test_flatten_by_a_person_goes_on_after_a_restart(*, is_flattening: bool) -> None:
    stage = _interrupted()
    stage.tell(replace(a_recollection(run_id="2b"), risk=RiskMemory(is_flattening=is_flattening)))
    stage.tell(RulesUpdate(RULES, NOW_MS), UP)
    stage.wait(40_000)
    assert stage.is_flat() is is_flattening
    assert "halt.confirmed" in stage.codes()


@pytest.mark.requirement("K3")
def test_flatten_that_somebody_took_back_with_its_latch_is_not_gone_on_with() -> None:
    stage = Stage().begin()
    stage.tell(buy("1"))
    stage.tell(replace(a_recollection(run_id="2b"), risk=RiskMemory(is_flattening=True)))
    stage.tell(RulesUpdate(RULES, NOW_MS), UP)
    stage.wait(5_000)
    stage.tell(HALT)  # another one, which keeps positions
    stage.wait(40_000)
    assert stage.held() == 1
