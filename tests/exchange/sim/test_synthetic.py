"""The synthetic market says nothing that the venue could not say."""

from collections import Counter
from hashlib import sha256
from itertools import islice, pairwise
from random import Random
from typing import Final

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from botcore_tui.exchange.sim.synthetic import SyntheticMarket

_START_MS: Final = 1_723_161_255_000
_SECOND: Final = 1_000_000_000
_Levels = list[tuple[str, str]]


class _Depth(msgspec.Struct, forbid_unknown_fields=True, tag_field="e", tag="depthUpdate"):
    E: int
    T: int
    s: str
    ps: str
    st: int
    U: int
    u: int
    pu: int
    b: _Levels
    a: _Levels


class _Ticker(msgspec.Struct, forbid_unknown_fields=True, tag_field="e", tag="bookTicker"):
    u: int
    E: int
    T: int
    s: str
    ps: str
    st: int
    b: str
    B: str
    a: str
    A: str


class _Trade(msgspec.Struct, forbid_unknown_fields=True, tag_field="e", tag="aggTrade"):
    E: int
    s: str
    st: int
    a: int
    p: str
    q: str
    nq: str
    f: int
    l: int  # noqa: E741 - the venue's key
    T: int
    m: bool


class _Mark(msgspec.Struct, forbid_unknown_fields=True, tag_field="e", tag="markPriceUpdate"):
    E: int
    s: str
    st: int
    p: str
    ap: str
    i: str
    P: str
    r: str
    T: int


class _Day(msgspec.Struct, forbid_unknown_fields=True, tag_field="e", tag="24hrTicker"):
    E: int
    s: str
    ps: str
    st: int
    p: str
    P: str
    w: str
    c: str
    Q: str
    o: str
    h: str
    l: str  # noqa: E741 - the venue's key
    v: str
    q: str
    O: int  # noqa: E741 - the venue's key
    C: int
    F: int
    L: int
    n: int


class _Snapshot(msgspec.Struct, forbid_unknown_fields=True):
    lastUpdateId: int  # noqa: N815 - the venue's key
    E: int
    T: int
    bids: _Levels
    asks: _Levels


_Payload = _Depth | _Ticker | _Trade | _Mark | _Day


class _Envelope(msgspec.Struct, forbid_unknown_fields=True):
    stream: str
    data: msgspec.Raw


class _Book:
    """The plainest book there is: two dicts, best price by scanning."""

    def __init__(self, snapshot: _Snapshot) -> None:
        self.bids: dict[float, str] = {}
        self.asks: dict[float, str] = {}
        self.apply(snapshot.bids, snapshot.asks)

    def apply(self, bids: _Levels, asks: _Levels) -> None:
        for side, changes in ((self.bids, bids), (self.asks, asks)):
            for price, quantity in changes:
                if float(quantity):
                    side[float(price)] = quantity
                else:
                    side.pop(float(price), None)

    def best(self) -> tuple[float, str, float, str]:
        bid, ask = max(self.bids), min(self.asks)
        return bid, self.bids[bid], ask, self.asks[ask]


def a_market(seed: int = 1, *, intensity: float = 1.0) -> SyntheticMarket:
    return SyntheticMarket(Random(seed), "BTCUSDT", start_ms=_START_MS, intensity=intensity)


def decoded(raw: bytes) -> tuple[str, _Payload | _Snapshot]:
    envelope = msgspec.json.decode(raw, type=_Envelope)
    if envelope.stream.endswith("@depth@snapshot"):
        return envelope.stream, msgspec.json.decode(envelope.data, type=_Snapshot)
    return envelope.stream, msgspec.json.decode(envelope.data, type=_Payload)


def said(market: SyntheticMarket, frames: int) -> list[_Payload | _Snapshot]:
    return [decoded(raw)[1] for _, raw in islice(market, frames)]


def assert_consistent(payloads: list[_Payload | _Snapshot]) -> int:
    """Rebuild the book; compare it with the best prices after each depth update."""
    snapshot = next(payload for payload in payloads if isinstance(payload, _Snapshot))
    last = snapshot.lastUpdateId
    deltas = [item for item in payloads if isinstance(item, _Depth) and item.u >= last]
    tickers = [item for item in payloads if isinstance(item, _Ticker)]
    assert deltas[0].U <= last <= deltas[0].u
    book = _Book(snapshot)
    for delta in deltas:
        book.apply(delta.b, delta.a)
        assert max(book.bids) < min(book.asks)
        ticker = next((item for item in reversed(tickers) if item.u <= delta.u), None)
        if ticker is None:
            continue  # the best prices have not changed since the tape began
        assert book.best() == (float(ticker.b), ticker.B, float(ticker.a), ticker.A)
    return len(deltas)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 2**32), intensity=st.sampled_from([0.1, 1.0, 4.0]))
def test_best_prices_always_equal_those_of_an_uncrossed_book_rebuilt_from_the_frames(
    seed: int, intensity: float
) -> None:
    payloads = said(a_market(seed, intensity=intensity), 1_500)
    assert assert_consistent(payloads) > 20


def test_depth_updates_chain_without_gap_or_overlap() -> None:
    deltas = [item for item in said(a_market(), 5_000) if isinstance(item, _Depth)]
    assert all(after.pu == before.u for before, after in pairwise(deltas))
    assert all(item.pu < item.U <= item.u for item in deltas)


