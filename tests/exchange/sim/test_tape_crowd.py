"""A recording drives the book, and orders of accounts fill against it."""

from typing import Final

from sim_market import START_MS, Heard
from written_tape import TAPE_MS, WrittenTape

from botcore_tui.exchange.sim.agenda import Agenda
from botcore_tui.exchange.sim.dice import SeededDice
from botcore_tui.exchange.sim.market import Ids, SymbolMarket
from botcore_tui.exchange.sim.matching import CROWD, Match
from botcore_tui.exchange.sim.tape_crowd import TapeCrowd
from botcore_tui.model.market import Side

BUY, SELL = Side.BUY, Side.SELL
_MS: Final = 1_000_000


class Played:
    """A market driven by a tape, stepped frame by frame."""

    def __init__(self, tape: WrittenTape) -> None:
        self.heard = Heard()
        self.crowd = TapeCrowd(iter(tape.lines), "TAPEUSDT")
        self.market = SymbolMarket(
            self.crowd.contract, Agenda(START_MS), Ids(SeededDice(1)), self.crowd, self.heard
        )
        self.fills: list[Match] = []
        self.market.on_maker_fill = lambda _, match: self.fills.append(match)
        self.market.start()

    def step(self, frames: int = 1) -> None:
        self.market.agenda.advance(self.market.agenda.now_ms + 10 * frames)

    @property
    def book(self) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        return self.market.book.top(BUY, 99), self.market.book.top(SELL, 99)

    def filled(self) -> list[tuple[int, int, int]]:
        found = [(fill.maker, fill.ticks, fill.lots) for fill in self.fills]
        self.fills.clear()
        return found


def is_over(played: Played) -> bool:
    return played.crowd.is_over


# --- without orders ----------------------------------------------------------------------------


def test_book_follows_the_tape_at_its_pace_from_the_beginning_on() -> None:
    tape = WrittenTape()
    tape.delta(bids=((99, 0), (97, 3)), asks=((100, 4), (101, 12)))
    tape.delta(bids=((97, 5),))
    played = Played(tape)
    assert played.book == ([(99, 10), (98, 20)], [(101, 10)])
    assert played.market.last_ticks == 99
    played.step()
    assert played.book == ([(98, 20), (97, 3)], [(100, 4), (101, 12)])
    assert not is_over(played)
    played.step()
    assert played.book == ([(98, 20), (97, 5)], [(100, 4), (101, 12)])
    assert is_over(played)
    played.step(99)
    assert played.book == ([(98, 20), (97, 5)], [(100, 4), (101, 12)])


def test_tape_of_nothing_but_a_book_is_over_at_once() -> None:
    assert Played(WrittenTape()).crowd.is_over


def test_updates_that_came_before_the_book_and_are_newer_are_applied() -> None:
    tape = WrittenTape()
    snapshot = tape.lines.pop()
    tape.last_id = 90
    tape.delta(bids=((99, 1),))
    tape.delta(bids=((99, 2),))
    tape.delta(bids=((97, 2),))
    tape.lines.append((tape.now_ms * _MS, snapshot[1]))
    played = Played(tape)
    # Updates 91 to 95 are older than the book's 100; 96 to 100 and 101 to 105 are not.
    assert played.book[0] == [(99, 2), (98, 20), (97, 2)]
    assert played.crowd.gaps == 0


def test_lost_updates_are_counted_and_what_is_stale_gives_way() -> None:
    tape = WrittenTape()
    tape.delta(bids=((101, 5),), gap=50)
    played = Played(tape)
    played.step()
    assert played.crowd.gaps == 1
    assert played.book == ([(101, 5), (99, 10), (98, 20)], [])


def test_later_book_replaces_the_one_that_is_there() -> None:
    tape = WrittenTape()
    tape.add('{"lastUpdateId":50,"E":5,"T":5,"bids":[["90.0","1"]],"asks":[["91.0","1"]]}', "")
    tape.add('{"lastUpdateId":500,"E":5,"T":5,"bids":[["99.0","1"]],"asks":[["103.0","1"]]}', "")
    played = Played(tape)
    played.step()
    assert played.book == ([(99, 10), (98, 20)], [(101, 10)])
    played.step()
    assert played.book == ([(99, 1)], [(103, 1)])


