"""The part of the cockpit that asks for orders: questions first, commands then, answers last.

Nothing here acts on a key alone. What was asked for is called requested; only the engine's answer
says that it was taken on, and only the panes say what the venue confirmed.
"""

import logging
from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Final

from msgspec import Struct
from textual import on

from botcore_tui.model.command import (
    CancelOrder,
    ClosePosition,
    DeskCommand,
    MoveStop,
    PlaceOrder,
    Resume,
)
from botcore_tui.model.event import Answer, Severity
from botcore_tui.model.market import Side
from botcore_tui.model.order import Purpose
from botcore_tui.model.snapshot import LogLine, Snapshot
from botcore_tui.model.trading import OrderView, PositionView
from botcore_tui.ui import format as fmt
from botcore_tui.ui.live import LiveApp
from botcore_tui.ui.panes.account import (
    HOW_TO_TRADE,
    MARKET_ONLY,
    price_text,
    quantity_text,
    side_of,
    side_text,
)
from botcore_tui.ui.panes.cells import printable
from botcore_tui.ui.panes.orders import CancelAsked
from botcore_tui.ui.panes.positions import CloseAsked, MoveStopAsked
from botcore_tui.ui.screens.flatten import FlattenDialog
from botcore_tui.ui.screens.form import FormDialog
from botcore_tui.ui.screens.ledger import LedgerScreen
from botcore_tui.ui.screens.question import Question
from botcore_tui.ui.screens.report import ReportScreen
from botcore_tui.ui.screens.stop import StopDialog
from botcore_tui.ui.screens.ticket import OrderTicket
from botcore_tui.ui.ticket import Wanted

logger = logging.getLogger(__name__)

_SECOND_NS: Final = 1_000_000_000
_LATE_NS: Final = 3 * _SECOND_NS
_FORGOTTEN_NS: Final = 120 * _SECOND_NS
_FORM_NS: Final = _SECOND_NS // 2
_REPORT_NS: Final = _SECOND_NS // 4
_REASON: Final = "by hand in the cockpit"
_REPORTS: Final = (ReportScreen, LedgerScreen)
_FOLLOWING: Final = (FormDialog, Question, FlattenDialog)
"""What says something of prices, positions and money while it is open."""


class _Pending(Struct):
    """A command that no answer has come to."""

    text: str
    asked_ns: int
    is_reported: bool = False


