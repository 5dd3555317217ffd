"""A tape in the engine: steered, and with the same effects however it is played."""

import threading
from collections.abc import Generator
from itertools import count

import pytest
from engine_fakes import (
    SETTINGS,
    WAIT_SECONDS,
    Observed,
    a_market_tape,
    a_trade,
    an_engine,
    trade_line,
)
from engine_stage import Stage
from msgspec.structs import replace
from player_deck import batches_of
from shared_tape import SHARED_TAPE, needs_shared_tape
from virtual_time import VirtualTime

from botcore_tui.core.trader import Trader
from botcore_tui.engine.engine import Engine
from botcore_tui.engine.player import Opener, Player, PlayerSettings
from botcore_tui.engine.port import Pause, Play
from botcore_tui.engine.tape import Line, Tape
from botcore_tui.exchange.base import Sink
from botcore_tui.model.event import (
    Halt,
)
from botcore_tui.model.market import Trade
from botcore_tui.model.snapshot import View

SECOND = 1_000_000_000

# --- the tape ----------------------------------------------------------------------------------


@pytest.mark.slow
def test_tape_is_steered_through_the_engine_and_its_place_is_in_the_picture(
    time: VirtualTime,
) -> None:
    endless = (trade_line(number, number) for number in count(1))
    player = Player(lambda: batches_of(endless), PlayerSettings("tape.zst"), time)
    observed = Observed()
    engine = an_engine(player, time, observed=observed, ends=False)
    engine.start()
    engine.look(View())
    observed.wait_for(Trade, len(observed.of(Trade)) + 3)  # a picture has been drawn by now

    engine.play(Pause())
    obeyed = threading.Event()
    engine._in_loop(obeyed.set)
    assert obeyed.wait(WAIT_SECONDS)
    engine.halt("F12", "draws a picture")
    observed.wait_for(Halt)

    picture = engine.look(View())
    assert picture is not None
    assert picture.replay is not None
    assert picture.replay.is_paused
    assert picture.replay.frames == len(observed.of(Trade))
    engine.play(Play())
    observed.wait_for(Trade, picture.replay.frames + 3)
    assert engine.stop(WAIT_SECONDS)


def test_steering_a_live_feed_has_no_effect(time: VirtualTime) -> None:
    class Script(Stage):
        async def script(self, sink: Sink) -> None:
            self.engine.play(Pause())
            await time.sleep(1)
            sink.deliver(a_trade(1), 0)

    stage = Script(time)
    stage.run()

    assert len(stage.observed.of(Trade)) == 1


def played(time: VirtualTime, opened: Opener, speed: float | None, capacity: int) -> bytes:
    observed = Observed()
    settings = replace(SETTINGS, inbox_capacity=capacity)
    player = Player(opened, PlayerSettings("tape", speed), time)
    engine: Engine = an_engine(player, time, observed=observed, settings=settings, trader=Trader())
    engine.start()
    assert engine.finished.wait(30)
    assert engine.stop()
    assert engine.failure == ""
    return observed.effects_text()


def test_same_tape_gives_the_same_effects_at_any_speed_and_with_any_inbox(
    time: VirtualTime,
) -> None:
    lines = a_market_tape(2_000)

    def opened() -> Generator[list[Line], None, None]:
        return batches_of(lines, 64)

    effects = {
        played(time, opened, speed, capacity)
        for speed, capacity in ((None, 8_192), (None, 1), (1_000.0, 7), (1_000.0, 8_192))
    }

    (text,) = effects
    assert b"book.live" in text
    assert b"RequestSnapshot" in text


@pytest.mark.slow
@needs_shared_tape
def test_real_capture_gives_the_same_effects_at_full_speed_and_a_thousandfold(
    time: VirtualTime,
) -> None:
    fast = played(time, lambda: iter(Tape(SHARED_TAPE)), None, 8_192)
    paced = played(time, lambda: iter(Tape(SHARED_TAPE)), 1_000.0, 100)

    assert fast == paced
    assert b"book.live" in fast