def test_snapshot_arrives_late_so_that_the_buffer_has_to_be_bridged() -> None:
    payloads = said(a_market(), 500)
    place = next(i for i, item in enumerate(payloads) if isinstance(item, _Snapshot))
    snapshot = payloads[place]
    assert isinstance(snapshot, _Snapshot)
    before = [item for item in payloads[:place] if isinstance(item, _Depth)]
    too_old = [item for item in before if item.u < snapshot.lastUpdateId]
    bridging = [item for item in before if item.U <= snapshot.lastUpdateId < item.u]
    newer = [item for item in before if item.pu >= snapshot.lastUpdateId]
    assert (len(too_old), len(bridging), len(newer)) == (4, 1, 1)
    assert min(len(snapshot.bids), len(snapshot.asks)) >= 500


def test_snapshot_asked_for_later_joins_what_follows() -> None:
    market = a_market()
    for _ in islice(market, 3_000):
        pass
    _, again = decoded(market.snapshot())
    assert isinstance(again, _Snapshot)
    assert again.bids == sorted(again.bids, key=lambda level: -float(level[0]))
    assert again.asks == sorted(again.asks, key=lambda level: float(level[0]))
    book = _Book(again)
    deltas = [item for item in said(market, 400) if isinstance(item, _Depth)]
    assert deltas[0].pu <= again.lastUpdateId
    for delta in deltas:
        book.apply(delta.b, delta.a)
        assert max(book.bids) < min(book.asks)


def test_same_seed_gives_the_same_bytes_and_another_seed_others() -> None:
    def digest(seed: int) -> str:
        frames = islice(a_market(seed), 20_000)
        return sha256(b"".join(b"%d %b\n" % frame for frame in frames)).hexdigest()

    assert digest(7) == digest(7)
    assert digest(7) != digest(8)


def test_local_times_rise_and_stay_close_behind_the_venue() -> None:
    frames = list(islice(a_market(), 20_000))
    assert all(before[0] < after[0] for before, after in pairwise(frames))
    for local_ns, raw in frames:
        _, payload = decoded(raw)
        delay_ns = local_ns - payload.E * 1_000_000
        assert 20_000_000 < delay_ns < 250_000_000


@pytest.mark.parametrize("seed", range(3))
def test_usual_rates_are_those_of_a_busy_contract(seed: int) -> None:
    frames = list(islice(a_market(seed), 30_000))
    seconds = (frames[-1][0] - frames[0][0]) / _SECOND
    assert 60 < len(frames) / seconds < 150
    kinds = Counter(type(decoded(raw)[1]) for _, raw in frames)
    assert kinds[_Depth] / seconds == pytest.approx(10, abs=0.1)
    assert kinds[_Mark] / seconds == pytest.approx(1, abs=0.02)
    assert kinds[_Day] / seconds == pytest.approx(0.5, abs=0.02)
    assert kinds[_Snapshot] == 1


def test_trades_take_what_stood_at_the_best_price() -> None:
    best: _Ticker | None = None
    checked = 0
    last_id = last_trade = 0
    for payload in said(a_market(), 20_000):
        if isinstance(payload, _Ticker):
            best = payload
        if not isinstance(payload, _Trade):
            continue
        if last_id:
            assert (payload.a, payload.f) == (last_id + 1, last_trade + 1)
        last_id, last_trade = payload.a, payload.l
        assert payload.f <= payload.l
        if best is not None:
            touch = float(best.b if payload.m else best.a)
            # A sweep prints at the best price first and then beyond it, never inside the spread.
            assert float(payload.p) <= touch if payload.m else float(payload.p) >= touch
            checked += 1
    assert checked > 1_000


def test_numbers_have_the_decimals_of_the_venue() -> None:
    for payload in said(a_market(), 3_000):
        match payload:
            case _Ticker():
                assert all(text.endswith("0") for text in (payload.b, payload.a))
                assert len(payload.b.partition(".")[2]) == 2
                assert len(payload.B.partition(".")[2]) == 3
            case _Mark():
                assert len(payload.p.partition(".")[2]) == 8
            case _:
                pass


def test_streams_are_named_as_they_are_subscribed() -> None:
    names = {decoded(raw)[0] for _, raw in islice(a_market(), 2_000)}
    assert names == {
        "btcusdt@aggTrade",
        "btcusdt@bookTicker",
        "btcusdt@depth@100ms",
        "btcusdt@depth@snapshot",
        "btcusdt@markPrice@1s",
        "btcusdt@ticker",
    }


def test_day_statistics_hold_together() -> None:
    days = [item for item in said(a_market(), 20_000) if isinstance(item, _Day)]
    for day in days:
        assert float(day.l) <= float(day.c) <= float(day.h)
        assert float(day.l) <= float(day.w) <= float(day.h)
        assert float(day.p) == pytest.approx(float(day.c) - float(day.o))
        assert day.n == day.L - day.F + 1
    assert float(days[-1].v) > float(days[0].v)


def test_cheap_contract_with_a_fine_tick_works_too() -> None:
    market = SyntheticMarket(
        Random(3), "dogeusdt", start_ms=_START_MS, price="0.35120", tick="0.00001"
    )
    payloads = said(market, 3_000)
    assert_consistent(payloads)
    tickers = [item for item in payloads if isinstance(item, _Ticker)]
    assert tickers[0].s == "DOGEUSDT"
    assert 0.3 < float(tickers[-1].b) < 0.4


def test_price_of_too_few_ticks_is_refused() -> None:
    with pytest.raises(ValueError, match=r"fewer than 10,000 ticks"):
        SyntheticMarket(Random(1), "X", start_ms=_START_MS, price="9.9", tick="0.001")
