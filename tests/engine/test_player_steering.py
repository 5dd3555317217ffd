"""Steering a tape: pause, step, speed and seek."""

import pytest
from engine_fakes import trade_lines
from msgspec.structs import replace
from player_deck import LASTING, Deck

from botcore_tui.engine.port import Pause, Play, Seek, SetSpeed, Step

# --- pause, step, speed ------------------------------------------------------------------------


def test_pause_stops_within_the_frame_and_play_goes_on_from_there() -> None:
    async def script(deck: Deck) -> None:
        await deck.time.sleep(1.5)
        deck.player.steer(Pause())
        await deck.time.sleep(100)
        assert deck.progress().is_paused
        assert deck.numbers() == [1, 2]
        deck.player.steer(Play())
        await deck.time.sleep(10)

    deck = Deck(trade_lines(0, 1, 2, 3), LASTING).play(script)

    assert [at for at, _ in deck.trades()] == pytest.approx([0, 1, 102, 103], abs=0.001)


def test_pause_holds_a_tape_played_as_fast_as_it_goes() -> None:
    async def script(deck: Deck) -> None:
        deck.player.steer(Pause())
        await deck.time.sleep(10)
        assert deck.numbers() == []
        deck.player.steer(Play())
        await deck.time.sleep(1)

    deck = Deck(trade_lines(0, 500), replace(LASTING, speed=None)).play(script)

    assert deck.trades() == [(10, 1), (10, 2)]


def test_step_plays_so_many_frames_and_stays_paused() -> None:
    async def script(deck: Deck) -> None:
        deck.player.steer(Pause())
        deck.player.steer(Step())
        await deck.time.sleep(1)
        assert deck.numbers() == [1]
        deck.player.steer(Step(3))
        await deck.time.sleep(1)
        assert deck.numbers() == [1, 2, 3, 4]
        assert deck.progress().is_paused

    Deck(trade_lines(*range(0, 100, 10)), LASTING).play(script)


def test_step_pauses_a_running_tape_and_less_than_one_frame_is_one() -> None:
    async def script(deck: Deck) -> None:
        await deck.time.sleep(0.5)
        deck.player.steer(Step(-4))
        await deck.time.sleep(60)
        assert deck.numbers() == [1, 2]

    Deck(trade_lines(*range(10)), LASTING).play(script)


@pytest.mark.parametrize("command", [Play(), Pause(), Seek(1.5)])
def test_steps_not_yet_made_are_dropped_by_the_next_command(command: Play | Pause | Seek) -> None:
    async def script(deck: Deck) -> None:
        deck.player.steer(Pause())
        deck.has_room.clear()
        deck.player.steer(Step(1_000))
        await deck.time.sleep(1)
        deck.player.steer(command)
        if isinstance(command, Play):
            deck.player.steer(Pause())
        deck.has_room.set()
        await deck.time.sleep(100)
        assert deck.progress().frames <= 7

    Deck(trade_lines(*range(100)), LASTING).play(script)


def test_speed_changed_between_two_frames_counts_from_that_moment() -> None:
    async def script(deck: Deck) -> None:
        await deck.time.sleep(5)
        deck.player.steer(SetSpeed(2.0))
        await deck.time.sleep(100)

    deck = Deck(trade_lines(0, 10, 30), LASTING).play(script)

    assert [at for at, _ in deck.trades()] == pytest.approx([0, 7.5, 17.5], abs=0.001)


def test_commands_during_a_long_wait_do_not_start_it_again() -> None:
    async def script(deck: Deck) -> None:
        for _ in range(9):
            await deck.time.sleep(1)
            deck.player.steer(Play())
        await deck.time.sleep(5)

    deck = Deck(trade_lines(0, 10), LASTING).play(script)

    assert [at for at, _ in deck.trades()] == pytest.approx([0, 10], abs=0.001)


def test_speed_can_be_taken_to_the_maximum_and_back() -> None:
    async def script(deck: Deck) -> None:
        await deck.time.sleep(0.5)
        deck.player.steer(SetSpeed(None))
        await deck.time.sleep(1)
        assert deck.progress().speed is None

    deck = Deck(trade_lines(0, 1, 100, 1_000), LASTING).play(script)

    assert [at for at, _ in deck.trades()] == [0, 0.5, 0.5, 0.5]


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan"), float("inf"), 1e-300])
@pytest.mark.requirement("R20")
def test_speed_that_means_nothing_changes_nothing(speed: float) -> None:
    async def script(deck: Deck) -> None:
        deck.player.steer(SetSpeed(speed))
        assert deck.progress().speed == 1.0
        await deck.time.sleep(3)

    deck = Deck(trade_lines(0, 1), LASTING).play(script)

    assert deck.numbers() == [1, 2]


# --- seek --------------------------------------------------------------------------------------


