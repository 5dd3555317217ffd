"""Limits as rows: gauges with bar, percent and money, and everything else that limits trading."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from botcore_tui.model.risk import Gauge, PhaseView, RiskView, Tier
from botcore_tui.model.snapshot import Snapshot
from botcore_tui.ui import format as fmt
from botcore_tui.ui.panes.base import Row, filled
from botcore_tui.ui.panes.cells import bar, cut, folded, left, printable, right, width_of
from botcore_tui.ui.panes.ink import Ink
from botcore_tui.ui.panes.listing import Fact
from botcore_tui.ui.panes.risk_reading import (
    breaker_name,
    dead_man_text,
    equity_text,
    kill_text,
    money_of,
    override_text,
    tier_of,
)

_WIDE: Final = 88
"""From so many cells on a gauge is one line; its base is another one."""
_SMALLEST_BAR: Final = 7
_WIDE_BAR: Final = 12
_WORD: Final = 7
_BAR_INKS: Final = {
    Tier.CLEAR: Ink.GOOD,
    Tier.WARN: Ink.WARN,
    Tier.REDUCE: Ink.WARN,
    Tier.TRIPPED: Ink.ERROR,
    Tier.UNKNOWN: Ink.STALE,
}


def gauges_rows(gauges: Sequence[Gauge], width: int, *, has_base: bool) -> list[Row]:
    """Every gauge: sign, code, name, bar, percent; money and distance to the trip; the tier's word.

    Args:
        gauges: In their order.
        width: Cells.
        has_base: Whether to say in a line of its own what the percents are of.
    """
    percents = [_percent_text(gauge) for gauge in gauges]
    cells = max(map(width_of, percents), default=0)
    longest = max((width_of(_title(gauge)) for gauge in gauges), default=0)
    name_cells = max(1, min(longest, width - cells - _SMALLEST_BAR - 2))
    rows: list[Row] = []
    for gauge, percent in zip(gauges, percents, strict=True):
        texts = (left(_title(gauge), name_cells), right(percent, cells))
        base = f"% of {fmt.grouped(gauge.base, 2)} {printable(gauge.base_text)}" if has_base else ""
        rows += (_wide_rows if width >= _WIDE else _narrow_rows)(gauge, texts, base, width)
    return rows


def _title(gauge: Gauge) -> str:
    sign, _, _ = tier_of(gauge)
    return printable(f"{sign} {gauge.code} {gauge.name}")


def _percent_text(gauge: Gauge) -> str:
    used = "?" if gauge.used_pct is None else fmt.fixed(gauge.used_pct, 2)
    return f"{used}/{fmt.exact(gauge.limit_pct)} %"


def _money_text(gauge: Gauge, decimals: int) -> str:
    if gauge.used_amount is None or gauge.limit_amount is None or gauge.left_amount is None:
        return "money unknown"
    used, limit, rest = (
        fmt.grouped(amount, decimals)
        for amount in (gauge.used_amount, gauge.limit_amount, gauge.left_amount)
    )
    return f"{used} of {limit}, {rest} left"


def _fitting_money(gauge: Gauge, room: int) -> str:
    # Half a number lies, so whole numbers go; the distance is the last of them.
    texts = (_money_text(gauge, 2), _money_text(gauge, 0))
    distance = "" if gauge.left_amount is None else f"{fmt.grouped(gauge.left_amount, 0)} left"
    return next((text for text in (*texts, distance) if width_of(text) <= room), "")


def _bar_piece(gauge: Gauge, cells: int) -> tuple[str, Ink]:
    used = gauge.used_pct
    share = 0.0 if used is None or not used.is_finite() else float(used)
    # The empty part is drawn, too: a bar without an end says nothing without colours.
    text = bar(share, float(gauge.limit_pct), cells).replace(" ", "░")
    return text, Ink.ERROR if gauge.is_latched else _BAR_INKS[gauge.tier]


def _base_rows(base: str, width: int) -> list[Row]:
    return [filled(((cut(f"  {base}", width), Ink.MUTED),), width)] if base else []


def _narrow_rows(gauge: Gauge, texts: tuple[str, str], base: str, width: int) -> list[Row]:
    name, percent = texts
    _, word, ink = tier_of(gauge)
    cells = max(0, width - width_of(name) - width_of(percent) - 2)
    first = (
        (name, ink),
        (" ", Ink.TEXT),
        _bar_piece(gauge, cells),
        (" ", Ink.TEXT),
        (percent, Ink.STRONG),
    )
    room = max(0, width - width_of(word) - 1)
    money = f"  {_fitting_money(gauge, room - 2)}"
    if base and width_of(money) + width_of(base) + 3 <= room:
        money, base = f"{money} · {base}", ""
    second = ((f"{left(money, room)} ", Ink.TEXT), (word, ink))
    return [filled(first, width), filled(second, width), *_base_rows(base, width)]


def _wide_rows(gauge: Gauge, texts: tuple[str, str], base: str, width: int) -> list[Row]:
    name, percent = texts
    _, word, ink = tier_of(gauge)
    row = (
        (name, ink),
        (" ", Ink.TEXT),
        _bar_piece(gauge, _WIDE_BAR),
        (f" {percent}  ", Ink.STRONG),
        (left(word, _WORD), ink),
        (f"  {_money_text(gauge, 2)}", Ink.TEXT),
    )
    return [filled(row, width), *_base_rows(base, width)]


def banner_rows(
    risk: RiskView, snapshot: Snapshot, now_ns: int, width: int, *, key: str = "b"
) -> list[Row]:
    """What must not be overlooked, across the whole width: latched, relaxed, disabled, phase."""
    lines = [
        (f" LATCHED {breaker_name(risk, code)}: {key} resets ", Ink.HALTED) for code in risk.latched
    ]
    for row in risk.overrides:
        text = f" RELAXED {override_text(row, snapshot, now_ns)} by {printable(row.actor)} "
        lines.append((text, Ink.ALARM))
    if risk.phase is not None and risk.phase.trouble:
        lines.append((f" PHASE: {printable(risk.phase.trouble)} ", Ink.ALARM))
    lines += [(f" DISABLED {printable(text)} ", Ink.ALARM) for text in risk.disabled]
    return [
        ((left(line, width), ink),) for text, ink in lines for line in folded_banner(text, width)
    ]


def folded_banner(text: str, width: int) -> list[str]:
    """A banner in as many lines as it takes, each with a blank before it."""
    return [f" {line}" for line in folded(text.strip(), max(1, width - 1))]


def money_facts(risk: RiskView, snapshot: Snapshot, now_ns: int) -> list[Fact]:
    """What losses are measured from."""
    text, ink = equity_text(risk, snapshot, now_ns)
    return [
        Fact("equity", text, ink),
        Fact("day start", _known(risk.day_start_equity)),
        Fact("high water", _known(risk.high_water)),
    ]


def _known(amount: Decimal | None) -> str:
    return "not known yet" if amount is None else fmt.grouped(amount, 2)


def kill_facts(risk: RiskView) -> list[Fact]:
    """The kill switch, or how far a halt has come."""
    return [
        Fact("kill" if not index else "", text, ink)
        for index, (text, ink) in enumerate(kill_text(risk.kill))
    ]


def strategy_facts(snapshot: Snapshot) -> list[Fact]:
    """What the strategy wants, and why nothing comes of it; nothing where only people trade."""
    text = snapshot.account.strategy if snapshot.account is not None else ""
    return [Fact("strategy", printable(text), Ink.TEXT)] if text else []


def safety_facts(risk: RiskView, snapshot: Snapshot, now_ns: int) -> list[Fact]:
    """Dead-man switches, and time without protection."""
    facts = []
    for view in risk.dead_men:
        text, ink = dead_man_text(view, snapshot, now_ns)
        facts.append(Fact("dead-man", f"{printable(view.symbol)} {text}", ink))
    if not risk.dead_men:
        facts.append(Fact("dead-man", "no resting entries", Ink.MUTED))
    account = snapshot.account
    seconds = account.unprotected_seconds_today if account is not None else 0.0
    ink = Ink.WARN if seconds else Ink.TEXT
    facts.append(Fact("no stop", f"unprotected {fmt.fixed(seconds, 1)}s today", ink))
    return facts


def phase_facts(risk: RiskView) -> list[Fact]:
    """The phase, and the limits in force in it, in percent and money.

    The configuration may be tighter than the phase: what is shown is what the gate holds to.
    """
    phase, limits = risk.phase, risk.limits
    if phase is None:
        return [Fact("phase", "none in force", Ink.MUTED)]
    size = f"{fmt.plural(limits.max_positions, 'position')} · {fmt.exact(limits.max_leverage)}x"
    sign, ink = _band_sign(phase)
    return [
        Fact("phase", f"{printable(phase.phase)} · {size}", Ink.STRONG),
        Fact("capital", f"{sign}{fmt.grouped(phase.capital, 2)} · {band_text(phase)}", ink),
        Fact("daily loss", _limit_text(limits.daily_loss_pct, risk.day_start_equity)),
        Fact("drawdown", _limit_text(limits.drawdown_pct, risk.high_water)),
        Fact("per trade", _limit_text(limits.risk_pct, risk.equity)),
    ]


def _limit_text(percent: Decimal, base: Decimal | None) -> str:
    return f"{fmt.exact(percent)} % = {money_of(percent, base)}"


def _band_sign(phase: PhaseView) -> tuple[str, Ink]:
    if phase.is_in_band is None:
        return "", Ink.TEXT
    return ("✓ ", Ink.GOOD) if phase.is_in_band else ("✗ ", Ink.ALARM)


def band_text(phase: PhaseView) -> str:
    """The capital band of a phase."""
    low = fmt.grouped(phase.band_low, 0)
    return f"from {low}" if phase.band_high is None else f"{low}-{fmt.grouped(phase.band_high, 0)}"
