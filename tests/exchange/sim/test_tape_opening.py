"""The first book of a recording, and the contract that its digits show."""

import pytest

from botcore_tui.exchange.sim.tape_opening import Line, open_tape

_DELTA = (
    b'{"stream":"btcusdt@depth@0ms","data":{"e":"depthUpdate","E":5,"T":4,"s":"BTCUSDT",'
    b'"U":11,"u":14,"pu":10,"b":[["61799.90","0.5"]],"a":[]}}'
)
_OTHER = _DELTA.replace(b"BTCUSDT", b"ETHUSDT").replace(b"btcusdt", b"ethusdt")
_BOOK = (
    b'{"lastUpdateId":12,"E":7,"T":6,'
    b'"bids":[["61800.20","2.909"],["61800.10","0.696"]],"asks":[["61800.30","2.510"]]}'
)


def wrapped(symbol: str, book: bytes) -> bytes:
    return b'{"stream":"%s@depth@snapshot","data":%s}' % (symbol.encode(), book)


def lines(*frames: bytes) -> list[Line]:
    return [(1_000 + number, frame) for number, frame in enumerate(frames)]


def test_recording_opens_with_its_first_book_and_what_came_before_it() -> None:
    frames = iter(lines(b"no frame", _DELTA, _BOOK, _DELTA))
    opening = open_tape(frames)
    assert opening.local_ns == 1_002
    assert opening.snapshot.last_update_id == 12
    assert [delta.last_update_id for delta in opening.earlier] == [14]
    assert len(list(frames)) == 1
    terms = opening.contract
    assert (terms.symbol, terms.base) == ("BTCUSDT", "BTC")
    assert terms.price_text(terms.first_price) == "61800.20"
    assert terms.price_text(1) == "0.10"
    assert terms.quantity_text(1) == "0.001"


def test_book_of_the_wanted_symbol_is_taken() -> None:
    eth = _BOOK.replace(b"618", b"268")
    frames = lines(_DELTA, wrapped("btcusdt", _BOOK), _OTHER, wrapped("ethusdt", eth))
    opening = open_tape(iter(frames), "ETHUSDT")
    assert (opening.contract.symbol, opening.local_ns) == ("ETHUSDT", 1_003)
    assert [delta.symbol for delta in opening.earlier] == ["ETHUSDT"]
    assert open_tape(iter(frames)).contract.symbol == "BTCUSDT"


def test_whole_quantities_make_a_lot_of_one() -> None:
    book = b'{"lastUpdateId":12,"bids":[["0.10428","2909"]],"asks":[["0.10429","5"]]}'
    terms = open_tape(iter(lines(wrapped("dogeusdt", book)))).contract
    assert (terms.price_text(1), terms.quantity_text(1)) == ("0.00001", "1")


@pytest.mark.parametrize(
    ("frames", "reason"),
    [
        ((_DELTA,), "has no book of BTCUSDT"),
        ((), "has no book of any symbol"),
        ((_DELTA, b'{"lastUpdateId":12,"bids":[],"asks":[]}'), "has an empty side"),
        ((_DELTA, b'{"lastUpdateId":12,"bids":[["1.0","1"]],"asks":[]}'), "has an empty side"),
    ],
)
def test_recording_without_a_book_is_refused(frames: tuple[bytes, ...], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        open_tape(iter(lines(*frames)))
