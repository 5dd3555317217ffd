"""The check of our book against the venue's best prices finds what is wrong, and nothing else."""

from collections.abc import Sequence

import msgspec
import pytest
from engine_fakes import a_book, a_delta, a_ticker
from msgspec import structs
from shared_tape import SHARED_TAPE, needs_shared_tape

from botcore_tui.core.trader import Trader
from botcore_tui.engine import book_check
from botcore_tui.engine.book_check import BookCheck
from botcore_tui.engine.tape import Line, Tape
from botcore_tui.exchange.binance.receiver import Receiver
from botcore_tui.model.event import Event, FeedDown, MarketReset
from botcore_tui.model.market import BookDelta, BookSnapshot, BookTicker, Level

ETH = "ETHUSDT"


def checked(*events: Event) -> BookCheck:
    check, trader = BookCheck(), Trader()
    for event in events:
        trader.process(event)
        check.observe(event, trader)
    check.finish()
    return check


def a_start(symbol: str = "BTCUSDT") -> list[Event]:
    """A book of 99 x 1 and 101 x 2 that is live at update 10."""
    return [a_delta(1, 10, symbol=symbol), a_book(10, symbol=symbol)]


def figures(check: BookCheck) -> tuple[int, int]:
    return check.checks, check.mismatches


def test_book_that_agrees_is_counted_and_nothing_is_reported() -> None:
    check = checked(*a_start(), a_delta(11, 12, bids=[(99.5, 3.0)]), a_ticker(12, (99.5, 3.0)))

    assert figures(check) == (1, 0)
    assert check.examples == []


@pytest.mark.parametrize(
    ("bid", "ask"),
    [
        ((98.0, 1.0), (101.0, 2.0)),
        ((99.0, 1.5), (101.0, 2.0)),
        ((99.0, 1.0), (102.0, 2.0)),
        ((99.0, 1.0), (101.0, 9.0)),
    ],
    ids=["bid", "bid quantity", "ask", "ask quantity"],
)
def test_any_wrong_figure_is_a_mismatch_with_an_example(bid: Level, ask: Level) -> None:
    check = checked(*a_start(), a_delta(11, 12), a_ticker(12, bid, ask))

    assert figures(check) == (1, 1)
    (example,) = check.examples
    assert example.startswith("BTCUSDT after update 12: book (99.0, 1.0, 101.0, 2.0), venue ")


def test_only_the_first_few_mismatches_are_shown() -> None:
    events = a_start()
    for update in range(11, 31):
        events += [a_delta(update, update), a_ticker(update, (98.0, 1.0))]

    check = checked(*events)

    assert figures(check) == (20, 20)
    assert len(check.examples) == 5


def test_last_best_price_within_the_delta_is_the_one_that_counts() -> None:
    check = checked(
        *a_start(),
        a_ticker(11, (50.0, 1.0)),
        a_ticker(13, (99.0, 1.0)),
        a_ticker(14, (60.0, 1.0)),
        a_delta(11, 13),
        a_delta(14, 20, bids=[(60.0, 1.0), (99.0, 0.0)]),
    )

    assert figures(check) == (2, 0)


def test_best_prices_that_come_late_and_out_of_order_are_compared_all_the_same() -> None:
    check = checked(
        *a_start(),
        a_delta(11, 12),
        a_delta(13, 15, bids=[(99.5, 1.0)]),
        a_ticker(15, (99.5, 1.0)),
        a_ticker(14, (1.0, 1.0)),
        a_ticker(12),
    )

    assert figures(check) == (2, 0)


def test_delta_without_a_best_price_in_its_range_is_not_compared() -> None:
    check = checked(*a_start(), a_ticker(0), a_delta(11, 12), a_ticker(13, (1.0, 1.0)))

    assert figures(check) == (0, 0)


def test_deltas_from_before_the_snapshot_are_compared_where_the_book_took_them() -> None:
    check = checked(
        a_delta(1, 10),
        a_delta(11, 12, bids=[(99.5, 1.0)]),
        a_book(10),
        a_ticker(10),
        a_ticker(12, (99.5, 1.0)),
    )

    assert figures(check) == (2, 0)


def test_symbols_are_kept_apart() -> None:
    check = checked(
        *a_start(),
        *a_start(ETH),
        a_delta(11, 12),
        a_delta(11, 12, symbol=ETH),
        a_ticker(12),
        a_ticker(12, (1.0, 1.0), symbol=ETH),
    )

    assert figures(check) == (2, 1)
    assert check.examples[0].startswith("ETHUSDT ")


def test_empty_side_never_equals_a_venue_price() -> None:
    check = checked(*a_start(), a_delta(11, 12, bids=[(99.0, 0.0)]), a_ticker(12))

    assert figures(check) == (1, 1)


