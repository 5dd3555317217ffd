"""What people, markets, venues and machines do in the order lab, at random."""

from collections.abc import Callable
from decimal import Decimal
from itertools import count
from random import Random
from typing import Final, Protocol

from lab_market import SYMBOLS, Wanderer

from botcore_tui.core.trader import Trader
from botcore_tui.exchange.sim.exchange import Exchange
from botcore_tui.exchange.sim.fault_specs import parse_spec
from botcore_tui.model.command import (
    CancelOrder,
    ClosePosition,
    Command,
    Halt,
    MoveStop,
    PlaceOrder,
    Resume,
)
from botcore_tui.model.event import TradingState
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderType, TimeInForce

_ACTOR: Final = "lab"
_CREATES: Final = ("POST /fapi/v1/order", "POST /fapi/v1/algoOrder")
_ENDPOINTS: Final = (
    *_CREATES,
    "DELETE /fapi/v1/order",
    "DELETE /fapi/v1/algoOrder",
    "GET /fapi/v1/order",
    "GET /fapi/v1/algoOrder",
    "GET /fapi/v1/openOrders",
    "GET /fapi/v1/openAlgoOrders",
    "GET /fapi/v1/userTrades",
    "GET /fapi/v3/positionRisk",
    "GET /fapi/v3/balance",
    "GET /fapi/v1/income",
    "POST /fapi/v1/listenKey",
    "PUT /fapi/v1/listenKey",
)
_EVENTS: Final = ("ORDER_TRADE_UPDATE", "ALGO_UPDATE", "ACCOUNT_UPDATE")
_REFUSALS: Final = (-2021, -4120, -1111, -4014, -4045, -2019)


class Machine(Protocol):
    """What the lab's own hands can break."""

    exchange: Exchange
    wanderers: dict[str, Wanderer]

    @property
    def trader(self) -> Trader:
        """The one that trades now."""

    def command(self, command: Command) -> None:
        """Give a command, as a person does."""

    def now_ms(self) -> int:
        """By this machine's clock."""


