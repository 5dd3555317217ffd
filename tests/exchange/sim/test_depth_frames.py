"""Depth updates chain, join a snapshot, and lead to the venue's own book."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from listeners import heard
from property_examples import examples
from sim_follower import Follower, number
from sim_frames import LOTS, FrameStage, levels_of, pairs
from sim_stage import ASK, BID, BUY, SELL

from botcore_tui.exchange.binance.wire import decode
from botcore_tui.exchange.sim.market_views import depth
from botcore_tui.exchange.sim.session import Session
from botcore_tui.model.market import BookTop, Side

PACES = {100: "btcusdt@depth@100ms", 250: "btcusdt@depth", 500: "btcusdt@depth@500ms"}
TOPS = {
    100: "btcusdt@depth{}@100ms",
    250: "btcusdt@depth{}",
    500: "btcusdt@depth{}@500ms",
}
AT_ONCE = "btcusdt@depth@0ms"
STREAMS = {AT_ONCE: 1} | {stream: pace for pace, stream in PACES.items()}
"""How often there is something to compare, milliseconds."""
ORDER = 7
"""Id of an order of an account."""


def listen(stage: FrameStage, *streams: str) -> Session:
    return stage.connect(f"/public/ws/{'/'.join(streams)}")


# --- random trading -------------------------------------------------------------------------------

SIDES = st.sampled_from([BUY, SELL])
ACTS = st.one_of(
    st.tuples(st.just("quote"), SIDES, st.integers(0, 12), st.integers(0, 5)),
    st.tuples(st.just("take"), SIDES, st.integers(0, 12), st.integers(1, 3_000)),
    st.tuples(st.just("order"), SIDES, st.integers(0, 12), st.integers(1, 5)),
    st.tuples(st.just("fetch"), SIDES, st.integers(0, len(STREAMS) - 1), st.just(0)),
    st.tuples(st.just("again"), SIDES, st.integers(0, len(STREAMS) - 1), st.just(0)),
)
TURNS = st.lists(
    st.tuples(ACTS, st.sampled_from([0, 0, 1, 13, 50, 99, 100, 250, 700])), max_size=40
)


class Trading:
    """A market in which anything happens, and a follower of each stream."""

    def __init__(self) -> None:
        self.stage = FrameStage()
        self.market = self.stage.market
        self.sessions = [listen(self.stage, stream) for stream in STREAMS]
        self.followers = [Follower(session, self.market) for session in self.sessions]
        self.all = [listen(self.stage, stream) for stream in STREAMS]
        """Never leave."""

    def act(self, kind: str, side: Side, where: int, lots: int) -> None:
        market, book = self.market, self.market.book
        sign = 1 if side is BUY else -1
        facing = book.opposite(side).best
        if kind == "take":
            market.crowd_take(side, lots, None)
        elif kind == "fetch":
            self.followers[where].fetch(self.stage.agenda.now_ms)
        elif kind == "again":
            for method in ("UNSUBSCRIBE", "SUBSCRIBE"):
                self.stage.ask(self.sessions[where], method, [*STREAMS][where])
            self.sessions[where].outbox.clear()
            self.followers[where].restart()
        elif ORDER in book and kind == "order":
            market.remove(ORDER)
        else:
            ticks = (BID if facing is None else facing - sign) - where * sign
            if kind == "quote":
                self.stage.set(side, ticks, lots)
            else:
                market.rest(side, ticks, ORDER, lots)

    def wait(self, milliseconds: int) -> None:
        """Compare the books at every boundary of time that passes."""
        agenda = self.stage.agenda
        end_ms = agenda.now_ms + milliseconds
        while agenda.now_ms < end_ms:
            agenda.advance(min(end_ms, (agenda.now_ms // 50 + 1) * 50))
            for pace, follower in zip(STREAMS.values(), self.followers, strict=True):
                if agenda.now_ms % pace == 0:
                    follower.read(agenda.now_ms)
                    if follower.is_joined:
                        assert follower.bids == levels_of(self.market, BUY)
                        assert follower.asks == levels_of(self.market, SELL)


@settings(max_examples=examples(60), deadline=None)
@given(TURNS)
def test_a_book_kept_by_the_venues_procedure_is_the_venues_at_every_boundary(
    turns: list[tuple[tuple[str, Side, int, int], int]],
) -> None:
    trading = Trading()
    for act, milliseconds in turns:
        trading.act(*act)
        trading.wait(milliseconds)
    for which in range(len(STREAMS)):
        trading.act("fetch", BUY, which, 0)
    for lots in (1, 2, 3):
        trading.act("quote", BUY, 3, lots)
        trading.wait(500)
    assert all(follower.is_joined for follower in trading.followers)
    for session in trading.all:
        events = heard(session)
        assert all(after["pu"] == before["u"] for before, after in pairwise(events))
        for event in events:
            assert number(event, "pu") < number(event, "U") <= number(event, "u")


# --- one by one -----------------------------------------------------------------------------------


@pytest.mark.parametrize("pace", PACES)
def test_changes_come_together_at_the_next_boundary_of_a_pace(pace: int) -> None:
    stage = FrameStage()
    session = listen(stage, PACES[pace])
    before = stage.market.update_id
    stage.wait(10)
    stage.set(BUY, BID, 5)
    first = stage.market.update_id
    stage.wait(60)
    stage.set(SELL, ASK + 2, 0)
    stage.set(BUY, BID, 6)
    stage.set(BUY, BID - 1, 7)
    last = stage.market.update_id
    stage.wait(pace - 71)
    assert not session.outbox
    stage.wait(1)
    now_ms = stage.agenda.now_ms
    assert now_ms % pace == 0
    assert session.outbox == [
        f'{{"e":"depthUpdate","E":{now_ms},"T":{now_ms - pace + 70},"s":"BTCUSDT",'
        f'"ps":"BTCUSDT","st":1,"U":{first},"u":{last},"pu":{before},'
        '"b":[["61659.60","0.007"],["61659.70","0.006"]],"a":[["61660.00","0.000"]]}'.encode()
    ]
    session.outbox.clear()
    stage.wait(5_000)
    assert not session.outbox  # nothing changed
    stage.set(SELL, ASK, 1)
    stage.wait(pace)
    (event,) = heard(session)
    assert (event["b"], event["a"]) == ([], [["61659.80", "0.001"]])


def test_at_once_each_update_is_told_alone_and_chains_to_what_was_before_who_came() -> None:
    stage = FrameStage()
    stage.set(BUY, BID, 4)
    stage.wait(60)
    before = stage.market.update_id
    session = listen(stage, AT_ONCE)
    ids = []
    for lots in (5, 6, 7):
        stage.wait(20)
        stage.set(BUY, BID - lots, lots)
        ids.append(stage.market.update_id)
    frames = heard(session)
    assert [(event["pu"], event["U"], event["u"]) for event in frames] == [
        (before, ids[0], ids[0]),
        (ids[0], ids[1], ids[1]),
        (ids[1], ids[2], ids[2]),
    ]
    assert [event["E"] for event in frames] == [stage.agenda.now_ms - 20 * n for n in (2, 1, 0)]
    assert [event["b"] for event in frames] == [
        [[f"{(BID - lots) / 10:.2f}", f"0.00{lots}"]] for lots in (5, 6, 7)
    ]


def test_who_comes_between_two_boundaries_is_told_at_once_what_a_snapshot_may_lack() -> None:
    stage = FrameStage()
    stage.set(BUY, BID, 4)
    first = stage.market.update_id
    session = listen(stage, AT_ONCE)
    snapshot = depth(stage.market, 5, stage.agenda.now_ms)
    stage.set(BUY, BID - 1, 5)
    (event,) = heard(session)
    assert event["U"] == snapshot["lastUpdateId"] == first
    assert event["b"] == [["61659.60", "0.005"], ["61659.70", "0.004"]]


def test_with_retail_price_improvement_it_is_the_same_book() -> None:
    stage = FrameStage()
    sessions = [listen(stage, f"btcusdt@{kind}@500ms") for kind in ("rpiDepth", "depth")]
    _quote(stage, 20)
    assert sessions[0].outbox == sessions[1].outbox
    assert sessions[0].outbox


@pytest.mark.parametrize("pace", PACES)
def test_the_chain_goes_on_while_nobody_listens(pace: int) -> None:
    stage = FrameStage()
    session = listen(stage, PACES[pace])
    stage.set(BUY, BID, 5)
    stage.wait(pace)
    (before,) = heard(session)
    stage.ask(session, "UNSUBSCRIBE", PACES[pace])
    stage.set(BUY, BID, 6)
    stage.wait(pace)
    missed = stage.market.update_id
    stage.set(BUY, BID - 1, 7)
    first = stage.market.update_id
    stage.ask(session, "SUBSCRIBE", PACES[pace])
    stage.wait(pace)
    (event,) = heard(session)
    assert before["u"] != missed
    assert (event["pu"], event["U"], event["u"]) == (missed, first, first)
    assert event["b"] == [["61659.60", "0.007"]]


def test_changes_in_real_time_come_one_by_one_and_chain() -> None:
    stage = FrameStage()
    stage.set(BUY, BID, 4)
    stage.wait(50)
    session = listen(stage, "btcusdt@depth@0ms", "btcusdt@depth@100ms")
    before = stage.market.update_id
    stage.set(BUY, BID, 5)
    stage.set(BUY, BID - 1, 6)
    first, second = heard(session)
    assert (first["pu"], first["b"]) == (before, [["61659.70", "0.005"]])
    assert (second["pu"], second["b"]) == (first["u"], [["61659.60", "0.006"]])
    stage.wait(100)
    (paced,) = heard(session)
    assert paced["u"] == second["u"]


def test_who_comes_later_gets_the_same_frames() -> None:
    stage = FrameStage()
    first = listen(stage, *PACES.values())
    _quote(stage, 20)
    second = listen(stage, *PACES.values())
    first.outbox.clear()
    _quote(stage, 20)
    assert second.outbox == first.outbox
    assert len(second.outbox) == 7 + 3 + 1


def _quote(stage: FrameStage, times: int) -> None:
    for step in range(times):
        stage.set(BUY, BID - step % 3, times + step)
        stage.wait(37)


def test_a_level_that_came_and_went_between_two_boundaries_is_told_as_gone() -> None:
    stage = FrameStage()
    session = listen(stage, PACES[100])
    stage.set(BUY, BID - 50, 5)
    stage.set(BUY, BID - 50, 0)
    stage.wait(100)
    (event,) = heard(session)
    assert event["b"] == [["61654.70", "0.000"]]


def test_what_a_book_was_filled_with_before_it_was_followed_is_not_told() -> None:
    stage = FrameStage()
    session = listen(stage, *PACES.values(), TOPS[100].format(5))
    stage.wait(1_000)
    assert not session.outbox


# --- partial depth --------------------------------------------------------------------------------


@pytest.mark.parametrize("pace", TOPS)
@pytest.mark.parametrize("count", [5, 10, 20])
def test_partial_depth_has_the_best_levels_best_first(pace: int, count: int) -> None:
    stage = FrameStage()
    stream = TOPS[pace].format(count)
    session = stage.connect(f"/public/stream?streams={stream}")
    for step in range(30):
        stage.set(BUY, BID - 3 * step, 1 + step)
        stage.set(SELL, ASK + 2 * step, 2 + step)
    update_id = stage.market.update_id
    stage.wait(pace - 1)
    assert not session.outbox
    stage.wait(1)
    (frame,) = session.outbox
    name, top = decode(frame)
    assert name == stream
    assert isinstance(top, BookTop)
    assert (top.last_update_id, top.time_ms) == (update_id, stage.agenda.now_ms)
    for side, levels in ((BUY, top.bids), (SELL, top.asks)):
        best = stage.market.book.top(side, count)
        assert len(levels) == count
        assert levels == [(round(ticks * 0.1, 1), lots / 1_000) for ticks, lots in best]


def test_partial_depth_of_a_thin_book_has_what_there_is() -> None:
    stage = FrameStage()
    session = listen(stage, TOPS[100].format(20))
    stage.market.crowd_take(BUY, 5 * LOTS, None)
    stage.wait(100)
    (event,) = heard(session)
    assert (len(pairs(event["b"])), event["a"]) == (5, [])


def test_partial_depth_chains_like_the_changes_of_its_pace() -> None:
    stage = FrameStage()
    changes, tops = listen(stage, PACES[250]), listen(stage, TOPS[250].format(10))
    for step in range(10):
        stage.set(BUY, BID - step, 3)
        stage.wait(90)
    keys = ("E", "T", "U", "u", "pu")
    told = [[event[key] for key in keys] for event in heard(changes)]
    assert told == [[event[key] for key in keys] for event in heard(tops)]
    assert len(told) == 3
