"""However a tape was steered, the market stands as if it had been played straight to there."""

import asyncio
from functools import cache

import pytest
from engine_fakes import MarketState, a_market_tape, market_states
from hypothesis import given, settings
from hypothesis import strategies as st
from player_deck import batches_of
from property_examples import examples
from virtual_time import VirtualTime

from botcore_tui.core.trader import Trader
from botcore_tui.engine.player import Player, PlayerSettings
from botcore_tui.engine.port import Pause, Play, PlayerCommand, Seek, SetSpeed, Step
from botcore_tui.engine.tape import Line
from botcore_tui.model.event import Event

_TAPE = a_market_tape(240)
_SECONDS = (_TAPE[-1][0] - _TAPE[0][0]) / 1e9

commands = st.one_of(
    st.just(Play()),
    st.just(Pause()),
    st.builds(Step, st.integers(1, 80)),
    st.builds(Seek, st.floats(-1.0, _SECONDS + 5.0)),
    st.builds(SetSpeed, st.sampled_from([0.5, 1.0, 10.0, 1_000.0, None])),
)
pauses = st.sampled_from([0.0, 0.0, 0.01, 0.3, 1.0, 7.0])


class Desk:
    """A trader behind a player, without an engine between."""

    def __init__(self, lines: list[Line], *, speed: float | None, batch: int = 32) -> None:
        self.time = VirtualTime()
        self.trader = Trader()
        self.player = Player(
            lambda: batches_of(lines, batch),
            PlayerSettings("tape", speed, waits_at_end=True),
            self.time,
        )

    def deliver(self, event: Event, received_ns: int) -> None:
        self.trader.process(event)

    async def room(self) -> None:
        return

    def play(self, steering: list[tuple[PlayerCommand, float]]) -> int:
        """Obey commands, each followed by a pause; frames played then."""

        async def scenario() -> int:
            task = asyncio.create_task(self.player.run(self))
            for command, pause in steering:
                self.player.steer(command)
                await self.time.sleep(pause)
            self.player.steer(Pause())
            await self.time.sleep(1)
            assert not task.done()
            task.cancel()
            await asyncio.wait([task])
            return self.player.progress().frames

        return self.time.run(scenario)


@cache
def played_straight_to(frames: int) -> dict[str, MarketState]:
    desk = Desk(_TAPE[:frames], speed=None)
    assert desk.play([(Play(), 1.0)]) == frames
    return market_states(desk.trader)


def test_tape_of_these_tests_ends_with_a_live_book() -> None:
    (state,) = played_straight_to(len(_TAPE)).values()

    assert state.book[0] == "live"
    assert state.bids
    assert state.trades


@settings(max_examples=examples(100), deadline=None)
@given(
    st.lists(st.tuples(commands, pauses), max_size=12),
    st.sampled_from([1.0, 50.0, None]),
    st.sampled_from([1, 5, 300]),
)
@pytest.mark.requirement("F17")
def test_market_at_a_place_is_the_same_whatever_way_led_there(
    steering: list[tuple[PlayerCommand, float]], speed: float | None, batch: int
) -> None:
    desk = Desk(_TAPE, speed=speed, batch=batch)

    frames = desk.play(steering)

    if frames:
        assert market_states(desk.trader) == played_straight_to(frames)
    else:
        for state in market_states(desk.trader).values():
            assert (state.bids, state.trades, state.bars, state.book[3]) == ([], [], [], 0)
