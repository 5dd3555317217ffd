"""Breakers: what is lost, and what else must not go on, stops trading until a person says so.

Equity is compared with anchors on every mark and every tick. A loss that the mark makes trips at
once. One that only a wallet shows which changed for no known reason waits for a second look, since
money in transfer looks the same (some seconds at most, see ``RiskDesk``); meanwhile nothing new is
risked.
"""

from collections import deque
from decimal import Decimal
from typing import Final

from botcore_tui.core.anchors import DAY, HIGH_WATER, HOUR, ROLLING_DAY, Anchors
from botcore_tui.core.breaker_terms import DAY_START_UNKNOWN, BreakerLimits, OnTrip, Reading
from botcore_tui.core.gate_terms import Denial
from botcore_tui.core.loss import LossGauge, strictest
from botcore_tui.core.standing import BREAKER, Standing, code_of, trips_of
from botcore_tui.model.command import Halt, NotedTrip, ResetBreaker
from botcore_tui.model.event import Append, Effect, Record
from botcore_tui.model.ledger import AnchorRow, Recollection, ResetRow, TripRow
from botcore_tui.model.risk import Gauge, Tier
from botcore_tui.model.severity import Severity

__all__ = ["DAY_START_UNKNOWN", "BreakerLimits", "Breakers", "OnTrip", "Reading"]

_SHOWN: Final = 20
_HUNDRED: Final = 100


