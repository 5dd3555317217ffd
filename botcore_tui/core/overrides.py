"""Limits that a person relaxes for a while (P24): by name, with a reason, an end and a bound."""

from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from botcore_tui.core.gate_limits import RELAXABLE, normal_of, relaxed
from botcore_tui.core.gate_terms import Denial, Limits
from botcore_tui.model.command import Relax
from botcore_tui.model.event import Append, Effect, Record
from botcore_tui.model.ledger import OverrideRow, RiskMemory
from botcore_tui.model.severity import Severity

MOST_MINUTES: Final = 60
MOST_TIMES: Final = 2
_MINUTE_MS: Final = 60_000


class Overrides:
    """What is relaxed now.

    Args:
        normal: Limits in force without.
        memory: What the ledger knows: an override outlives a restart, its end does too.

    Attributes:
        limits: In force.
        rows: Those that hold, one a limit.
    """

    def __init__(self, normal: Limits, memory: RiskMemory) -> None:
        self._normal = normal
        self._latest_ms = 0
        self.limits = normal
        self.rows: tuple[OverrideRow, ...] = ()
        self._hold(row for row in map(self._recalled, memory.overrides) if row is not None)

    def relax(self, command: Relax, time_ms: int) -> tuple[list[Effect], Denial | None]:
        """Relax a limit, or end that with zero minutes; or say why not."""
        denial = self._denial(command)
        if denial is not None:
            return [], denial
        now = self._now(time_ms)
        normal = normal_of(self._normal, command.limit)
        assert normal is not None  # checked above
        row = OverrideRow(
            limit=command.limit,
            value=command.value if command.minutes else normal,
            normal=normal,
            actor=command.actor,
            reason=command.reason,
            until_ms=now + command.minutes * _MINUTE_MS,
            time_ms=now,
        )
        others = [one for one in self.rows if one.limit != command.limit]
        self._hold([*others, row] if command.minutes else others)
        if not command.minutes:
            return _ended(row, f"ended by {command.actor}"), None
        text = (
            f"{row.limit} is relaxed from {normal:f} to {row.value:f} for {command.minutes} min"
            f" by {row.actor}: {row.reason}"
        )
        return [Append(row), Record(Severity.WARNING, "override.begun", text, now)], None

    def rebase(self, normal: Limits) -> None:
        """What is normal is another now, as after a demotion: nothing stays above its bound."""
        self._normal = normal
        self._hold([row for row in map(self._recalled, self.rows) if row is not None])

    def on_time(self, time_ms: int) -> list[Effect]:
        """Let those end whose time has come; a clock that was set back lengthens none."""
        if not self.rows:
            return []
        now = self._now(time_ms)
        over = [row for row in self.rows if now >= row.until_ms]
        if not over:
            return []
        self._hold([row for row in self.rows if now < row.until_ms])
        effects: list[Effect] = []
        for row in over:
            effects += _ended(replace(row, until_ms=now, time_ms=now), "its time is over")
        return effects

    def _now(self, time_ms: int) -> int:
        self._latest_ms = max(self._latest_ms, time_ms)
        return self._latest_ms

    def _hold(self, rows: Iterable[OverrideRow]) -> None:
        self.rows = tuple(rows)
        self.limits = relaxed(self._normal, ((row.limit, row.value) for row in self.rows))

    def _recalled(self, row: OverrideRow) -> OverrideRow | None:
        """As far as it is allowed by what is normal now."""
        normal = normal_of(self._normal, row.limit)
        is_bounded = 0 < row.until_ms - row.time_ms <= MOST_MINUTES * _MINUTE_MS
        if normal is None or not is_bounded or not row.value.is_finite():
            return None
        self._latest_ms = max(self._latest_ms, row.time_ms)
        return replace(row, value=min(row.value, MOST_TIMES * normal), normal=normal)

    def _denial(self, command: Relax) -> Denial | None:
        if not (command.actor.strip() and command.reason.strip()):
            return Denial("P24", "a limit is relaxed by name only", remedy="give actor and reason")
        normal = normal_of(self._normal, command.limit)
        if normal is None:
            known = ", ".join(sorted(key for key in RELAXABLE if normal_of(self._normal, key)))
            return Denial("P24", f"{command.limit} cannot be relaxed", remedy=f"take {known}")
        if not 0 <= command.minutes <= MOST_MINUTES:
            return Denial(
                "P24",
                f"{command.minutes} minutes",
                limit=f"from 0 to {MOST_MINUTES}",
                observed=str(command.minutes),
                remedy="ask again when they are over",
            )
        if command.minutes and not (
            command.value.is_finite() and normal < command.value <= MOST_TIMES * normal
        ):
            return Denial(
                "P24",
                f"{command.limit} = {command.value}",
                limit=f"above {normal:f}, at most {MOST_TIMES * normal:f}",
                observed=str(command.value),
                remedy="give a value between those",
            )
        if command.limit == "risk.max_positions" and command.value % 1:
            return Denial("P24", f"{command.value} is no whole number of positions")
        return None


def _ended(row: OverrideRow, why: str) -> list[Effect]:
    text = f"{row.limit} is {row.normal:f} again: {why}"
    return [Append(row), Record(Severity.WARNING, "override.ended", text, row.time_ms)]
