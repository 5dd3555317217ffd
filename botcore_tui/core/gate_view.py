"""What the gate looks at, gathered from everything that is known at this instant."""

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from botcore_tui.core.gate_terms import Surroundings
from botcore_tui.core.market import SymbolMarket
from botcore_tui.model.market import BookState, Level, Side
from botcore_tui.model.order import OrderRequest, OrderType

if TYPE_CHECKING:  # it asks this module, which only reads it
    from botcore_tui.core.account_state import AccountState

_ZERO: Final = Decimal(0)
_DEPTH: Final = 50
"""Levels that a MARKET order is measured against."""


def surroundings(state: "AccountState", request: OrderRequest) -> Surroundings:
    """Everything about an order that is asked for now."""
    symbol, side, now = request.symbol, request.side, state.time_ms
    settings, register, conduct = state.settings, state.register, state.conduct
    market = _market(state.market.by_symbol.get(symbol), side)
    working = state.working()
    exposed = working.exposed(state.portfolio.holdings())
    position = state.portfolio.quantity(symbol)
    mark = state.mark(symbol)
    gross = working.gross(exposed, state.portfolio.quantity, state.mark)
    told_ms, seen_ms = state.rules_ms.get(symbol), state.mark_seen_ms(symbol)
    return Surroundings(
        limits=state.limits,
        is_trading_enabled=settings.is_trading_enabled,
        state=state.standing.state,
        symbols=settings.symbols,
        rules=state.rules.get(symbol),
        rules_age_ms=None if told_ms is None else now - told_ms,
        mark=mark,
        mark_age_ms=None if seen_ms is None else now - seen_ms,
        mark_skew_ms=_less(seen_ms, market.mark_ms),
        position=position,
        opposing=working.exposure(symbol, side.opposite),
        working=working.worst(symbol, side),
        working_beyond=working.beyond(symbol, side, max(mark or _ZERO, request.price or _ZERO)),
        gross_notional=gross,
        unmarked=() if gross is not None else _unmarked(state, exposed),
        exposed_symbols=exposed,
        equity=state.equity(),
        trouble=state.trouble(symbol),
        is_ledger_writable=state.is_ledger_writable,
        last_requests=tuple(state.requests),
        time_ms=now,
        is_real_money=settings.is_real_money,
        binding_trouble=state.binding_trouble,
        state_reason=state.standing.reason,
        latched=min(state.breakers.latched, default=""),
        breaker_denial=state.breakers.entry_denial(is_add=position != 0),
        day_left=state.breakers.day_left,
        is_budget_watched=True,
        phase_trouble=state.tenure.trouble(),
        has_phase=state.tenure.rules is not None,
        capital=state.tenure.capital,
        minute_volume=state.volumes.median(symbol, now),
        is_book_live=market.is_live,
        book_trouble=market.book_trouble,
        bid=market.bid,
        ask=market.ask,
        depth=market.depth if request.type is not OrderType.LIMIT else (),
        venue_leverage=state.leverages.get(symbol),
        margin_type=state.margin_types.get(symbol, ""),
        is_one_way=state.is_one_way,
        own_opposite=working.prices(symbol, side.opposite),
        open_orders=working.in_book(symbol),
        open_algo_orders=working.conditional,
        is_used_id=register.is_used(request.client_order_id),
        strategy_tokens=conduct.strategy_tokens(request.actor, now),
        account_tokens=conduct.account_tokens(now),
        account_reserve=conduct.reserve,
        disabled=conduct.trouble(request.actor),
        orders_10min=conduct.orders_10min(now),
        fills_10min=conduct.fills_10min(now),
        funding_rate=market.funding_rate,
        funding_time_ms=market.funding_ms,
        clock=state.clock,
        overrides=state.overrides.rows,
    )


def _unmarked(state: "AccountState", symbols: frozenset[str]) -> tuple[str, ...]:
    return tuple(sorted(symbol for symbol in symbols if state.mark(symbol) is None))


class _Market(Struct, frozen=True, kw_only=True):
    is_live: bool = False
    book_trouble: str = "nothing came yet"
    bid: float | None = None
    ask: float | None = None
    depth: tuple[Level, ...] = ()
    mark_ms: int | None = None
    funding_rate: Decimal | None = None
    funding_ms: int = 0


_NOTHING: Final = _Market()


def _market(market: SymbolMarket | None, side: Side) -> _Market:
    if market is None:
        return _NOTHING
    book, mark = market.book, market.mark
    is_live = book.state is BookState.LIVE
    taken = book.asks if side is Side.BUY else book.bids
    return _Market(
        is_live=is_live,
        book_trouble="" if is_live else book.reason or str(book.state),
        bid=book.bids.best if is_live else None,
        ask=book.asks.best if is_live else None,
        depth=tuple(taken.top(_DEPTH)) if is_live else (),
        mark_ms=None if mark is None else mark.time_ms,
        funding_rate=None if mark is None else mark.funding_rate,
        funding_ms=0 if mark is None else mark.next_funding_ms,
    )


def _less(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one - other
