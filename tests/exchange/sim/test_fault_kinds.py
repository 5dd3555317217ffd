import pytest

from botcore_tui.exchange.sim.fault_catalogue import CATALOGUE
from botcore_tui.exchange.sim.fault_kinds import FaultKind, Parameter, delay, way


def test_defaults_are_those_of_the_parameters() -> None:
    kind = FaultKind("slow", "F01", "is slow", "a/b#1", (way("reset", "timeout"), delay(5, "how")))
    assert kind.defaults == {"how": "reset", "delay_ms": 5}


@pytest.mark.parametrize(
    "item", [item for kind in CATALOGUE for item in kind.parameters], ids=lambda item: item.name
)
def test_a_default_is_what_may_be_given(item: Parameter) -> None:
    if item.choices:
        assert item.default in item.choices
    elif isinstance(item.default, int):
        assert item.least <= item.default <= item.most
