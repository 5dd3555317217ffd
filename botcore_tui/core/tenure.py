"""The phase that is in force for one account: it begins, it may be demoted, it never rises here.

With real money the ledger's newest gate row says which phase that is. Without one nothing new is
let through, and the tightest limits hold; play and test money are always in phase testnet.
"""

from decimal import Decimal
from typing import Final

from botcore_tui.core.phase import (
    Phase,
    PhaseRules,
    band_trouble,
    is_in_band,
    previous_phase,
    rules_of,
    starting_rules,
)
from botcore_tui.core.standing import BREAKER
from botcore_tui.model.ledger import PhaseRow, RiskMemory
from botcore_tui.model.risk import PhaseView

_DEMOTING: Final = frozenset({"A01", "A02"})
"""Daily loss and drawdown: the money that the phase allowed to lose is lost."""
_PHASES: Final = {str(phase): phase for phase in Phase}


def demotion(
    phase: Phase, code: str, *, is_real_money: bool, equity: Decimal | None, time_ms: int
) -> PhaseRow | None:
    """The row by which a trip demotes an account; None if it does not.

    Args:
        phase: In force.
        code: Of the breaker that tripped.
        is_real_money: A rehearsal with other money demotes nobody.
        equity: Now, if it is known: what the lower phase's band is compared with.
        time_ms: When.
    """
    before = previous_phase(phase)
    if not is_real_money or code not in _DEMOTING or before is None:
        return None
    return PhaseRow(
        phase=before,
        previous=phase,
        actor=BREAKER,
        reason=f"{code} tripped in phase {phase}",
        evidence="",
        equity=equity,
        time_ms=time_ms,
    )


class Tenure:
    """The phase of one account in one session.

    Args:
        rules: What the environment begins with; None: no phase is in force, nothing is limited.
        memory: What the ledger knows.
        is_real_money: Whether gate rows decide.
    """

    def __init__(
        self, rules: PhaseRules | None, memory: RiskMemory, *, is_real_money: bool
    ) -> None:
        self._is_real_money = is_real_money
        self._since_ms = 0
        self._demoted_ms = 0
        self._equity: Decimal | None = None
        self._transfers = Decimal(0)
        self._passed: Phase | None = None
        """By the gate rows; None: by none that can be read."""
        self._start = rules
        row = memory.phase
        if row is not None and (is_real_money or row.phase == _name(rules)):
            self._enter(row)
            self._transfers = memory.phase_transfers

    @property
    def rules(self) -> PhaseRules | None:
        """Whose limits hold; None: none."""
        if self._start is None:
            return None
        if not self._is_real_money:
            return self._start
        if self._passed is None or self._passed is Phase.TESTNET:
            return starting_rules(is_real_money=True)
        return rules_of(self._passed)

    @property
    def phase(self) -> Phase | None:
        """The phase in force; of real money without a gate row: testnet, which trades none."""
        if self._start is None:
            return None
        return (self._passed or Phase.TESTNET) if self._is_real_money else self._start.phase

    @property
    def capital(self) -> Decimal | None:
        """Money put in: equity when the phase began, and transfers since; None: not known."""
        return None if self._equity is None else self._equity + self._transfers

    def on_equity(self, equity: Decimal | None, time_ms: int) -> PhaseRow | None:
        """Equity is known: the row to append where the phase waited for it; mostly None.

        Such a row repeats the phase that is in force; with real money there must be a gate row
        before it.
        """
        phase = self.phase
        if phase is None or self._equity is not None or equity is None or not equity.is_finite():
            return None
        if self._is_real_money and self._passed is None:
            return None
        previous = str(phase) if self._since_ms else ""
        row = PhaseRow(
            phase=phase,
            previous=previous,
            actor="",
            reason="first equity known in this phase",
            evidence="",
            equity=equity,
            time_ms=time_ms,
        )
        self._enter(row)
        return row

    def on_transfer(self, amount: Decimal, time_ms: int | None = None) -> None:
        """Money came (positive) or went by other than trading.

        Args:
            amount: Signed.
            time_ms: When; what was before the phase began is in its equity. None: just now.
        """
        if self._equity is not None and (time_ms is None or time_ms > self._since_ms):
            self._transfers += amount

    def on_trip(self, code: str, equity: Decimal | None, time_ms: int) -> PhaseRow | None:
        """A breaker tripped: the row to append if that demotes; the lower limits hold at once.

        Of several that trip at one moment, by one loss, the first demotes.
        """
        phase = self.phase
        if phase is None or time_ms == self._demoted_ms:
            return None
        row = demotion(
            phase, code, is_real_money=self._is_real_money, equity=equity, time_ms=time_ms
        )
        if row is not None:
            self._demoted_ms = time_ms
            self._enter(row)
        return row

    def trouble(self) -> str:
        """Why the phase lets no new risk through, and how to clear it; empty if it does."""
        rules = self.rules
        if rules is None:
            return ""
        if self._is_real_money and self.phase is Phase.TESTNET:
            return (
                "no gate to phase conservative was passed: real money stays untouched;"
                " see botcore phase"
            )
        return band_trouble(self.capital, rules)

    def view(self) -> PhaseView | None:
        """For the screen; None where no phase is in force."""
        rules, phase = self.rules, self.phase
        if rules is None or phase is None:
            return None
        return PhaseView(
            phase=phase,
            since_ms=self._since_ms,
            capital=self.capital,
            band_low=rules.capital_low,
            band_high=rules.capital_high,
            is_in_band=is_in_band(self.capital, rules),
            daily_loss_pct=rules.daily_loss_pct,
            drawdown_pct=rules.drawdown_pct,
            max_positions=rules.max_positions,
            max_leverage=rules.max_leverage,
            risk_pct=rules.risk_pct,
            trouble=self.trouble(),
        )

    def _enter(self, row: PhaseRow) -> None:
        self._passed = _PHASES.get(row.phase)
        self._since_ms = row.time_ms
        self._equity, self._transfers = row.equity, Decimal(0)


def _name(rules: PhaseRules | None) -> str:
    return "" if rules is None else str(rules.phase)
