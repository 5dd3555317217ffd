"""Controls of how much: P06, P07, P11, P12."""

from decimal import Decimal
from typing import Final

from botcore_tui.core.controls import (
    Control,
    Reading,
    reference,
    usdt,
    worst_worth,
    worth,
    worth_unknown,
)
from botcore_tui.core.gate_terms import Denial, Proposal, Surroundings
from botcore_tui.model.market import Side

_HUNDRED: Final = Decimal(100)
_FOR_ACCOUNT: Final = "wait for the account"


# --- P06 -----------------------------------------------------------------------------------------


def order_quantity(proposal: Proposal, around: Surroundings) -> Denial | None:
    """P06: no more than a share of what is traded in a minute.

    Where minutes are not known yet nothing follows from them: P07, P11, P12 and P15 bound the
    order in money, and P08 by the book.
    """
    share, volume = around.limits.volume_share_pct, around.minute_volume
    if share is None or volume is None:
        return None
    most, quantity = volume * share / _HUNDRED, proposal.request.quantity
    if quantity <= most:
        return None
    limit = f"at most {most:.6g} = {share:f} % of a minute's median volume"
    return Denial("P06", f"quantity {quantity:f}", limit, f"{quantity:f}", "take less at once")


def _see_quantity(proposal: Proposal, around: Surroundings) -> Reading:
    share, volume = around.limits.volume_share_pct, around.minute_volume
    if share is None:
        return Reading("not watched", "")
    limit = "unknown" if volume is None else f"{volume * share / _HUNDRED:.6g}"
    return Reading(f"{proposal.request.quantity:f}", f"{limit} = {share:f} % of a minute")


# --- P07 -----------------------------------------------------------------------------------------


def order_value(proposal: Proposal, around: Surroundings) -> Denial | None:
    """P07: worth no more than configured, and than a share of the phase's capital x leverage."""
    limits = around.limits
    if not limits.max_order_notional and not around.has_phase:
        return None
    if around.mark is None:
        return None  # P09 says so
    value, seen = _value(proposal, around), ""
    if limits.max_order_notional and not value <= limits.max_order_notional:
        seen = usdt(value)
        limit = f"at most {limits.max_order_notional:f} (risk.max_order_notional)"
        return Denial("P07", f"worth {seen}", limit, seen, "take less")
    if not around.has_phase or limits.order_share_pct is None:
        return None
    most = order_share(around)
    if most is None:
        return Denial("P07", "the phase's capital is not known", remedy=_FOR_ACCOUNT)
    if value <= most:
        return None
    seen = usdt(value)
    limit = f"at most {most:.2f} = {limits.order_share_pct:f} % of capital x leverage"
    return Denial("P07", f"worth {seen}", limit, seen, "take less")


def _value(proposal: Proposal, around: Surroundings) -> Decimal:
    """What it costs or brings at most: a sale executes at its price or any better one."""
    is_buy = proposal.request.side is Side.BUY
    return (worth if is_buy else worst_worth)(proposal.request, around)


def order_share(around: Surroundings) -> Decimal | None:
    """Quote units that one order may be worth in a phase; None if its capital is not known."""
    limits = around.limits
    if around.capital is None or limits.order_share_pct is None:
        return None
    return around.capital * limits.max_leverage * limits.order_share_pct / _HUNDRED


def _see_value(proposal: Proposal, around: Surroundings) -> Reading:
    value = usdt(None if around.mark is None else _value(proposal, around))
    most = [around.limits.max_order_notional] if around.limits.max_order_notional else []
    if around.has_phase:
        share = order_share(around)
        if share is None:
            return Reading(value, "unknown")
        most.append(share)
    return Reading(value, usdt(min(most)) if most else "none")


# --- P11 -----------------------------------------------------------------------------------------


def position_limit(proposal: Proposal, around: Surroundings) -> Denial | None:
    """P11: an entry does not go through zero, and one contract takes no more than its share."""
    position = around.position
    is_buy = proposal.request.side is Side.BUY
    if position != 0 and (position > 0) is not is_buy:
        text = f"the position is {position:f}"
        return Denial(
            "P11", text, observed=f"{position:f}", remedy="close it first, or reduce only"
        )
    if around.opposing:
        text = f"entries of {around.opposing:f} on the other side may still fill"
        return Denial("P11", text, observed=f"{around.opposing:f}", remedy="cancel them first")
    worst, most = _worst(proposal, around), _symbol_most(around)
    if worst is None or most is None:
        return worth_unknown("P11", around)
    if worst <= most:
        return None
    limit = f"at most {most:.2f} = {around.limits.symbol_share_pct:f} % of equity x leverage"
    text = f"{proposal.request.symbol} would be worth {worst:.2f} USDT"
    return Denial("P11", text, limit, usdt(worst), "take less")


def _worst(proposal: Proposal, around: Surroundings) -> Decimal | None:
    if around.mark is None:
        return None
    price = max(around.mark, reference(proposal.request, around))
    quantity = abs(around.position) + around.working + proposal.request.quantity
    return quantity * price + around.working_beyond


def _symbol_most(around: Surroundings) -> Decimal | None:
    equity, limits = around.equity, around.limits
    if equity is None:
        return None
    return equity * limits.max_leverage * limits.symbol_share_pct / _HUNDRED


def _see_position(proposal: Proposal, around: Surroundings) -> Reading:
    return Reading(usdt(_worst(proposal, around)), usdt(_symbol_most(around)))


# --- P12 -----------------------------------------------------------------------------------------


def exposure(proposal: Proposal, around: Surroundings) -> Denial | None:
    """P12: worst case of all positions and entries within equity x leverage, in few contracts."""
    equity, gross = around.equity, around.gross_notional
    if equity is None or gross is None or around.mark is None:
        return worth_unknown("P12", around)
    if not equity > 0:
        text, seen = "there is no equity to trade with", usdt(equity)
        return Denial("P12", text, "above zero", seen, _FOR_ACCOUNT)
    total = gross + worst_worth(proposal.request, around)
    most = equity * around.limits.max_leverage
    if not total <= most:
        return Denial(
            "P12",
            f"all positions and entries would be worth {total:.2f} USDT",
            f"at most {most:.2f} = equity x risk.max_leverage {around.limits.max_leverage:f}",
            usdt(total),
            "take less, or close something",
        )
    count = _count(proposal, around)
    if count <= around.limits.max_positions:
        return None
    limit = f"at most {around.limits.max_positions} (risk.max_positions)"
    return Denial("P12", f"{count} positions at once", limit, str(count), "close one first")


def _count(proposal: Proposal, around: Surroundings) -> int:
    return len(around.exposed_symbols | {proposal.request.symbol})


def _see_exposure(proposal: Proposal, around: Surroundings) -> Reading:
    limits, equity = around.limits, around.equity
    most = None if equity is None else equity * limits.max_leverage
    gross, total = around.gross_notional, None
    if gross is not None and around.mark is not None:
        total = gross + worst_worth(proposal.request, around)
    seen = f"no mark of {', '.join(around.unmarked)}" if around.unmarked else usdt(total)
    return Reading(
        f"{seen} in {_count(proposal, around)} with it",
        f"{usdt(most)}, {limits.max_positions} contracts",
    )


P06: Final = Control("P06", "order quantity", order_quantity, _see_quantity)
P07: Final = Control("P07", "order value", order_value, _see_value)
P11: Final = Control("P11", "position limit", position_limit, _see_position)
P12: Final = Control("P12", "exposure", exposure, _see_exposure)
