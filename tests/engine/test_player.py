"""Playing a tape: when each frame comes, what the ticks say, what is told of it."""

from collections.abc import Generator
from itertools import pairwise

import pytest
from engine_fakes import START_NS, a_line, trade_line, trade_lines
from msgspec.structs import replace
from player_deck import LASTING, SETTINGS, Deck, batches_of

from botcore_tui.engine.port import Pause, Play, Step
from botcore_tui.engine.tape import Line
from botcore_tui.model.event import MarketReset, RequestSnapshot, Tick
from botcore_tui.model.market import Trade

# --- pace --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("speed", "times"), [(1, [0, 1, 4]), (2, [0, 0.5, 2]), (0.5, [0, 2, 8])])
def test_frames_come_as_far_apart_as_on_the_tape_divided_by_the_speed(
    speed: float, times: list[float]
) -> None:
    deck = Deck(trade_lines(0, 1, 4), replace(SETTINGS, speed=speed)).play()

    assert [at for at, _ in deck.trades()] == pytest.approx(times, abs=0.001)


def test_as_fast_as_it_goes_takes_no_time() -> None:
    deck = Deck(trade_lines(0, 1_000, 90_000), replace(SETTINGS, speed=None)).play()

    assert deck.trades() == [(0, 1), (0, 2), (0, 3)]


def test_frames_that_a_slow_engine_held_up_are_made_up_for() -> None:
    async def held_up(deck: Deck) -> None:
        await deck.time.sleep(0.5)
        deck.has_room.clear()
        await deck.time.sleep(5)
        deck.has_room.set()
        await deck.time.sleep(4)

    deck = Deck(trade_lines(*range(8)), LASTING).play(held_up)

    # The second frame was on its way when there was no more room.
    assert [at for at, _ in deck.trades()] == pytest.approx(
        [0, 1, 5.5, 5.5, 5.5, 5.5, 6, 7], abs=0.002
    )


def test_player_waits_for_room_after_every_slice() -> None:
    async def full(deck: Deck) -> None:
        deck.has_room.clear()
        await deck.time.sleep(1)

    lines = [trade_line(0, number) for number in range(1_000)]
    deck = Deck(lines, replace(LASTING, speed=None), opened=lambda: iter_once(lines)).play(full)

    assert 0 < len(deck.numbers()) <= 256


def iter_once(lines: list[Line]) -> Generator[list[Line], None, None]:
    yield lines


def test_received_times_are_stamped_only_where_wanted() -> None:
    timed = Deck(trade_lines(0, 1)).play()
    untimed = Deck(trade_lines(0, 1), replace(SETTINGS, takes_latency=False)).play()

    stamps = [
        received
        for received, (_, event) in zip(timed.received, timed.delivered, strict=True)
        if isinstance(event, Trade)
    ]
    assert all(stamps)
    assert not any(untimed.received)


def test_frames_played_as_fast_as_it_goes_carry_no_time() -> None:
    deck = Deck(trade_lines(0, 1), replace(SETTINGS, speed=None)).play()

    assert not any(deck.received)


# --- ticks -------------------------------------------------------------------------------------


@pytest.mark.parametrize("speed", [1.0, 60.0, None])
def test_ticks_come_every_quarter_second_of_the_tape(speed: float | None) -> None:
    deck = Deck(trade_lines(0, 0.3, 0.9, 1.0), replace(SETTINGS, speed=speed)).play()

    kinds = "".join("t" if isinstance(event, Tick) else "F" for _, event in deck.delivered)
    assert deck.ticks() == [0, 250, 500, 750, 1_000]
    assert kinds == "tFtFttFtF"


def test_ticks_of_a_long_silence_are_those_of_its_last_minute() -> None:
    deck = Deck(trade_lines(0, 3_600), replace(SETTINGS, speed=None)).play()

    ticks = deck.ticks()
    assert ticks[:2] == [0, 3_540_000]
    assert ticks[-1] == 3_600_000
    assert len(ticks) == 242


def test_frames_slightly_out_of_order_are_played_and_ticks_never_go_back() -> None:
    deck = Deck(trade_lines(0, 1.0, 0.4, 1.2)).play()

    assert deck.numbers() == [1, 2, 3, 4]
    assert [at for at, _ in deck.trades()] == pytest.approx([0, 1, 1, 1.2], abs=0.001)
    assert deck.ticks() == sorted(deck.ticks())


def test_recorder_whose_clock_was_set_back_an_hour_does_not_rush_the_rest() -> None:
    lines = trade_lines(3_600, 3_601, 0, 1, 2)

    deck = Deck(lines).play()

    assert [at for at, _ in deck.trades()] == pytest.approx([0, 1, 1, 2, 3], abs=0.001)
    assert deck.ticks()[5:] == list(range(0, 2_001, 250))


