"""One limit of loss: how far it is used, and what that means (A04)."""

from decimal import Decimal
from typing import Final

from botcore_tui.core.money import ZERO
from botcore_tui.model.risk import Gauge, Tier

_HUNDRED: Final = Decimal(100)
_WARN: Final = Decimal("0.5")
_REDUCE: Final = Decimal("0.8")
_RANKS: Final = (Tier.CLEAR, Tier.WARN, Tier.UNKNOWN, Tier.REDUCE, Tier.TRIPPED)
"""From permissive to strict."""


def strictest(*tiers: Tier) -> Tier:
    """Of several; clear if there are none."""
    return max(tiers, key=_RANKS.index, default=Tier.CLEAR)


class LossGauge:
    """Equity compared with what it was.

    Args:
        code: A01 ...
        name: For people.
        kind: Of the anchor.
        base_text: What the percents are of.
        limit_pct: At which it trips.

    Attributes:
        limit_pct: See there.
        tier: As last known; while the loss is unknown it falls no lower than ``UNKNOWN``.
        base: What the percents are of; None while unknown.
        loss: From there to now; negative while there is a profit, None while unknown.
    """

    def __init__(self, code: str, name: str, kind: str, base_text: str, limit_pct: Decimal) -> None:
        self.code: Final = code
        self.name: Final = name
        self.kind: Final = kind
        self.base_text: Final = base_text
        self.tier = Tier.UNKNOWN
        self.base: Decimal | None = None
        self.loss: Decimal | None = None
        self.limit(limit_pct)

    def limit(self, limit_pct: Decimal) -> None:
        """It trips at so many percent from here on."""
        self.limit_pct = limit_pct
        self._share = limit_pct / _HUNDRED

    def read(self, base: Decimal | None, equity: Decimal | None) -> None:
        """Compare; what is unknown makes nothing more permissive."""
        self.base = base if base is not None and base > 0 else None
        if self.base is None or equity is None:
            self.loss = None
            self.tier = strictest(Tier.UNKNOWN, self.tier)
            return
        self.loss = self.base - equity
        self.tier = self._tier(self.loss, self.base * self._share)

    @property
    def used_pct(self) -> Decimal | None:
        """Lost, in percent of the base; zero while nothing is lost."""
        if self.base is None or self.loss is None:
            return None
        return max(self.loss, ZERO) / self.base * _HUNDRED

    @property
    def limit_amount(self) -> Decimal | None:
        """What may be lost in all."""
        return None if self.base is None else self.base * self._share

    @property
    def left(self) -> Decimal | None:
        """What may still be lost; never negative."""
        limit = self.limit_amount
        if limit is None or self.loss is None:
            return None
        return max(limit - max(self.loss, ZERO), ZERO)

    @property
    def text(self) -> str:
        """One line."""
        used, limit = self.used_pct, self.limit_amount
        if used is None or limit is None or self.loss is None:
            return f"{self.name} is unknown, limit {self.limit_pct:f} %"
        lost = max(self.loss, ZERO)
        return (
            f"{self.name} {used:.2f} % ({lost:.2f} of {self.base:.2f} USDT, {self.base_text}),"
            f" limit {self.limit_pct:f} % ({limit:.2f} USDT)"
        )

    def view(self, *, is_latched: bool) -> Gauge:
        """For the screen."""
        is_known = self.loss is not None
        return Gauge(
            code=self.code,
            name=self.name,
            used_pct=self.used_pct,
            limit_pct=self.limit_pct,
            used_amount=max(self.loss, ZERO) if self.loss is not None else None,
            limit_amount=self.limit_amount,
            left_amount=self.left if is_known else None,
            base=self.base,
            base_text=self.base_text,
            tier=Tier.TRIPPED if is_latched else self.tier,
            is_latched=is_latched,
        )

    @staticmethod
    def _tier(loss: Decimal, limit: Decimal) -> Tier:
        if loss < limit * _WARN:
            return Tier.CLEAR
        if loss < limit * _REDUCE:
            return Tier.WARN
        return Tier.REDUCE if loss < limit else Tier.TRIPPED