class Hands:
    """Does one thing at a time; the same dice do the same things."""

    def __init__(self, lab: Machine, dice: Random) -> None:
        self._lab = lab
        self._dice = dice
        self._count = count(1)
        self._kinds: list[tuple[Callable[[], str], int]] = [
            (self._place, 30),
            (self._close, 5),
            (self._reduce, 4),
            (self._cancel, 8),
            (self._move, 7),
            (self._halt, 1),
            (self._leap, 6),
            (self._fault, 16),
            (self._disarm, 5),
            (self._fund, 5),
        ]

    def act(self) -> str:
        """Do something; says what."""
        if self._lab.trader.state is not TradingState.ACTIVE and self._dice.random() < 0.3:
            return self._resume()
        weights = [weight for _, weight in self._kinds]
        ((do, _),) = self._dice.choices(self._kinds, weights)
        return do()

    # --- commands -------------------------------------------------------------------------------

    def _command_id(self) -> str:
        return f"lab-{next(self._count)}"

    def _mark(self, symbol: str) -> Decimal | None:
        mark = self._lab.trader.market.of(symbol).mark
        return None if mark is None else mark.mark

    def _place(self) -> str:
        dice, symbol = self._dice, self._dice.choice(SYMBOLS)
        mark = self._mark(symbol)
        if mark is None:
            return "no mark yet"
        held = self._quantity(symbol)
        side = dice.choice(list(Side))
        if held and dice.random() < 0.7:
            side = Side.BUY if held > 0 else Side.SELL
        sign = 1 if side is Side.BUY else -1
        is_limit = dice.random() < 0.5
        price = self._near(symbol, mark, dice.uniform(-0.004, 0.0015) * sign) if is_limit else None
        stop = self._near(symbol, price or mark, -sign * dice.uniform(0.002, 0.03))
        target = trail = None
        if dice.random() < 0.25:
            target = self._near(symbol, price or mark, sign * dice.uniform(0.003, 0.03))
        if dice.random() < 0.2:
            trail = Decimal(dice.randrange(1, 20)) / 10
        times = (TimeInForce.GTC,) * 5 + (TimeInForce.IOC, TimeInForce.FOK, TimeInForce.GTX)
        command = PlaceOrder(
            command_id=self._command_id(),
            actor=_ACTOR,
            symbol=symbol,
            side=side,
            type=OrderType.LIMIT if is_limit else OrderType.MARKET,
            quantity=self._size(symbol),
            price=price,
            time_in_force=dice.choice(times) if is_limit else TimeInForce.GTC,
            stop_price=stop,
            target_price=target,
            trail_pct=trail,
            time_ms=self._lab.now_ms(),
        )
        return self._give(command)

    def _size(self, symbol: str) -> Decimal:
        step = Decimal("0.001")
        return step * self._dice.randrange(2, 25) * (1 if symbol == SYMBOLS[0] else 20)

    def _near(self, symbol: str, price: Decimal, share: float) -> Decimal:
        tick = Decimal("0.1") if symbol == SYMBOLS[0] else Decimal("0.01")
        return (price * (1 + Decimal(share))).quantize(tick)

    def _quantity(self, symbol: str) -> Decimal:
        desk = self._lab.trader.desk
        assert desk is not None
        return desk.state.portfolio.quantity(symbol)

    def _close(self) -> str:
        symbol = self._dice.choice(SYMBOLS)
        command = ClosePosition(
            command_id=self._command_id(), actor=_ACTOR, symbol=symbol, time_ms=self._lab.now_ms()
        )
        return self._give(command)

    def _reduce(self) -> str:
        dice, symbol = self._dice, self._dice.choice(SYMBOLS)
        held, mark = self._quantity(symbol), self._mark(symbol)
        if not held or mark is None:
            return "nothing to reduce"
        is_limit = dice.random() < 0.6
        sign = 1 if held > 0 else -1
        price = self._near(symbol, mark, sign * dice.uniform(-0.001, 0.004)) if is_limit else None
        command = PlaceOrder(
            command_id=self._command_id(),
            actor=_ACTOR,
            symbol=symbol,
            side=Side.SELL if held > 0 else Side.BUY,
            type=OrderType.LIMIT if is_limit else OrderType.MARKET,
            quantity=min(self._size(symbol), abs(held)),
            price=price,
            reduce_only=True,
            time_ms=self._lab.now_ms(),
        )
        return self._give(command)

    def _cancel(self) -> str:
        desk = self._lab.trader.desk
        assert desk is not None
        orders = desk.state.register.open()
        if not orders:
            return "nothing to cancel"
        command = CancelOrder(
            command_id=self._command_id(),
            actor=_ACTOR,
            client_order_id=self._dice.choice(orders).client_order_id,
            time_ms=self._lab.now_ms(),
        )
        return self._give(command)

    def _move(self) -> str:
        dice, symbol = self._dice, self._dice.choice(SYMBOLS)
        held, mark = self._quantity(symbol), self._mark(symbol)
        if not held or mark is None:
            return "no stop to move"
        away = -dice.uniform(0.0005, 0.03) if held > 0 else dice.uniform(0.0005, 0.03)
        command = MoveStop(
            command_id=self._command_id(),
            actor=_ACTOR,
            symbol=symbol,
            stop_price=self._near(symbol, mark, away),
            time_ms=self._lab.now_ms(),
        )
        return self._give(command)

    def _halt(self) -> str:
        return self._give(Halt(_ACTOR, "random", self._lab.now_ms()))

    def _resume(self) -> str:
        return self._give(Resume(_ACTOR, "random", self._lab.now_ms()))

    def _give(self, command: Command) -> str:
        self._lab.command(command)
        return str(command)

    # --- markets and venues ---------------------------------------------------------------------

    def _leap(self) -> str:
        symbol, share = self._dice.choice(SYMBOLS), self._dice.gauss(0, 0.012)
        share = max(-0.04, min(0.04, share))
        self._lab.wanderers[symbol].leap(share)
        return f"{symbol} leaps by {share:.2%}"

    def _disarm(self) -> str:
        return f"disarms {self._lab.exchange.faults.clear()} faults"

    def _fund(self) -> str:
        symbol, rate = self._dice.choice(SYMBOLS), self._dice.choice((-20_000, 10_000, 75_000))
        exchange = self._lab.exchange
        self._lab.wanderers[symbol].rate = rate
        # With the next mark price, up to a second from now.
        exchange.venue.floor.markets[symbol].next_funding_ms = exchange.now_ms
        return f"funding of {symbol} at {rate / 10**8:.3%}"

    def _fault(self) -> str:
        spec = self._spec()
        exchange = self._lab.exchange
        for fault in parse_spec(spec):
            exchange.faults.add(fault)
        exchange._await_acts()
        return f"fault {spec}"

    def _spec(self) -> str:
        dice, choose = self._dice, self._dice.choice
        times = dice.randrange(1, 4)
        span = dice.randrange(1_000, 20_000)
        create, endpoint, event = choose(_CREATES), choose(_ENDPOINTS), choose(_EVENTS)
        side = choose(("BUY", "SELL"))
        lost = choose(("timeout", "reset", "503", "1006", "1007"))
        dropped = choose(("timeout", "reset", "503", "1001", "1008"))
        usual = (
            f"create-lost=how:{lost},endpoint:{create},count:{times}",
            f"create-dropped=how:{dropped},endpoint:{create},count:{times}",
            f"create-late=delay_ms:{dice.randrange(200, 9_000)},endpoint:{create},count:{times}",
            f"reply-lost=how:{choose(('timeout', 'reset'))},endpoint:{endpoint},count:{times}",
            f"reply-garbled=endpoint:{endpoint},count:{times}",
            f"reply-slow=delay_ms:{dice.randrange(300, 9_000)},endpoint:{endpoint},count:{times}",
            f"not-visible=ms:{dice.randrange(500, 3_000)},for_ms:{span}",
            f"unavailable=endpoint:{endpoint},count:{times}",
            f"internal=endpoint:{endpoint},count:{times}",
            f"fill-before-ack=delay_ms:{dice.randrange(100, 4_000)},count:{times}",
            f"user-late=delay_ms:{dice.randrange(100, 8_000)},event:{event},count:{times}",
            f"user-duplicate=event:{event},count:{times}",
            f"user-reorder=count:{times}",
            f"user-silent=for_ms:{span}",
            f"user-silent=event:{event},for_ms:{span}",
            f"user-lost=count:{times}",
            f"fill-after-cancel=delay_ms:{dice.randrange(100, 4_000)}",
            "cancel-race=count:1",
            f"partial-fill=count:{times}",
            f"stop-refused=code:{choose(_REFUSALS)},count:{times}",
            f"stop-vanishes=life_ms:{dice.randrange(100, 20_000)}",
        )
        seldom = (
            f"rate-limited=retry_after:{dice.randrange(1, 8)}",
            f"banned=retry_after:{dice.randrange(2, 40)}",
            f"throttled=count:{times}",
            f"waf=endpoint:{endpoint},count:{times}",
            f"key-revoked=for_ms:{span}",
            f"clock-step=ms:{choose((-5_000, -2_000, 2_000, 5_000))},for_ms:{span}",
            f"timestamp-refused=endpoint:{endpoint},count:{times}",
            f"equity-fails=for_ms:{span}",
            f"equity-nan=for_ms:{span}",
            "listen-key-expired",
            "disconnect=route:private",
            f"half-open=route:private,for_ms:{span}",
            f"frame-garbled=route:private,count:{times}",
            f"ws-refused=route:private,for_ms:{span}",
            "liquidation",
            f"adl=percent:{dice.randrange(10, 90)}",
            "manual-close",
            f"foreign-order=side:{side},away_bps:{dice.randrange(5, 80)}",
            f"foreign-position=side:{side},notional:300",
            f"second-instance=side:{side},away_bps:{dice.randrange(5, 80)}",
            f"transfer=amount:{dice.randrange(-50, 50) or 7}",
        )
        return choose(usual if dice.random() < 0.75 else seldom)
