"""Sightings between everything else, in any order: at the end our books are the venue's."""

from collections.abc import Sequence
from decimal import Decimal
from random import Random

import pytest
from brief import brief
from desk_stage import DOWN, UP, Stage, buy
from desk_venue import DeskVenue
from market_builders import SYMBOL
from msgspec.structs import replace
from order_builders import NOW_MS, ZERO, a_position_report

from botcore_tui.model.account import AccountPicture, ReconcileFailed, SymbolAccount
from botcore_tui.model.command import ClosePosition
from botcore_tui.model.event import Append, Effect, Event, Reconcile, Record
from botcore_tui.model.ledger import FillRow
from botcore_tui.model.market import Side
from botcore_tui.model.order import Fill, Purpose, Source
from botcore_tui.model.trading import Cover

MOVES = (
    *["wait"] * 8,
    *["buy", "sell", "close"] * 4,
    *["by hand", "trigger"] * 3,
    *["hold back", "let go", "let some go"] * 3,
    *["starve"] * 6,
    *["see", "tell", "see and tell"] * 5,
    *["answer"] * 3,
    "down",
    *["up"] * 3,
)


class Venue(DeskVenue):
    """Executions earn and cost something, and each has an instant of its own."""

    def _fill(self, symbol: str, name: str, order_id: int, side: Side, size: Decimal) -> Fill:
        self.time_ms += 1
        fill = super()._fill(symbol, name, order_id, side, size)
        return replace(fill, realized_pnl=Decimal(fill.trade_id % 7 - 3), fee=Decimal("0.01"))