def test_check_goes_on_after_the_stream_was_interrupted_and_the_market_reset() -> None:
    check = checked(
        *a_start(),
        FeedDown(("BTCUSDT",), "line cut", 0),
        *a_start(),
        MarketReset("from the start", 0),
        *a_start(),
        a_delta(11, 12),
        a_ticker(12),
    )

    assert figures(check) == (1, 0)


@pytest.mark.parametrize("is_told", [False, True])
@pytest.mark.parametrize("is_ticker_first", [False, True])
def test_two_exchanges_that_number_alike_are_never_compared(
    is_ticker_first: bool, is_told: bool
) -> None:
    first = [
        *a_start(),
        a_delta(11, 12),
        a_ticker(12),
        a_delta(13, 50),  # nothing is said of its best prices before the exchange ends
        a_ticker(60, (1.0, 1.0)),  # of an update whose delta never came
    ]
    second = [
        later(event)
        for event in (
            *a_start(),
            a_delta(11, 45, bids=[(98.0, 7.0)]),
            a_delta(46, 55, bids=[(97.0, 7.0)]),
            a_delta(56, 60, bids=[(99.0, 5.0)]),
        )
    ]
    tickers = [later(a_ticker(1)), later(a_ticker(40)), later(a_ticker(60, (99.0, 5.0)))]
    second = [tickers[0], *second] if is_ticker_first else [second[0], tickers[0], *second[1:]]
    reset = [MarketReset("another exchange", 0)] if is_told else []

    check = checked(*first, *reset, *second, *tickers[1:])

    assert figures(check) == (4, 0)


def later(event: Event, by_ms: int = 2_000) -> Event:
    assert isinstance(event, BookDelta | BookSnapshot | BookTicker)
    return structs.replace(event, time_ms=event.time_ms + by_ms)


def test_number_that_comes_late_begins_nothing_anew() -> None:
    check = checked(
        *a_start(),
        a_delta(11, 12),
        later(a_ticker(20, (1.0, 1.0)), 400),
        later(a_ticker(12), 410),  # by another connection, whose clock is ahead
        later(a_delta(13, 14), 800),
        a_ticker(14),
    )

    assert figures(check) == (2, 0)


def test_comparing_starts_before_the_end_of_a_long_tape() -> None:
    check, trader = BookCheck(), Trader()
    events = a_start()
    for update in range(11, 1_011):
        events += [a_delta(update, update), a_ticker(update)]
    for event in events:
        trader.process(event)
        check.observe(event, trader)

    assert check.checks > 400
    check.finish()
    assert figures(check) == (1_000, 0)


@pytest.mark.parametrize("start", [[], [*a_start(), a_delta(11, 12)]], ids=["none", "ceased"])
def test_memory_is_bounded_where_depth_is_missing(
    monkeypatch: pytest.MonkeyPatch, start: Sequence[Event]
) -> None:
    monkeypatch.setattr(book_check, "_TICKERS_KEPT", 100)
    check, trader = BookCheck(), Trader()
    for event in (*start, *(a_ticker(update) for update in range(20, 1_020))):
        trader.process(event)
        check.observe(event, trader)

    assert len(check._symbols["BTCUSDT"]._tickers) == 100
    check.finish()
    assert figures(check) == (0, 0)


# --- the real capture --------------------------------------------------------------------------


def check_of_lines(lines: Sequence[Line]) -> BookCheck:
    check, trader, receiver = BookCheck(), Trader(), Receiver()

    def deliver(event: Event, received_ns: int) -> None:
        trader.process(event)
        check.observe(event, trader)

    receiver.deliver = deliver
    for line_ns, raw in lines:
        receiver.accept(raw, 0, line_ns)
    check.finish()
    return check


@pytest.fixture(scope="module")
def capture() -> list[Line]:
    return [line for batch in Tape(SHARED_TAPE) for line in batch]


@pytest.mark.slow
@needs_shared_tape
def test_book_of_the_real_capture_is_the_venues_in_every_comparison(capture: list[Line]) -> None:
    assert figures(check_of_lines(capture)) == (5_703, 0)


@pytest.mark.slow
@needs_shared_tape
def test_single_corrupted_delta_in_the_real_capture_is_caught(capture: list[Line]) -> None:
    depth = [index for index, (_, raw) in enumerate(capture) if b'"depthUpdate"' in raw]
    place = depth[3_000]
    line_ns, raw = capture[place]
    frame = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    data = msgspec.json.decode(frame["data"], type=dict[str, msgspec.Raw])
    bids = msgspec.json.decode(data["b"], type=list[tuple[str, str]])
    best = max(float(price) for price, quantity in bids if float(quantity))
    data["b"] = msgspec.Raw(msgspec.json.encode([*bids, (str(best), "12345.678")]))
    frame["data"] = msgspec.Raw(msgspec.json.encode(data))
    corrupted = capture.copy()
    corrupted[place] = (line_ns, msgspec.json.encode(frame))

    checks, mismatches = figures(check_of_lines(corrupted))

    assert checks == 5_703
    assert mismatches >= 1
