"""Bars are told as they grow, close once, and are the bars of the market."""

import pytest
from brief import brief
from hypothesis import given, settings
from hypothesis import strategies as st
from listeners import START_MS, heard
from property_examples import examples
from sim_frames import FrameStage
from sim_rest import Json
from sim_stage import ASK, BUY, SELL

from botcore_tui.exchange.binance.wire import INTERVALS as LENGTHS
from botcore_tui.exchange.binance.wire import decode
from botcore_tui.exchange.sim.bars import Bar, Bars
from botcore_tui.exchange.sim.intervals import MINUTE_MS, following, opening
from botcore_tui.exchange.sim.market_views import kline
from botcore_tui.exchange.sim.stream_names import INTERVALS
from botcore_tui.model import market as events
from botcore_tui.model.market import Side

ROW = ("t", "o", "h", "l", "c", "v", "T", "q", "n", "V", "Q", "B")
"""Keys of a bar in the order of a row of ``GET klines``."""
QUARTER_MS = opening("15m", START_MS)
"""Nothing of the past before it is needed, which takes time to make up."""


def to(stage: FrameStage, time_ms: int) -> None:
    stage.wait(time_ms - stage.agenda.now_ms)


def row(frame: Json) -> list[object]:
    """A frame as the row that ``GET klines`` has for its bar."""
    body = frame["k"]
    assert isinstance(body, dict)
    return [body[key] for key in ROW]


def asked(stage: FrameStage, bar: Bar) -> list[object]:
    return kline(stage.market.contract, bar)


def is_closed(frame: Json) -> bool:
    body = frame["k"]
    assert isinstance(body, dict)
    return body["x"] is True


def bar_at(stage: FrameStage, interval: str, open_ms: int) -> Bar:
    (bar,) = stage.market.bars.klines(
        interval, now_ms=stage.agenda.now_ms, start_ms=open_ms, limit=1
    )
    return bar


def next_minute(stage: FrameStage) -> int:
    return following("1m", opening("1m", stage.agenda.now_ms))


# --- a bar's life ---------------------------------------------------------------------------------


def test_who_comes_is_told_the_present_bar_within_a_quarter_of_a_second() -> None:
    stage = FrameStage()
    stage.wait(1)
    session = stage.connect("/market/ws/btcusdt@kline_1m")
    stage.wait(248)
    assert not session.outbox
    stage.wait(1)
    (frame,) = heard(session)
    assert row(frame) == asked(stage, stage.market.bars.current("1m", stage.agenda.now_ms))
    assert (frame["E"], is_closed(frame)) == (stage.agenda.now_ms, False)


def test_a_bar_is_told_once_a_quarter_of_a_second_and_only_if_it_was_traded() -> None:
    stage = FrameStage()
    session = stage.connect("/market/ws/btcusdt@kline_1m")
    stage.wait(250)
    session.outbox.clear()
    stage.wait(5_000)
    assert not session.outbox
    for side in (BUY, SELL, BUY):
        stage.trade(side, 3)
    stage.wait(249)
    assert not session.outbox
    stage.wait(1)
    (frame,) = session.outbox
    name, bar = decode(frame)
    assert name == "btcusdt@kline_1m"
    assert bar == events.Bar(
        symbol="BTCUSDT",
        interval_ms=MINUTE_MS,
        open_time_ms=opening("1m", stage.agenda.now_ms),
        open=61_659.8,
        high=61_659.8,
        low=61_659.7,
        close=61_659.8,
        volume=0.009,
        trades=3,
        is_closed=False,
    )


def test_a_bar_closes_once_at_its_end_and_the_next_begins_with_its_first_trade() -> None:
    stage = FrameStage()
    session = stage.connect("/market/ws/btcusdt@kline_1m")
    end_ms = next_minute(stage)
    to(stage, end_ms - 10)
    stage.trade(BUY, 7)
    session.outbox.clear()
    to(stage, end_ms)
    (closed,) = heard(session)
    assert (closed["E"], is_closed(closed)) == (end_ms, True)
    assert row(closed) == asked(stage, bar_at(stage, "1m", end_ms - MINUTE_MS))
    assert row(closed)[5] == "0.007"
    stage.wait(10_000)
    assert not session.outbox  # no trade yet
    stage.trade(SELL, 2)
    stage.wait(250)
    (frame,) = heard(session)
    assert (row(frame)[0], row(frame)[5], is_closed(frame)) == (end_ms, "0.002", False)


