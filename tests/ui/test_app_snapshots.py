"""How the cockpit looks, cell by cell, against pictures that a person has looked at.

After a change that is meant to be seen: ``pytest -n0 tests/ui/test_app_snapshots.py
--snapshot-update``, then look at the new pictures in ``__snapshots__``.
"""

import math
from collections.abc import Awaitable, Callable
from decimal import Decimal

import pytest
from account_builders import EVERY_COVER, EVERY_STATE, a_fill, a_stop_order, an_account, an_order
from builders import (
    MS,
    NOW_MS,
    NOW_NS,
    a_bar,
    a_book_view,
    a_feed,
    a_halt,
    a_log_line,
    a_mark,
    a_replay,
    a_rest,
    a_snapshot,
    a_trade_row,
)
from cockpit import Cockpit, a_cockpit
from fake_engine import FakeEngine
from msgspec.structs import replace
from risk_views import GAUGES, HALTED_BY_BREAKER, a_dead_man, a_phase, a_risk
from textual.pilot import Pilot

from botcore_tui.model.event import Severity, TradingState
from botcore_tui.model.market import Bar, Side
from botcore_tui.model.snapshot import LadderRow, Snapshot
from botcore_tui.model.trading import Cover
from botcore_tui.ui.supervisor import Leave

Compare = Callable[..., bool]
"""``snap_compare``: app, terminal_size, run_before."""

SLOW = pytest.mark.slow
BEST_BID = 61_659.6
TICK = 0.1


def waving(index: int, *, size: float) -> float:
    """A number between zero and size that looks like chance and is not."""
    return size * (1 + math.sin(index * 1.7) * math.cos(index * 0.6)) / 2


def levels(best: float, step: float) -> tuple[LadderRow, ...]:
    rows: list[LadderRow] = []
    total = 0.0
    for index in range(12):
        quantity = round(0.01 + waving(index + (7 if step > 0 else 0), size=6) ** 2 / 4, 3)
        total = round(total + quantity, 3)
        rows.append(LadderRow(round(best + index * step, 1), quantity, total))
    return tuple(rows)


