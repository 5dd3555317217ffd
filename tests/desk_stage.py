"""A desk, its trader and a tiny venue: events go in, effects are performed and kept."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Self, TypeVar

from desk_venue import DeskVenue
from market_builders import SYMBOL
from msgspec.structs import replace
from order_builders import NOW_MS, ZERO
from recollection_builders import a_recollection

from botcore_tui.core.account_state import DeskSettings
from botcore_tui.core.gate import Limits
from botcore_tui.core.strategy import Strategy
from botcore_tui.core.trader import Trader
from botcore_tui.model.account import (
    DeadManFailed,
    DeadManSet,
    LedgerHealth,
    UserStreamDown,
    UserStreamUp,
)
from botcore_tui.model.command import Halt, MoveStop, PlaceOrder, Resume, Signal
from botcore_tui.model.event import (
    Answer,
    Append,
    ArmDeadMan,
    Cancel,
    CancelAll,
    Effect,
    Event,
    Query,
    Reconcile,
    Record,
    RulesUpdate,
    Submit,
    Tick,
)
from botcore_tui.model.instrument import ContractRules
from botcore_tui.model.ledger import AuditRow, ProtectionRow
from botcore_tui.model.market import Bar, MarkPrice, Side
from botcore_tui.model.order import OrderRequest, OrderType, Purpose
from botcore_tui.model.trading import AccountView, PositionView

T = TypeVar("T")
TICK_MS = 250
UP = UserStreamUp(NOW_MS)
DOWN = UserStreamDown("silent", NOW_MS)
SICK = LedgerHealth(is_writable=False, reason="disk full", time_ms=NOW_MS)
WELL = LedgerHealth(is_writable=True, reason="", time_ms=NOW_MS)
HALT = Halt("F12", "by hand", NOW_MS)
RESUME = Resume("F9", "all is well", NOW_MS)
HAPPENINGS: dict[str, Event] = {
    "halt": HALT,
    "resume": RESUME,
    "down": DOWN,
    "up": UP,
    "sick": SICK,
    "well": WELL,
}
"""By the names that random sequences give them."""

RULES = ContractRules(
    symbol=SYMBOL,
    status="TRADING",
    tick=Decimal("0.1"),
    min_price=Decimal("0.1"),
    max_price=Decimal(100_000),
    step=Decimal("0.001"),
    min_quantity=Decimal("0.001"),
    max_quantity=Decimal(1_000),
    market_step=Decimal("0.001"),
    market_min_quantity=Decimal("0.001"),
    market_max_quantity=Decimal(500),
    min_notional=Decimal(5),
    multiplier_up=Decimal("1.5"),
    multiplier_down=Decimal("0.5"),
)
LIMITS = Limits(
    risk_pct=Decimal(1),
    max_leverage=Decimal(3),
    max_positions=2,
    max_order_notional=Decimal(0),
    fee_rate=Decimal("0.0005"),
)


def desk_settings(**overrides: object) -> DeskSettings:
    """Trading enabled on BTCUSDT; any field can be given."""
    settings = DeskSettings(symbols=(SYMBOL,), is_trading_enabled=True, limits=LIMITS)
    return replace(settings, **overrides)


def a_mark_price(mark: str, *, symbol: str = SYMBOL) -> MarkPrice:
    """The newest mark."""
    price = Decimal(mark)
    return MarkPrice(symbol, price, price, None, 0, NOW_MS)


def buy(
    quantity: str = "1",
    *,
    side: Side = Side.BUY,
    price: str | None = None,
    stop: str | None = "95",
    target: str | None = None,
    trail: str | None = None,
    reduce_only: bool = False,
    symbol: str = SYMBOL,
    actor: str = "test",
    order_type: OrderType | None = None,
) -> PlaceOrder:
    """A market order to buy one, with a stop at 95; a LIMIT order with a price."""
    type_ = OrderType.MARKET if price is None else OrderType.LIMIT

    def maybe(number: str | None) -> Decimal | None:
        return None if number is None else Decimal(number)

    return PlaceOrder(
        command_id="c1",
        actor=actor,
        symbol=symbol,
        side=side,
        type=order_type or type_,
        quantity=Decimal(quantity),
        price=maybe(price),
        stop_price=maybe(stop),
        target_price=maybe(target),
        trail_pct=maybe(trail),
        reduce_only=reduce_only,
        time_ms=NOW_MS,
    )


class Script:
    """A strategy that wants what it is told to, from the next closed bar on."""

    name = "script"
    interval_ms = 60_000

    def __init__(self, target: str | None = None) -> None:
        self.target = target
        self.symbol: str | None = None
        self.error: Exception | None = None
        self.warmed: list[tuple[str, int]] = []
        self.bars: list[int] = []

    def warm(self, symbol: str, bars: Sequence[Bar]) -> Signal | None:
        self.warmed.append((symbol, len(bars)))
        return self._signal(symbol, bars[-1])

    def on_bar(self, bar: Bar) -> Signal | None:
        self.bars.append(bar.open_time_ms)
        return self._signal(bar.symbol, bar)

    def _signal(self, symbol: str, bar: Bar) -> Signal | None:
        if self.error is not None:
            raise self.error
        if self.target is None:
            return None
        return Signal(
            strategy=self.name,
            symbol=self.symbol or symbol,
            target=Decimal(self.target),
            confidence=1.0,
            reason=f"told {self.target}",
            time_ms=bar.open_time_ms + bar.interval_ms,
        )


def a_minute(number: int, *, symbol: str = SYMBOL, close: float = 100.0) -> Bar:
    """The closed bar of that minute."""
    open_ms = NOW_MS // 60_000 * 60_000 + number * 60_000
    return Bar(symbol, 60_000, open_ms, close, close, close, close, 1.0, 1, is_closed=True)


class Stage:
    """A trader with a desk on the tiny venue.

    Attributes:
        effects: All so far.
    """

    def __init__(self, *, strategy: Strategy | None = None, **settings: object) -> None:
        self.trader = Trader((SYMBOL,), desk=desk_settings(**settings), strategy=strategy)
        assert self.trader.desk is not None
        self.desk = self.trader.desk
        self.symbols = self.desk.state.settings.symbols
        self.venue = DeskVenue()
        self.effects: list[Effect] = []
        self.time_ms = NOW_MS
        self.is_performing = True
        """Whether what is asked of the venue is asked at once."""
        self.has_dead_man = True
        self.dead_men: dict[str, int] = {}
        """Countdowns that the venue was asked for last."""
        self.venue.time_ms = NOW_MS

    # --- driving --------------------------------------------------------------------------------

    def begin(self) -> Self:
        """Up and reconciled, with rules and a mark."""
        self.tell(a_recollection())
        self.tell(*(RulesUpdate(replace(RULES, symbol=each), NOW_MS) for each in self.symbols))
        self.tell(*self._marks(), UP)
        return self

    def tell(self, *events: Event) -> list[Effect]:
        """Events in; all effects of them and of what follows at the venue."""
        told: list[Effect] = []
        waiting = list(events)
        while waiting:
            event = waiting.pop(0)
            effects = self.trader.process(event)
            told += effects
            self.effects += effects
            self.look(event, effects)
            if self.is_performing:
                for effect in effects:
                    waiting += self.perform(effect)
        return told

    def look(self, event: Event, effects: list[Effect]) -> None:
        """For those who check each step."""

    def perform(self, effect: Effect) -> list[Event]:
        """What the venue answers."""
        match effect:
            case Submit():
                return self.venue.place(effect.request)
            case Cancel():
                return self.venue.cancel(effect)
            case Query():
                return self.venue.query(effect)
            case CancelAll():
                return self.venue.cancel_all(effect.symbol)
            case ArmDeadMan():
                return [self._dead_man(effect)]
            case Reconcile():
                return [self.venue.picture(effect.reason, symbols=self.symbols)]
            case _:
                return []

    def _dead_man(self, effect: ArmDeadMan) -> DeadManSet | DeadManFailed:
        if self.has_dead_man:
            self.dead_men[effect.symbol] = effect.countdown_ms
            return DeadManSet(
                symbol=effect.symbol,
                countdown_ms=effect.countdown_ms,
                asked_ms=self.time_ms,
                time_ms=self.time_ms,
            )
        return DeadManFailed(effect.symbol, "no answer", self.time_ms)

    def wait(self, ms: int = TICK_MS) -> list[Effect]:
        """Let time pass, tick by tick; marks keep coming."""
        told: list[Effect] = []
        for _ in range(0, ms, TICK_MS):
            self.time_ms += TICK_MS
            self.venue.time_ms = self.time_ms
            told += self.tell(Tick(self.time_ms), *self._marks())
        return told

    def _marks(self) -> list[MarkPrice]:
        return [a_mark_price(str(self.venue.mark), symbol=each) for each in self.symbols]

    def move(self, mark: str) -> list[Effect]:
        """The mark moves."""
        self.venue.mark = Decimal(mark)
        return self.tell(*self._marks(), *self._marks())  # a leap counts when it is confirmed

    # --- looking --------------------------------------------------------------------------------

    def sent(self, purpose: Purpose | None = None) -> list[OrderRequest]:
        """Orders that were asked for, oldest first."""
        return requests(self.effects, purpose)

    def live(self, purpose: Purpose) -> list[OrderRequest]:
        """Of that purpose what stands at the venue."""
        return [each for each in self.venue.open_orders() if each.purpose is purpose]

    def stop(self) -> OrderRequest:
        """The only stop at the venue."""
        (stop,) = self.live(Purpose.STOP)
        return stop

    def answer(self) -> Answer:
        """The last one to a command."""
        return [effect for effect in self.effects if isinstance(effect, Answer)][-1]

    def view(self) -> AccountView:
        """The account on the screen."""
        return self.desk.view(self.time_ms)

    def position(self, symbol: str = SYMBOL) -> PositionView:
        """The position on the screen."""
        (position,) = (each for each in self.view().positions if each.symbol == symbol)
        return position

    def held(self, symbol: str = SYMBOL) -> Decimal:
        """By our own books."""
        return self.desk.state.portfolio.quantity(symbol)

    def is_flat(self) -> bool:
        """Here and there."""
        return self.held() == ZERO == self.venue.positions.get(SYMBOL, ZERO)

    def codes(self) -> list[str]:
        """Of everything that was told to the log."""
        return codes(self.effects)


def requests(effects: Sequence[Effect], purpose: Purpose | None = None) -> list[OrderRequest]:
    """Orders that were asked for."""
    found = [effect.request for effect in effects if isinstance(effect, Submit)]
    return [each for each in found if purpose in {None, each.purpose}]


def canceled(effects: Sequence[Effect]) -> list[str]:
    """Orders whose cancellation was asked for."""
    return [effect.client_order_id for effect in effects if isinstance(effect, Cancel)]


def codes(effects: Sequence[Effect]) -> list[str]:
    """Of what was told to the log."""
    return [effect.code for effect in effects if isinstance(effect, Record)]


def audits(effects: Sequence[Effect]) -> list[str]:
    """Of what must be found again."""
    rows = [effect.row for effect in effects if isinstance(effect, Append)]
    return [row.code for row in rows if isinstance(row, AuditRow)]


def naked_spans(effects: Sequence[Effect]) -> list[ProtectionRow]:
    """Spans without a verified stop."""
    rows = [effect.row for effect in effects if isinstance(effect, Append)]
    return [row for row in rows if isinstance(row, ProtectionRow)]


def reconciles(effects: Sequence[Effect]) -> list[Reconcile]:
    """Questions for the whole account."""
    return [effect for effect in effects if isinstance(effect, Reconcile)]


def forms(stops: Sequence[OrderRequest]) -> list[str]:
    """Of stops: which of the two forms, and where."""
    return [
        f"{'close' if one.close_position else one.quantity} {one.trigger_price}" for one in stops
    ]


def held(quantity: str = "1", stop: str = "95") -> Stage:
    """A desk that holds so much, with a verified stop."""
    stage = Stage().begin()
    stage.tell(buy(quantity, stop=stop))
    return stage


def to(price: str) -> MoveStop:
    """A person's wish to have the stop elsewhere."""
    return MoveStop(
        command_id="m", actor="me", symbol=SYMBOL, stop_price=Decimal(price), time_ms=NOW_MS
    )
