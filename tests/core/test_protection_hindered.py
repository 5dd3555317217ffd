"""Exits that others block, exits for which executions are missing, a move that came too late."""

from decimal import Decimal

from desk_stage import DOWN, HALT, Stage, buy, forms, requests, to
from market_builders import SYMBOL
from msgspec.structs import replace
from order_builders import NOW_MS, an_order_report

from botcore_tui.model.account import AccountPicture, ReconcileFailed
from botcore_tui.model.command import ClosePosition
from botcore_tui.model.event import Cancel, Effect, Event, Query, Reconcile
from botcore_tui.model.market import Side
from botcore_tui.model.order import (
    OrderReport,
    OrderRequest,
    Purpose,
    QueryFailed,
    Source,
    VenueStatus,
)
from botcore_tui.model.risk import KillStage

ENTRY, STOP, EXIT = Purpose.ENTRY, Purpose.STOP, Purpose.EXIT
FLATTEN = replace(HALT, flattens=True)
CLOSE = ClosePosition(command_id="x", actor="me", symbol=SYMBOL, time_ms=NOW_MS)


class Covered(Stage):
    """A person's own take-profit rests in the book and covers the position (Qubx#386)."""

    def __init__(self) -> None:
        super().__init__()
        self.is_resting = True
        self.venue.rule = self._rule
        self.is_stop_taken = True

    def _rule(self, request: OrderRequest) -> str:
        if request.purpose is STOP and not self.is_stop_taken:
            return "refuse -4045"
        return "refuse -2022" if request.purpose is EXIT and self.is_resting else "ok"

    def rest(self) -> None:
        self.tell(self.theirs(VenueStatus.NEW))

    def theirs(self, status: VenueStatus) -> OrderReport:
        return an_order_report(
            client_order_id="web_1",
            order_id=77,
            side=Side.SELL,
            status=status,
            quantity="1",
            price="120",
            reduce_only=True,
            source=Source.STREAM,
        )

    def perform(self, effect: Effect) -> list[Event]:
        if isinstance(effect, Reconcile) and self.is_resting:
            (picture,) = super().perform(effect)
            assert isinstance(picture, AccountPicture)
            theirs = replace(self.theirs(VenueStatus.NEW), source=Source.LIST)
            return [replace(picture, orders=(*(picture.orders or ()), theirs))]
        if isinstance(effect, Cancel) and effect.client_order_id == "web_1":
            self.is_resting = False
            return [self.theirs(VenueStatus.CANCELED)]
        return super().perform(effect)


def test_flatten_passes_a_resting_exit_of_others() -> None:
    stage = Covered().begin()
    stage.tell(buy())
    stage.rest()
    # Nothing that could be in the way: it stays.
    bid = an_order_report(client_order_id="web_2", order_id=78, reduce_only=False)
    stage.tell(bid)
    stage.tell(FLATTEN)
    stage.wait(120_000)
    assert stage.is_flat()
    risk = stage.view().risk
    assert risk is not None
    assert risk.kill.stage is KillStage.CONFIRMED


def test_position_that_can_have_no_stop_is_closed_past_a_resting_exit_of_others() -> None:
    stage = Covered().begin()
    stage.is_stop_taken = False
    stage.rest()
    stage.tell(buy())
    stage.wait(120_000)
    assert stage.is_flat()


class Untold(Stage):
    """User stream down, and the list of trades does not answer; all else does."""

    is_told = True
    """Not yet so."""

    def perform(self, effect: Effect) -> list[Event]:
        if self.is_told:
            return super().perform(effect)
        match effect:
            case Reconcile():
                return [ReconcileFailed(effect.reason, "userTrades: 503", self.time_ms)]
            case Query():
                return [QueryFailed(effect.client_order_id, "userTrades: 503", self.time_ms)]
            case Cancel() if effect.client_order_id.endswith("-e"):
                # Filled in part before that: the reply tells how much, nobody tells of the trades.
                order = self.venue.orders[effect.client_order_id]
                self.venue.fill(effect.client_order_id, Decimal("0.1"))
                order.status = VenueStatus.CANCELED
                return [self.venue.report(order, Source.REPLY)]
            case _:
                return super().perform(effect)


def test_flatten_does_not_wait_for_ever_for_executions_that_nobody_tells() -> None:
    stage = Untold().begin()
    stage.tell(buy("0.5"))
    stage.wait(1_000)
    stage.tell(buy("0.2", price="98"))
    stage.wait(1_000)
    stage.is_told = False
    stage.tell(DOWN)
    stage.venue.answers.append("fail")  # -1008: the first one is shed by the venue
    stage.tell(FLATTEN)
    stage.wait(120_000)
    assert len(stage.sent(EXIT)) > 1, "in two minutes nothing more was sent that closes"


def test_move_that_is_under_way_to_where_it_is_no_longer_wanted_is_not_the_end() -> None:
    stage = Stage().begin()
    stage.tell(buy("0.1", stop="90"))
    stage.venue.answers.extend(["ok", "refuse -4045"])
    stage.tell(to("91"))
    stage.wait(1_000)
    assert forms(stage.live(STOP)) == ["0.1 91"]
    # Again by hand: the closing form is on its way when an addition is executed, in two parts.
    stage.is_performing = False
    effects = stage.tell(to("92"))
    (moving,) = requests(effects, STOP)
    effects = stage.tell(buy("0.2", stop="97"))
    (entry,) = requests(effects, ENTRY)
    stage.venue.is_filling = False
    told = [*stage.venue.place(entry), *stage.venue.fill(entry.client_order_id, Decimal("0.1"))]
    effects = stage.tell(*told)
    late = requests(effects, STOP)
    stage.is_performing = True
    stage.tell(*stage.venue.place(moving))
    stage.tell(*stage.venue.fill(entry.client_order_id, Decimal("0.1")))
    for request in late:
        stage.tell(*stage.venue.place(request))
    stage.wait(60_000)
    assert stage.held() == Decimal("0.3")
    assert stage.position().stop_price == Decimal(97)
    assert stage.stop().trigger_price == Decimal(97)
