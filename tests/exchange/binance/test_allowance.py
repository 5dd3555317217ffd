"""What is let through: never beyond a limit, always the lanes that matter more."""

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botcore_tui.exchange.binance.allowance import (
    KILL_MINIMUM,
    KILL_MINIMUM_BANNED,
    Allowance,
    Cost,
    Grant,
    Lane,
    Quotas,
    Told,
)

AT: Final = 1_700_000_040_000
"""Beginning of a minute."""
LANES: Final = st.sampled_from(Lane)
ORDER: Final = Cost(weight=0, orders_10s=1, orders_1m=1)
PLAIN: Final = (Lane.REDUCING, Lane.ENTRY, Lane.QUERY)


def fill(allowance: Allowance, lane: Lane, cost: Cost, now_ms: int = AT) -> int:
    """Take until there is no more; how often it went."""
    count = 0
    while (grant := allowance.take(lane, cost, now_ms)) is not None:
        allowance.settle(grant, Told(), now_ms)
        count += 1
    return count


@pytest.mark.requirement("R03")
@pytest.mark.requirement("P18")
def test_each_lane_leaves_a_reserve_to_those_above() -> None:
    allowance = Allowance(1_200)
    assert fill(allowance, Lane.QUERY, Cost(20)) == 36  # 720 of 1,200
    assert fill(allowance, Lane.ENTRY, Cost(1)) == 120
    assert fill(allowance, Lane.REDUCING, Cost(1)) == 120
    assert fill(allowance, Lane.KILL, Cost(1)) == 240
    assert allowance.used(AT) == allowance.ceiling == 1_200


@pytest.mark.requirement("R03")
def test_lower_of_our_ceiling_and_the_venues_limit_holds() -> None:
    allowance = Allowance(1_200)
    allowance.learn(Quotas(weight_1m=1_000))
    assert (allowance.ceiling, allowance.most(Lane.QUERY)) == (1_000, 600)
    assert fill(allowance, Lane.QUERY, Cost(20)) == 30
    allowance.learn(Quotas(weight_1m=6_000))
    assert allowance.ceiling == 1_200


def test_both_order_windows_hold() -> None:
    allowance = Allowance(1_200)
    allowance.learn(Quotas(orders_10s=10, orders_1m=20))
    assert fill(allowance, Lane.ENTRY, ORDER) == 7
    assert fill(allowance, Lane.ENTRY, ORDER, AT + 10_000) == 7
    assert fill(allowance, Lane.ENTRY, ORDER, AT + 20_000) == 0  # 70 percent of the minute
    assert fill(allowance, Lane.REDUCING, ORDER, AT + 20_000) == 2
    assert fill(allowance, Lane.QUERY, Cost(20), AT + 20_000) == 36
    assert fill(allowance, Lane.ENTRY, ORDER, AT + 60_000) == 7


def test_counts_of_the_venue_hold_for_every_window() -> None:
    allowance = Allowance(1_200)
    grant = allowance.take(Lane.ENTRY, ORDER, AT)
    assert grant is not None
    allowance.settle(grant, Told(weight=719, orders_10s=209, orders_1m=300), AT)
    assert allowance.take(Lane.QUERY, Cost(2), AT) is None
    assert allowance.take(Lane.QUERY, Cost(1), AT) is not None
    assert fill(allowance, Lane.ENTRY, ORDER) == 1


@pytest.mark.requirement("A13")
@pytest.mark.requirement("F11")
def test_429_stops_all_but_the_minimum_of_the_kill_lane_then_slows() -> None:
    allowance = Allowance(1_200)
    allowance.refused(429, -1003, 5_000, AT)
    assert (allowance.shut_ms(AT), allowance.is_slowed(AT)) == (5_000, True)
    assert [fill(allowance, lane, Cost(1)) for lane in PLAIN] == [0, 0, 0]
    assert fill(allowance, Lane.KILL, Cost(1)) == KILL_MINIMUM
    assert not allowance.is_banned(AT)
    after = AT + 60_000  # the next minute, and still slow
    assert fill(allowance, Lane.QUERY, Cost(1), after) == 360
    assert fill(allowance, Lane.ENTRY, Cost(1), after) == 60
    assert fill(allowance, Lane.REDUCING, Cost(1), after) == 540  # never slowed
    assert fill(allowance, Lane.QUERY, Cost(1), AT + 120_000) == 720


def test_429_that_names_no_time_lasts_to_the_end_of_the_minute() -> None:
    allowance = Allowance(1_200)
    allowance.refused(429, -1003, 0, AT + 40_000)
    assert allowance.shut_ms(AT + 40_000) == 20_000