def bars() -> tuple[Bar, ...]:
    made: list[Bar] = []
    close = BEST_BID - 25
    for index in range(24):
        opened, close = close, round(BEST_BID - 45 + waving(index // 4, size=40) + index % 4 * 4, 1)
        top, bottom = max(opened, close), min(opened, close)
        bar = a_bar(
            NOW_MS - NOW_MS % 60_000 - (23 - index) * 60_000,
            open=opened,
            high=round(top + waving(index + 3, size=8), 1),
            low=round(bottom - waving(index + 5, size=8), 1),
            close=close,
            volume=round(2 + waving(index + 1, size=30), 3),
        )
        made.append(bar)
    return tuple(made)


MARKET = a_snapshot(
    book=a_book_view(bids=levels(BEST_BID, -TICK), asks=levels(BEST_BID + TICK, TICK)),
    bars=bars(),
    last_price=BEST_BID + TICK,
    previous_price=BEST_BID,
    mark=a_mark("61658.91234567"),
    trades=tuple(
        a_trade_row(
            round(BEST_BID + (index % 3) * TICK, 1),
            round(0.001 + waving(index, size=2), 3),
            taker=Side.BUY if index % 5 else Side.SELL,
            time_ms=NOW_MS - index * 137,
            trade_id=100 - index,
        )
        for index in range(7)
    ),
    feeds=(
        a_feed("btcusdt@aggTrade", sequence="-"),
        a_feed("btcusdt@bookTicker", sequence="-", lag_ms=0.42),
        a_feed("btcusdt@depth@100ms", last_frame_ns=NOW_NS - 87 * MS),
        a_feed("btcusdt@markPrice@1s", sequence="-", last_frame_ns=NOW_NS - 640 * MS),
        a_rest(),
    ),
)
# Fewer rows make a smaller file where the rows are not the point.
CALM = replace(
    MARKET,
    book=a_book_view(bids=levels(BEST_BID, -TICK)[:4], asks=levels(BEST_BID + TICK, TICK)[:4]),
    bars=MARKET.bars[-3:],
    trades=MARKET.trades[:3],
)
HALTED = replace(CALM, state=TradingState.HALTED, halt=a_halt("trader@10.0.0.7", reason="key F12"))
PRODUCTION = replace(
    CALM,
    environment="production",
    label="",
    trading_enabled=True,
    mark=replace(a_mark("61658.91234567"), funding_rate=Decimal("-0.00005")),
)
REPLAY = replace(
    CALM, environment="replay", label="REPLAY", replay=a_replay(), feeds=MARKET.feeds[:-1]
)
TRADING = replace(
    MARKET,
    trading_enabled=True,
    account=an_account(
        orders=(
            an_order(price=Decimal("61659.2")),
            a_stop_order(trigger_price=Decimal("61625.0")),
        ),
        positions=(replace(EVERY_COVER[0], cover=Cover.VERIFIED, stop_price=Decimal("61625.0")),),
        fills=(
            a_fill("61640.0", time_ms=NOW_MS - 300_000),
            a_fill("61650.0", side=Side.SELL, time_ms=NOW_MS - 120_000),
        ),
    ),
)
ALARMED = replace(
    CALM,
    trading_enabled=True,
    account=an_account(
        positions=tuple(EVERY_COVER),
        orders=tuple(EVERY_STATE),
        trouble="order bc-k3-5-e is UNKNOWN",
        unknown_orders=1,
        foreign_orders=1,
    ),
)
LIMITED = replace(
    TRADING,
    account=an_account(
        risk=a_risk(gauges=tuple(GAUGES), dead_men=(a_dead_man(),), phase=a_phase()),
        unprotected_seconds_today=3.2,
    ),
)
TRIPPED = replace(
    HALTED_BY_BREAKER,
    book=CALM.book,
    bars=CALM.bars,
    trades=CALM.trades,
    feeds=CALM.feeds,
)
REAL_TRIPPED = replace(TRIPPED, environment="production", label="")
REDUCING = replace(LIMITED, book=CALM.book, bars=CALM.bars, state=TradingState.REDUCING)
LINES = [
    a_log_line(1, text="botcore 0.1.0, environment demo", source="cli.cockpit"),
    a_log_line(2, text="BTCUSDT book is live at update 987654300", source="book.live"),
    a_log_line(3, text="no frame for 3.1 s: btcusdt@markPrice@1s", severity=Severity.WARNING),
    a_log_line(4, text="connection lost: no close frame received", severity=Severity.ERROR),
    a_log_line(5, text="connected again after 1.2 s"),
]


def after(*keys: str) -> Callable[[Pilot[Leave]], Awaitable[None]]:
    """Shows one picture of the market, presses keys and lets everything settle."""

    async def prepare(pilot: Pilot[Leave]) -> None:
        app = pilot.app
        assert isinstance(app, Cockpit)
        app.animation_level = "none"
        app.frame()
        await pilot.pause()
        await pilot.press(*keys)
        app.frame()
        # The panes have their sizes now; all that was due waits for no clock but ours.
        assert app.latest is not None
        app.desk.show(app.latest, at_once=True)
        await pilot.pause()

    return prepare


@pytest.mark.requirement("R18")
@pytest.mark.parametrize(
    ("picture", "size", "theme", "keys"),
    [
        pytest.param(MARKET, (160, 48), "cb-dark", (), id="wide", marks=SLOW),
        pytest.param(HALTED, (160, 48), "cb-dark", (), id="wide-halted", marks=SLOW),
        pytest.param(PRODUCTION, (160, 48), "cb-dark", (), id="wide-production", marks=SLOW),
        pytest.param(REPLAY, (120, 40), "cb-dark", (), id="middle-replay", marks=SLOW),
        pytest.param(MARKET, (80, 24), "cb-dark", (), id="narrow", marks=SLOW),
        pytest.param(HALTED, (80, 24), "mono", (), id="narrow-halted-mono", marks=SLOW),
        pytest.param(CALM, (60, 20), "ansi16", (), id="tiny-ansi16"),
        pytest.param(TRADING, (160, 48), "cb-dark", (), id="wide-trading", marks=SLOW),
        pytest.param(ALARMED, (160, 48), "cb-dark", (), id="wide-alarmed"),
        pytest.param(ALARMED, (120, 40), "cb-light", ("5",), id="middle-alarmed-light", marks=SLOW),
        pytest.param(TRADING, (80, 24), "cb-dark", (), id="narrow-trading"),
        pytest.param(ALARMED, (80, 24), "mono", ("5",), id="narrow-alarmed-mono", marks=SLOW),
        pytest.param(
            TRADING,
            (80, 24),
            "cb-dark",
            ("B", *"0.1", "tab", *"61600"),
            id="order-ticket",
            marks=SLOW,
        ),
        pytest.param(
            HALTED,
            (80, 24),
            "cb-dark",
            ("f9", *"fed", "enter", *"resum", "enter"),
            id="resume",
            marks=SLOW,
        ),
        pytest.param(LIMITED, (160, 48), "cb-dark", (), id="wide-limits", marks=SLOW),
        pytest.param(TRIPPED, (160, 48), "cb-dark", (), id="wide-tripped"),
        pytest.param(REAL_TRIPPED, (80, 24), "mono", ("0",), id="narrow-tripped-production-mono"),
        pytest.param(REDUCING, (80, 24), "mono", (), id="narrow-reducing-mono", marks=SLOW),
        pytest.param(TRIPPED, (80, 24), "cb-dark", ("f9",), id="resume-blocked"),
        pytest.param(LIMITED, (80, 24), "cb-dark", ("f8",), id="flatten", marks=SLOW),
        pytest.param(TRIPPED, (120, 40), "cb-dark", ("b",), id="breakers", marks=SLOW),
        pytest.param(TRIPPED, (80, 24), "mono", ("b", "r"), id="reset-mono", marks=SLOW),
        pytest.param(TRIPPED, (80, 24), "cb-dark", ("w",), id="why", marks=SLOW),
        pytest.param(LIMITED, (80, 24), "cb-dark", ("e",), id="evidence", marks=SLOW),
        pytest.param(HALTED, (80, 24), "cb-dark", ("f7",), id="environment", marks=SLOW),
        pytest.param(CALM, (120, 40), "cb-dark", ("question_mark",), id="help", marks=SLOW),
    ],
)
def test_cockpit_looks_as_it_did(
    snap_compare: Compare,
    picture: Snapshot,
    size: tuple[int, int],
    theme: str,
    keys: tuple[str, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    app = a_cockpit(FakeEngine(picture, LINES), theme=theme)
    assert snap_compare(app, terminal_size=size, run_before=after(*keys))
