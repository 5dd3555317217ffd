"""What a run that traded came to, as one JSON object for programs."""

import asyncio
import concurrent.futures
import logging
from decimal import Decimal
from typing import Final

import msgspec
from msgspec import Struct

from botcore_tui.cli.leaving import Settled
from botcore_tui.cli.tally import Earned
from botcore_tui.cli.trade_run import NO_SESSION
from botcore_tui.cli.trading import OpenAccount
from botcore_tui.cli.trading_place import TradingPlace
from botcore_tui.cli.workplace import Workplace
from botcore_tui.engine.publisher import peak_resident_mb
from botcore_tui.errors import BotcoreError, FetchError, why_unanswered
from botcore_tui.ledger.attest import attest
from botcore_tui.ledger.pnl import moment_of
from botcore_tui.ledger.reader import LedgerReader
from botcore_tui.ledger.verify import verify
from botcore_tui.model.account import Income, PositionReport
from botcore_tui.model.snapshot import Percentiles, Snapshot
from botcore_tui.model.trading import Cover, PositionView

logger = logging.getLogger(__name__)

_ASK_SECONDS: Final = 10.0
_FLUSH_SECONDS: Final = 5.0
_MARGIN_MS: Final = 60_000
"""The venue's clock may be ahead of what is known of it."""
_NOTHING: Final = Percentiles(count=0, p50_us=0.0, p99_us=0.0, max_us=0.0)


class _Books(Struct, frozen=True):
    """What can be asked only while the venue is there."""

    ledger_url: str = ""
    run_id: str = ""
    difference: Decimal | None = None
    """None: the two could not be compared."""


class Reporter:
    """Gathers figures; make it while engine and venue still run.

    Args:
        workplace: Whose account has been settled.
    """

    def __init__(self, workplace: Workplace) -> None:
        assert workplace.trading is not None
        assert workplace.settled is not None
        self._place: TradingPlace = workplace.trading
        self._settled: Settled = workplace.settled
        self._resyncs = workplace.trading.tally.resyncs
        account, latest = self._place.counter.account, self._place.counter.latest
        if account is not None:
            self._books = _books(account)
        elif latest is not None:  # its session has ended, and its ledger is there
            self._books = _Books(latest.ledger.url, latest.ledger.run_id)
        else:
            self._books = _Books()

    @property
    def trouble(self) -> str:
        """Why the account was not left as it should be, or is not known; empty if it was."""
        return self._settled.trouble or ("" if self._books.run_id else NO_SESSION)

    def as_json(self) -> str:
        """The object; the ledger is looked at here, and should be closed by then."""
        return msgspec.json.encode(self._fields()).decode()

    def _fields(self) -> dict[str, object]:
        place, snapshot = self._place, self._settled.snapshot
        view = None if snapshot is None else snapshot.account
        return {
            "run_id": self._books.run_id,
            "orders": place.tally.orders,
            "fills": place.tally.fills,
            "rejected": place.tally.earned.rejected,
            "denied": place.tally.earned.denied,
            "unknown": 0 if view is None else view.unknown_orders,
            "open_orders": self._open_orders(),
            "positions": self._positions(),
            "unprotected_seconds": _number(place.tally.unprotected_seconds),
            **_money(place.tally.earned),
            "attest_difference": _number(self._books.difference),
            "ledger_verified": _is_intact(self._books.ledger_url),
            "reconnects": 0 if snapshot is None else _reconnects(snapshot),
            "resyncs": self._resyncs,
            "peak_rss_mb": round(peak_resident_mb(), 1),
            "tick_to_order_us": _quantiles(place.counter.timings.tick_to_order.percentiles()),
            "event_latency_us": _quantiles(
                _NOTHING if snapshot is None else snapshot.health.latency
            ),
            "trouble": self.trouble,
        }

    def _positions(self) -> list[dict[str, object]] | None:
        """By the venue's word; what was known last where it was silent; None: nothing was."""
        truth, snapshot = self._settled.truth, self._settled.snapshot
        view = None if snapshot is None else snapshot.account
        if truth is None and view is None:
            return None
        known = {one.symbol: one for one in (() if view is None else view.positions)}
        if truth is None:
            return [_position(position) for position in known.values()]
        told: list[dict[str, object]] = []
        naked = truth.naked()
        for report in truth.positions:
            ours = known.get(report.symbol)
            if ours is not None and ours.quantity == report.quantity:
                # Its stop may have gone since we saw it: what is told then is that there is none.
                gone = {"stop_price": None, "cover": Cover.NAKED}
                told.append(_position(ours) | (gone if report.symbol in naked else {}))
            elif report.quantity:
                told.append(_unexpected(report, is_naked=report.symbol in naked))
        return told

    def _open_orders(self) -> int | None:
        truth = self._settled.truth
        if truth is not None:
            return len(truth.orders) + len(truth.algo_orders)
        return 0 if not self.trouble else None  # else nobody knows


