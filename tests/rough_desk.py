"""A desk to which anything may happen, and what must hold of it all the time."""

from collections.abc import Sequence
from decimal import Decimal
from random import Random

from desk_stage import (
    DOWN,
    HAPPENINGS,
    LIMITS,
    RULES,
    SICK,
    UP,
    WELL,
    Script,
    Stage,
    a_minute,
    buy,
    naked_spans,
)
from market_builders import SYMBOL
from msgspec.structs import replace
from order_builders import NOW_MS

from botcore_tui.core.guard import Guard
from botcore_tui.core.holdings import Holding
from botcore_tui.core.money import signed
from botcore_tui.model.account import AccountPicture
from botcore_tui.model.command import CancelOrder, ClosePosition, MoveStop
from botcore_tui.model.event import Append, Effect, Event, Submit, TradingState
from botcore_tui.model.ledger import IntentRow
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderRequest, OrderType, Purpose, Source
from botcore_tui.model.trading import Cover

ETH, SOL = "ETHUSDT", "SOLUSDT"
SYMBOLS = (SYMBOL, ETH, SOL)
ANSWERS = (
    "ok",
    "mute",
    "lose",
    "sink",
    "fail",
    "refuse -2021",
    "refuse -4130",
    "refuse -4509",
    "refuse -4045",
    "refuse -2022",
    "refuse -1001",
)
KINDS = (
    *["buy", "sell"] * 6,
    *["wait"] * 12,
    *["mark"] * 6,
    *["answer"] * 5,
    *["fill"] * 4,
    *["trigger"] * 3,
    *["close", "cancel", "move", "lower"] * 2,
    *["wish"] * 3,
    "foreign",
    "halt",
    *["resume"] * 4,
    "down",
    *["up"] * 4,
    "sick",
    *["well"] * 4,
    "hedge",
    *["unhedge"] * 4,
    *["look"] * 2,
)


