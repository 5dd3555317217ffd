"""Controls of what may be lost: leverage at the venue, liquidation, the stop; P13-P15."""

from decimal import Decimal
from typing import Final

from botcore_tui.core.controls import Control, Reading, reference, usdt, worst_worth, worth_unknown
from botcore_tui.core.gate_terms import Denial, Proposal, Surroundings
from botcore_tui.model.market import Side

_HUNDRED: Final = Decimal(100)
_ISOLATED: Final = "ISOLATED"


# --- P13 -----------------------------------------------------------------------------------------


def margin_as_planned(proposal: Proposal, around: Surroundings) -> Denial | None:
    """P13: leverage, margin type and position mode at the venue are what was planned."""
    limits, symbol, leverage = around.limits, proposal.request.symbol, around.venue_leverage
    if not around.is_one_way:
        remedy = "switch it to one-way mode at the venue"
        return Denial("P13", "the account is in hedge mode", "one-way mode", "hedge", remedy)
    if limits.venue_leverage is not None:
        limit = f"at most {limits.venue_leverage}x"
        if leverage is None:
            return Denial("P13", f"the leverage of {symbol} is not known", limit, remedy="wait")
        if not leverage <= limits.venue_leverage:
            text = f"the leverage of {symbol} is {leverage}x at the venue"
            return Denial("P13", text, limit, f"{leverage}x", "lower it there")
    if limits.margin_type and around.margin_type != limits.margin_type:
        seen = around.margin_type or "unknown"
        text = f"the margin type of {symbol} is {seen}"
        return Denial("P13", text, limits.margin_type, seen, "change it at the venue")
    return None


def _see_margin(_proposal: Proposal, around: Surroundings) -> Reading:
    limits = around.limits
    leverage = "unknown" if around.venue_leverage is None else f"{around.venue_leverage}x"
    mode = "one-way" if around.is_one_way else "hedge"
    most = "any" if limits.venue_leverage is None else f"{limits.venue_leverage}x"
    return Reading(
        f"{leverage} {around.margin_type or 'unknown'} {mode}",
        f"{most} {limits.margin_type or 'any'} one-way",
    )


# --- P14 -----------------------------------------------------------------------------------------


def liquidation_far(proposal: Proposal, around: Surroundings) -> Denial | None:
    """P14: the position would be liquidated far behind its stop.

    An estimate: equity less the maintenance margin of everything, over the quantity of this
    contract. The venue's rate grows with the notional; ``maintenance_pct`` is taken for all.
    """
    limits, stop, mark = around.limits, proposal.stop_price, around.mark
    if limits.liquidation_stops is None or stop is None:
        return None  # without a stop P15 denies
    distance = _distance(proposal, around)
    if distance is None or mark is None:
        return worth_unknown("P14", around)
    stop_distance = abs(reference(proposal.request, around) - stop)
    for least, what in (
        (stop_distance * limits.liquidation_stops, f"{limits.liquidation_stops:f} x the stop's"),
        (mark * limits.liquidation_pct / _HUNDRED, f"{limits.liquidation_pct:f} % of the mark"),
    ):
        if not distance >= least:
            return Denial(
                "P14",
                f"liquidation would be about {_six(distance)} away",
                f"at least {_six(least)} = {what}",
                _six(distance),
                "take less",
            )
    return None


def _distance(proposal: Proposal, around: Surroundings) -> Decimal | None:
    equity, gross, mark = around.equity, around.gross_notional, around.mark
    if equity is None or gross is None or mark is None:
        return None
    rate = around.limits.maintenance_pct / _HUNDRED
    quantity = abs(around.position) + around.working + proposal.request.quantity
    distance = (equity - rate * (gross + worst_worth(proposal.request, around))) / quantity
    if around.margin_type == _ISOLATED and around.venue_leverage:
        # Only what was put up for the contract is there.
        distance = min(distance, mark * (Decimal(1) / around.venue_leverage - rate))
    return distance


def _six(number: Decimal) -> str:
    # Six digits that count, and never an exponent.
    return f"{Decimal(f'{number:.6g}'):f}"


def _see_liquidation(proposal: Proposal, around: Surroundings) -> Reading:
    limits = around.limits
    if limits.liquidation_stops is None:
        return Reading("not watched", "")
    distance = _distance(proposal, around)
    value = "unknown" if distance is None else f"{_six(distance)} away"
    limit = f"{limits.liquidation_stops:f} x the stop, {limits.liquidation_pct:f} % of the mark"
    return Reading(value, limit)


# --- P15 -----------------------------------------------------------------------------------------


def risk_to_stop(proposal: Proposal, around: Surroundings) -> Denial | None:
    """P15: an entry carries a stop on the losing side; what it risks is within the limits."""
    request, stop = proposal.request, proposal.stop_price
    equity, mark, limits = around.equity, around.mark, around.limits
    if mark is None:
        return Denial("P15", "there is no mark price to tell the loss by", remedy="wait")
    if stop is None:
        return Denial("P15", "no stop, no order", observed="no stop", remedy="give a stop price")
    if equity is None:
        return Denial("P15", "equity is not known", remedy="wait for the account")
    price = reference(request, around)
    is_buy = request.side is Side.BUY
    # A LIMIT order beyond the mark executes at about the mark.
    nearest = min(price, mark) if is_buy else max(price, mark)
    if (stop < nearest) is not is_buy or stop == nearest:
        where = "below" if is_buy else "above"
        text = f"a stop of a {request.side} must be {where} {nearest:f}, not {stop:f}"
        return Denial("P15", text, observed=f"{stop:f}")
    loss = _loss(proposal, around, stop)
    most = equity * limits.risk_pct / _HUNDRED
    text, seen = f"{loss:.2f} USDT would be lost at the stop", usdt(loss)
    if not loss <= most:
        limit = f"at most {most:.2f} = {limits.risk_pct:f} % of equity (risk.risk_pct)"
        return Denial("P15", text, limit, seen, "take less, or a nearer stop")
    if not around.is_budget_watched:
        return None
    left = around.day_left
    if left is None:
        return Denial("P15", "what may still be lost today is not known", remedy="wait")
    if loss <= left:
        return None
    return Denial("P15", text, f"{left:.2f} are left for today", seen, "take less, or wait a day")


def _loss(proposal: Proposal, around: Surroundings, stop: Decimal) -> Decimal:
    price = reference(proposal.request, around)
    fees = around.limits.fee_rate * (price + stop)
    return proposal.request.quantity * (abs(price - stop) + fees)


def _see_risk(proposal: Proposal, around: Surroundings) -> Reading:
    stop, equity = proposal.stop_price, around.equity
    most = None if equity is None else equity * around.limits.risk_pct / _HUNDRED
    if stop is None or around.mark is None:
        return Reading("unknown" if around.mark is None else "no stop", usdt(most))
    left = f", {usdt(around.day_left)} left today" if around.is_budget_watched else ""
    return Reading(usdt(_loss(proposal, around, stop)), usdt(most) + left)


P13: Final = Control("P13", "leverage and margin", margin_as_planned, _see_margin)
P14: Final = Control("P14", "liquidation distance", liquidation_far, _see_liquidation)
P15: Final = Control("P15", "risk to the stop", risk_to_stop, _see_risk)