def test_a_trade_at_the_very_end_belongs_to_the_next_bar() -> None:
    stage = FrameStage()
    session = stage.connect("/market/ws/btcusdt@kline_1m")
    end_ms = next_minute(stage)
    stage.trade(BUY, 3)
    stage.agenda.at(end_ms, lambda: stage.trade(BUY, 4))
    to(stage, end_ms - 1)
    session.outbox.clear()
    to(stage, end_ms)
    closed, current = heard(session)
    assert (row(closed)[5], is_closed(closed)) == ("0.003", True)
    assert (row(current)[0], row(current)[5], is_closed(current)) == (end_ms, "0.004", False)


def test_a_minute_without_trades_closes_flat() -> None:
    stage = FrameStage()
    session = stage.connect("/market/ws/btcusdt@kline_1m")
    stage.trade(BUY, 1)
    end_ms = next_minute(stage) + MINUTE_MS
    to(stage, end_ms - 1)
    session.outbox.clear()
    to(stage, end_ms)
    (closed,) = heard(session)
    assert row(closed)[1:6] == ["61659.80"] * 4 + ["0.000"]
    body = closed["k"]
    assert isinstance(body, dict)
    assert (body["f"], body["L"], body["n"], body["x"]) == (-1, -1, 0, True)


def test_who_comes_just_before_the_end_is_told_of_it() -> None:
    stage = FrameStage()
    end_ms = next_minute(stage)
    stage.trade(BUY, 4)
    to(stage, end_ms - 1)
    session = stage.connect("/market/ws/btcusdt@kline_1m")
    to(stage, end_ms)
    closed, current = heard(session)
    assert (row(closed)[5], is_closed(closed)) == ("0.004", True)
    assert (row(current)[0], is_closed(current)) == (end_ms, False)


def test_who_comes_again_is_told_the_present_bar_again() -> None:
    stage = FrameStage()
    session = stage.connect("/market/ws/btcusdt@kline_1m")
    stage.wait(250)
    assert len(heard(session)) == 1
    stage.ask(session, "UNSUBSCRIBE", "btcusdt@kline_1m")
    stage.wait(250)
    stage.ask(session, "SUBSCRIBE", "btcusdt@kline_1m")
    stage.wait(250)
    assert len(heard(session)) == 1


# --- every interval -------------------------------------------------------------------------------


@pytest.mark.parametrize("interval", INTERVALS)
def test_a_bar_of_every_interval_spans_its_calendar_and_is_what_klines_say(interval: str) -> None:
    stage = FrameStage()
    stage.trade(SELL, 5)
    session = stage.connect(f"/market/ws/btcusdt@kline_{interval}")
    stage.wait(250)
    (frame,) = heard(session)
    now_ms = stage.agenda.now_ms
    start_ms = opening(interval, now_ms)
    assert row(frame) == asked(stage, bar_at(stage, interval, start_ms))
    assert row(frame)[0] == start_ms
    assert row(frame)[6] == following(interval, start_ms) - 1


def test_a_longer_bar_closes_with_its_last_minute() -> None:
    midnight = following("1d", opening("1d", START_MS))  # Wednesday: all of them end but the week
    stage = FrameStage(start_ms=midnight - 10_000)
    names = [f"btcusdt@kline_{interval}" for interval in ("1m", "15m", "1h", "4h", "1d", "1w")]
    session = stage.connect(f"/market/stream?streams={'/'.join(names)}")
    stage.trade(BUY, 9)
    to(stage, midnight)
    closed = {
        str(frame["stream"]): frame["data"]
        for frame in heard(session)
        if isinstance(frame["data"], dict) and is_closed(frame["data"])
    }
    assert set(closed) == set(names[:-1])
    for name, frame in closed.items():
        assert isinstance(frame, dict)
        interval = name.partition("_")[2]
        bar = bar_at(stage, interval, midnight - LENGTHS[interval])
        assert row(frame) == asked(stage, bar)


