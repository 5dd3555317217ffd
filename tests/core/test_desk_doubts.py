"""Answers of the venue that contradict each other, and answers that are too old."""

from decimal import Decimal

from desk_stage import RULES, UP, Stage, buy, canceled, reconciles
from market_builders import SYMBOL
from msgspec.structs import replace
from order_builders import NOW_MS, a_request, a_symbol_account
from recollection_builders import a_recollection, an_intent, an_open_order, an_open_position

from botcore_tui.model.account import AccountPicture
from botcore_tui.model.command import Halt
from botcore_tui.model.event import Append, Effect, Event, Reconcile, RulesUpdate
from botcore_tui.model.ledger import KnownTrade, OrderRow
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderNotFound, OrderState, OrderType, Purpose
from botcore_tui.model.trading import Cover


def without_positions(picture: AccountPicture) -> AccountPicture:
    """As the venue answers in a maintenance: positionRisk is [], all else is as it was."""
    flat = [
        a_symbol_account(
            symbol=one.position.symbol,
            quantity="0",
            entry_price="0",
            last_trade_id=one.last_trade_id,
            fills=list(one.fills),
            time_ms=0,
        )
        for one in picture.symbols
    ]
    return replace(picture, symbols=tuple(flat))


def test_stop_stays_while_positions_come_empty_for_seconds() -> None:
    stage = Stage().begin()
    stage.tell(buy())
    stop = stage.stop()
    assert stage.position().cover is Cover.VERIFIED
    stage.is_performing = False
    gone: list[str] = []
    for _ in range(4):  # two and a half seconds of it
        effects = stage.wait(750)
        for reason in [asked.reason for asked in reconciles(effects)] or ["periodic"]:
            effects += stage.tell(without_positions(stage.venue.picture(reason)))
        gone += canceled(effects)
    # The venue still lists the stop, no trade has closed anything, and it holds the position.
    assert stage.venue.positions[SYMBOL] == 1
    assert stop.client_order_id not in gone


def test_stop_of_an_earlier_run_stays_though_the_first_answer_has_no_positions() -> None:
    request = a_request(
        client_order_id="bc-k3-2-s",
        symbol=SYMBOL,
        side=Side.SELL,
        order_type=OrderType.STOP_MARKET,
        purpose=Purpose.STOP,
        quantity="0",
        trigger_price="95",
        close_position=True,
    )
    stage = Stage()
    stage.venue.place(request)
    stage.venue.positions[SYMBOL] = Decimal(1)
    stage.is_performing = False
    stage.tell(
        a_recollection(
            orders=[an_open_order(an_intent(request), state=OrderState.OPEN, algo_id=1)],
            positions=[an_open_position()],
            trades=[KnownTrade(SYMBOL, 0, ())],
        )
    )
    stage.tell(RulesUpdate(RULES, NOW_MS), UP)
    effects = stage.tell(without_positions(stage.venue.picture("start")))
    effects += stage.wait(2_000)
    assert request.client_order_id not in canceled(effects)


class Maintenance(Stage):
    """While it lasts the venue lists no positions and takes no order."""

    is_in_maintenance = False

    def perform(self, effect: Effect) -> list[Event]:
        if self.is_in_maintenance and isinstance(effect, Reconcile):
            picture = self.venue.picture(effect.reason, symbols=self.symbols)
            return [without_positions(picture)]
        return super().perform(effect)


def test_flatten_is_not_confirmed_by_positions_that_come_empty() -> None:
    stage = Maintenance().begin()
    stage.tell(buy())
    assert stage.venue.positions[SYMBOL] == 1
    stage.is_in_maintenance = True
    stage.venue.rule = lambda request: "fail" if request.purpose is Purpose.EXIT else "ok"
    stage.tell(Halt("anna", "out of everything", NOW_MS, flattens=True))
    stage.wait(20_000)
    assert stage.venue.positions[SYMBOL] == 1
    assert "halt.confirmed" not in stage.codes()
    stage.is_in_maintenance, stage.venue.rule = False, None
    stage.wait(60_000)
    assert stage.is_flat()
    assert "halt.confirmed" in stage.codes()


class Ahead(Stage):
    """Our clock is an hour ahead of the venue's, as after a wrong start of the machine."""

    def perform(self, effect: Effect) -> list[Event]:
        if not isinstance(effect, Reconcile):
            return super().perform(effect)
        picture = self.venue.picture(effect.reason, symbols=self.symbols)
        hour_ms = 3_600_000
        return [
            replace(picture, asked_ms=picture.asked_ms - hour_ms, time_ms=picture.time_ms - hour_ms)
        ]


def test_stop_that_vanishes_is_missed_though_our_clock_is_ahead() -> None:
    stage = Ahead().begin()
    stage.tell(buy())
    first = stage.stop()
    stage.wait(1_000)
    del stage.venue.orders[first.client_order_id]  # the venue says nothing of it
    stage.wait(60_000)
    assert stage.stop().client_order_id != first.client_order_id
    assert stage.position().cover is Cover.VERIFIED


class AheadAsked(Ahead):
    """The same, and what is asked about an order is told with the venue's time."""

    def perform(self, effect: Effect) -> list[Event]:
        told = super().perform(effect)
        return [
            replace(one, asked_ms=one.asked_ms - 3_600_000)
            if isinstance(one, OrderNotFound)
            else one
            for one in told
        ]


def test_close_that_an_earlier_run_did_not_send_bars_no_other_though_our_clock_is_ahead() -> None:
    """The program died between plan and send; its clock is an hour ahead of the venue's."""
    request = a_request(
        client_order_id="bc-k3-9-x",
        symbol=SYMBOL,
        side=Side.SELL,
        order_type=OrderType.MARKET,
        purpose=Purpose.EXIT,
        quantity="1",
        reduce_only=True,
    )
    stage = AheadAsked()
    stage.venue.positions[SYMBOL] = Decimal(1)
    stage.tell(
        a_recollection(
            orders=[an_open_order(an_intent(request), state=OrderState.PLANNED)],
            positions=[an_open_position()],
        )
    )
    stage.tell(RulesUpdate(RULES, NOW_MS), UP)
    stage.wait(5_000)
    stage.tell(Halt("anna", "out of everything", NOW_MS, flattens=True))
    stage.wait(180_000)
    assert stage.is_flat()


def test_partly_filled_entry_of_a_delivered_contract_bars_no_entry_for_ever() -> None:
    """The venue tells neither the order nor its trades any more, in no later run either."""
    entry = an_intent(a_request(client_order_id="bc-r0-1-e", symbol="BTCUSDT_261225"))
    left = an_open_order(entry, state=OrderState.PARTLY_FILLED, order_id=5, filled_quantity="0.5")
    stage = Stage()
    stage.tell(a_recollection(orders=[left]))
    stage.tell(RulesUpdate(RULES, NOW_MS), *stage._marks(), UP)

    stage.wait(400_000)
    stage.tell(buy("0.1"))

    assert stage.answer().is_accepted
    assert "order.untold" in stage.codes()
    rows = [one.row for one in stage.effects if isinstance(one, Append)]
    ends = [row for row in rows if isinstance(row, OrderRow) and row.symbol != SYMBOL]
    assert [(row.state, row.filled_quantity) for row in ends] == [
        (OrderState.EXPIRED, Decimal("0.5"))
    ]
