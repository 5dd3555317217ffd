"""Mark and index price, and the funding rate that the distance between them makes."""

from msgspec import Struct

from botcore_tui.exchange.sim.dice import Dice
from botcore_tui.exchange.sim.funding import funding_rate


class Mark(Struct, frozen=True):
    """What positions are valued at, at one moment."""

    price: int
    """Mark price, atoms."""
    index: int
    """Average of other venues, atoms."""
    rate: int
    """Funding rate as it stands now, 10**-8."""


class Premium:
    """How far the mark stands from the index: slow moods with quick noise on them.

    Args:
        dice: Decides everything.
    """

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        self._mood = 0.0
        self._noise = 0.0
        self._sum = 0.0
        self._count = 0

    def mark(self, price: float) -> Mark:
        """Go one second further.

        Args:
            price: Mark price, atoms.
        """
        gauss = self._dice.gauss
        # A mood lasts for hours and is worth about 0.03 %; the noise lasts for a minute.
        self._mood += gauss(-self._mood / 14_400, 3.5e-6)
        self._noise += gauss(-0.02 * self._noise, 2e-5)
        premium = self._mood + self._noise
        self._sum += premium
        self._count += 1
        index = max(1, round(price / (1 + premium)))
        return Mark(max(1, round(price)), index, funding_rate(self._sum / self._count))

    def settle(self) -> None:
        """Begin a new funding interval: the rate is made of the premiums since then."""
        self._sum = 0.0
        self._count = 0