def test_trades_are_printed_and_leave_the_book_to_the_updates() -> None:
    tape = WrittenTape()
    tape.trade(99, 4, is_sell=True)
    tape.trade(101, 3, is_sell=False)
    played = Played(tape)
    updates = len(played.heard.updates)
    played.step(2)
    prints = [(one.ticks, one.lots, one.is_sell) for one in played.heard.prints]
    assert prints == [(99, 4, True), (101, 3, False)]
    assert len(played.heard.updates) == updates
    assert played.book == ([(99, 10), (98, 20)], [(101, 10)])
    assert played.market.last_ticks == 101


def test_trade_told_by_two_streams_happens_once() -> None:
    tape = WrittenTape()
    tape.trade(99, 4, is_sell=True)
    tape.trade(99, 4, is_sell=True, kind="aggTrade")
    tape.trade(99, 2, is_sell=True)
    played = Played(tape)
    played.step(3)
    assert [one.lots for one in played.heard.prints] == [4, 2]


def test_what_is_no_frame_of_this_symbol_is_skipped() -> None:
    tape = WrittenTape()
    tape.add("{", "")
    tape.add('{"e":"executionReport"}')
    tape.trade(0, 4, is_sell=True)
    other = WrittenTape()
    other.trade(99, 4, is_sell=True)
    tape.lines.append(
        (tape.now_ms * _MS, other.lines[-1][1].replace(b"TAPE", b"ELSE").replace(b"tape", b"else"))
    )
    played = Played(tape)
    played.step(4)
    assert played.crowd.is_over
    assert played.crowd.bad_frames == 1
    assert played.heard.prints == []


def test_lines_out_of_order_are_played_all_the_same() -> None:
    tape = WrittenTape()
    tape.delta(bids=((97, 1),))
    tape.now_ms -= 500
    tape.delta(bids=((97, 2),))
    played = Played(tape)
    played.step()
    assert played.book[0][-1] == (97, 2)


# --- mark --------------------------------------------------------------------------------------


def test_mark_is_near_the_middle_of_the_book_where_none_is_recorded() -> None:
    tape = WrittenTape(bids=((99, 10),), asks=((101, 10),))
    tape.now_ms += 30_000
    tape.delta(bids=((99, 0),))
    tape.now_ms += 9_000
    tape.trade(99, 1, is_sell=True)
    played = Played(tape)
    played.market.agenda.advance(START_MS + 20_000)
    atoms = played.crowd.contract.price_atoms
    assert 99.8 < played.market.mark / atoms <= 100
    assert (played.market.index, played.market.funding_rate) == (played.market.mark, 10_000)
    played.market.agenda.advance(START_MS + 31_000)
    before = played.market.mark
    played.market.agenda.advance(START_MS + 36_000)
    assert played.market.mark == before
    played.crowd.funded()


def test_recorded_mark_is_the_mark() -> None:
    tape = WrittenTape()
    body = '"e":"markPriceUpdate","E":5,"s":"TAPEUSDT","p":"100.5","i":"100.25","T":9'
    tape.add(f'{{{body},"r":"0.00012"}}')
    tape.now_ms += 1_500
    tape.add(f'{{{body},"r":""}}')
    played = Played(tape)
    played.market.agenda.advance(START_MS + 1_000)
    market = played.market
    assert (market.mark, market.index) == (10_050_000_000, 10_025_000_000)
    assert market.funding_rate == 12_000
    market.agenda.advance(START_MS + 3_000)
    assert market.funding_rate == 10_000


# --- with orders -------------------------------------------------------------------------------


def test_trade_at_its_price_fills_an_order_after_those_before_it() -> None:
    tape = WrittenTape()
    tape.trade(99, 4, is_sell=True)
    tape.delta(bids=((99, 6),))
    tape.trade(99, 8, is_sell=True)
    tape.delta(bids=((99, 1),))
    played = Played(tape)
    played.market.rest(BUY, 99, 1, 5)
    played.step(2)
    assert played.filled() == []
    assert played.market.book.ahead(1) == 6
    played.step()
    assert played.filled() == [(1, 99, 2)]
    assert [one.lots for one in played.heard.prints] == [4, 2, 6]
    played.step()
    assert played.book[0][0] == (99, 3 + 1)


def test_update_told_before_its_trade_counts_once() -> None:
    tape = WrittenTape()
    tape.delta(bids=((99, 6),), time_ms=TAPE_MS + 500)
    tape.trade(99, 4, is_sell=True, time_ms=TAPE_MS + 490)
    tape.trade(99, 4, is_sell=True, time_ms=TAPE_MS + 510)
    played = Played(tape)
    played.market.rest(BUY, 99, 1, 5)
    played.step(2)
    assert played.market.book.ahead(1) == 6
    played.step()
    assert played.market.book.ahead(1) == 2
    assert played.filled() == []


