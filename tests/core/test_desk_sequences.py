"""Whatever happens in whatever order: no entry that must not be, every position protected."""

from collections.abc import Sequence
from random import Random

import msgspec
import pytest
from brief import brief
from hypothesis import given, settings
from hypothesis import strategies as st
from property_examples import examples
from rough_desk import KINDS, RoughDesk, some_kinds

Move = tuple[str, int]
moves = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 9_999)), max_size=60)


def run(steps: Sequence[Move]) -> RoughDesk:
    desk = RoughDesk()
    desk.begin()
    for kind, number in steps:
        desk.move_on(kind, number)
        desk.look_around()
    desk.heal()
    desk.check_healed()
    return desk


@pytest.mark.requirement("A06")
@pytest.mark.requirement("P01")
@pytest.mark.requirement("P10")
@pytest.mark.requirement("P15")
@settings(max_examples=examples(60), deadline=None)
@given(steps=moves)
def test_whatever_happens_entries_are_allowed_and_positions_end_protected(
    steps: list[Move],
) -> None:
    run(steps)


@pytest.mark.requirement("A06")
@pytest.mark.parametrize("seed", brief(range(12), 3))
def test_after_a_long_rough_time_everything_is_protected_and_known(seed: int) -> None:
    dice = Random(seed)
    happens = some_kinds(dice)
    run([(dice.choice(happens), dice.randrange(10_000)) for _ in range(200)])


def test_same_rough_time_gives_the_same_effects_to_the_byte() -> None:
    dice = Random(99)
    steps = [(dice.choice(KINDS), dice.randrange(10_000)) for _ in range(100)]
    assert msgspec.json.encode(run(steps).effects) == msgspec.json.encode(run(steps).effects)