def _books(account: OpenAccount) -> _Books:
    url, run_id = account.ledger.url, account.ledger.run_id
    if not account.ledger.flush(_FLUSH_SECONDS):
        logger.error("the ledger did not take everything within %g s", _FLUSH_SECONDS)
        return _Books(url, run_id)
    # What happened before the session belongs to whoever ran then, and to ``ledger attest``.
    start_ms, end_ms = account.started_ms, account.venue.now_ms() + _MARGIN_MS
    income = _income(account, start_ms, end_ms)
    if income is None:
        return _Books(url, run_id)
    with LedgerReader(url, account.address.account) as reader:
        found = attest(
            reader.fills(start_ms, end_ms),
            reader.funding(start_ms, end_ms),
            reader.transfers(start_ms, end_ms),
            income,
        )
    for difference in found.differences:
        logger.error("not as in the venue's books: %s %s", difference.what, difference)
    for time_ms, kind in found.unsure:
        logger.error("not all of the venue's books is known: %s of %s", kind, moment_of(time_ms))
    return _Books(url, run_id, None if found.unsure else found.total)


def _income(account: OpenAccount, start_ms: int, end_ms: int) -> list[Income] | None:
    asking = asyncio.run_coroutine_threadsafe(account.venue.income(start_ms, end_ms), account.loop)
    try:
        return asking.result(_ASK_SECONDS)
    except (FetchError, TimeoutError, concurrent.futures.CancelledError, RuntimeError) as error:
        asking.cancel()
        why = why_unanswered(error, _ASK_SECONDS)
        logger.error("the venue's books cannot be read: %s", why)  # noqa: TRY400 - no defect
        return None


def _is_intact(url: str) -> bool:
    if not url:
        return False
    try:
        verdict = verify(url)
    except BotcoreError as error:
        logger.error("the ledger cannot be verified: %s", error)  # noqa: TRY400 - no defect
        return False
    for each in verdict.breaks:
        logger.error("the ledger is not as it was written: %s", each)
    return verdict.is_intact


def _position(position: PositionView) -> dict[str, object]:
    return {
        "symbol": position.symbol,
        "quantity": _number(position.quantity),
        "entry_price": _number(position.entry_price),
        "stop_price": _number(position.stop_price),
        "cover": position.cover,
    }


def _unexpected(report: PositionReport, *, is_naked: bool) -> dict[str, object]:
    # One that our books have otherwise: its stop is whichever the venue lists.
    return {
        "symbol": report.symbol,
        "quantity": _number(report.quantity),
        "entry_price": _number(report.entry_price),
        "stop_price": None,
        "cover": Cover.NAKED if is_naked else Cover.VERIFIED,
    }


def _money(earned: Earned) -> dict[str, object]:
    return {
        "realized_pnl": _number(earned.realized),
        "fees": _number(earned.fees),
        "funding": _number(earned.funding),
    }


def _reconnects(snapshot: Snapshot) -> int:
    return sum(feed.reconnects for feed in snapshot.feeds)


def _quantiles(found: Percentiles) -> dict[str, float]:
    return {"p50": round(found.p50_us, 1), "p99": round(found.p99_us, 1)}


def _number(value: Decimal | None) -> msgspec.Raw:
    # A number with all its digits, and none of the exponents that a Decimal may carry.
    return msgspec.Raw(b"null" if value is None else _plain(value).encode())


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