class Rough(Stage):
    """Executions, sightings and pictures are told late, or not at all; no two at one instant."""

    def __init__(self) -> None:
        super().__init__()
        self.venue = Venue()
        self.venue.time_ms = NOW_MS
        self.is_up = True
        self.is_held_back = self.is_starving = False
        self.late: list[Event] = []
        self.asked: tuple[str, AccountPicture] | None = None
        self.seen: AccountPicture | None = None

    # --- what happens ---------------------------------------------------------------------------

    def move_on(self, kind: str, dice: Random) -> None:
        match kind:
            case "wait":
                self.wait(dice.choice((250, 1_000, 6_000)))
            case "buy" | "sell":
                side = Side.BUY if kind == "buy" else Side.SELL
                stop = "95" if side is Side.BUY else "105"
                self.tell(buy(str(dice.randrange(1, 4)), side=side, stop=stop))
            case "close":
                close = ClosePosition(command_id="x", actor="me", symbol=SYMBOL, time_ms=NOW_MS)
                self.tell(close)
            case "by hand":
                side = dice.choice((Side.BUY, Side.SELL))
                self.hear([self.venue.trade_by_hand(side, "0.5")])
            case "trigger":
                for request in self.live(Purpose.STOP)[:1]:
                    self.hear(self.venue.trigger(request.client_order_id))
            case "hold back" | "let go" | "let some go":
                self.is_held_back = kind == "hold back"
                count = dice.randrange(4) if kind == "let some go" else len(self.late)
                self.let_go(0 if self.is_held_back else count)
            case "down" | "up":
                self.is_up, self.late = kind == "up", []
                self.tell(UP if self.is_up else DOWN)
            case _:
                self.reconcile(kind, dice)
        self.pass_time()

    def reconcile(self, kind: str, dice: Random) -> None:
        match kind:
            case "starve":
                self.is_starving = True
            case "see":
                self.seen = self.sighting()
            case "tell" | "see and tell":
                self.seen = self.sighting() if kind == "see and tell" else self.seen
                if self.asked is not None and self.seen is not None:
                    self.tell(self.seen)
                self.seen = None
            case _:
                self.answer_with(dice.choice(("nothing", "of then", "of now")))

    def answer_with(self, which: str) -> None:
        self.is_starving = False
        if self.asked is None:
            return
        # What is seen meanwhile is not told after it.
        (reason, of_then), self.asked, self.seen = self.asked, None, None
        pictures: dict[str, Event] = {
            "nothing": ReconcileFailed(reason, "no answer", self.time_ms),
            "of then": replace(of_then, time_ms=self.time_ms),
            "of now": self.whole(reason),
        }
        self.tell(pictures[which])

    def hear(self, events: Sequence[Event]) -> None:
        self.tell(*self.told(events))

    def told(self, events: Sequence[Event]) -> list[Event]:
        """Those that are told now."""
        streamed = [one for one in events if getattr(one, "source", None) is Source.STREAM]
        if self.is_up and not self.is_held_back:
            return list(events)
        self.late += streamed if self.is_up else []
        return [one for one in events if one not in streamed]

    def let_go(self, count: int) -> None:
        told, self.late = self.late[:count], self.late[count:]
        self.tell(*told)

    def perform(self, effect: Effect) -> list[Event]:
        self.pass_time()
        if not isinstance(effect, Reconcile):
            return self.told(super().perform(effect))
        self.seen = None
        if self.is_starving:
            self.asked = effect.reason, self.whole(effect.reason)
            return []
        return [self.whole(effect.reason)]

    def pass_time(self) -> None:
        self.venue.time_ms += 1

    # --- what the venue says --------------------------------------------------------------------

    def changed_ms(self) -> int:
        return self.venue.trades[-1].time_ms if self.venue.trades else 0

    def sighting(self) -> AccountPicture | None:
        quantity = self.venue.positions.get(SYMBOL, ZERO)
        if not quantity:
            return None
        position = a_position_report(
            quantity=str(quantity), entry_price="100", time_ms=self.changed_ms()
        )
        return replace(
            self.venue.picture("periodic"),
            symbols=(SymbolAccount(position=position, last_trade_id=0, fills=()),),
            balance=None,
            listed=(SYMBOL,),
            is_sighting=True,
        )

    def whole(self, reason: str) -> AccountPicture:
        picture = self.venue.picture(reason)
        (account,) = picture.symbols
        position = replace(account.position, time_ms=self.changed_ms())
        fills = tuple(replace(fill, source=Source.LIST) for fill in account.fills)
        return replace(picture, symbols=(replace(account, position=position, fills=fills),))

    # --- the end --------------------------------------------------------------------------------

    def heal(self) -> None:
        self.is_held_back, self.is_up = False, True
        self.let_go(len(self.late))
        self.answer_with("of now")
        self.tell(DOWN, UP)
        self.wait(90_000)

    def check(self) -> None:
        portfolio = self.desk.state.portfolio
        assert self.held() == self.venue.positions.get(SYMBOL, ZERO)
        rows = [one.row for one in self.effects if isinstance(one, Append)]
        booked = [row.fill.trade_id for row in rows if isinstance(row, FillRow)]
        assert sorted(booked) == [trade.trade_id for trade in self.venue.trades]
        assert portfolio.realized_run == sum(one.realized_pnl for one in self.venue.trades)
        assert portfolio.fees_run == sum(one.fee for one in self.venue.trades)
        assert self.desk.state.is_reconciled
        lowered = [one.text for one in self.effects if isinstance(one, Record)]
        assert not [text for text in lowered if "differs from the venue's" in text]
        stops = self.live(Purpose.STOP)
        if self.held():
            assert [one.trigger_price for one in stops] == [self.position().stop_price]
            assert self.position().cover is Cover.VERIFIED
        else:
            assert not stops


@pytest.mark.requirement("F03")
@pytest.mark.requirement("F10")
@pytest.mark.parametrize("seed", brief(range(60), 4))
def test_after_sightings_in_any_order_our_books_are_the_venues(seed: int) -> None:
    dice, stage = Random(seed), Rough()
    stage.begin()
    for _ in range(150):
        stage.move_on(dice.choice(MOVES), dice)
    stage.heal()
    stage.check()
