import logging

import pytest
from hostile import DEEP, hostile_frames
from hypothesis import given, settings
from property_examples import examples
from samples import SAMPLES, framed, sample

from botcore_tui.exchange.binance.payloads import WireBookDelta, WireBookTicker
from botcore_tui.exchange.binance.receiver import Receiver
from botcore_tui.model.event import Event, InstrumentUpdate
from botcore_tui.model.instrument import Instrument
from botcore_tui.model.market import BookSnapshot, BookTop, MarkPrice

LOGGER = "botcore_tui.exchange.binance.receiver"
SNAPSHOT = sample("depth_snapshot")
DELTA = framed("btcusdt@depth", sample("depth_update"))
OTHER_DELTA = framed("ethusdt@depth", sample("depth_update").replace(b"BTC", b"ETH"))
BTC = framed(
    "btcusdt@depth",
    b'{"e":"depthUpdate","E":1,"s":"BTCUSDT","U":1,"u":2,"pu":0,'
    b'"b":[["61800.20","2.507"]],"a":[["61800.30","2.510"]]}',
)
BTC_INSTRUMENT = Instrument("BTCUSDT", price_decimals=2, quantity_decimals=3, tick=0.1)
TAUGHT = Instrument("BTCUSDT", price_decimals=1, quantity_decimals=4, tick=0.5)


class Listening:
    """A receiver with everything it delivered and recorded."""

    def __init__(self) -> None:
        self.delivered: list[tuple[Event, int]] = []
        self.recorded: list[tuple[int, bytes]] = []
        self.receiver = Receiver()
        self.receiver.deliver = self._take
        self.receiver.record = self._write

    def _take(self, event: Event, received_ns: int) -> None:
        self.delivered.append((event, received_ns))

    def _write(self, utc_ns: int, raw: bytes) -> None:
        self.recorded.append((utc_ns, raw))

    def accept(self, *frames: bytes) -> list[str | None]:
        return [self.receiver.accept(raw, 5, 7_000_000) for raw in frames]

    @property
    def events(self) -> list[Event]:
        return [event for event, _ in self.delivered]

    def instruments(self) -> list[Instrument]:
        return [each.instrument for each in self.events if isinstance(each, InstrumentUpdate)]

    def snapshots(self) -> list[tuple[str, int]]:
        return [
            (each.symbol, each.last_update_id)
            for each in self.events
            if isinstance(each, BookSnapshot)
        ]


@pytest.fixture
def heard() -> Listening:
    return Listening()


# --- delivery and counts -----------------------------------------------------------------------


def test_event_is_delivered_with_the_time_it_was_received(heard: Listening) -> None:
    name = "bnbusdt@bookTicker"
    assert heard.accept(framed(name, sample("book_ticker"))) == [name]
    [(event, received_ns)] = heard.delivered
    assert isinstance(event, WireBookTicker)
    assert received_ns == 5


def test_stream_is_counted_with_its_last_times(heard: Listening) -> None:
    receiver = heard.receiver
    name = "btcusdt@markPrice@1s"
    receiver.accept(framed(name, sample("mark_price")), 1, 10)
    receiver.accept(framed(name, sample("mark_price").replace(b"380000", b"381000")), 2, 20)
    count = receiver.streams[name]
    assert (count.frames, count.last_utc_ns, count.last_event_ms) == (2, 20, 1562305381000)


@pytest.mark.parametrize("name", ["kline", "mark_price_array"])
def test_stream_whose_frames_have_no_one_time_is_counted_without(
    heard: Listening, name: str
) -> None:
    heard.accept(framed("some@stream", sample(name)))
    count = heard.receiver.streams["some@stream"]
    assert (count.frames, count.last_event_ms) == (1, 0)


def test_members_of_an_array_are_delivered_one_by_one(heard: Listening) -> None:
    heard.accept(framed("!markPrice@arr", sample("mark_price_array")))
    marks = [event for event in heard.events if isinstance(event, MarkPrice)]
    assert [mark.symbol for mark in marks] == ["BTCUSDT", "BTCUSDT_261225"]
    assert heard.events == marks


def test_partial_depth_is_no_book_of_deltas(heard: Listening) -> None:
    heard.accept(framed("btcusdt@depth5", sample("depth_top")), SNAPSHOT)
    assert [type(event) for event in heard.events] == [BookTop]