class TradingApp(LiveApp):
    """Shows what an engine publishes, and sends what a person asked for and confirmed."""

    _pending: dict[str, _Pending]

    def on_mount(self) -> None:
        """Begin with nothing asked for."""
        # Textual calls what the base class does by itself; a call here would do it twice.
        self._pending = {}

    def frame(self) -> None:
        """Also look for answers, and let a form follow the market."""
        super().frame()
        if self.latest is None:
            return
        self._take_answers(self.latest)
        over, now_ns = self.screen, self.clock_ns()
        if isinstance(over, _FOLLOWING) and self._pace.is_due("form", now_ns, _FORM_NS):
            over.show(self.latest)
        # A question above a report leaves that in sight, and its ages must stay true.
        reports = [each for each in self.screen_stack if isinstance(each, _REPORTS)]
        if reports and self._pace.is_due("report", now_ns, _REPORT_NS):
            for report in reports:
                report.show(self.latest, is_halting=self.is_halting)

    def take_lines(self, lines: Sequence[LogLine]) -> None:
        """What is CRITICAL is seen on a report as well."""
        if isinstance(self.screen, ReportScreen):
            self.screen.show_lines(lines)

    def push_report(self, report: ReportScreen | LedgerScreen) -> None:
        """Open a screen under a status band; it follows the pictures from the next one on."""
        self._pace.hurry("report")
        self.push_screen(report)

    # --- questions -----------------------------------------------------------------------------

    def action_buy(self) -> None:
        """Fill in a ticket to buy."""
        self._open_ticket(Side.BUY)

    def action_sell(self) -> None:
        """Fill in a ticket to sell."""
        self._open_ticket(Side.SELL)

    def action_ledger(self) -> None:
        """Read the ledger."""
        self.push_report(LedgerScreen(self.settings.ledger, clock_ns=self.clock_ns))

    def _open_ticket(self, side: Side) -> None:
        snapshot = self._account_picture()
        if snapshot is None:
            return
        settings = self.settings
        ticket = OrderTicket(
            side, snapshot, taker_pct=settings.taker_fee_pct, arm_seconds=settings.arm_seconds
        )
        self.push_screen(ticket, partial(self._place, snapshot.symbol))

    def _account_picture(self) -> Snapshot | None:
        if self.latest is None or self.latest.account is None:
            why = f"{MARKET_ONLY}: {HOW_TO_TRADE}" if self.latest else "no picture yet"
            self.alert(f"no orders here; {why}", Severity.WARNING)
            return None
        return self.latest

    @on(CloseAsked)
    def _ask_close(self, event: CloseAsked) -> None:
        snapshot, position = self.latest, event.position
        if snapshot is None:
            return
        question = Question(
            "Close position",
            _close_lines(snapshot, position),
            label="Close at market",
            arm_seconds=self.settings.arm_seconds,
            follow=partial(_close_lines_now, position.symbol),
        )
        self.push_screen(question, partial(self._close, position))

    @on(CancelAsked)
    def _ask_cancel(self, event: CancelAsked) -> None:
        snapshot, order = self.latest, event.order
        if snapshot is None:
            return
        if why := _uncancellable(order):
            self.alert(f"nothing to cancel: {why}", Severity.WARNING)
            return
        question = Question(
            "Cancel order",
            _cancel_lines(snapshot, order),
            label="Cancel the order",
            arm_seconds=self.settings.arm_seconds,
            follow=partial(_cancel_lines_now, order.client_order_id),
        )
        self.push_screen(question, partial(self._cancel, order))

    @on(MoveStopAsked)
    def _ask_stop(self, event: MoveStopAsked) -> None:
        if self.latest is not None:
            dialog = StopDialog(event.position, self.latest, arm_seconds=self.settings.arm_seconds)
            self.push_screen(dialog, partial(self._move_stop, event.position))

    # --- commands ------------------------------------------------------------------------------

    def _place(self, symbol: str, wanted: Wanted | None) -> None:
        if wanted is None:
            return
        command = PlaceOrder(
            command_id=self.settings.command_ids(),
            actor=self.settings.actor,
            symbol=symbol,
            side=wanted.side,
            type=wanted.type,
            quantity=wanted.quantity,
            price=wanted.price,
            stop_price=wanted.stop_price,
            target_price=wanted.target_price,
            trail_pct=wanted.trail_pct,
            reduce_only=wanted.reduce_only,
            reason=_REASON,
            time_ms=self.clock.now_ms(),
        )
        text = f"{wanted.side} {fmt.exact(wanted.quantity)} {printable(symbol)} {wanted.type}"
        self.ask(command, text)

    def _close(self, asked: PositionView, is_confirmed: bool | None) -> None:
        if not is_confirmed:
            return
        now = self._position(asked.symbol)
        if now is None or (now.quantity > 0) != (asked.quantity > 0):
            self.refuse("the position is not what it was")
            return
        command = ClosePosition(
            command_id=self.settings.command_ids(),
            actor=self.settings.actor,
            symbol=asked.symbol,
            reason=_REASON,
            time_ms=self.clock.now_ms(),
        )
        self.ask(command, f"close {printable(asked.symbol)}")

    def _cancel(self, asked: OrderView, is_confirmed: bool | None) -> None:
        if not is_confirmed:
            return
        account = self.latest.account if self.latest is not None else None
        orders = account.orders if account is not None else ()
        now = [each for each in orders if each.client_order_id == asked.client_order_id]
        if not now or now[0].state.is_terminal:
            self.refuse("the order has ended")
            return
        command = CancelOrder(
            command_id=self.settings.command_ids(),
            actor=self.settings.actor,
            client_order_id=asked.client_order_id,
            reason=_REASON,
            time_ms=self.clock.now_ms(),
        )
        self.ask(command, f"cancel {printable(asked.client_order_id)}")

    def _move_stop(self, asked: PositionView, price: Decimal | None) -> None:
        if price is None:
            return
        now = self._position(asked.symbol)
        if now is None or (now.quantity > 0) != (asked.quantity > 0):
            self.refuse("the position is not what it was")
            return
        command = MoveStop(
            command_id=self.settings.command_ids(),
            actor=self.settings.actor,
            symbol=asked.symbol,
            stop_price=price,
            reason=_REASON,
            time_ms=self.clock.now_ms(),
        )
        self.ask(command, f"stop of {printable(asked.symbol)} to {fmt.exact(price)}")

    def _position(self, symbol: str) -> PositionView | None:
        account = self.latest.account if self.latest is not None else None
        positions = account.positions if account is not None else ()
        return next((each for each in positions if each.symbol == symbol), None)

    def refuse(self, why: str) -> None:
        """Say that nothing was sent, and why."""
        self.alert(f"nothing was sent: {why}", Severity.WARNING)

    def ask(self, command: DeskCommand | Resume, text: str, *, is_answered: bool = True) -> None:
        """Send a command that a person confirmed, and look for its answer.

        Args:
            command: The command.
            text: What it is about, for people.
            is_answered: Whether there is somebody to answer it.
        """
        if is_answered:
            self._pending[command.command_id] = _Pending(text, self.clock_ns())
        logger.info("requested: %s (%s)", text, command.command_id)
        if isinstance(command, Resume):
            name = command.command_id if is_answered else ""
            self.engine.resume(command.actor, command.reason, command_id=name)
        else:
            self.engine.send(command)
        self.alert(f"requested: {text}")

    # --- answers -------------------------------------------------------------------------------

    def _take_answers(self, snapshot: Snapshot) -> None:
        if not self._pending:
            return
        for answer in snapshot.account.answers if snapshot.account is not None else ():
            if pending := self._pending.pop(answer.command_id, None):
                self._show_answer(pending, answer)
        now_ns = self.clock_ns()
        for name, pending in list(self._pending.items()):
            waited_ns = now_ns - pending.asked_ns
            if waited_ns > _FORGOTTEN_NS:
                del self._pending[name]
            elif waited_ns > _LATE_NS and not pending.is_reported:
                pending.is_reported = True
                self.alert(
                    f"no answer after {fmt.age(waited_ns)}: {pending.text}", Severity.WARNING
                )

    def _show_answer(self, pending: _Pending, answer: Answer) -> None:
        if answer.is_accepted:
            logger.info("accepted: %s (%s) %s", pending.text, answer.command_id, answer.text)
            # What was taken on, which need not be what was typed: a stop goes onto a tick.
            self.alert(f"accepted: {answer.text or pending.text}")
            return
        code = f" ({answer.code})" if answer.code else ""
        text = f"refused: {pending.text}: {answer.text}{code}"
        logger.warning("%s (%s)", text, answer.command_id)
        self.alert(text, Severity.WARNING)


