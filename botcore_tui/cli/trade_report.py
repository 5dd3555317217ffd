"""What a run that traded came to, as one JSON object for programs."""

import asyncio
import concurrent.futures
import logging
from decimal import Decimal
from typing import Final

import msgspec
from msgspec import Struct

from botcore_tui.cli.leaving import Settled
from botcore_tui.cli.trading import OpenAccount
from botcore_tui.cli.trading_place import TradingPlace
from botcore_tui.cli.workplace import Workplace
from botcore_tui.engine.publisher import peak_resident_mb
from botcore_tui.errors import BotcoreError, FetchError
from botcore_tui.ledger.attest import attest
from botcore_tui.ledger.reader import LedgerReader
from botcore_tui.ledger.verify import verify
from botcore_tui.model.account import Income
from botcore_tui.model.snapshot import Percentiles, Snapshot
from botcore_tui.model.trading import AccountView, MoneyView, PositionView

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
        account = self._place.counter.account
        self._books = _Books() if account is None else _books(account)

    def as_json(self) -> str:
        """The object; the ledger is looked at here, and should be closed by then."""
        return msgspec.json.encode(self._fields()).decode()

    def _fields(self) -> dict[str, object]:
        place, truth, snapshot = self._place, self._settled.truth, self._settled.snapshot
        view = None if snapshot is None else snapshot.account
        positions = () if view is None else view.positions
        orders = () if truth is None else (*truth.orders, *truth.algo_orders)
        return {
            "run_id": self._books.run_id,
            "orders": place.tally.orders,
            "fills": place.tally.fills,
            "rejected": 0 if view is None else view.rejected,
            "denied": 0 if view is None else view.denied,
            "unknown": 0 if view is None else view.unknown_orders,
            "open_orders": len(orders),
            "positions": [_position(position) for position in positions],
            "unprotected_seconds": _number(place.tally.unprotected_seconds),
            **_earned(view),
            "attest_difference": _number(self._books.difference),
            "ledger_verified": _is_intact(self._books.ledger_url),
            "reconnects": 0 if snapshot is None else _reconnects(snapshot),
            "resyncs": self._resyncs,
            "peak_rss_mb": round(peak_resident_mb(), 1),
            "tick_to_order_us": _quantiles(place.counter.timings.tick_to_order.percentiles()),
            "event_latency_us": _quantiles(
                _NOTHING if snapshot is None else snapshot.health.latency
            ),
            "trouble": self._settled.trouble,
        }


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
    return _Books(url, run_id, found.total)


def _income(account: OpenAccount, start_ms: int, end_ms: int) -> list[Income] | None:
    asking = asyncio.run_coroutine_threadsafe(account.venue.income(start_ms, end_ms), account.loop)
    try:
        return asking.result(_ASK_SECONDS)
    except (FetchError, TimeoutError, concurrent.futures.CancelledError, RuntimeError) as error:
        asking.cancel()
        logger.error("the venue's books cannot be read: %s", error)  # noqa: TRY400 - no defect
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


def _earned(view: AccountView | None) -> dict[str, object]:
    money: MoneyView | None = None if view is None else view.money
    zero = Decimal(0)
    return {
        "realized_pnl": _number(zero if money is None else money.realized_run),
        "fees": _number(zero if money is None else money.fees_run),
        "funding": _number(zero if money is None else money.funding_run),
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
