"""A halt, from the latch to the proof: entries cancelled, positions closed if asked, all verified.

What is told as done is what the venue shows in a listing that was asked for after the last
request. Whatever is found open there is cancelled again, until nothing is.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from botcore_tui.core.account_state import AccountState
from botcore_tui.core.exposure import OpenOrder, raising
from botcore_tui.core.notes import note
from botcore_tui.core.orders import Order
from botcore_tui.core.utc import utc_time
from botcore_tui.model.account import AccountPicture
from botcore_tui.model.event import Cancel, CancelAll, Effect, Reconcile
from botcore_tui.model.order import AlgoReport, OrderReport, OrderState
from botcore_tui.model.risk import KillStage, KillView
from botcore_tui.model.severity import Severity
from botcore_tui.model.trading import Cover

HALT: Final = "halt"
"""Reason of its questions."""
_FEW: Final = 5
"""With more entries in a symbol they are cancelled with one request."""
_AGAIN_MS: Final = 2_000
_OVERDUE_MS: Final = 5_000
BOUND_MS: Final = 15_000
"""Not confirmed by then is told as trouble; it goes on nevertheless."""
_TICK_MS: Final = 250
"""Time is told so often: at its first tick no halt is older, though time stood still before."""
_NAMED: Final = 3
"""So many of the entries that are still open are told by name."""
_DONE: Final = frozenset({KillStage.NONE, KillStage.CONFIRMED})
_NO_HALT: Final = KillView(
    stage=KillStage.NONE,
    text="",
    began_ms=0,
    confirmed_ms=0,
    cancelled=0,
    to_cancel=0,
    open_entries=0,
    positions=0,
)


class Halting:
    """The present halt of an account; repeating one changes nothing.

    Args:
        state: Of the account.
    """

    def __init__(self, state: AccountState) -> None:
        self._state = state
        self._stage = KillStage.NONE
        self._reason = self._actor = ""
        self._is_flat_wanted = False
        self._began_ms = self._confirmed_ms = 0
        self._text = ""
        self._names: dict[str, None] = {}
        """Entries that were to be cancelled."""
        self._open: set[str] = set()
        """Of those, and others, what the last word of the venue shows as open."""
        self._swept_ms: dict[str, int] = {}
        self._is_asked = False
        self._is_answer_good = False
        self._asked_ms = 0
        self._has_told_trouble = self._is_dated = False

    # --- what it says ---------------------------------------------------------------------------

    @property
    def is_over(self) -> bool:
        """Whether nothing is under way: there was no halt, or all of it is confirmed."""
        return self._stage in _DONE

    @property
    def is_in_trouble(self) -> bool:
        """Whether it was told that it could not be confirmed in time; it goes on nevertheless."""
        return self._stage is KillStage.TROUBLE

    def unfinished(self) -> str:
        """What it still waits for; to be asked while it is not over."""
        still_open = self._still_open()
        more = ", ..." if len(still_open) > _NAMED else ""
        names = f" ({', '.join(still_open[:_NAMED])}{more})" if still_open else ""
        return f"{self._missing()}{names}"

    def view(self) -> KillView:
        """For the screen."""
        if self._stage is KillStage.NONE:
            return _NO_HALT
        still_open = self._still_open()
        return KillView(
            stage=self._stage,
            text=self._text or str(self._stage),
            began_ms=self._began_ms,
            confirmed_ms=self._confirmed_ms,
            cancelled=self._cancelled(),
            to_cancel=len(self._names),
            open_entries=len(still_open),
            positions=len(self._state.portfolio.holdings()),
        )

    # --- what happens ---------------------------------------------------------------------------

    def begin(self, actor: str, reason: str, *, flattens: bool) -> list[Effect]:
        """Trading was halted, or is to be flattened as well; the latch is set already."""
        if not self.is_over and (self._is_flat_wanted or not flattens):
            return self._cancel()
        if self.is_over:
            self._names.clear()
            self._began_ms = self._state.time_ms
            self._is_flat_wanted = self._is_dated = False
        self._actor, self._reason = actor, reason
        self._is_flat_wanted |= flattens
        self._stage = KillStage.CANCELLING
        self._confirmed_ms, self._text, self._has_told_trouble = 0, "", False
        self._is_asked = self._is_answer_good = False
        self._asked_ms = self._began_ms - 1
        self._swept_ms.clear()
        return self._cancel() + self._close()

    def end(self) -> None:
        """Trading was resumed."""
        self._stage = KillStage.NONE
        self._is_flat_wanted = False

    def on_tick(self) -> list[Effect]:
        """Go on until it is proven."""
        if self.is_over:
            return []
        now = self._state.time_ms
        self._date(now)
        effects = self._cancel() + self._close()
        if now - self._began_ms >= BOUND_MS and not self._has_told_trouble:
            self._has_told_trouble = True
            self._text = f"NOT CONFIRMED after {BOUND_MS // 1000} s: {self._missing()}; going on"
            effects += note(
                Severity.CRITICAL, "halt.not_confirmed", f"HALT {self._text}", time_ms=now
            )
        self._stage = self._present_stage()
        if self._is_question_due(now):
            self._asked_ms, self._is_asked, self._is_answer_good = now, True, True
            effects.append(Reconcile(reason=HALT))
        return effects

    def on_picture(self, picture: AccountPicture) -> list[Effect]:
        """The venue told of the whole account."""
        if self.is_over or picture.reason != HALT or picture.listed:
            return []
        if picture.orders is None or picture.algo_orders is None:
            return []
        self._is_asked = False
        if not self._is_answer_good:
            return []
        listed: list[OpenOrder] = [*picture.orders, *picture.algo_orders]
        found = raising(listed, self._bare())
        self._open = {name_of(one) for one in found}
        self._names |= dict.fromkeys(sorted(self._open))
        # Of others as well: one that came after the listing is not in it.
        if found or self._own() or self._foreign():
            return self._cancel()
        is_held = any(account.position.quantity for account in picture.symbols)
        if self._is_flat_wanted and (is_held or self._not_flat()):
            return self._close()
        return self._confirm()

    def on_failed(self) -> None:
        """A question found no answer: it is asked again, after a while."""
        self._is_asked = False

    # --- steps ----------------------------------------------------------------------------------

    def _date(self, now: int) -> None:
        """A machine that slept takes a halt up before it is told how late it is."""
        if not self._is_dated:
            self._is_dated = True
            self._began_ms = max(self._began_ms, now - _TICK_MS)
            self._asked_ms = self._began_ms - 1

    def _not_flat(self) -> set[str]:
        """Symbols with a position, and those in which one is missing that no trade has closed."""
        held = {one.symbol for one in self._state.portfolio.holdings()}
        return held.union(self._state.protection.doubtful())

    def _own(self) -> list[Order]:
        return self._state.register.entries()

    def _foreign(self) -> list[OpenOrder]:
        return raising(self._state.register.foreign.values(), self._bare())

    def _bare(self) -> dict[str, Decimal]:
        """Signed quantities of positions that no stop protects."""
        guard = self._state.protection.guard
        return {
            one.symbol: one.quantity
            for one in self._state.portfolio.holdings()
            if guard(one.symbol).cover is not Cover.VERIFIED
        }

    def _cancel(self) -> list[Effect]:
        """Ask for what was not asked for yet, and again for what others placed."""
        state, now = self._state, self._state.time_ms
        own, foreign = self._own(), self._foreign()
        self._names |= dict.fromkeys(order.client_order_id for order in own)
        self._names |= dict.fromkeys(name_of(one) for one in foreign)
        symbols = {order.request.symbol for order in own} | {one.symbol for one in foreign}
        effects: list[Effect] = []
        for symbol in sorted(symbols):
            mine = [order for order in own if order.request.symbol == symbol]
            theirs = [one for one in foreign if one.symbol == symbol]
            is_due = now - self._swept_ms.get(symbol, -_AGAIN_MS) >= _AGAIN_MS
            in_book = [one for one in theirs if isinstance(one, OrderReport)]
            is_sweep = is_due and bool(in_book or len(mine) > _FEW)
            if is_sweep:
                effects.append(CancelAll(symbol=symbol))
            for order in mine:
                asked = state.register.cancel(order.client_order_id, now)
                effects += [] if is_sweep and order.is_in_book else asked
            if is_due:
                effects += _cancel_waiting(theirs)
            if (is_due and theirs) or is_sweep:
                self._swept_ms[symbol] = now
        if effects:
            self._is_answer_good = False
        return effects

    def _close(self) -> list[Effect]:
        """Have all positions closed, those of others too; their stops go when they are flat."""
        state = self._state
        if not self._is_flat_wanted:
            return []
        effects: list[Effect] = []
        told = (one.symbol for one in state.portfolio.holdings() if state.is_told(one.symbol))
        for symbol in told:
            state.protection.close(symbol, self._actor, self._reason)
            effects += state.protection.review(
                symbol, state.mark(symbol), state.rules.get(symbol), state.time_ms
            )
        if effects:
            self._is_answer_good = False
        return effects

    def _is_question_due(self, now: int) -> bool:
        """Once all is quiet, then again and again; one that may still be answered is waited for."""
        waited_ms = now - max(self._asked_ms, self._began_ms)
        if self._asked_ms < self._began_ms and not self._own():
            return True
        return waited_ms >= (_OVERDUE_MS if self._is_asked else _AGAIN_MS)

    def _confirm(self) -> list[Effect]:
        now = self._state.time_ms
        self._stage, self._confirmed_ms = KillStage.CONFIRMED, now
        cancelled, wanted = self._cancelled(), len(self._names)
        executed = f", {wanted - cancelled} executed" if cancelled < wanted else ""
        self._text = (
            f"HALT confirmed at {utc_time(now)}Z: {cancelled} of {wanted} entries"
            f" cancelled{executed}, 0 open, {self._kept()}"
        )
        return note(Severity.CRITICAL, "halt.confirmed", self._text, time_ms=now)

    # --- words ----------------------------------------------------------------------------------

    def _present_stage(self) -> KillStage:
        if self._has_told_trouble:
            return KillStage.TROUBLE
        if self._own() or self._foreign():
            return KillStage.CANCELLING
        if self._is_flat_wanted and self._not_flat():
            return KillStage.FLATTENING
        return KillStage.VERIFYING

    def _still_open(self) -> list[str]:
        names = [order.client_order_id for order in self._own()]
        return [*names, *(name_of(one) for one in self._foreign())]

    def _cancelled(self) -> int:
        """Of those that were to be cancelled what has ended without being executed in full."""
        still_open = set(self._still_open())
        ended = [name for name in self._names if name not in still_open]
        return sum(not self._is_executed(name) for name in ended)

    def _is_executed(self, name: str) -> bool:
        register = self._state.register
        order = register.of(name)
        if order is None:
            return name in register.others.executed
        return order.state is OrderState.FILLED

    def _kept(self) -> str:
        holdings = self._state.portfolio.holdings()
        if not holdings:
            return "flat"
        guards = [self._state.protection.guard(one.symbol) for one in holdings]
        naked = [guard.symbol for guard in guards if guard.cover is not Cover.VERIFIED]
        count = len(holdings)
        kept = f"{count} position kept, its stop" if count == 1 else f"{count} positions kept,"
        if naked:
            which = "" if count == 1 else f" stop of {', '.join(naked)}"
            return f"{kept}{which} NOT verified"
        return f"{kept} verified" if count == 1 else f"{kept} their stops verified"

    def _missing(self) -> str:
        still_open = len(self._still_open())
        if still_open:
            return f"{still_open} of {len(self._names)} entries are not known to be gone"
        held = len(self._not_flat())
        if self._is_flat_wanted and held:
            return f"{held} positions are not flat"
        return "the venue has not answered for the account"


def name_of(report: OpenOrder) -> str:
    """Its client id, or the venue's number where it has none."""
    if report.client_order_id:
        return report.client_order_id
    return str(report.algo_id if isinstance(report, AlgoReport) else report.order_id)


def _cancel_waiting(reports: Iterable[OpenOrder]) -> list[Effect]:
    """Those that wait for a trigger: no request cancels them all and leaves the stops."""
    return [
        Cancel(client_order_id=one.client_order_id, symbol=one.symbol, is_algo=True)
        for one in reports
        if isinstance(one, AlgoReport) and one.client_order_id
    ]