def test_nobody_listening_is_no_error() -> None:
    receiver = Receiver()
    assert receiver.accept(DELTA, 0, 1) == "btcusdt@depth"
    assert receiver.decoded == 1


def test_counts_by_type_add_up_to_the_decoded_frames(heard: Listening) -> None:
    heard.accept(*map(sample, SAMPLES), DELTA, OTHER_DELTA, SNAPSHOT, b"garbage", b'{"e":"new"}')
    receiver = heard.receiver
    by_type = receiver.by_type()
    assert receiver.frames == len(SAMPLES) + 5
    assert sum(by_type.values()) == receiver.decoded == receiver.frames - receiver.decode_errors
    assert by_type == {
        "depthUpdate": 5,
        "24hrTicker": 4,
        "reply": 4,
        "bookTicker": 2,
        "aggTrade": 2,
        "forceOrder": 2,
        "markPriceUpdate": 3,
        "array": 2,
        "contractInfo": 1,
        "depthSnapshot": 1,
        "kline": 1,
        "trade": 1,
        "unknown": 1,
    }
    assert list(by_type.values()) == sorted(by_type.values(), reverse=True)


# --- what cannot be read -----------------------------------------------------------------------


@pytest.mark.requirement("R08")
@pytest.mark.requirement("R09")
def test_unreadable_frame_is_counted_and_the_stream_goes_on(heard: Listening) -> None:
    assert heard.accept(b"garbage", DELTA[:-5], DELTA) == [None, None, "btcusdt@depth"]
    assert heard.receiver.decode_errors == 2
    assert heard.receiver.frames == 3
    assert isinstance(heard.events[-1], WireBookDelta)


def test_unreadable_frames_are_logged_once_a_kind(
    heard: Listening, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, LOGGER):
        heard.accept(*[b"garbage" + b"x" * 500] * 50, *[b'{"e":"trade"}'] * 50)
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]
    assert "unreadable frame (json: JSON is malformed" in caplog.messages[0]
    assert "unreadable frame (trade: Object missing required field `s`)" in caplog.messages[1]
    assert max(map(len, caplog.messages)) < 400


def test_unknown_types_are_counted_and_logged_once_each(
    heard: Listening, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, LOGGER):
        names = heard.accept(*[b'{"e":"tradingSession"}'] * 3, framed("a@b", b'{"e":"other"}'))
    assert names == [None] * 4
    assert heard.receiver.unknown == {"tradingSession": 3, "other": 1}
    assert caplog.messages == [
        "frames of type 'tradingSession' are not read; they are counted and left out",
        "frames of type 'other' are not read; they are counted and left out",
    ]
    assert heard.receiver.decode_errors == 0


def test_answer_to_a_request_is_counted_and_nothing_else(
    heard: Listening, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, LOGGER):
        assert heard.accept(sample("subscribed"), sample("refused")) == [None, None]
    assert heard.receiver.by_type() == {"reply": 2}
    assert heard.delivered == []
    assert heard.receiver.streams == {}
    assert caplog.messages == []


@pytest.mark.requirement("R09")
@settings(max_examples=examples(400), deadline=None)
@given(hostile_frames)
def test_no_frame_makes_the_receiver_raise(raw: bytes) -> None:
    heard = Listening()
    heard.accept(raw, DELTA, raw, OTHER_DELTA, raw, *DEEP[:1])
    receiver = heard.receiver
    assert receiver.frames == len(heard.recorded) == 6
    assert sum(receiver.by_type().values()) == receiver.decoded


@pytest.mark.requirement("R09")
@pytest.mark.parametrize(
    "raw",
    [
        DELTA.replace(b"0.0024", b"1." + b"0" * 400),
        DELTA.replace(b'"0.0024"', b"0.0024"),
        sample("depth_update")[:-1] + b',"bids":[["",""]]}',
        sample("depth_update")[:-1] + b',"data":{"a":[["nan","x"]]}}',
    ],
    ids=["endless", "numbers", "foreign levels", "foreign data"],
)
def test_odd_digits_teach_nothing_and_the_delta_is_delivered(heard: Listening, raw: bytes) -> None:
    heard.accept(raw)
    assert [type(event) for event in heard.events] == [WireBookDelta]


def test_every_frame_is_recorded_as_it_came_before_it_is_read(heard: Listening) -> None:
    frames = [b"garbage", b"\xff\x00", b"", sample("subscribed"), DELTA, SNAPSHOT]
    heard.accept(*frames)
    assert heard.recorded == [(7_000_000, raw) for raw in frames]


