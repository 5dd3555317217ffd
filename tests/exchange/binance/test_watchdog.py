from itertools import pairwise

import pytest

from botcore_tui.exchange.binance.watchdog import StreamStatus, Watchdog

SECOND = 1_000_000_000
START = 1_000 * SECOND


def a_watchdog(*names: str, floor: float | None = 1.0) -> Watchdog:
    watchdog = Watchdog(10.0, lambda _name: floor)
    for name in names:
        watchdog.add(name, StreamStatus.WAITING)
    return watchdog


def feed(watchdog: Watchdog, name: str, *, start: int, gap: float, frames: int) -> int:
    """Deliver frames at even gaps; time of the last."""
    at = start
    for index in range(frames):
        at = start + round(index * gap * SECOND)
        watchdog.tracks[name].note(at)
    return at


@pytest.mark.requirement("F06")
def test_first_frame_deadline_counts_from_asking_and_an_ack_is_not_data() -> None:
    watchdog = a_watchdog("a", "b")
    watchdog.tracks["b"].note(START + 9 * SECOND)
    asked = {"a": START, "b": START}
    assert watchdog.check(START + 10 * SECOND, asked, {"a", "b"}).ask_again == ()
    finding = watchdog.check(START + 10 * SECOND + 1, asked, {"a", "b"})
    assert finding.ask_again == ("a",)
    assert not finding.is_half_open
    state = watchdog.tracks["a"].state()
    assert (state.status, state.detail) == ("waiting", "ACK without data for 10.0 s")


def test_stream_not_asked_for_yet_is_not_judged() -> None:
    watchdog = a_watchdog("a")
    assert not watchdog.check(START + 3600 * SECOND, {}, set()).is_half_open