@pytest.mark.requirement("F11")
def test_too_many_orders_stop_orders_only() -> None:
    allowance = Allowance(1_200)
    allowance.refused(429, -1015, 0, AT + 2_000)
    assert allowance.shut_ms(AT + 2_000) == 0
    assert fill(allowance, Lane.ENTRY, ORDER, AT + 9_999) == 0
    assert fill(allowance, Lane.QUERY, Cost(20), AT + 9_999) == 36
    assert fill(allowance, Lane.ENTRY, ORDER, AT + 10_000) == 210
    allowance.refused(429, -1015, 15_000, AT + 20_000)
    assert fill(allowance, Lane.REDUCING, ORDER, AT + 34_999) == 0
    assert fill(allowance, Lane.REDUCING, ORDER, AT + 35_000) > 0


@pytest.mark.requirement("A13")
@pytest.mark.requirement("F11")
def test_ban_leaves_the_kill_lane_its_stated_minimum() -> None:
    allowance = Allowance(1_200)
    allowance.refused(418, -1003, 120_000, AT)
    assert allowance.is_banned(AT + 119_999)
    for start in range(AT, AT + 120_000, 10_000):
        assert [fill(allowance, lane, Cost(1), start) for lane in PLAIN] == [0, 0, 0]
        assert fill(allowance, Lane.KILL, Cost(1), start) == KILL_MINIMUM_BANNED
    assert not allowance.is_banned(AT + 120_000)
    assert fill(allowance, Lane.QUERY, Cost(1), AT + 120_000) == 720


@pytest.mark.requirement("F11")
@pytest.mark.requirement("K9")
@pytest.mark.parametrize("lane", Lane)
def test_refusal_that_is_over_is_noticed_at_once(lane: Lane) -> None:
    allowance = Allowance(1_200)
    allowance.refused(429, -1003, 2_000, AT)
    fill(allowance, lane, Cost(1))
    assert allowance.due_ms(lane, Cost(1), AT) == AT + 2_000
    assert allowance.take(lane, Cost(1), AT + 2_000) is not None
    # The same where it is only orders that are refused.
    allowance.refused(429, -1015, 3_000, AT + 20_000)
    fill(allowance, lane, ORDER, AT + 20_000)
    assert allowance.due_ms(lane, ORDER, AT + 20_000) == AT + 23_000
    assert allowance.take(lane, ORDER, AT + 23_000) is not None


def test_shorter_refusal_does_not_end_a_longer_one() -> None:
    allowance = Allowance(1_200)
    allowance.refused(418, -1003, 120_000, AT)
    allowance.refused(503, 0, 1_000, AT)
    assert (allowance.shut_ms(AT), allowance.is_banned(AT + 60_000)) == (120_000, True)
    assert not allowance.is_slowed(AT)


@pytest.mark.parametrize("lane", Lane)
def test_corrected_clock_neither_shortens_nor_lengthens_a_refusal(lane: Lane) -> None:
    allowance = Allowance(1_200)
    fill(allowance, lane, Cost(1))
    used = allowance.used(AT)
    allowance.refused(429, -1003, 5_000, AT)
    for step_ms in (3_600_000, -7_200_000):
        now_ms = AT + step_ms
        allowance.set_clock(now_ms, step_ms if step_ms > 0 else step_ms - 3_600_000)
        assert allowance.shut_ms(now_ms) == 5_000
        assert allowance.used(now_ms) == used


def test_next_look_is_when_something_can_have_changed() -> None:
    allowance = Allowance(1_200)
    assert allowance.due_ms(Lane.QUERY, Cost(1), AT + 1) == AT + 60_000
    assert allowance.due_ms(Lane.ENTRY, ORDER, AT + 1) == AT + 10_000
    assert allowance.due_ms(Lane.KILL, Cost(1), AT + 1) == AT + 10_000  # of its minimum
    allowance.refused(429, -1003, 5_000, AT + 30_000)
    assert allowance.due_ms(Lane.QUERY, Cost(1), AT + 30_000) == AT + 35_000
    assert allowance.due_ms(Lane.QUERY, Cost(1), AT + 61_000) == AT + 95_000


# --- properties -------------------------------------------------------------------------------


