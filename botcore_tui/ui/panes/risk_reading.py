"""What a picture says of limits once its age is counted: tiers, what is latched, what is relaxed.

All words and signs of limits are made here, so that pane, band and screens say the same.
"""

from decimal import Decimal
from typing import Final

from botcore_tui.model.ledger import OverrideRow
from botcore_tui.model.risk import DeadManView, Gauge, KillStage, KillView, Obstacle, RiskView, Tier
from botcore_tui.model.snapshot import Snapshot
from botcore_tui.ui import format as fmt
from botcore_tui.ui.panes.cells import printable
from botcore_tui.ui.panes.ink import Ink

TIERS: Final = {
    Tier.CLEAR: ("✓", "clear", Ink.GOOD),
    Tier.WARN: ("▲", "warn", Ink.WARN),
    Tier.REDUCE: ("▼", "REDUCE", Ink.ALARM),
    Tier.TRIPPED: ("■", "TRIPPED", Ink.HALTED),
    Tier.UNKNOWN: ("?", "UNKNOWN", Ink.ALARM),
}
"""How far a limit is used: sign, word and colour."""
_BADNESS: Final = (Tier.CLEAR, Tier.WARN, Tier.UNKNOWN, Tier.REDUCE, Tier.TRIPPED)
_NAMES: Final = {
    "A05": "equity unknown",
    "A13": "venue errors",
    "A14": "engine",
    "A16": "dead-man",
}
"""Of breakers that watch no loss and so have no gauge."""
_STATE: Final = "P01"
"""The control that says that trading is halted or reducing; the status band does that louder."""
EQUITY_OLD_MS: Final = 10_000
"""Equity that was known longer ago is worth an alarm (A05)."""


def risk_of(snapshot: Snapshot) -> RiskView | None:
    """The limits of the account; None where there is none, or nothing is known yet."""
    return snapshot.account.risk if snapshot.account is not None else None


def tier_of(gauge: Gauge) -> tuple[str, str, Ink]:
    """Sign, word and colour of a gauge; what is latched is louder than any tier."""
    return ("■", "LATCHED", Ink.HALTED) if gauge.is_latched else TIERS[gauge.tier]


def breaker_name(risk: RiskView, code: str) -> str:
    """Code and name of a breaker: ``A01 daily loss``."""
    named = {gauge.code: gauge.name for gauge in risk.gauges}
    name = named.get(code) or _NAMES.get(code, "")
    return printable(f"{code} {name}".rstrip())


def tripped_text(risk: RiskView) -> str:
    """What is latched, in short: ``A01 daily loss +1``; empty if nothing is."""
    if not risk.latched:
        return ""
    more = f" +{len(risk.latched) - 1}" if len(risk.latched) > 1 else ""
    return breaker_name(risk, risk.latched[0]) + more


def worst_gauge(risk: RiskView) -> Gauge | None:
    """The gauge of the worst tier that is not latched, if it is worse than clear."""
    open_gauges = [gauge for gauge in risk.gauges if not gauge.is_latched]
    worst = max(open_gauges, key=lambda gauge: _BADNESS.index(gauge.tier), default=None)
    return worst if worst is not None and worst.tier is not Tier.CLEAR else None


def first_obstacle(snapshot: Snapshot) -> Obstacle | None:
    """The first control that denies entries, but for the trading state itself."""
    risk = risk_of(snapshot)
    failing = () if risk is None else risk.obstacles
    return next((each for each in failing if not each.is_passed and each.code != _STATE), None)


def entry_denial(snapshot: Snapshot) -> str:
    """Why no entry is possible, besides the trading state; empty if entries are possible."""
    account = snapshot.account
    if account is None:
        return ""
    if account.trouble:
        return printable(account.trouble)
    obstacle = first_obstacle(snapshot)
    if obstacle is None:
        return ""
    value = f": {obstacle.value}" if obstacle.value else ""
    remedy = f" → {obstacle.remedy}" if obstacle.remedy else ""
    return printable(f"{obstacle.code} {obstacle.name}{value}{remedy}")