@pytest.mark.parametrize("name", brief(["btcusdt_PERPETUAL", "btcusdt_perpetual"]))
def test_a_continuous_contract_is_the_perpetual(name: str) -> None:
    frames, usual = (
        _of_a_quarter_of_an_hour(stream)
        for stream in (f"{name}@continuousKline_5m", "btcusdt@kline_5m")
    )
    assert [row(frame) for frame in frames] == [row(frame) for frame in usual]
    assert sum(map(is_closed, frames)) == 3
    for frame in frames:
        assert list(frame) == ["e", "E", "ps", "ct", "k"]
        assert (frame["e"], frame["ps"], frame["ct"]) == (
            "continuous_kline",
            "BTCUSDT",
            "PERPETUAL",
        )


def _of_a_quarter_of_an_hour(stream: str) -> list[Json]:
    stage = FrameStage(start_ms=QUARTER_MS)
    session = stage.connect(f"/market/ws/{stream}")
    for minute in range(15):
        stage.trade(BUY if minute % 2 else SELL, 1 + minute)
        stage.wait(MINUTE_MS)
    return heard(session)


def test_no_bar_is_put_together_that_nobody_wants(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = FrameStage()
    made: list[str] = []
    current = Bars.current

    def note(bars: Bars, interval: str, now_ms: int) -> Bar:
        made.append(interval)
        return current(bars, interval, now_ms)

    monkeypatch.setattr(Bars, "current", note)
    stage.trade(BUY, 3)
    stage.wait(2_000)
    assert not made
    stage.connect("/market/ws/btcusdt@kline_15m")
    stage.wait(2_000)
    assert made == ["15m"] * 8


# --- random trading -------------------------------------------------------------------------------

TRADES = st.lists(
    st.tuples(
        st.sampled_from([BUY, SELL]),
        st.integers(1, 2_500),
        st.sampled_from([0, 1, 60, 249, 900, 15_000, 59_750, 61_000]),
    ),
    max_size=12,
)
WATCHED = ("1m", "3m", "5m")


@settings(max_examples=examples(30), deadline=None)
@given(TRADES)
def test_each_bar_closes_exactly_once_and_is_what_klines_say(
    trades: list[tuple[Side, int, int]],
) -> None:
    stage = FrameStage(start_ms=QUARTER_MS)
    names = "/".join(f"btcusdt@kline_{interval}" for interval in WATCHED)
    session = stage.connect(f"/market/stream?streams={names}")
    for side, lots, milliseconds in trades:
        stage.market.crowd_take(side, lots, None)
        for level in range(3):
            stage.set(SELL, ASK + level, 1_000)
            stage.set(BUY, ASK - 1 - level, 1_000)
        stage.wait(milliseconds)
    stage.wait(250)
    told: dict[str, list[Json]] = {interval: [] for interval in WATCHED}
    for frame in heard(session):
        data = frame["data"]
        assert isinstance(data, dict)
        told[str(frame["stream"]).partition("_")[2]].append(data)
    for interval, frames in told.items():
        _check(stage, interval, frames)


def _check(stage: FrameStage, interval: str, frames: list[Json]) -> None:
    now_ms = stage.agenda.now_ms
    ends = [following(interval, QUARTER_MS)]
    while ends[-1] <= now_ms:
        ends.append(following(interval, ends[-1]))
    closed = [frame for frame in frames if is_closed(frame)]
    assert [frame["E"] for frame in closed] == ends[:-1]
    for frame, end_ms in zip(closed, ends, strict=False):
        assert row(frame) == asked(stage, bar_at(stage, interval, opening(interval, end_ms - 1)))
    current = stage.market.bars.current(interval, now_ms)
    if current.trades:
        assert row(frames[-1]) == asked(stage, current)
    else:
        assert is_closed(frames[-1]) or len(frames) == 1
