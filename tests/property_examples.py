"""How many examples a property test tries.

By default a tenth of what it names, which takes seconds; all of them where Hypothesis chooses its
profile for continuous integration, as ``.ci/run`` has it do, or with
``--hypothesis-profile=default``.
"""

from typing import Final

from hypothesis import HealthCheck, settings

_ALL: Final = 100
"""Of a property test that names no number."""
_BRIEF: Final = 10
_FEWEST: Final = 5


def choose_profile() -> None:
    """Be brief, unless another profile was chosen."""
    # How fast examples are made says how busy the machine is, and nothing of the program.
    slow = [HealthCheck.too_slow]
    settings.register_profile("brief", max_examples=_BRIEF, suppress_health_check=slow)
    if settings.get_current_profile_name() == "default":
        settings.load_profile("brief")


def examples(count: int) -> int:
    """As many of ``count`` as the profile has tests try."""
    return max(min(_FEWEST, count), count * settings().max_examples // _ALL)
