"""How far away somebody else's stop may be and still protect."""

from decimal import Decimal

import pytest
from order_builders import maybe

from botcore_tui.config.trading import ProtectionSettings
from botcore_tui.core.stop_reach import FARTHEST_STOP_PCT, is_within_reach


def reaches(
    trigger: str,
    quantity: str = "1",
    *,
    entry: str | None = "100",
    mark: str | None = "100",
    liquidation: str | None = None,
) -> bool:
    return is_within_reach(
        Decimal(trigger),
        Decimal(quantity),
        entry_price=maybe(entry),
        mark=maybe(mark),
        liquidation_price=maybe(liquidation),
    )


def test_farthest_is_the_largest_that_the_configuration_takes() -> None:
    bounds = ProtectionSettings.model_fields["stop_pct"].metadata
    assert [each.le for each in bounds if hasattr(each, "le")] == [FARTHEST_STOP_PCT]


@pytest.mark.requirement("A06")
@pytest.mark.parametrize(
    ("trigger", "quantity", "is_reached"),
    [
        ("80", "1", True),
        ("79.9", "1", False),
        ("1", "1", False),
        ("120", "-1", True),
        ("120.1", "-1", False),
        ("10000", "-1", False),
        ("0", "1", False),
        ("NaN", "1", False),
        ("NaN", "-1", False),
        ("Infinity", "1", False),
    ],
)
def test_stop_far_away_is_out_of_reach(trigger: str, quantity: str, *, is_reached: bool) -> None:
    assert reaches(trigger, quantity) is is_reached


@pytest.mark.requirement("A06")
@pytest.mark.parametrize(
    ("trigger", "quantity", "entry", "mark", "is_reached"),
    [
        ("80", "1", "100", "150", True),  # a fifth below the entry
        ("110", "1", "100", "150", True),  # and all between is nearer
        ("75", "1", "100", "90", True),
        ("71", "1", "100", "90", False),
        ("120", "-1", "100", "60", True),
        ("130", "-1", "100", "110", True),
        ("133", "-1", "100", "110", False),
        ("80", "1", "0", "100", True),
        ("80", "1", None, "100", True),
        ("80", "1", "100", None, True),
        ("80", "1", "NaN", "100", True),
        ("80", "1", "0", None, False),
    ],
)
def test_distance_is_that_from_the_nearer_of_entry_and_mark(
    trigger: str, quantity: str, entry: str | None, mark: str | None, *, is_reached: bool
) -> None:
    assert reaches(trigger, quantity, entry=entry, mark=mark) is is_reached


@pytest.mark.requirement("P14")
@pytest.mark.parametrize(
    ("trigger", "quantity", "liquidation", "is_reached"),
    [
        ("90", "1", "89.9", True),
        ("90", "1", "90", False),
        ("90", "1", "91", False),
        ("110", "-1", "110.1", True),
        ("110", "-1", "110", False),
        ("110", "-1", "109", False),
        ("90", "1", "NaN", False),
    ],
)
def test_stop_beyond_liquidation_is_out_of_reach(
    trigger: str, quantity: str, liquidation: str, *, is_reached: bool
) -> None:
    assert reaches(trigger, quantity, liquidation=liquidation) is is_reached
