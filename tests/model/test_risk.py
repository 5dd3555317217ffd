"""What the screen shows of limits is frozen, and its words say how bad it is without colour."""

import inspect

import pytest
from msgspec import Struct

from botcore_tui.model import risk
from botcore_tui.model.risk import KillStage, Tier

_OWN = [
    value
    for _, value in inspect.getmembers(risk, inspect.isclass)
    if issubclass(value, Struct) and value.__module__ == risk.__name__
]


@pytest.mark.parametrize("value", _OWN, ids=lambda value: value.__name__)
def test_each_is_frozen(value: type[Struct]) -> None:
    assert value.__struct_config__.frozen


@pytest.mark.requirement("A04")
def test_what_a_person_must_not_overlook_is_written_in_capitals() -> None:
    assert [str(tier) for tier in Tier if str(tier).isupper()] == [Tier.TRIPPED]
    assert [str(stage) for stage in KillStage if str(stage).isupper()] == [KillStage.TROUBLE]