def elapsed_ms(snapshot: Snapshot, now_ns: int) -> int:
    """Since the picture was made: its ages have grown by so much, its countdowns shrunk."""
    return max(0, now_ns - snapshot.published_ns) // 1_000_000


def left_ms(until_ms: int, snapshot: Snapshot, now_ns: int) -> int:
    """Until a moment of the engine's clock; below zero once it has passed."""
    return until_ms - snapshot.time_ms - elapsed_ms(snapshot, now_ns)


def equity_text(risk: RiskView, snapshot: Snapshot, now_ns: int) -> tuple[str, Ink]:
    """Equity and how old it is."""
    if risk.equity is None or risk.equity_age_ms is None:
        return "UNKNOWN, never told" if risk.equity_age_ms is None else "UNKNOWN", Ink.ALARM
    age_ms = risk.equity_age_ms + elapsed_ms(snapshot, now_ns)
    is_stale = age_ms > EQUITY_OLD_MS
    text = f"{fmt.grouped(risk.equity, 2)} · {fmt.lapse(age_ms * 1_000_000)} old"
    return text, Ink.ALARM if is_stale else Ink.STRONG


def override_text(row: OverrideRow, snapshot: Snapshot, now_ns: int) -> str:
    """A relaxed limit: ``risk.max_leverage 3 (normal 2) 43m left``."""
    minutes = max(0, -(-left_ms(row.until_ms, snapshot, now_ns) // 60_000))
    value, normal = fmt.exact(row.value), fmt.exact(row.normal)
    return f"{printable(row.limit)} {value} (normal {normal}) {minutes}m left"


def dead_man_text(view: DeadManView, snapshot: Snapshot, now_ns: int) -> tuple[str, Ink]:
    """When the venue will cancel the entries of a symbol, and whether it still hears from us."""
    ms = left_ms(view.until_ms, snapshot, now_ns)
    if not view.until_ms:
        text, ink = "NOT ARMED", Ink.ALARM
    elif ms <= 0:
        text, ink = "EXPIRED", Ink.ALARM
    else:
        text, ink = f"{fmt.duration(ms / 1_000)} left", Ink.TEXT
    if view.missed:
        reason = f": {view.reason}" if view.reason else ""
        text, ink = f"{text} · MISSED {view.missed}{reason}", Ink.ALARM
    return printable(text), ink


def kill_text(kill: KillView) -> list[tuple[str, Ink]]:
    """How far a halt has come; what was asked for and what is confirmed are told apart."""
    if kill.stage is KillStage.NONE:
        return [("armed: F12 · F8 flattens", Ink.TEXT)]
    asked = f"requested {fmt.clock(kill.began_ms)}Z"
    counts = (
        f"confirmed: {kill.cancelled} of {kill.to_cancel} cancelled, {kill.open_entries} open,"
        f" {fmt.plural(kill.positions, 'position')}"
    )
    what = printable(kill.text)
    if kill.stage is KillStage.CONFIRMED:
        # The engine's own words are more exact than the counts, and say when as a rule.
        if "confirmed" in what:
            return [(f"✓ {what}", Ink.GOOD)]
        head = f"✓ confirmed {fmt.clock(kill.confirmed_ms)}Z"
        return [(head, Ink.GOOD), (what or counts, Ink.TEXT)]
    ink = Ink.HALTED if kill.stage is KillStage.TROUBLE else Ink.ALARM
    sign = "✗" if kill.stage is KillStage.TROUBLE else "…"
    lines = [(f"{sign} {kill.stage.value} · {asked}", ink), (counts, Ink.TEXT)]
    return [*lines, (what, Ink.WARN)] if what else lines


def money_of(percent: Decimal, base: Decimal | None) -> str:
    """A percentage as money; a dash where nobody knows of what."""
    return fmt.grouped(None if base is None else base * percent / 100, 2)