class Breakers:
    """Of one account; what has tripped stays so until it is reset by name.

    Args:
        limits: See there.
        standing: The trading state, which trips lower.
        recollection: What the ledger knows.

    Attributes:
        anchors: What losses are measured from.
        latched: Tripped and not reset, by code.
        trips: The newest ones, newest first.
        equity: The last one that was known and sure; None before.
        equity_ms: As of when that was true: when the oldest mark in it came.
        wants_flat: A trip asks for positions to be closed; whoever does that takes it back.
    """

    def __init__(
        self, limits: BreakerLimits, standing: Standing, recollection: Recollection
    ) -> None:
        self.limits = limits
        self.anchors = Anchors()
        self.latched: dict[str, TripRow] = {}
        self.trips: tuple[TripRow, ...] = ()
        self.equity: Decimal | None = None
        self.equity_ms: int | None = None
        self.wants_flat = False
        self._standing = standing
        self._account = recollection.account
        self._reading: Reading | None = None
        self._is_expected = False
        self._unknown_since_ms: int | None = None
        self._now_ms = recollection.time_ms
        self._unknown_orders: deque[int] = deque(maxlen=100)
        self._gauges = (
            LossGauge("A01", "daily loss", DAY, "equity at 00:00 UTC", limits.daily_loss_pct),
            LossGauge("A02", "drawdown", HIGH_WATER, "high-water mark", limits.drawdown_pct),
            LossGauge("A03-1h", "hour loss", HOUR, "highest in 60 minutes", limits.hour_loss_pct),
            LossGauge(
                "A03-24h",
                "24 h loss",
                ROLLING_DAY,
                "highest in 24 hours",
                limits.rolling_day_loss_pct,
            ),
        )
        self._daily = self._gauges[0]

    def restore(self, recollection: Recollection) -> list[Effect]:
        """Begin with what the ledger knows: what has tripped is halted, whatever the state was."""
        memory = recollection.risk
        self.anchors.restore(recollection)
        self.latched = {trip.code: trip for trip in memory.latched}
        self.trips = memory.trips[:_SHOWN]
        # A crash in the middle of flattening changes nothing about what is wanted.
        self.wants_flat = any(trip.action == OnTrip.FLATTEN for trip in memory.latched)
        effects = self._latch_unrecorded()
        if effects or not self.latched:
            return effects
        codes = ", ".join(sorted(self.latched))
        reason = f"breaker {codes} tripped in an earlier run and was not reset"
        return self._standing.on_halt(Halt(BREAKER, reason, self._now_ms))

    def _latch_unrecorded(self) -> list[Effect]:
        """Latch what tripped by the halt file alone: the ledger was out of reach, or is another.

        A trip that the ledger has is as it says, latched or reset. One of another account halts
        and no more: this one has lost nothing, and is not closed for it.
        """
        halt, effects = self._standing.halt, list[Effect]()
        for noted in () if halt is None else trips_of(halt):
            effects += self._latch_noted(noted)
        return effects

    def _latch_noted(self, noted: NotedTrip) -> list[Effect]:
        known = {(trip.code, trip.time_ms) for trip in (*self.trips, *self.latched.values())}
        code, text = code_of(noted.reason)
        if not code or (code, noted.time_ms) in known or noted.account not in {"", self._account}:
            return []
        told = f"{text} (by the halt file; not in the ledger)"
        return self._trip(code, told, None, Decimal(0), noted.time_ms)

    def limit(self, limits: BreakerLimits) -> None:
        """Other limits hold from here on."""
        self.limits = limits
        percents = (
            limits.daily_loss_pct,
            limits.drawdown_pct,
            limits.hour_loss_pct,
            limits.rolling_day_loss_pct,
        )
        for gauge, percent in zip(self._gauges, percents, strict=True):
            gauge.limit(percent)

    # --- what it knows --------------------------------------------------------------------------

    @property
    def day_profit(self) -> Decimal | None:
        """Since the day's start, transfers left out: A01's loss with the other sign."""
        loss = self._daily.loss
        return None if loss is None else -loss

    @property
    def day_profit_pct(self) -> Decimal | None:
        """Likewise, in percent of the day's start."""
        base, profit = self._daily.base, self.day_profit
        return None if base is None or profit is None else profit / base * _HUNDRED

    # --- evaluation -----------------------------------------------------------------------------

    def evaluate(
        self, reading: Reading | None, time_ms: int, *, is_expected: bool = True
    ) -> list[Effect]:
        """Compare equity with all anchors; on every mark, every tick, every word of the account.

        Args:
            reading: Equity; None while it is unknown.
            time_ms: Now.
            is_expected: Whether it should be known: the venue has told of the account.
        """
        now = self._now_ms = max(self._now_ms, time_ms)
        self._reading, self._is_expected = reading, is_expected
        if reading is None:
            return self._unknown(now) if is_expected else self._blind()
        self._unknown_since_ms = None
        rows: list[AnchorRow] = []
        if reading.is_sure:
            rows = self.anchors.observe(reading.told, now)
            self.equity = reading.told
            self.equity_ms = now if reading.mark_ms is None else min(now, reading.mark_ms)
        else:
            self.anchors.pass_time(now)
        effects: list[Effect] = [Append(row) for row in rows]
        strictest_now = Tier.CLEAR
        for gauge in self._gauges:
            gauge.read(self.anchors.base(gauge.kind), reading.explained)
            if gauge.tier is Tier.CLEAR:
                continue
            if gauge.tier is Tier.TRIPPED and gauge.code not in self.latched:
                effects += self._trip_loss(gauge, now)
            strictest_now = strictest(strictest_now, gauge.tier)
        if strictest_now in {Tier.REDUCE, Tier.TRIPPED}:
            effects += self._reduce(self._near_text(), now)
        elif self.anchors.is_day_unknown:
            effects += self._reduce(DAY_START_UNKNOWN, now)
        return effects

    def _blind(self) -> list[Effect]:
        for gauge in self._gauges:
            gauge.read(gauge.base, None)
        return []

    def _unknown(self, now: int) -> list[Effect]:
        self.anchors.pass_time(now)
        for gauge in self._gauges:
            gauge.read(self.anchors.base(gauge.kind), None)
        if self._unknown_since_ms is None:
            self._unknown_since_ms = now
        waited_ms, limits = now - self._unknown_since_ms, self.limits
        if waited_ms < limits.equity_unknown_ms:
            return []
        text = f"equity has been unknown for {waited_ms / 1000:.0f} s"
        if waited_ms < limits.equity_lost_ms:
            return self._reduce(f"A05 {text}", now)
        if "A05" in self.latched:
            return []
        return self._trip("A05", text, None, Decimal(limits.equity_lost_ms) / 1000, now)

    def on_unknown_order(self, time_ms: int) -> list[Effect]:
        """An order became UNKNOWN (A13)."""
        now = self._now_ms = max(self._now_ms, time_ms)
        times, limits = self._unknown_orders, self.limits
        times.append(now)
        while times[0] <= now - limits.unknown_orders_ms:
            times.popleft()
        if len(times) < limits.unknown_orders or "A13" in self.latched:
            return []
        minutes = limits.unknown_orders_ms / 60_000
        text = f"{len(times)} orders became UNKNOWN within {minutes:g} minutes"
        return self._trip("A13", text, Decimal(len(times)), Decimal(limits.unknown_orders), now)

    def on_lag(self, seconds: float, time_ms: int) -> list[Effect]:
        """The engine stood still (A14)."""
        self._now_ms = max(self._now_ms, time_ms)
        if seconds <= self.limits.lag_seconds:
            return []
        reason = f"A14 the engine stood still for {seconds:.1f} s"
        return self._reduce(reason, self._now_ms)

    def on_dead_man(self, symbol: str, missed: int, reason: str, time_ms: int) -> list[Effect]:
        """The venue's dead-man was not refreshed again and again (A16)."""
        now = self._now_ms = max(self._now_ms, time_ms)
        if "A16" in self.latched:
            return []
        text = f"dead-man of {symbol} was not confirmed {missed} times in a row: {reason}"
        return self._trip("A16", text, Decimal(missed), Decimal(missed), now)

    # --- tripping -------------------------------------------------------------------------------

    def _trip_loss(self, gauge: LossGauge, now: int) -> list[Effect]:
        row = TripRow(
            code=gauge.code,
            observed=gauge.used_pct,
            limit=gauge.limit_pct,
            amount=gauge.loss,
            limit_amount=gauge.limit_amount,
            action=self.limits.on_trip,
            text=gauge.text,
            time_ms=now,
        )
        return self._latch(row)

    def _trip(
        self, code: str, text: str, observed: Decimal | None, limit: Decimal, now: int
    ) -> list[Effect]:
        row = TripRow(
            code=code,
            observed=observed,
            limit=limit,
            amount=None,
            limit_amount=None,
            action=self.limits.on_trip,
            text=text,
            time_ms=now,
        )
        return self._latch(row)

    def _latch(self, row: TripRow) -> list[Effect]:
        self.latched[row.code] = row
        self.trips = (row, *self.trips)[:_SHOWN]
        self.wants_flat |= self.limits.on_trip is OnTrip.FLATTEN
        text = f"breaker {row.code} tripped: {row.text}"
        halt = Halt(BREAKER, f"{row.code} {row.text}", row.time_ms, account=self._account)
        # The latch comes before whatever is then done at the venue.
        return [
            Append(row),
            *self._standing.on_trip(halt),
            Record(Severity.CRITICAL, "breaker.tripped", text, row.time_ms),
        ]

    def _reduce(self, reason: str, now: int) -> list[Effect]:
        return self._standing.reduce(BREAKER, reason, now)

    def _near_text(self) -> str:
        near = (one for one in self._gauges if one.tier in {Tier.REDUCE, Tier.TRIPPED})
        return "; ".join(f"{one.code} {one.text}" for one in near)

    # --- by name --------------------------------------------------------------------------------

    def reset(self, command: ResetBreaker) -> tuple[list[Effect], Denial | None]:
        """Let go of one breaker, or say why not; trading stays halted until it is resumed."""
        gauge = next((one for one in self._gauges if one.code == command.code), None)
        denial = self._reset_denial(command, gauge)
        if denial is not None:
            return [], denial
        now, code = self._now_ms, command.code
        effects: list[Effect] = []
        if gauge is not None and command.rebases:
            assert self._reading is not None  # or it would have been refused
            equity = self._reading.told
            row = self.anchors.rebase(gauge.kind, equity, command.actor, command.reason)
            effects.append(Append(row))
            gauge.read(self.anchors.base(gauge.kind), equity)
        if code == "A13":
            self._unknown_orders.clear()
        self.latched.pop(code, None)
        reset = ResetRow(
            code=code,
            is_rebased=gauge is not None and command.rebases,
            actor=command.actor,
            reason=command.reason,
            time_ms=now,
        )
        how = ", losses count anew" if reset.is_rebased else ""
        text = f"breaker {code} was reset by {command.actor}{how}: {command.reason}"
        return [
            *effects,
            Append(reset),
            Record(Severity.WARNING, "breaker.reset", text, now),
        ], None

    def _reset_denial(self, command: ResetBreaker, gauge: LossGauge | None) -> Denial | None:
        code = command.code
        if not (command.actor.strip() and command.reason.strip()):
            return Denial(code, "a breaker is reset by name only", remedy="give actor and reason")
        is_day = code == "A01" and self.anchors.is_day_unknown
        if code not in self.latched and not is_day:
            known = ", ".join(sorted(self.latched)) or "none"
            return Denial(code, f"breaker {code} is not latched", observed=f"latched: {known}")
        if gauge is None:
            if code == "A05" and self._reading is None:
                return Denial(code, "equity is still unknown", remedy="wait for the account")
            return None
        reading = self._reading
        if reading is None or not reading.is_sure:
            return Denial(code, "equity is not known now", remedy="wait for the account")
        if command.rebases:
            if reading.told > 0:
                return None
            return Denial(code, f"equity is {reading.told:f}", remedy="there is nothing to lose")
        if is_day or gauge.tier in {Tier.TRIPPED, Tier.UNKNOWN}:
            what = DAY_START_UNKNOWN if is_day else f"still at its limit: {gauge.text}"
            return Denial(code, what, remedy="reset it with --rebase: losses count anew from now")
        return None

    # --- what it says ---------------------------------------------------------------------------

    def tier(self) -> Tier:
        """The strictest of all."""
        if self.latched:
            return Tier.TRIPPED
        tiers = [one.tier for one in self._gauges]
        if self.anchors.is_day_unknown:
            tiers.append(Tier.REDUCE)
        return strictest(*tiers)

    def entry_denial(self, *, is_add: bool = False) -> str:
        """Why entries are denied now; empty if they are not.

        Args:
            is_add: Whether the entry would add to a position (A04).
        """
        if self.latched:
            code, trip = next(iter(self.latched.items()))
            return (
                f"breaker {code} is latched: {trip.text}; reset it with"
                f" botcore reset-breaker {code} --reason TEXT"
            )
        if self.anchors.is_day_unknown:
            return DAY_START_UNKNOWN
        if self._reading is None and not self._is_expected:
            return ""  # the account is not reconciled (P10), which says more
        if self._reading is None:
            return "equity is not known (A05): wait for the account"
        if not self._reading.is_sure:
            change = self._reading.told - self._reading.explained
            return f"the wallet changed by {change:.2f} USDT, nobody said why: wait"
        tier = self.tier()
        if tier is Tier.CLEAR or (tier is Tier.WARN and not is_add):
            return ""
        if tier is Tier.UNKNOWN:
            return "losses cannot be told, there is nothing to compare equity with: wait"
        if tier is Tier.WARN:
            texts = [one.text for one in self._gauges if one.tier is Tier.WARN]
            return f"half of a limit is used, positions are not added to: {'; '.join(texts)}"
        return f"80 % of a limit is used, only reducing orders pass: {self._near_text()}"

    @property
    def day_left(self) -> Decimal | None:
        """What may still be lost today; None while unknown."""
        return self._daily.left

    def gauges(self) -> tuple[Gauge, ...]:
        """For the screen."""
        return tuple(one.view(is_latched=one.code in self.latched) for one in self._gauges)