def _close_lines(snapshot: Snapshot, position: PositionView) -> list[str]:
    symbol, environment = printable(position.symbol), printable(snapshot.environment).upper()
    entry = price_text(snapshot, position.symbol, position.entry_price)
    mark = price_text(snapshot, position.symbol, position.mark)
    arrow, _ = side_of(position.quantity)
    quantity = quantity_text(snapshot, position.symbol, position.quantity)
    return [
        f"{environment}: {symbol} {arrow} {quantity} at {entry}",
        f"mark {mark}  uPnL {fmt.signed(position.unrealized)}",
        "All of it is closed at market, and entries that rest in it are cancelled.",
        "Its stop stays until the venue confirms it flat.",
    ]


def _close_lines_now(symbol: str, snapshot: Snapshot) -> list[str]:
    positions = snapshot.account.positions if snapshot.account is not None else ()
    position = next((each for each in positions if each.symbol == symbol), None)
    if position is None:
        return [f"{printable(symbol)}: the position is closed"]
    return _close_lines(snapshot, position)


def _cancel_lines(snapshot: Snapshot, order: OrderView) -> list[str]:
    lines = [f"{printable(snapshot.environment).upper()}: {_order_text(snapshot, order)}"]
    if order.purpose is Purpose.STOP:
        lines.append("It protects a position: refused unless another stop is verified.")
    return lines


def _cancel_lines_now(client_order_id: str, snapshot: Snapshot) -> list[str]:
    orders = snapshot.account.orders if snapshot.account is not None else ()
    found = (each for each in orders if each.client_order_id == client_order_id)
    order = next((each for each in found if each.purpose is not None), None)
    if order is None:
        return [f"order {printable(client_order_id)} has ended"]
    return _cancel_lines(snapshot, order)


def _uncancellable(order: OrderView) -> str:
    if order.purpose is None:
        return "the order is not ours; it is shown read-only"
    if order.state.is_terminal:
        return f"the order is {order.state}"
    return "its cancel is requested already" if order.is_cancel_requested else ""


def _order_text(snapshot: Snapshot, order: OrderView) -> str:
    price = order.trigger_price or order.price
    at = f" at {price_text(snapshot, order.symbol, price)}" if price else ""
    what = quantity_text(snapshot, order.symbol, order.quantity) if order.quantity else "all"
    purpose = order.purpose.value if order.purpose is not None else "foreign"
    side, _ = side_text(order.side)
    return (
        f"{purpose} {side} {what} {printable(order.symbol)} {printable(str(order.type))}{at},"
        f" {order.state.value}"
    )