class RoughDesk(Stage):
    """A desk to which anything may happen; looks at every effect."""

    def __init__(self) -> None:
        self.script = Script(None)
        self.is_up = False
        self.is_well = True
        self.is_one_way = True
        self.is_fresh = False
        self.minutes = 0
        self.moved: set[str] = set()
        self.stops: dict[str, tuple[Holding, Decimal]] = {}
        limits = replace(LIMITS, max_leverage=Decimal("0.5"))
        super().__init__(symbols=SYMBOLS, strategy=self.script, limits=limits)

    # --- what happens ---------------------------------------------------------------------------

    def move_on(self, kind: str, number: int) -> None:
        symbol = SYMBOLS[number % 3]
        match kind:
            case "buy" | "sell":
                self._enter(Side.BUY if kind == "buy" else Side.SELL, symbol, number)
            case "wait":
                self.wait((250, 500, 1_000, 3_000, 6_000, 12_000)[number % 6])
            case "mark":
                self.move(str(Decimal(900 + number % 200) / 10))
            case "answer":
                self.venue.answers.append(ANSWERS[number % len(ANSWERS)])
            case "fill" | "trigger":
                self._execute(kind, number)
            case "foreign":
                side = Side.BUY if number % 2 else Side.SELL
                self.hear([self.venue.trade_by_hand(side, "0.5", symbol=symbol)])
            case "wish":
                self.script.target = ("1", "-1", "0", "0.5")[number % 4]
                self.minutes += 1
                self.tell(a_minute(self.minutes, symbol=symbol))
            case "hedge" | "unhedge":
                self.is_one_way = kind == "unhedge"
                self.tell(self.picture())
            case _:
                self._command(kind, symbol, number)

    def _enter(self, side: Side, symbol: str, number: int) -> None:
        sign = 1 if side is Side.BUY else -1
        away = Decimal(number % 7 - 1)
        stop = None if number % 11 == 0 else str(self.venue.mark - sign * away)
        price = str(self.venue.mark - sign) if number % 3 == 0 else None
        target = str(self.venue.mark + 5 * sign) if number % 4 == 0 else None
        trail = "2" if number % 5 == 0 else None
        quantity = str(Decimal(number % 400 + 1) / 10)
        self.tell(
            buy(
                quantity,
                side=side,
                price=price,
                stop=stop,
                target=target,
                trail=trail,
                symbol=symbol,
            )
        )

    def _execute(self, kind: str, number: int) -> None:
        is_trigger = kind == "trigger"
        waiting = [one for one in self.venue.open_orders() if one.is_algo is is_trigger]
        if not waiting:
            return
        request = waiting[number % len(waiting)]
        name = request.client_order_id
        if is_trigger:
            if request.trigger_price is not None and request.purpose is Purpose.STOP:
                self.move(str(request.trigger_price))
            if self.venue.orders[name].is_open:
                self.hear(self.venue.trigger(name))
            return
        half = (request.quantity / 2).quantize(Decimal("0.001"))
        is_part = number % 2 and not self.venue.orders[name].filled
        self.hear(self.venue.fill(name, half if is_part else None))

    def _command(self, kind: str, symbol: str, number: int) -> None:
        match kind:
            case "close":
                self.tell(ClosePosition(command_id="x", actor="me", symbol=symbol, time_ms=NOW_MS))
            case "lower":
                side = Side.SELL if self.held(symbol) > 0 else Side.BUY
                self.tell(buy("0.2", side=side, symbol=symbol, reduce_only=True, stop=None))
            case "cancel":
                orders = self.desk.state.register.open()
                if orders:
                    name = orders[number % len(orders)].client_order_id
                    self.tell(
                        CancelOrder(
                            command_id="c", actor="me", client_order_id=name, time_ms=NOW_MS
                        )
                    )
            case "move":
                price = self.venue.mark + Decimal(number % 9 - 4)
                self.moved.add(symbol)
                self.tell(
                    MoveStop(
                        command_id="m", actor="me", symbol=symbol, stop_price=price, time_ms=NOW_MS
                    )
                )
            case "look":
                self.wait()
                self.tell(self.picture())
            case _:
                self.wait()
                self.tell(*[HAPPENINGS[kind]] * (2 if kind == "resume" else 1))

    def hear(self, events: Sequence[Event]) -> None:
        """Tell what the stream brings, while it brings anything."""
        self.tell(*(one for one in events if self.is_up or not is_streamed(one)))

    def picture(self) -> AccountPicture:
        """Of the account as it is."""
        picture = self.venue.picture(symbols=SYMBOLS)
        return replace(picture, is_one_way=self.is_one_way)

    def perform(self, effect: Effect) -> list[Event]:
        told = super().perform(effect)
        return [
            replace(one, is_one_way=self.is_one_way) if isinstance(one, AccountPicture) else one
            for one in told
            if self.is_up or not is_streamed(one)
        ]

    # --- what must hold -------------------------------------------------------------------------

    def look(self, event: Event, effects: list[Effect]) -> None:
        if event is UP or event is DOWN:
            self.is_up, self.is_fresh = event is UP, False
        elif event is SICK or event is WELL:
            self.is_well = event is WELL
        elif isinstance(event, AccountPicture) and event.reason in {"start", "reconnect", "again"}:
            self.is_fresh = True
        rows = [one.row for one in effects if isinstance(one, Append)]
        plans = {row.request.client_order_id: row for row in rows if isinstance(row, IntentRow)}
        for effect in effects:
            if isinstance(effect, Submit):
                request = effect.request
                assert request.client_order_id in plans, "sent before it was recorded"
                if request.purpose is Purpose.ENTRY:
                    self._look_at_entry(plans[request.client_order_id])
                else:
                    self._look_at_reduction(request)
        for holding in self.desk.state.portfolio.holdings():
            self._look_at_stop(holding)

    def _look_at_entry(self, plan: IntentRow) -> None:
        request, state, register = plan.request, self.desk.state, self.desk.state.register
        assert self.trader.state is TradingState.ACTIVE
        assert self.is_up
        assert self.is_fresh
        assert self.is_well
        assert state.is_one_way
        assert not register.unknown(request.symbol)
        mark, equity, stop = self.venue.mark, state.equity(), plan.stop_price
        assert equity is not None
        assert stop is not None
        assert (stop < mark) is (request.side is Side.BUY)
        assert stop != mark
        price = request.price or mark
        assert request.quantity * abs(price - stop) <= equity * LIMITS.risk_pct / 100
        entries = register.entries()
        exposed = {one.request.symbol for one in entries}
        exposed |= {one.symbol for one in state.portfolio.holdings()}
        assert len(exposed) <= LIMITS.max_positions
        worst = [one.remaining * max(one.request.price or mark, mark) for one in entries]
        worst += [abs(one.quantity) * mark for one in state.portfolio.holdings()]
        assert sum(worst) <= equity * Decimal("0.51")
        assert {one.request.side for one in entries if one.request.symbol == request.symbol} == {
            request.side
        }
        assert signed(request.side, state.portfolio.quantity(request.symbol)) >= 0

    def _look_at_reduction(self, request: OrderRequest) -> None:
        held = self.held(request.symbol)
        assert request.reduce_only or request.close_position
        assert signed(request.side, held) < 0
        assert request.quantity <= abs(held)
        if request.purpose is Purpose.EXIT and request.actor != "test":
            exits = [
                one
                for one in self.desk.state.register.open(request.symbol)
                if one.request.purpose is Purpose.EXIT and one.request.type is OrderType.MARKET
            ]
            assert [one.client_order_id for one in exits] == [request.client_order_id]
            assert not self.desk.state.register.misses_fills(request.symbol)

    def _look_at_stop(self, holding: Holding) -> None:
        guard: Guard = self.desk.state.protection.guard(holding.symbol)
        known, price = self.stops.get(holding.symbol), guard.stop_price
        if price is None:
            return
        if known is not None and known[0] is holding and holding.symbol not in self.moved:
            tighter = max if holding.quantity > 0 else min
            assert tighter(price, known[1]) == price, "the stop was loosened"
        if known is None or known[0] is not holding:
            self.moved.discard(holding.symbol)
        self.stops[holding.symbol] = (holding, price)

    def look_around(self) -> None:
        """Between two moves: what is told as protected is protected."""
        state = self.desk.state
        if not (self.is_up and state.is_reconciled):
            return
        for holding in state.portfolio.holdings():
            guard = state.protection.guard(holding.symbol)
            if guard.cover is Cover.VERIFIED:
                assert self.covering(holding), f"{holding.symbol} is told as protected"

    def covering(self, holding: Holding) -> list[OrderRequest]:
        """Stops at the venue for all of it."""
        return [
            one
            for one in self.venue.open_orders()
            if one.purpose is Purpose.STOP
            and one.symbol == holding.symbol
            and signed(one.side, holding.quantity) < 0
            and (one.close_position or one.quantity == abs(holding.quantity))
        ]

    # --- the end --------------------------------------------------------------------------------

    def heal(self) -> None:
        """Faults end; a minute and a half passes."""
        self.venue.answers.clear()
        self.is_one_way = True
        self.tell(WELL, DOWN, UP)
        self.wait(90_000)

    def check_healed(self) -> None:
        state = self.desk.state
        assert not state.register.unknown()
        assert state.trouble() == ""
        for symbol in SYMBOLS:
            assert self.held(symbol) == self.venue.positions.get(symbol, 0)
        held = {holding.symbol: holding for holding in state.portfolio.holdings()}
        for holding in held.values():
            guard = state.protection.guard(holding.symbol)
            assert guard.cover is Cover.VERIFIED
            (stop,) = self.covering(holding)
            assert stop.trigger_price == guard.verified_price
            assert guard.stop_price is not None
            assert stop.trigger_price == RULES.round_trigger(guard.stop_price, stop.side)
        open_here = {one.client_order_id for one in state.register.open()}
        assert open_here == {one.client_order_id for one in self.venue.open_orders()}
        for order in self.venue.open_orders():
            assert order.symbol in held or order.purpose is Purpose.ENTRY
        spans = sum(span.to_ms - span.from_ms for span in naked_spans(self.effects))
        assert state.protection.unprotected_ms == spans
        placed = [one.client_order_id for one in self.venue.placed]
        assert len(placed) == len(set(placed)) == len(self.sent())


def is_streamed(event: Event) -> bool:
    """Whether it comes over the user stream."""
    return getattr(event, "source", None) is Source.STREAM


def some_kinds(dice: Random) -> list[str]:
    """Of all that can happen a part, each in its own measure: what is rare else has its turn."""
    left_out = set(dice.sample(sorted(set(KINDS) - {"buy", "wait", "up", "well"}), 6))
    kept = [kind for kind in sorted(set(KINDS)) if kind not in left_out]
    return [kind for kind in kept for _ in range(dice.choice([1, 2, 5, 15]))]
