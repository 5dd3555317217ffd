"""Wishes become orders here: commands of people and signals of strategies, all through one gate."""

from decimal import Decimal
from typing import Final, assert_never

from botcore_tui.core.account_state import AccountState
from botcore_tui.core.gate import FRESH_MS, Denial, Proposal, first_denial, not_positive
from botcore_tui.core.money import signed
from botcore_tui.core.order_sizing import wish_quantity
from botcore_tui.core.pilot import direction
from botcore_tui.core.verdict import answered
from botcore_tui.model.command import (
    CancelOrder,
    ClosePosition,
    MoveStop,
    OrderCommand,
    PlaceOrder,
    Signal,
)
from botcore_tui.model.event import Effect, Record, TradingState
from botcore_tui.model.market import Side
from botcore_tui.model.order import (
    LEAST_TRAIL_PCT,
    MOST_TRAIL_PCT,
    OrderRequest,
    OrderType,
    Purpose,
)
from botcore_tui.model.severity import Severity
from botcore_tui.model.trading import Cover

_HUNDRED: Final = Decimal(100)
_AGAIN_MS: Final = 1_000
"""A strategy's entry that was denied is tried again no sooner."""


class OrderEntry:
    """The one way to an order.

    Args:
        state: Of the account.
    """

    def __init__(self, state: AccountState) -> None:
        self._state = state
        self._denials: dict[tuple[str, str], tuple[str, int]] = {}
        """Of a strategy's entry into a symbol: why it was last denied, and when."""

    # --- commands -------------------------------------------------------------------------------

    def on_command(self, command: OrderCommand) -> list[Effect]:
        """Carry a command out, or refuse it and say why."""
        match command:
            case PlaceOrder():
                return self._place(command)
            case ClosePosition():
                return self._close(command)
            case CancelOrder():
                return self._cancel(command)
            case MoveStop():
                return self._move(command)
            case _:
                assert_never(command)

    def _place(self, command: PlaceOrder) -> list[Effect]:
        denial, effects = self._attempt(command, is_strategy=False)
        return effects if denial is None else self._refused(command, denial)

    def _attempt(
        self, command: PlaceOrder, *, is_strategy: bool
    ) -> tuple[Denial | None, list[Effect]]:
        """Let an order through the gate; why not, or what follows."""
        state = self._state
        purpose = Purpose.EXIT if command.reduce_only else Purpose.ENTRY
        problem = self._shape_problem(command)
        if problem is not None:
            return problem, []
        is_limit = command.type is OrderType.LIMIT
        request = OrderRequest(
            client_order_id=state.ids.next(purpose),
            symbol=command.symbol,
            side=command.side,
            type=command.type,
            purpose=purpose,
            quantity=command.quantity,
            price=command.price if is_limit else None,
            time_in_force=command.time_in_force if is_limit else None,
            reduce_only=command.reduce_only,
            actor=command.actor,
            reason=command.reason,
            created_ms=state.time_ms,
        )
        proposal = Proposal(request, command.stop_price, command.scopes, is_strategy)
        denial = first_denial(proposal, state.surroundings(request))
        if denial is not None:
            return denial, []
        state.note_request(request)
        planned = state.register.plan(
            request,
            stop_price=command.stop_price,
            target_price=command.target_price,
            trail_pct=command.trail_pct,
        )
        text = f"{request.side} {request.quantity:f} {request.symbol} requested"
        text += self._stop_text(command, request) + self._wish_text(command)
        return None, self._accepted(command, text, request.client_order_id) + planned

    def _stop_text(self, command: PlaceOrder, request: OrderRequest) -> str:
        """Where the stop of an entry will be: to the tick, and never looser than it is."""
        state, symbol, stop = self._state, command.symbol, command.stop_price
        held = signed(command.side, state.portfolio.quantity(symbol))
        if command.reduce_only or stop is None or held < 0:
            return ""
        exit_side = command.side.opposite
        rules = state.rules[symbol]  # without them no entry passes the gate
        stop = rules.round_trigger(stop, exit_side)
        guard = state.protection.guard(symbol) if held else None
        if guard is not None and guard.stop_price is not None:
            present = rules.round_trigger(guard.stop_price, exit_side)
            is_looser = present > stop if command.side is Side.BUY else present < stop
            if is_looser and not (guard.is_stop_borrowed or guard.is_guess_of(request)):
                return f"; the stop stays at {present:f}, {stop:f} would be looser"
        return f", stop at {stop:f}"

    def _wish_text(self, command: PlaceOrder) -> str:
        """What a strategy will make of it, which follows its wish whoever holds something else."""
        if command.reduce_only:
            return ""
        wishes = (wish for wish in self._state.wishes if wish.symbol == command.symbol)
        warnings = (wish.warning(command.side) for wish in wishes)
        return "".join(f"; {warning}" for warning in warnings if warning)

    def _shape_problem(self, command: PlaceOrder) -> Denial | None:
        """What no order may look like, whoever asks."""
        if command.type not in {OrderType.LIMIT, OrderType.MARKET}:
            return Denial("P04", f"type {command.type} is not for an order by hand")
        problem = not_positive(
            quantity=command.quantity, price=command.price, target=command.target_price
        )
        if problem is not None:
            return problem
        trail = command.trail_pct
        least, most = LEAST_TRAIL_PCT, MOST_TRAIL_PCT
        if trail is not None and not (trail.is_finite() and least <= trail <= most):
            return Denial("P04", f"trail is {trail} %: must be from {least} to {most}")
        if command.reduce_only:
            return self._reduction_problem(command)
        return self._target_problem(command)

    def _reduction_problem(self, command: PlaceOrder) -> Denial | None:
        position = self._state.portfolio.quantity(command.symbol)
        is_lowering = position > 0 if command.side is Side.SELL else position < 0
        if not is_lowering:
            return Denial("P01", f"{command.side} does not lower a position of {position:f}")
        if command.quantity > abs(position):
            return Denial("P01", f"the position is {position:f}: it cannot be lowered by more")
        return None

    def _target_problem(self, command: PlaceOrder) -> Denial | None:
        target, price = command.target_price, self._state.mark(command.symbol)
        if command.type is OrderType.LIMIT:
            price = command.price
        if target is None or price is None:
            return None
        is_buy = command.side is Side.BUY
        if target > price if is_buy else target < price:
            return None
        where = "above" if is_buy else "below"
        return Denial("P04", f"a target of a {command.side} must be {where} the price {price:f}")

    def _close(self, command: ClosePosition) -> list[Effect]:
        state, symbol = self._state, command.symbol
        quantity = state.portfolio.quantity(symbol)
        entries = state.register.entries(symbol)
        if quantity == 0 and not entries:
            return self._refused(command, Denial("P01", f"there is no position in {symbol}"))
        effects: list[Effect] = []
        for order in entries:
            effects += state.register.cancel(order.request.client_order_id, state.time_ms)
        if quantity:
            state.protection.close(symbol, command.actor, command.reason or "closed by hand")
        requested = [f"closing {quantity:f} {symbol} at market"] if quantity else []
        if entries:
            requested.append(f"cancel of what may still enter {symbol} ({len(entries)})")
        text = f"{' and '.join(requested)} requested"
        return self._accepted(command, text) + effects + self.review(symbol)

    def _cancel(self, command: CancelOrder) -> list[Effect]:
        state = self._state
        order = state.register.of(command.client_order_id)
        if order is None:
            denial = Denial("P03", f"no order {command.client_order_id} of ours")
            return self._refused(command, denial)
        if order.is_terminal:
            denial = Denial("P03", f"order {command.client_order_id} is already {order.state}")
            return self._refused(command, denial)
        if order.request.purpose is Purpose.STOP and state.portfolio.quantity(order.request.symbol):
            denial = Denial("A06", "the stop of a position is moved or the position is closed")
            return self._refused(command, denial)
        state.protection.renounce(order)
        effects = state.register.cancel(command.client_order_id, state.time_ms)
        text = f"cancel of {command.client_order_id} requested"
        return self._accepted(command, text, command.client_order_id) + effects

    def _move(self, command: MoveStop) -> list[Effect]:
        state, symbol, stop = self._state, command.symbol, command.stop_price
        quantity, mark = state.portfolio.quantity(symbol), state.mark(symbol)
        if quantity == 0:
            return self._refused(command, Denial("P01", f"there is no position in {symbol}"))
        if (problem := not_positive(stop=stop)) is not None:
            return self._refused(command, problem)
        if mark is None:
            return self._refused(command, Denial("P09", f"no mark price of {symbol} yet: wait"))
        if (rules := state.rules.get(symbol)) is not None:
            # As it will be at the venue: what is said of it from here on is true.
            stop = rules.round_trigger(stop, Side.SELL if quantity > 0 else Side.BUY)
        if (stop < mark) is not (quantity > 0) or stop == mark:
            where = "below" if quantity > 0 else "above"
            denial = Denial("P15", f"the stop must be {where} the mark {mark:f}, not {stop:f}")
            return self._refused(command, denial)
        if state.protection.guard(symbol).cover is not Cover.VERIFIED:
            text = f"the present stop of {symbol} is not verified yet: wait"
            return self._refused(command, Denial("A06", text))
        loosening = self._loosening_denial(symbol, stop)
        if loosening is not None:
            return self._refused(command, loosening)
        state.protection.move(symbol, stop)
        text = f"stop of {symbol} at {stop:f} requested"
        return self._accepted(command, text) + self.review(symbol)

    def _loosening_denial(self, symbol: str, stop: Decimal) -> Denial | None:
        """P15 of a stop that moves away: no more is lost at it than an entry may lose.

        Beyond the price at which the venue liquidates it would never be reached.
        """
        state, present = self._state, self._state.protection.guard(symbol).verified_price
        holding, equity, limits = state.portfolio.holding(symbol), state.equity(), state.limits
        assert holding is not None  # the caller has looked at it
        is_long = holding.quantity > 0
        if present is not None and (stop >= present if is_long else stop <= present):
            return None
        if equity is None:
            return Denial("P15", "equity is not known", remedy="wait for the account")
        liquidation = holding.liquidation_price
        if liquidation and (stop <= liquidation if is_long else stop >= liquidation):
            return Denial(
                "P15",
                f"the venue would liquidate at {liquidation:f}, before that stop",
                observed=f"{stop:f}",
                remedy="take a nearer stop",
            )
        entry = holding.entry_price
        away = entry - stop if is_long else stop - entry
        loss = abs(holding.quantity) * (away + limits.fee_rate * (entry + stop))
        most = equity * limits.risk_pct / _HUNDRED
        if loss <= most:
            return None
        return Denial(
            "P15",
            f"{loss:.2f} USDT would be lost at that stop",
            f"at most {most:.2f} = {limits.risk_pct:f} % of equity (risk.risk_pct)",
            f"{loss:.2f} USDT",
            "take a nearer stop, or lower the position first",
        )

    def review(self, symbol: str) -> list[Effect]:
        """Look at the protection of a symbol; not before the venue has said what we hold."""
        state = self._state
        if not state.is_told(symbol):
            return []
        return state.protection.review(
            symbol, state.mark(symbol), state.rules.get(symbol), state.time_ms
        )

    # --- signals --------------------------------------------------------------------------------

    def follow(self, signal: Signal) -> tuple[list[Effect], bool]:
        """Take the next step towards what a strategy wants.

        Returns:
            The effects, and whether the entry it wants was planned or has become impossible.
        """
        state, symbol = self._state, signal.symbol
        state.conduct.know(signal.strategy)
        quantity = state.portfolio.quantity(symbol)
        wanted, held = direction(signal.target), direction(quantity)
        entries = state.register.entries(symbol)
        if held and wanted != held:
            effects: list[Effect] = []
            for order in entries:
                effects += state.register.cancel(order.request.client_order_id, state.time_ms)
            state.protection.close(symbol, signal.strategy, signal.reason, is_signal=True)
            return effects + self.review(symbol), False
        if held or entries or not wanted:
            return [], False
        if state.protection.is_busy(symbol) or state.register.misses_fills(symbol):
            return [], False
        return self._enter(signal, Side.BUY if wanted > 0 else Side.SELL)

    def _enter(self, signal: Signal, side: Side) -> tuple[list[Effect], bool]:
        state, symbol = self._state, signal.symbol
        settings, mark, rules = state.settings, state.mark(symbol), state.rules.get(symbol)
        equity = state.equity()
        if mark is None or rules is None or equity is None or state.trouble(symbol):
            return [], False
        age_ms = state.mark_age_ms(symbol)
        is_fresh = age_ms is not None and age_ms <= FRESH_MS
        if not is_fresh or state.standing.state is not TradingState.ACTIVE:
            return [], False
        away = side.sign * settings.protection.stop_pct / _HUNDRED
        stop = rules.round_trigger(mark * (1 - away), side.opposite)
        quantity = wish_quantity(state, signal, equity=equity, mark=mark, stop=stop)
        if quantity == 0:
            text = f"{signal.strategy}: no size of {symbol} fits the risk and the venue's least"
            return [Record(Severity.WARNING, "signal.too_small", text, state.time_ms)], True
        target = None
        if settings.target_pct:
            goal = mark * (1 + side.sign * settings.target_pct / _HUNDRED)
            target = rules.round_price(goal, side)
        command = PlaceOrder(
            command_id=f"{state.run_id}-{signal.strategy}-{symbol}-{signal.time_ms}",
            actor=signal.strategy,
            symbol=symbol,
            side=side,
            type=OrderType.MARKET,
            quantity=quantity,
            stop_price=stop,
            target_price=target,
            trail_pct=settings.trail_pct or None,
            reason=signal.reason,
            time_ms=state.time_ms,
        )
        return self._try(command)

    def _try(self, command: PlaceOrder) -> tuple[list[Effect], bool]:
        """A strategy's entry; a denial is told once until it is another, and tried again."""
        state, key = self._state, (command.actor, command.symbol)
        code, tried_ms = self._denials.get(key, ("", 0))
        if code and 0 <= state.time_ms - tried_ms < _AGAIN_MS:
            return [], False
        denial, effects = self._attempt(command, is_strategy=True)
        if denial is None:
            self._denials.pop(key, None)
            return effects, True
        self._denials[key] = (denial.code, state.time_ms)
        return ([] if denial.code == code else self._refused(command, denial)), False

    # --- answers --------------------------------------------------------------------------------

    def _accepted(
        self, command: OrderCommand, text: str, client_order_id: str = ""
    ) -> list[Effect]:
        return answered(self._state, command, Denial("", text), client_order_id)

    def _refused(self, command: OrderCommand, denial: Denial) -> list[Effect]:
        self._state.denied += 1
        return answered(self._state, command, denial)