class Venue:
    """Counts a request at some moment between its sending and its reply, and tells its count."""

    def __init__(self) -> None:
        self._weights: dict[int, int] = {}
        self.heaviest = 0

    def count(self, weight: int, now_ms: int) -> int:
        minute = now_ms // 60_000
        self._weights[minute] = self._weights.get(minute, 0) + weight
        self.heaviest = max(self.heaviest, self._weights[minute])
        return self._weights[minute]


ASK: Final = st.tuples(st.just("ask"), LANES, st.integers(0, 40))
MOVES: Final = st.lists(
    st.one_of(
        ASK,
        ASK,
        st.tuples(st.just("count"), st.integers(0, 99), st.just(0)),
        st.tuples(st.just("reply"), st.integers(0, 99), st.booleans()),
        st.tuples(st.just("wait"), st.integers(1, 25_000), st.just(0)),
        st.tuples(st.just("refuse"), st.sampled_from([429, 418, 503]), st.integers(0, 30_000)),
    ),
    max_size=80,
)


class Play:
    """Requests of a ceiling of 100 a minute, against a venue that counts."""

    def __init__(self) -> None:
        self.allowance = Allowance(100)
        self.venue = Venue()
        self.now_ms = AT
        self.sent: list[tuple[Grant, int]] = []
        """Under way, not counted by the venue."""
        self.counted: list[tuple[Grant, int]] = []
        """Under way, with the count that the reply tells."""
        self.kills: dict[int, int] = {}

    def ask(self, lane: Lane, weight: int) -> None:
        free = self.allowance.ceiling - self.allowance.used(self.now_ms)
        is_shut, is_banned = (
            self.allowance.shut_ms(self.now_ms) > 0,
            self.allowance.is_banned(self.now_ms),
        )
        grant = self.allowance.take(lane, Cost(weight), self.now_ms)
        window = self.now_ms // 10_000
        kills = self.kills.get(window, 0)
        minimum = KILL_MINIMUM_BANNED if is_banned else KILL_MINIMUM
        if lane is Lane.KILL and kills < minimum:
            assert grant is not None, "the minimum of the kill lane holds, whatever happens"
        if grant is None:
            return
        if lane is Lane.KILL:
            self.kills[window] = kills + 1
        if lane is not Lane.KILL or kills >= minimum:
            assert not is_shut
            assert weight <= free or not weight
        self.sent.append((grant, weight))

    def count(self, index: int) -> None:
        if self.sent:
            grant, weight = self.sent.pop(index % len(self.sent))
            self.counted.append((grant, self.venue.count(weight, self.now_ms)))

    def reply(self, index: int, *, is_lost: bool) -> None:
        if self.counted:
            grant, told = self.counted.pop(index % len(self.counted))
            self.allowance.settle(grant, Told(None if is_lost else told), self.now_ms)


def play(moves: list[tuple[str, int, int]], *, kills: bool) -> Play:
    game = Play()
    for kind, first, second in moves:
        match kind:
            case "ask":
                if kills or first != Lane.KILL:
                    game.ask(Lane(first), second)
            case "count":
                game.count(first)
            case "reply":
                game.reply(first, is_lost=bool(second))
            case "wait":
                game.now_ms += first
            case _:
                game.allowance.refused(first, -1003, second, game.now_ms)
    return game


@pytest.mark.requirement("R03")
@given(MOVES)
def test_venue_never_counts_more_than_the_ceiling(moves: list[tuple[str, int, int]]) -> None:
    # However late it counts, and whichever replies are lost, late or out of order.
    assert play(moves, kills=False).venue.heaviest <= 100


@pytest.mark.requirement("A13")
@given(MOVES)
def test_kill_lane_has_its_minimum_and_nobody_else_passes_a_refusal(
    moves: list[tuple[str, int, int]],
) -> None:
    play(moves, kills=True)


@pytest.mark.requirement("P18")
@given(st.lists(st.tuples(st.sampled_from(PLAIN), st.integers(0, 40)), max_size=60), st.booleans())
def test_lower_lanes_never_use_up_the_reserve_of_a_higher_one(
    asked: list[tuple[Lane, int]], is_slow: bool
) -> None:
    allowance = Allowance(100)
    if is_slow:
        allowance.refused(429, -1003, 1, AT - 2)
    highest = min((lane for lane, _ in asked), default=Lane.QUERY)
    for lane, weight in asked:
        allowance.take(lane, Cost(weight), AT)
    for above in (Lane.ENTRY, Lane.REDUCING, Lane.KILL):  # each takes of its own reserve
        if above < highest and not (is_slow and above is Lane.ENTRY):
            assert allowance.take(above, Cost(10), AT) is not None