# --- snapshots ---------------------------------------------------------------------------------


def test_bare_snapshot_belongs_to_the_only_book(heard: Listening) -> None:
    assert heard.accept(DELTA, SNAPSHOT) == ["btcusdt@depth", ""]
    assert heard.snapshots() == [("BTCUSDT", 1027024)]


def test_bare_snapshot_waits_for_the_first_delta(heard: Listening) -> None:
    heard.accept(SNAPSHOT)
    assert heard.events == []
    heard.accept(DELTA, DELTA)
    assert [type(each) for each in heard.events if not isinstance(each, InstrumentUpdate)] == [
        WireBookDelta,
        BookSnapshot,
        WireBookDelta,
    ]
    assert heard.snapshots() == [("BTCUSDT", 1027024)]


def test_newest_of_several_waiting_snapshots_counts(heard: Listening) -> None:
    heard.accept(SNAPSHOT, SNAPSHOT.replace(b"1027024", b"1027099"), DELTA)
    assert heard.snapshots() == [("BTCUSDT", 1027099)]


def test_bare_snapshot_beside_several_books_is_refused(
    heard: Listening, caplog: pytest.LogCaptureFixture
) -> None:
    heard.accept(DELTA, OTHER_DELTA, SNAPSHOT, SNAPSHOT)
    assert heard.snapshots() == []
    assert heard.receiver.decode_errors == 2
    assert len(caplog.messages) == 1
    assert "depth: a reply without a symbol beside BTCUSDT, ETHUSDT" in caplog.messages[0]
    assert heard.receiver.by_type() == {"depthUpdate": 2}


def test_bare_snapshot_finds_its_book_again_when_the_tape_starts_again(heard: Listening) -> None:
    heard.accept(DELTA, SNAPSHOT, OTHER_DELTA)
    heard.receiver.start_again()
    heard.accept(SNAPSHOT, DELTA)
    assert heard.snapshots() == [("BTCUSDT", 1027024)] * 2


def test_wrapped_snapshot_finds_its_book_among_several(heard: Listening) -> None:
    name = "ethusdt@depth@snapshot"
    assert heard.accept(DELTA, OTHER_DELTA, framed(name, SNAPSHOT))[-1] == name
    assert heard.snapshots() == [("ETHUSDT", 1027024)]
    assert name not in heard.receiver.streams


# --- instruments -------------------------------------------------------------------------------


def test_digits_of_the_first_delta_suggest_the_instrument_before_it_is_delivered(
    heard: Listening,
) -> None:
    heard.accept(BTC, BTC.replace(b"61800.20", b"61800.125"))
    kinds = [type(event) for event in heard.events]
    assert kinds == [InstrumentUpdate, WireBookDelta, WireBookDelta]
    assert heard.instruments() == [BTC_INSTRUMENT]


def test_snapshot_corrects_what_a_short_delta_suggested(heard: Listening) -> None:
    one_price = BTC.replace(b'["61800.30","2.510"]', b"")
    levels = b'{"lastUpdateId":2,"bids":[["61800.20","2.507"]],"asks":[["61800.30","1.000"]]}'
    heard.accept(one_price, levels, levels)
    assert heard.instruments() == [Instrument("BTCUSDT", 2, 3, 61800.2), BTC_INSTRUMENT]


def test_delta_without_levels_suggests_nothing(heard: Listening) -> None:
    empty = BTC.replace(b'["61800.20","2.507"]', b"").replace(b'["61800.30","2.510"]', b"")
    heard.accept(empty)
    assert heard.instruments() == []
    heard.accept(BTC)
    assert heard.instruments() == [BTC_INSTRUMENT]


@pytest.mark.parametrize("is_taught_first", [True, False])
def test_what_the_venue_says_of_a_contract_wins_over_its_digits(
    heard: Listening, *, is_taught_first: bool
) -> None:
    if not is_taught_first:
        heard.accept(BTC)
    heard.receiver.teach(TAUGHT)
    heard.accept(BTC, SNAPSHOT, OTHER_DELTA)
    assert heard.instruments()[-2] == TAUGHT
    assert [each.symbol for each in heard.instruments()].count("BTCUSDT") == 2 - is_taught_first
    assert heard.instruments()[-1].symbol == "ETHUSDT"
