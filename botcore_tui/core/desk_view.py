"""The account as the screen shows it: what the venue confirmed, told apart from what is wanted."""

from decimal import Decimal
from typing import Final

from botcore_tui.core.account_state import AccountState
from botcore_tui.core.anchors import DAY
from botcore_tui.core.orders import Order
from botcore_tui.core.portfolio import Holding
from botcore_tui.model.order import AlgoReport, OrderReport, OrderState, Purpose
from botcore_tui.model.risk import RiskView
from botcore_tui.model.trading import AccountView, Cover, MoneyView, OrderView, PositionView

_ENDED_SHOWN: Final = 30
_HUNDRED: Final = 100


def account_view(state: AccountState, *, strategy: str, risk: RiskView | None) -> AccountView:
    """Build the view.

    Args:
        state: Of the account.
        strategy: What to say of it.
        risk: What limits trading.
    """
    holdings = sorted(state.portfolio.holdings(), key=lambda holding: holding.symbol)
    ended = state.register.recent(_ENDED_SHOWN)
    opened = sorted(state.register.open(), key=lambda order: order.created_ms, reverse=True)
    return AccountView(
        account=state.account,
        run_id=state.run_id,
        is_stream_up=state.is_stream_up,
        is_reconciled=state.is_reconciled,
        reconciled_ns=0,
        trouble=state.trouble(),
        is_ledger_writable=state.is_ledger_writable,
        money=_money(state),
        positions=tuple(_position(state, holding) for holding in holdings),
        orders=(
            *(_order(order) for order in opened),
            *(
                _foreign(report, state.register.others.since_ms(report))
                for report in state.register.foreign.values()
            ),
            *(_order(order) for order in ended),
        ),
        fills=tuple(state.fills),
        answers=tuple(state.answers),
        unknown_orders=len(state.register.unknown()),
        foreign_orders=len(state.register.foreign),
        unprotected_seconds_today=state.protection.unprotected_ms / 1000,
        denied=state.denied,
        rejected=state.rejected,
        strategy=strategy,
        risk=risk,
        wishes=state.wishes,
    )


def _money(state: AccountState) -> MoneyView | None:
    books = state.portfolio
    shown = {symbol: state.shown_mark(symbol) for symbol in books.valued()}
    known = {symbol: pair for symbol, pair in shown.items() if pair is not None}
    equity = books.equity({symbol: mark for symbol, (mark, _) in known.items()})
    wallet = books.worth.settled_wallet()
    if wallet is None or equity is None:
        return None
    # One truth for every screen: that by which trading is halted.
    breakers = state.breakers
    percent = breakers.day_profit_pct
    return MoneyView(
        wallet=wallet,
        unrealized=equity - wallet,
        equity=equity,
        available=books.available,
        day_start_equity=breakers.anchors.base(DAY),
        day_pnl=breakers.day_profit,
        day_pnl_pct=None if percent is None else float(percent),
        realized_today=books.realized_today,
        fees_today=books.fees_today,
        funding_today=books.funding_today,
        realized_run=books.realized_run,
        fees_run=books.fees_run,
        funding_run=books.funding_run,
        as_of_ns=0,
        mark_age_ms=max((age_ms for _, age_ms in known.values()), default=0),
    )


def _position(state: AccountState, holding: Holding) -> PositionView:
    mark, mark_age_ms = state.shown_mark(holding.symbol) or (None, None)
    guard = state.protection.guard(holding.symbol)
    quantity, entry = holding.quantity, holding.entry_price
    unrealized = None if mark is None else state.portfolio.unrealized(holding, mark)
    cost = abs(quantity) * entry
    liquidation = None if holding.is_liquidation_past else holding.liquidation_price
    is_verified = guard.cover is Cover.VERIFIED
    stop = guard.verified_price if is_verified else guard.stop_price
    return PositionView(
        symbol=holding.symbol,
        quantity=quantity,
        entry_price=entry,
        mark=mark,
        mark_age_ms=mark_age_ms,
        notional=None if mark is None else abs(quantity) * mark,
        unrealized=unrealized,
        unrealized_pct=float(unrealized / cost * _HUNDRED)
        if unrealized is not None and cost
        else None,
        liquidation_price=liquidation,
        liquidation_pct=(
            float(abs(mark - liquidation) / mark * _HUNDRED)
            if mark is not None and liquidation is not None
            else None
        ),
        cover=guard.cover,
        stop_price=stop,
        target_price=guard.target_price,
        trail_pct=guard.trail_pct,
        risk=None if stop is None or mark is None else (mark - stop) * quantity,
        unprotected_seconds=guard.unprotected_ms / 1000,
        realized=holding.realized,
        fees=holding.fees,
        has_other_fees=holding.has_other_fees,
        funding=holding.funding,
        opened_ms=holding.opened_ms,
        tag=holding.tag,
        confirmed_ns=0,
    )


def _order(order: Order) -> OrderView:
    request = order.request
    return OrderView(
        client_order_id=request.client_order_id,
        symbol=request.symbol,
        side=request.side,
        type=request.type,
        purpose=request.purpose,
        quantity=Decimal(0) if request.close_position else order.quantity,
        filled_quantity=order.filled_quantity,
        price=order.price,
        trigger_price=request.trigger_price,
        state=order.state,
        is_cancel_requested=order.is_cancel_requested and not order.is_terminal,
        is_algo=request.is_algo,
        is_verified=order.is_verified or request.purpose is not Purpose.STOP,
        created_ms=order.created_ms,
        changed_ms=order.changed_ms,
        reason=order.reason or request.reason,
    )


def _foreign(report: OrderReport | AlgoReport, since_ms: int) -> OrderView:
    is_algo = isinstance(report, AlgoReport)
    filled = Decimal(0) if isinstance(report, AlgoReport) else report.filled_quantity
    price = None if isinstance(report, AlgoReport) else report.price or None
    trigger = report.trigger_price if isinstance(report, AlgoReport) else None
    return OrderView(
        client_order_id=report.client_order_id,
        symbol=report.symbol,
        side=report.side,
        type=report.type,
        purpose=None,
        quantity=report.quantity,
        filled_quantity=filled,
        price=price,
        trigger_price=trigger,
        state=OrderState.OPEN,
        is_cancel_requested=False,
        is_algo=is_algo,
        is_verified=True,
        created_ms=since_ms,
        changed_ms=report.time_ms or since_ms,
        reason="not ours: read only",
    )
