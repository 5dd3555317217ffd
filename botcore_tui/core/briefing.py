"""What a person should know before anything is armed: the limits in force, in plain words (R71).

One text for the first screen, for the help and for ``botcore setup``.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from msgspec import Struct

from botcore_tui.core.breaker_terms import BreakerLimits, OnTrip
from botcore_tui.core.phase import Caps, PhaseRules, in_force
from botcore_tui.model.risk import PhaseView, RiskView

_HUNDRED: Final = Decimal(100)


class Paragraph(Struct, frozen=True):
    """A heading and what stands below it, one thought an entry."""

    title: str
    lines: tuple[str, ...]


class Terms(Struct, frozen=True, kw_only=True):
    """What is in force in one environment, as far as no session has told more."""

    environment: str
    about: str
    """What that is."""
    is_trading: bool
    """Whether orders may leave at all."""
    rules: PhaseRules
    configured: Caps
    breakers: BreakerLimits
    """As configured; the phase may be tighter."""
    verify_seconds: Decimal
    """Longest time for the venue to confirm a stop."""
    countdown_seconds: Decimal
    """Of the venue's dead-man."""
    equity: Decimal | None = None
    """What money is told by; None: not known."""


def briefing(terms: Terms, risk: RiskView | None = None) -> tuple[Paragraph, ...]:
    """All of it.

    Args:
        terms: See there.
        risk: Of the session that runs, which knows the phase and the equity better; None: none.
    """
    caps = in_force(terms.configured, terms.rules)
    if risk is not None and risk.phase is not None:
        caps = in_force(terms.configured, _with_caps(terms.rules, risk.phase))
    equity = terms.equity if risk is None or risk.equity is None else risk.equity
    return (
        Paragraph("Where you are", tuple(_place(terms, risk))),
        Paragraph("How much may be at risk", tuple(_stakes(caps, equity))),
        Paragraph("What halts trading by itself", tuple(_halts(terms, caps, equity))),
        Paragraph("What you can do at any moment", _KEYS),
        Paragraph("If this program or its line dies", tuple(_death(terms))),
        Paragraph("What no limit can promise", _DOUBTS),
    )


_KEYS: Final = (
    (
        "F12 or ctrl+k: HALT, at once, from anywhere, and never asked about. Entries are cancelled,"
        " stops stay."
    ),
    (
        "F8 halts and closes every position at market (asks). F9 resumes, one step at a time, with"
        " a reason."
    ),
    "From another terminal: botcore halt, or kill -USR1. Neither needs this screen.",
)
_DOUBTS: Final = (
    (
        "A stop is an order to sell or buy at market once its price is touched: in a jump it"
        " executes at a worse price, and more than the planned amount is lost."
    ),
    (
        "The limits bound what this program does. They know nothing of what is done with the same"
        " account elsewhere until the venue tells."
    ),
)


def _place(terms: Terms, risk: RiskView | None) -> Iterator[str]:
    yield f"{terms.environment.upper()}: {terms.about}."
    if not terms.is_trading:
        yield "Trading is off: no order can leave. What follows holds once it is enabled."
    phase, low, high = str(terms.rules.phase), terms.rules.capital_low, terms.rules.capital_high
    capital = None
    if risk is not None and risk.phase is not None:
        phase, low, high = risk.phase.phase, risk.phase.band_low, risk.phase.band_high
        capital = risk.phase.capital
    if not terms.rules.has_band:
        yield f"Phase {phase}, with any capital: it is play money."
        return
    band = f"{low:,f} USDT and more" if high is None else f"{low:,f} to {high:,f} USDT"
    now = "not known yet" if capital is None else f"{capital:,.2f} USDT"
    yield f"Phase {phase}: for a capital of {band}; it is {now}. Outside nothing new is risked."


def _stakes(caps: Caps, equity: Decimal | None) -> Iterator[str]:
    if equity is not None:
        yield f"Equity is {_money(equity)}; amounts below are of that."
    yield (
        f"One trade loses at most {_share(caps.risk_pct, equity)} at its stop. An entry without a"
        " stop is refused."
    )
    contracts = "contract" if caps.max_positions == 1 else "contracts"
    yield (
        f"Positions in at most {caps.max_positions} {contracts} at once, together worth at most"
        f" {caps.max_leverage:f}x the equity."
    )


def _halts(terms: Terms, caps: Caps, equity: Decimal | None) -> Iterator[str]:
    breakers = terms.breakers
    yield f"Losing {_share(caps.daily_loss_pct, equity)} since 00:00 UTC."
    yield f"Falling {_share(caps.drawdown_pct, equity, of='')} below the highest equity so far."
    yield f"Losing {_share(breakers.hour_loss_pct, equity)} within any 60 minutes."
    yield f"Losing {_share(breakers.rolling_day_loss_pct, equity)} within any 24 hours."
    unknown = breakers.equity_lost_ms // 1000
    yield (
        f"Equity unknown for {unknown} s; {breakers.unknown_orders} orders without evidence in"
        f" {breakers.unknown_orders_ms // 60_000} minutes; a dead-man that is not confirmed; a"
        " part of the engine that dies."
    )
    yield (
        "From half of a loss limit positions are not added to; from 80 % only reducing orders"
        " pass; at the limit trading is halted, and stays so over midnight and restarts until a"
        " person resets it by name. This cannot be turned off."
    )
    if breakers.on_trip is OnTrip.FLATTEN:
        yield "A breaker that trips closes all positions at market (breaker.on_trip)."
    else:
        yield "A breaker that trips leaves positions to their stops (breaker.on_trip)."


def _death(terms: Terms) -> Iterator[str]:
    yield (
        "Stops rest at the venue, on the mark price, and stay there. Each is verified; where that"
        f" fails for {terms.verify_seconds:f} s the position is closed."
    )
    yield (
        f"Entries that rest are cancelled by the venue {terms.countdown_seconds:f} s after it last"
        " heard from here."
    )
    yield (
        "The next start finds orders and positions again. A halt outlasts restarts and crashes;"
        " only the account of a demo ends with its exchange."
    )


def _with_caps(rules: PhaseRules, view: PhaseView) -> PhaseRules:
    return PhaseRules(
        phase=rules.phase,
        capital_low=view.band_low,
        capital_high=view.band_high,
        has_band=rules.has_band,
        daily_loss_pct=view.daily_loss_pct,
        drawdown_pct=view.drawdown_pct,
        max_positions=view.max_positions,
        max_leverage=view.max_leverage,
        risk_pct=view.risk_pct,
        exit=None,
    )


def _share(pct: Decimal, equity: Decimal | None, *, of: str = " of the equity") -> str:
    money = "" if equity is None else f" ({_money(equity * pct / _HUNDRED)})"
    return f"{pct:f} %{of}{money}"


def _money(amount: Decimal) -> str:
    return f"{amount:,.2f} USDT"