@pytest.mark.requirement("A07")
def test_deadline_grows_with_the_usual_gap_of_the_stream() -> None:
    watchdog = a_watchdog("slow", "fast")
    last = feed(watchdog, "slow", start=START, gap=2.0, frames=20)
    feed(watchdog, "fast", start=last - 19 * SECOND // 100, gap=0.01, frames=20)
    asked = {"slow": START, "fast": START}
    assert watchdog.check(last + SECOND, asked, set()).ask_again == ()
    assert watchdog.check(last + SECOND * 11 // 10, asked, set()).ask_again == ("fast",)
    assert watchdog.check(last + 20 * SECOND, asked, set()).ask_again == ("fast",)
    finding = watchdog.check(last + 20 * SECOND + 1, asked, set())
    assert finding.ask_again == ("slow",)
    assert watchdog.tracks["slow"].state().status == "stale"
    assert finding.is_half_open


def test_few_gaps_are_not_trusted() -> None:
    watchdog = a_watchdog("a")
    last = feed(watchdog, "a", start=START, gap=0.01, frames=5)
    assert watchdog.check(last + 9 * SECOND, {"a": START}, set()).ask_again == ()
    assert watchdog.check(last + 11 * SECOND, {"a": START}, set()).ask_again == ("a",)


def test_patience_after_asking_again_doubles_with_each_vain_reconnect() -> None:
    watchdog = a_watchdog("dead", "well")
    now, waits = START, []
    for _ in range(9):
        asked = {"dead": now, "well": now}
        watchdog.restart(StreamStatus.WAITING)
        watchdog.tracks["well"].note(now)
        began = None
        while True:
            now += SECOND
            watchdog.tracks["well"].note(now)
            finding = watchdog.check(now, asked, set())
            if finding.ask_again:
                began = now
            if finding.hopeless:
                break
        assert began is not None
        waits.append((now - began) // SECOND)
    assert waits == [11, 21, 41, 81, 161, 321, 641, 901, 901]
    watchdog.tracks["dead"].note(now)
    assert watchdog.tracks["dead"].strikes == 0


def test_own_slowness_is_forgiven() -> None:
    watchdog = a_watchdog("a")
    last = feed(watchdog, "a", start=START, gap=0.1, frames=20)
    watchdog.forgive(last + 100 * SECOND)
    assert not watchdog.check(last + 101 * SECOND, {"a": START}, set()).silent
    assert watchdog.check(last + 102 * SECOND, {"a": START}, set()).silent


def test_gap_over_a_reconnect_is_not_learned() -> None:
    watchdog = a_watchdog("a")
    last = feed(watchdog, "a", start=START, gap=0.1, frames=20)
    watchdog.restart(StreamStatus.DOWN, "gone")
    later = last + 3600 * SECOND
    watchdog.restart(StreamStatus.WAITING)
    end = feed(watchdog, "a", start=later, gap=0.1, frames=20)
    assert watchdog.check(end + 2 * SECOND, {"a": later}, set()).silent == ("a",)


def test_gap_that_healed_by_itself_is_learned() -> None:
    watchdog = a_watchdog("a")
    now = feed(watchdog, "a", start=START, gap=0.1, frames=3)
    for _ in range(60):
        now += 30 * SECOND
        watchdog.check(now, {"a": START}, set())
        watchdog.tracks["a"].note(now)
    assert not watchdog.check(now + 299 * SECOND, {"a": START}, set()).silent


def test_rare_and_refused_streams_are_never_silent() -> None:
    rare = a_watchdog("a", floor=None)
    assert not rare.check(START + 10**6 * SECOND, {"a": START}, {"a"}).silent
    refused = a_watchdog("a")
    refused.refuse(["a", "unknown"], "no such stream")
    finding = refused.check(START + 10**6 * SECOND, {"a": START}, {"a"})
    assert not finding.silent
    assert not finding.is_half_open
    assert refused.tracks["a"].state().detail == "no such stream"


def test_steady_means_something_flows() -> None:
    watchdog = a_watchdog("a", "b", "never")
    asked = dict.fromkeys(("a", "b", "never"), START)
    assert not watchdog.check(START + SECOND, asked, set()).is_steady
    last = feed(watchdog, "a", start=START, gap=0.1, frames=20)
    feed(watchdog, "b", start=START, gap=0.1, frames=20)
    assert watchdog.check(last, asked, set()).is_steady
    watchdog.tracks["a"].note(last + 5 * SECOND)
    quiet = watchdog.check(last + 5 * SECOND, asked, set())
    assert (quiet.silent, quiet.is_steady) == (("b",), True)
    assert not watchdog.check(last + 60 * SECOND, asked, set()).is_steady


def test_adding_twice_keeps_what_is_known() -> None:
    watchdog = a_watchdog("a")
    watchdog.tracks["a"].note(START)
    watchdog.add("a", StreamStatus.CONNECTING)
    assert watchdog.tracks["a"].state().frames == 1
    watchdog.remove("a")
    watchdog.remove("a")
    assert not watchdog.tracks


@pytest.mark.requirement("A07")
def test_gap_multiple_decides_how_many_usual_gaps_are_silence() -> None:
    limits = []
    for multiple in (10, 40):
        watchdog = Watchdog(10.0, lambda _name: 1.0, multiple)
        watchdog.add("a", StreamStatus.WAITING)
        feed(watchdog, "a", start=START, gap=1.0, frames=20)
        limits.append(watchdog.tracks["a"].limit_seconds(10.0))
    assert limits == [10.0, 40.0]


@pytest.mark.requirement("F06")
@pytest.mark.parametrize("reconnects", [0, 1])
def test_stream_that_ever_flowed_is_asked_again_ever_later_and_costs_no_connection(
    reconnects: int,
) -> None:
    watchdog = a_watchdog("quiet", "busy", floor=30.0)
    watchdog.tracks["quiet"].note(START)
    for _ in range(reconnects):
        watchdog.restart(StreamStatus.DOWN)
        watchdog.restart(StreamStatus.WAITING)
    asked = {"quiet": START, "busy": START}
    times = []
    for second in range(1, 3600):
        now = START + second * SECOND
        watchdog.tracks["busy"].note(now)
        finding = watchdog.check(now, asked, set(asked))
        assert (finding.hopeless, finding.is_half_open) == ((), False)
        if finding.ask_again:
            times.append(second)
    distances = [after - before for before, after in pairwise(times)]
    assert times[0] == 31
    assert distances == [11, 21, 41, 81, 161, 321, 641, 901, 901]
    state = watchdog.tracks["quiet"].state()
    assert (state.status, state.detail) == (
        "stale",
        f"{'ACK without data' if reconnects else 'no data'} for {times[-1]:.1f} s",
    )
    assert watchdog.check(START + 3700 * SECOND, asked, set(asked)).is_half_open, "all are silent"


def test_gaps_learned_on_one_connection_hold_on_the_next() -> None:
    watchdog = a_watchdog("a")
    last = feed(watchdog, "a", start=START, gap=5.0, frames=20)
    watchdog.restart(StreamStatus.WAITING)
    assert not watchdog.check(last + 50 * SECOND, {"a": last}, {"a"}).silent
    assert watchdog.check(last + 51 * SECOND, {"a": last}, {"a"}).silent