def test_clock_set_back_in_the_middle_of_a_slice_does_not_rush_the_rest() -> None:
    lines = trade_lines(0, 10, 5, 6, 7)

    deck = Deck(lines, opened=lambda: iter_once(lines)).play()

    assert [at for at, _ in deck.trades()] == pytest.approx([0, 10, 10, 11, 12], abs=0.001)


def test_clock_set_back_while_stepping_does_not_rush_the_rest() -> None:
    async def script(deck: Deck) -> None:
        deck.player.steer(Pause())
        deck.player.steer(Step(3))
        await deck.time.sleep(1)
        deck.player.steer(Play())
        await deck.time.sleep(10)

    deck = Deck(trade_lines(0, 10, 5, 6, 7), LASTING).play(script)

    assert [at for at, _ in deck.trades()] == pytest.approx([0, 0, 0, 2, 3], abs=0.001)


def test_start_within_the_tape_plays_what_is_before_at_once() -> None:
    deck = Deck(trade_lines(*range(10)), replace(SETTINGS, start_seconds=6)).play()

    assert [at for at, _ in deck.trades()] == pytest.approx([0] * 7 + [1, 2, 3], abs=0.001)


def test_player_started_again_after_a_failure_announces_that_the_market_starts_anew() -> None:
    def torn() -> Generator[list[Line], None, None]:
        yield trade_lines(0, 1)
        raise RuntimeError("torn")

    deck = Deck([], opened=torn)

    async def scenario() -> None:
        for _ in range(2):
            with pytest.raises(RuntimeError, match="torn"):
                await deck.player.run(deck)

    deck.time.run(scenario)

    events = [event for _, event in deck.delivered if not isinstance(event, Tick)]
    assert [isinstance(event, MarketReset) for event in events] == [
        False,
        False,
        True,
        False,
        False,
    ]


# --- what is told ------------------------------------------------------------------------------


def test_progress_tells_place_and_time_left() -> None:
    async def script(deck: Deck) -> None:
        await deck.time.sleep(4.5)
        progress = deck.progress()
        assert (progress.path, progress.frames, progress.position_seconds) == ("tape.zst", 5, 8)
        assert (progress.total_seconds, progress.speed) == (98, 2)
        assert progress.seconds_left == 45
        assert progress.error == ""

    Deck(trade_lines(*range(0, 100, 2)), replace(LASTING, speed=2), total=98).play(script)


def test_time_left_of_a_tape_played_at_full_speed_is_extrapolated() -> None:
    async def script(deck: Deck) -> None:
        assert deck.progress().seconds_left is None  # nothing to go by yet
        deck.has_room.clear()
        await deck.time.sleep(10)
        progress = deck.progress()
        left = (99 - progress.position_seconds) / progress.position_seconds * 10
        assert progress.seconds_left == pytest.approx(left)

    Deck(trade_lines(*range(100)), replace(LASTING, speed=None), total=99).play(script)


def test_tape_of_unknown_length_has_no_time_left() -> None:
    assert Deck(trade_lines(0, 1)).play().progress().seconds_left is None


def test_streams_of_the_tape_are_shown_with_their_rates() -> None:
    lines = sorted(
        [
            *(trade_line(number / 10, number + 1) for number in range(100)),
            *(a_line(number, "nothing", e="unheardOf") for number in range(3)),
            (START_NS, b"garbage"),
        ]
    )

    async def script(deck: Deck) -> None:
        for _ in range(8):
            await deck.time.sleep(1)
            deck.player.states(deck.time.monotonic_ns())
        (row,) = deck.player.states(deck.time.monotonic_ns())
        assert (row.name, row.status, row.sequence) == ("btcusdt@trade", "live", "-")
        assert row.frames_per_second == pytest.approx(10, rel=0.1)
        assert 0 <= deck.time.monotonic_ns() - row.last_frame_ns < 200_000_000
        assert deck.player.counters() == (1, 3)

    Deck(lines, LASTING).play(script)


def test_request_for_a_snapshot_is_left_to_the_tape() -> None:
    deck = Deck(trade_lines(0))

    deck.player.request_snapshot(RequestSnapshot("BTCUSDT", 0, "gap", 0))

    assert deck.play().numbers() == [1]


def test_tape_is_read_only_as_far_as_it_is_played() -> None:
    made = 0

    def endless() -> Generator[list[Line], None, None]:
        def frames() -> Generator[Line, None, None]:
            nonlocal made
            while True:
                made += 1
                yield trade_line(made / 10, made)

        return batches_of(frames())

    async def script(deck: Deck) -> None:
        await deck.time.sleep(60)

    deck = Deck([], opened=endless).play(script)

    assert len(deck.numbers()) == 600
    assert made - len(deck.numbers()) <= 16
    assert all(0 < after - before < 0.2 for (before, _), (after, _) in pairwise(deck.trades()))
