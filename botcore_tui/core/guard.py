"""What is known and wanted of one position's protection."""

from decimal import Decimal
from typing import Final

from msgspec import Struct

from botcore_tui.core.holdings import Holding
from botcore_tui.core.money import ZERO
from botcore_tui.model.event import Append, Effect
from botcore_tui.model.instrument import ContractRules
from botcore_tui.model.ledger import ProtectionRow
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderRequest
from botcore_tui.model.trading import Cover

CLOCKS_MS: Final = 5_000
"""Ours and the venue's may differ by less than this."""


class Scene(Struct, frozen=True):
    """What a look at one symbol needs to know."""

    quantity: Decimal
    entry_price: Decimal
    mark: Decimal | None
    rules: ContractRules | None
    time_ms: int
    liquidation_price: Decimal | None = None

    @property
    def exit_side(self) -> Side:
        """Side of whatever lowers the position."""
        return Side.SELL if self.quantity > 0 else Side.BUY

    @property
    def notional(self) -> Decimal:
        """Worth at mark; zero while there is none."""
        return abs(self.quantity) * (self.mark or ZERO)


class _Wish(Struct, frozen=True):
    """What a wish was about."""

    trade_id: int
    is_long: bool

    def is_of(self, holding: Holding) -> bool:
        """Whether it was known of that position already, though perhaps as a part of another."""
        return 0 < holding.opened_id <= self.trade_id


