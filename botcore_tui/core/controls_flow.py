"""Controls of how often: repeats, our own orders, rates; P16-P18, P20."""

from decimal import Decimal
from typing import Final

from botcore_tui.core.controls import Control, Reading
from botcore_tui.core.gate_terms import Denial, Proposal, Surroundings
from botcore_tui.model.market import Side
from botcore_tui.model.order import OrderRequest, OrderType

_HUNDRED: Final = Decimal(100)
_REACH_PCT: Final = Decimal(1)
"""How far beyond the mark a MARKET order may reach our own orders, where P08 sets no bound."""


# --- P16 -----------------------------------------------------------------------------------------


def used_once(proposal: Proposal, around: Surroundings) -> Denial | None:
    """P16: no order of that id was ever made; for every order."""
    if not around.is_used_id:
        return None
    name = proposal.request.client_order_id
    return Denial("P16", f"order id {name} was used before", observed="used")


def not_a_repeat(proposal: Proposal, around: Surroundings) -> Denial | None:
    """P16: neither this order nor one just like it was asked for within a second."""
    wanted = _essence(proposal.request)
    if all(_essence(earlier) != wanted for earlier in around.last_requests):
        return used_once(proposal, around)
    text = "the same order was asked for less than a second ago"
    return Denial("P16", text, observed="a repeat", remedy="wait a second if it is meant")


def _essence(request: OrderRequest) -> tuple[object, ...]:
    return (
        request.actor,
        request.symbol,
        request.side,
        request.type,
        request.price,
        request.quantity,
    )


def _see_repeat(_proposal: Proposal, around: Surroundings) -> Reading:
    return Reading(f"{len(around.last_requests)} orders in the last second", "none the same")


# --- P17 -----------------------------------------------------------------------------------------


def no_self_match(proposal: Proposal, around: Surroundings) -> Denial | None:
    """P17: it would not meet an order of our own."""
    request, mark = proposal.request, around.mark
    if not around.own_opposite or mark is None:
        return None
    is_buy = request.side is Side.BUY
    reach = request.price
    if request.type is not OrderType.LIMIT or reach is None:
        slip = (around.limits.slippage_pct or _REACH_PCT) / _HUNDRED
        reach = mark * (1 + slip if is_buy else 1 - slip)
    met = min(around.own_opposite) if is_buy else max(around.own_opposite)
    if met > reach if is_buy else met < reach:
        return None
    text = f"it would meet our own order at {met:f}"
    return Denial("P17", text, observed=f"{met:f}", remedy="cancel that one first")


def _see_own(_proposal: Proposal, around: Surroundings) -> Reading:
    return Reading(f"{len(around.own_opposite)} of ours on the other side", "none is met")


# --- P18 -----------------------------------------------------------------------------------------


def message_rate(proposal: Proposal, around: Surroundings) -> Denial | None:
    """P18: entries leave the reserve for reducing orders; strategies have a rate of their own."""
    for tokens, kept, who in (
        (around.strategy_tokens, Decimal(0), f"strategy {proposal.request.actor}"),
        (around.account_tokens, around.account_reserve, "the account"),
    ):
        if tokens is not None and not tokens - kept >= 1:
            text = f"{who} sends too many orders"
            return Denial("P18", text, "one at a time", f"{tokens:.1f} left", "wait a second")
    return None


def reserve_rate(_proposal: Proposal, around: Surroundings) -> Denial | None:
    """P18 for what reduces: the reserve too."""
    tokens = around.account_tokens
    if tokens is None or tokens >= 1:
        return None
    text = "the account sends too many orders"
    return Denial("P18", text, "one at a time", f"{tokens:.1f} left", "wait a second")


def _see_rate(_proposal: Proposal, around: Surroundings) -> Reading:
    tokens = around.account_tokens
    if tokens is None:
        return Reading("not watched", "")
    return Reading(f"{tokens:.1f} may be sent now", f"{around.account_reserve:.1f} are kept")


# --- P20 -----------------------------------------------------------------------------------------


def orders_lead_to_fills(_proposal: Proposal, around: Surroundings) -> Denial | None:
    """P20: not too many orders for each that was filled, over ten minutes."""
    limit = around.limits.orders_per_fill
    if limit is None:
        return None
    most = limit * max(1, around.fills_10min)
    if around.orders_10min < most:
        return None
    seen = f"{around.orders_10min} orders, {around.fills_10min} filled"
    text = f"{seen} in 10 minutes"
    return Denial("P20", text, f"at most {limit} for each", seen, "wait some minutes")


def _see_ratio(_proposal: Proposal, around: Surroundings) -> Reading:
    limit = around.limits.orders_per_fill
    if limit is None:
        return Reading("not watched", "")
    return Reading(f"{around.orders_10min} orders, {around.fills_10min} filled", f"{limit} each")


P16: Final = Control("P16", "duplicate", not_a_repeat, _see_repeat)
P16_REDUCING: Final = Control("P16", "duplicate", used_once, _see_repeat)
P17: Final = Control("P17", "self-match", no_self_match, _see_own)
P18: Final = Control("P18", "message rate", message_rate, _see_rate)
P18_REDUCING: Final = Control("P18", "message rate", reserve_rate, _see_rate)
P20: Final = Control("P20", "orders per fill", orders_lead_to_fills, _see_ratio)
