"""The report of a month as text and as JSON."""

from decimal import Decimal

from msgspec import structs

from botcore_tui.cli.month_report import MonthReport
from botcore_tui.core.checks import percent, share
from botcore_tui.ledger.amounts import exact
from botcore_tui.ledger.month import MonthFigures


def month_text(report: MonthReport) -> str:
    """Performance, costs, evidence, controls."""
    figures = report.figures
    so_far = "" if report.is_over else ", not over yet"
    lines = [
        f"{report.month}{so_far}: {report.account}, phase {report.phase}",
        "performance",
        *_rows(_performance(figures)),
        "costs, USDT",
        *_rows(_costs(figures)),
        "evidence for the next phase, as it stands now",
        *(
            f"  {'ok     ' if each.is_met else 'MISSING'} {each.name}: {each.have}, needs"
            f" {each.need}"
            for each in report.evidence
        ),
    ]
    if not report.evidence:
        lines.append("  none is asked for, or nothing is on record")
    lines += ["controls", *(_control(report))]
    lines += [f"THE RECORD WAS TAMPERED WITH: {each}" for each in report.broken]
    return "\n".join(lines)


def _rows(rows: list[tuple[str, str]]) -> list[str]:
    width = max(len(name) for name, _ in rows)
    return [f"  {name:<{width}}  {text}" for name, text in rows]


def _control(report: MonthReport) -> list[str]:
    return [f"  {each.code:<8} {each.name}: {each.text}" for each in report.controls]


def _performance(figures: MonthFigures) -> list[tuple[str, str]]:
    trades = len(figures.trades)
    rate = percent(share(figures.wins, trades)) if trades else "unknown"
    return [
        ("equity", f"{_money(figures.first_equity)} to {_money(figures.last_equity)} USDT"),
        ("transfers", f"{figures.transfers:+,.2f} USDT, not part of the return"),
        ("return", "unknown" if figures.return_pct is None else f"{figures.return_pct:+.2f} %"),
        ("max drawdown", _maybe_pct(figures.drawdown_pct)),
        ("Sharpe ratio", "unknown" if figures.sharpe is None else f"{figures.sharpe:.2f}"),
        ("trades", f"{trades}, {figures.wins} won, win rate {rate}"),
    ]


def _costs(figures: MonthFigures) -> list[tuple[str, str]]:
    others = f"; {figures.other_fees} fills paid in another asset" if figures.other_fees else ""
    slip = figures.slippage
    slippage = "not known: no conditional order was filled"
    if slip is not None:
        slippage = f"{slip.cost:,.2f}, {slip.bps:.1f} bps, {slip.fills} fills against their trigger"
    return [
        ("realized", f"{figures.realized:+,.2f}, {figures.fills} fills"),
        ("fees", f"{figures.fees:,.2f}{others}"),
        ("funding", f"{figures.funding:+,.2f}"),
        ("net", f"{figures.net:+,.2f}"),
        ("slippage", f"{slippage}; of market orders it is not on record"),
    ]


def _money(amount: Decimal | None) -> str:
    return "unknown" if amount is None else f"{amount:,.2f}"


def _maybe_pct(pct: Decimal | None) -> str:
    return "unknown" if pct is None else percent(pct)


def month_json(report: MonthReport) -> dict[str, object]:
    """The same for other programs; amounts are exact text."""
    figures = report.figures
    trades = len(figures.trades)
    slip = figures.slippage
    return {
        "month": report.month,
        "environment": report.environment,
        "account": report.account,
        "is_over": report.is_over,
        "phase": report.phase,
        "first_equity": _exact(figures.first_equity),
        "last_equity": _exact(figures.last_equity),
        "transfers": exact(figures.transfers),
        "return_pct": _exact(figures.return_pct),
        "drawdown_pct": _exact(figures.drawdown_pct),
        "sharpe": _exact(figures.sharpe),
        "realized": exact(figures.realized),
        "fees": exact(figures.fees),
        "fees_in_other_assets": figures.other_fees,
        "funding": exact(figures.funding),
        "net": exact(figures.net),
        "slippage": None
        if slip is None
        else {"fills": slip.fills, "bps": _exact(slip.bps), "cost": exact(slip.cost)},
        "fills": figures.fills,
        "trades": trades,
        "wins": figures.wins,
        "win_rate_pct": _exact(share(figures.wins, trades)) if trades else None,
        "evidence": [structs.asdict(each) for each in report.evidence],
        "controls": [structs.asdict(each) for each in report.controls],
        "broken": list(report.broken),
    }


def _exact(amount: Decimal | None) -> str | None:
    return None if amount is None else exact(amount)
