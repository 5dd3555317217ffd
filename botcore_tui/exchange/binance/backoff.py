"""How long to wait before trying again: capped growth, jitter, and what the venue demands."""

import math
import random
from collections.abc import Mapping

_LONGEST_BAN_SECONDS = 3 * 24 * 3600.0  # Binance general info: bans grow from 2 minutes to 3 days.
_SHORTEST_BAN_SECONDS = 120.0


def backoff_seconds(
    failures: int, base: float, *, cap: float, jitter_pct: float, rng: random.Random
) -> float:
    """Pause after so many failures in a row: base, 2 x base, 4 x base ... up to the cap.

    Args:
        failures: Failures in a row, 1 after the first.
        base: Seconds after the first failure.
        cap: Seconds that the growth does not pass; the jitter is laid around the capped value,
            so that many clients waiting at the cap do not come back at the same moment.
        jitter_pct: Largest deviation either way, percent of the value.
        rng: Source of the deviation.
    """
    # Beyond 2^60 the cap has long decided; a float power would overflow after days of failures.
    grown = min(cap, base * 2.0 ** min(failures - 1, 60))
    return grown * (1.0 + jitter_pct / 100.0 * rng.uniform(-1.0, 1.0))


def retry_after_seconds(status: int, headers: Mapping[str, str]) -> float:
    """Seconds for which the venue forbids the next request; 0 if it does not say.

    Source: Binance general info: ``Retry-After`` in seconds on 429 and 418; a 418 without it
    is taken for the shortest ban, two minutes.
    """
    if status not in {418, 429, 503}:
        return 0.0
    text = next((value for key, value in headers.items() if key.lower() == "retry-after"), "")
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not math.isfinite(seconds) or seconds <= 0:
        return _SHORTEST_BAN_SECONDS if status == 418 else 0.0
    return min(seconds, _LONGEST_BAN_SECONDS)


class Backoff:
    """Counts failures in a row and says how long to wait after each; never gives up."""

    def __init__(self, base: float, *, cap: float, jitter_pct: float, rng: random.Random) -> None:
        self._base = base
        self._cap = cap
        self._jitter_pct = jitter_pct
        self._rng = rng
        self.failures = 0

    def failed(self, least_seconds: float = 0.0) -> float:
        """Count a failure; seconds to wait, at least what the venue demanded."""
        self.failures += 1
        pause = backoff_seconds(
            self.failures, self._base, cap=self._cap, jitter_pct=self._jitter_pct, rng=self._rng
        )
        return max(pause, least_seconds)

    def reset(self) -> None:
        """Forget the failures: it has worked for long enough."""
        self.failures = 0