def test_seek_forward_plays_everything_in_between_at_once() -> None:
    async def script(deck: Deck) -> None:
        await deck.time.sleep(0.5)
        deck.player.steer(Seek(49.5))
        await deck.time.sleep(0.1)
        assert deck.numbers() == list(range(1, 51))
        await deck.time.sleep(1)

    deck = Deck(trade_lines(*range(100)), LASTING).play(script)

    assert deck.resets() == 0
    assert [at for at, _ in deck.trades()][-2:] == pytest.approx([0.5, 1.0], abs=0.001)


def test_seek_into_a_silence_lands_where_it_was_asked_for() -> None:
    async def script(deck: Deck) -> None:
        await deck.time.sleep(1)
        deck.player.steer(Seek(40))
        await deck.time.sleep(0.5)
        assert deck.progress().position_seconds == 40
        await deck.time.sleep(100)

    deck = Deck(trade_lines(0, 60), LASTING).play(script)

    assert deck.trades()[1][0] == pytest.approx(21, abs=0.001)


def test_seek_back_starts_again_and_plays_up_to_there() -> None:
    async def script(deck: Deck) -> None:
        await deck.time.sleep(10.5)
        deck.player.steer(Seek(2.5))
        await deck.time.sleep(0.1)
        assert deck.progress().frames == 3

    deck = Deck(trade_lines(*range(100)), LASTING).play(script)

    assert deck.resets() == 1
    assert deck.numbers() == [*range(1, 12), 1, 2, 3]
    assert deck.opened == 2


def test_seek_while_paused_moves_and_stays_paused() -> None:
    async def script(deck: Deck) -> None:
        deck.player.steer(Pause())
        deck.player.steer(Seek(5))
        await deck.time.sleep(60)
        assert deck.numbers() == [1, 2, 3, 4, 5]
        deck.player.steer(Seek(2))
        await deck.time.sleep(60)
        assert deck.progress().frames == 2
        assert deck.progress().is_paused

    Deck(trade_lines(*range(10)), LASTING).play(script)


def test_last_of_several_seeks_in_one_moment_decides() -> None:
    async def script(deck: Deck) -> None:
        await deck.time.sleep(5.5)
        deck.player.steer(Pause())
        deck.player.steer(Seek(2))
        deck.player.steer(Seek(40))
        await deck.time.sleep(1)
        assert deck.progress().frames == 40

    Deck(trade_lines(*range(100)), LASTING).play(script)


@pytest.mark.parametrize("seconds", [0.0, 4.0])
def test_seek_before_the_first_frame_is_kept(seconds: float) -> None:
    deck = Deck(trade_lines(*range(10)), LASTING)
    deck.player.steer(Pause())
    deck.player.steer(Seek(seconds))

    async def script(deck: Deck) -> None:
        await deck.time.sleep(1)
        assert deck.progress().frames == seconds

    assert deck.play(script).resets() == 0


@pytest.mark.parametrize("seconds", [1_000.0, float("inf")])
def test_seek_beyond_the_end_plays_all_and_waits_there(seconds: float) -> None:
    async def script(deck: Deck) -> None:
        await deck.time.sleep(0.5)
        deck.player.steer(Seek(seconds))
        await deck.time.sleep(0.1)
        assert deck.progress().is_finished
        assert deck.progress().position_seconds == 9

    deck = Deck(trade_lines(*range(10)), LASTING).play(script)

    assert deck.numbers() == list(range(1, 11))


@pytest.mark.parametrize("seconds", [-5.0, float("nan"), 0.0])
def test_seek_before_the_start_is_the_start(seconds: float) -> None:
    async def script(deck: Deck) -> None:
        await deck.time.sleep(5.5)
        deck.player.steer(Pause())
        deck.player.steer(Seek(seconds))
        await deck.time.sleep(1)
        assert deck.progress().frames == 0
        assert deck.progress().position_seconds == 0

    Deck(trade_lines(*range(10)), LASTING).play(script)


def test_tape_that_ended_waits_and_can_be_taken_back() -> None:
    async def script(deck: Deck) -> None:
        await deck.time.sleep(10)
        assert deck.progress().is_finished
        assert [row.status for row in deck.player.states(deck.time.monotonic_ns())] == ["ended"]
        deck.player.steer(Play())
        deck.player.steer(Step())
        deck.player.steer(Play())
        await deck.time.sleep(10)
        assert deck.numbers() == [1, 2, 3]
        deck.player.steer(Seek(1.5))
        await deck.time.sleep(10)
        assert deck.progress().is_finished

    deck = Deck(trade_lines(0, 1, 2), LASTING).play(script)

    assert deck.numbers() == [1, 2, 3, 1, 2, 3]
    assert deck.trades()[-1][0] == pytest.approx(20.5, abs=0.001)