class Guard:
    """One symbol; written by ``Protection`` and its parts only.

    Attributes:
        stop_price: Wanted trigger of the stop; None: nobody said, a default distance is taken.
        is_stop_borrowed: It is the trigger of somebody else's stop, for want of a better one.
        is_stop_by_hand: A person moved it there; where that is refused it stays where it was.
        target_price: Wanted profit; None for none.
        trail_pct: Wanted trailing distance; None for none.
        entry_id: Of the entry that the orders here belong to.
        cover: How far the position is protected.
        verified_price: Trigger of the verified stop; None while there is none.
        closing: Why the position is being closed; empty if it is not.
        is_emergency: It is being closed because no stop could be had.
    """

    def __init__(self, symbol: str) -> None:
        self.symbol = symbol
        self.flat_since_ms = 0
        self.flat_grace_ms = 0
        """How much longer than usual orders of a flat position stay; 0 for no longer."""
        self.has_left_exits = False
        """What took profit of the trade before this one may still be there."""
        self._holding: Holding | None = None
        self._close_wish: _Wish | None = None
        self._stop_wish: _Wish | None = None
        self._heard: tuple[Holding, int] | None = None
        """A position not looked at yet, and since when it is held."""
        self._naked_since_ms = 0
        self._known_since_ms = 0
        """When that was seen, which may have been later."""
        self._seen_ms = 0
        self._notional = ZERO
        self._notional_seconds = ZERO
        self.forget()

    def forget(self) -> None:
        """The position is flat: the next one begins with nothing."""
        self.stop_price: Decimal | None = None
        self.is_stop_borrowed = False
        self.is_stop_by_hand = False
        self.is_stop_default = False
        """Nobody said where it belongs: the usual distance was taken."""
        self.guessed_ms = 0
        """When that was, by our clock."""
        self.target_price: Decimal | None = None
        self.trail_pct: Decimal | None = None
        self.entry_id = ""
        self.entry_ms = 0
        self.cover = Cover.NAKED
        self.verified_price: Decimal | None = None
        self.closing = ""
        self.closing_actor = ""
        self.is_emergency = False
        self.attempts = 0
        self.stop_id = ""
        """Of the stop placed last while there was no cover."""
        self.stop_retry_ms = 0
        self.move_id = ""
        """Of the stop that is to replace the present one."""
        self.whole_retry_ms = 0
        """When to ask again for a stop that closes whatever is held."""
        self.exit_id = ""
        self.exit_failures = 0
        self.exit_retry_ms = 0
        self.fills_missed_ms = 0
        """Since when it is not closed further because executions are missing; 0: none are."""
        self.target_id = ""
        self.trail_id = ""
        self.is_target_watched = False
        """The venue refused it: the engine looks at the mark instead."""
        self.is_trail_watched = False
        self._close_wish = self._stop_wish = None
        self.is_rest = False
        """What is left to close is less than the venue takes at market."""
        self.best_mark: Decimal | None = None
        self._naked_ms = 0

    def turn_to(self, holding: Holding | None) -> None:
        """Forget what was wanted of another position, though nobody saw it flat in between.

        Where an execution that is told late shows that it is another one, what was wanted since
        this one began was wanted of it, too.
        """
        if holding is None:
            return
        if self._holding is not None and holding is not self._holding:
            self._forget_other(holding)
        self._holding = holding

    def _forget_other(self, holding: Holding) -> None:
        close, closing, actor = self._close_wish, self.closing, self.closing_actor
        stop, price = self._stop_wish, self.stop_price if self.is_stop_by_hand else None
        self.forget()
        # Of one that the venue told of nobody knows that it is not the one before.
        self.has_left_exits = holding.opened_id > 0
        if close is not None and close.is_of(holding):
            self.closing, self.closing_actor, self._close_wish = closing, actor, close
        if stop is not None and stop.is_of(holding) and stop.is_long == (holding.quantity > 0):
            self.stop_price, self.is_stop_by_hand, self._stop_wish = price, price is not None, stop

    def wish_closed(self, trade_id: int) -> None:
        """A person wants it closed, and that was the newest trade that was known then.

        On whichever side it is. What a strategy wants depends on that, and is asked for again.
        """
        self._close_wish = self._wish(trade_id)

    def wish_stop(self, trade_id: int) -> None:
        """A person wants its stop elsewhere; likewise."""
        self._stop_wish = self._wish(trade_id)

    def _wish(self, trade_id: int) -> "_Wish":
        held = self._holding
        return _Wish(trade_id, is_long=held is not None and held.quantity > 0)

    def hear(self, holding: Holding, since_ms: int) -> None:
        """A position was opened, by our clock at that time, which may be a while ago."""
        self._heard = holding, since_ms

    def is_guess_of(self, entry: OrderRequest) -> bool:
        """Whether the stop is a default, taken before it was known that this entry led to it all.

        The venue's word on a position may come before the execution that made it. What was sent
        later on led to nothing that was held by then: it only adds.
        """
        holding = self._holding
        is_its = holding is not None and entry.created_ms <= holding.opened_ms + CLOCKS_MS
        return self.is_stop_default and is_its and entry.created_ms <= self.guessed_ms

    def begin_stop_anew(self) -> None:
        """Whatever was tried so far does not count."""
        self.attempts, self.stop_id = 0, ""

    @property
    def unprotected_ms(self) -> int:
        """Time without a verified stop, of this trade, in all."""
        return self._naked_ms

    def pass_time(self, time_ms: int) -> int:
        """Count the time since the last look, if it was without cover; milliseconds."""
        if not self._naked_since_ms:
            return 0
        passed_ms = max(0, time_ms - self._seen_ms)
        self._seen_ms = time_ms
        self._naked_ms += passed_ms
        self._notional_seconds += self._notional * passed_ms / 1000
        return passed_ms

    def be_naked(self, notional: Decimal, time_ms: int) -> None:
        """There is no cover, for this much, until the next look.

        A position that was heard of late had none since it was opened.
        """
        if not self._naked_since_ms:
            opened, since_ms = self._heard or (None, time_ms)
            is_its = opened is self._holding
            self._naked_since_ms = self._seen_ms = since_ms if is_its else time_ms
            self._known_since_ms, self._heard = time_ms, None
        self._notional = notional

    def end_nakedness(self, reason: str, time_ms: int) -> list[Effect]:
        """The span without cover is over: say how long it was."""
        self._heard = None  # what is looked at has cover, or is flat
        if not self._naked_since_ms:
            return []
        row = ProtectionRow(
            symbol=self.symbol,
            from_ms=self._naked_since_ms,
            to_ms=time_ms,
            notional_seconds=self._notional_seconds,
            reason=reason,
            time_ms=time_ms,
        )
        self._naked_since_ms, self._notional_seconds = 0, ZERO
        return [Append(row)]

    def naked_for_ms(self, time_ms: int) -> int:
        """How long there has been no cover; 0 if there is."""
        return time_ms - self._naked_since_ms if self._naked_since_ms else 0

    def known_naked_for_ms(self, time_ms: int) -> int:
        """How long that is known: nothing could be done about it before."""
        return time_ms - self._known_since_ms if self._naked_since_ms else 0