def test_those_who_leave_do_not_bring_an_order_forward_while_others_stand_behind() -> None:
    tape = WrittenTape()
    tape.delta(bids=((99, 15),))
    tape.delta(bids=((99, 11),))
    played = Played(tape)
    played.market.rest(BUY, 99, 1, 5)
    played.step(2)
    assert played.market.book.ahead(1) == 10


def test_trade_through_its_price_fills_an_order_up_to_its_size() -> None:
    tape = WrittenTape()
    tape.trade(98, 3, is_sell=True)
    tape.trade(98, 9, is_sell=True)
    played = Played(tape)
    played.market.rest(BUY, 100, 1, 5)
    played.market.rest(BUY, 99, 2, 1)
    played.market.rest(BUY, 97, 3, 1)
    played.step()
    assert played.filled() == [(1, 100, 3)]
    played.step()
    assert played.filled() == [(1, 100, 2), (2, 99, 1)]
    prints = [(one.ticks, one.lots) for one in played.heard.prints]
    assert prints == [(100, 3), (100, 2), (99, 1), (98, 6)]


def test_buying_trade_fills_orders_that_sell() -> None:
    tape = WrittenTape()
    tape.trade(101, 12, is_sell=False)
    played = Played(tape)
    played.market.rest(SELL, 101, 1, 5)
    played.market.rest(SELL, 100, 2, 1)
    played.step()
    assert played.filled() == [(2, 100, 1), (1, 101, 1)]
    assert [one.is_sell for one in played.heard.prints] == [False] * 3


def test_lots_that_would_cross_an_order_trade_with_it() -> None:
    tape = WrittenTape()
    tape.delta(asks=((100, 3), (101, 0)))
    tape.delta(asks=((100, 7),))
    tape.delta(asks=((100, 5),))
    tape.delta(asks=((100, 6),))
    played = Played(tape)
    played.market.rest(BUY, 100, 1, 5)
    played.step()
    assert played.filled() == [(1, 100, 3)]
    assert played.book == ([(100, 2), (99, 10), (98, 20)], [])
    played.step()
    # Four came, two of them find the order; the three before them were eaten.
    assert played.filled() == [(1, 100, 2)]
    assert played.book[1] == [(100, 2)]
    played.step(2)
    assert played.filled() == []
    assert played.book[1] == [(100, 6)]


def test_lots_that_an_order_ate_do_not_come_twice() -> None:
    tape = WrittenTape()
    tape.delta(asks=((100, 3), (101, 0)))
    tape.delta(asks=((100, 2),))
    tape.delta(asks=((100, 3),))
    played = Played(tape)
    played.market.rest(BUY, 100, 1, 50)
    played.step(3)
    assert played.filled() == [(1, 100, 3), (1, 100, 1)]
    assert played.book[1] == []


def test_crowd_stops_before_a_guarded_order_and_stays_away() -> None:
    tape = WrittenTape()
    tape.delta(asks=((100, 3),))
    played = Played(tape)
    played.market.rest(BUY, 100, 1, 5)
    played.market.guard = lambda _: True
    played.step()
    assert played.filled() == []
    assert played.book[1] == [(101, 10)]


def test_what_an_account_took_is_back_when_the_tape_speaks_of_the_level() -> None:
    tape = WrittenTape()
    tape.delta(bids=((97, 1),))
    tape.delta(asks=((101, 11),))
    played = Played(tape)
    assert [match.maker for match in played.market.take(BUY, 4, None)] == [CROWD]
    assert played.book[1] == [(101, 6)]
    played.step()
    assert played.book[1] == [(101, 6)]
    played.step()
    assert played.book[1] == [(101, 11)]


def test_venue_may_take_orders_away_between_two_fills_of_a_trade() -> None:
    tape = WrittenTape()
    tape.trade(98, 40, is_sell=True)
    tape.trade(99, 40, is_sell=True)
    played = Played(tape)
    market = played.market
    market.rest(BUY, 100, 1, 5)
    market.rest(BUY, 99, 2, 5)

    def filled(_: SymbolMarket, match: Match) -> None:
        played.fills.append(match)
        market.remove(2)

    market.on_maker_fill = filled
    played.step(2)
    assert played.filled() == [(1, 100, 5)]
