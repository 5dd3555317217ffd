"""Dice that pure code may own."""

from random import Random
from statistics import fmean, pstdev

import pytest

from botcore_tui.exchange.sim.dice import Dice, SeededDice


def test_same_seed_gives_the_same_numbers_and_another_seed_others() -> None:
    first, again, other = SeededDice(7), SeededDice(7), SeededDice(8)
    numbers = [first.random() for _ in range(20)]
    assert numbers == [again.random() for _ in range(20)]
    assert numbers != [other.random() for _ in range(20)]


def test_numbers_are_those_of_the_published_algorithm() -> None:
    # SplitMix64 of seed 1234567, as in the test vectors of Rosetta Code.
    dice = SeededDice(1_234_567)
    expected = [6457827717110365317, 3203168211198807973, 9817491932198370423]
    assert [dice.randrange(2**64) for _ in expected] == expected


@pytest.mark.parametrize("dice", [SeededDice(1), Random(1)])
def test_numbers_are_distributed_as_they_say(dice: Dice) -> None:
    uniform = [dice.random() for _ in range(20_000)]
    assert 0 <= min(uniform) < max(uniform) < 1
    assert fmean(uniform) == pytest.approx(0.5, abs=0.01)
    normal = [dice.gauss(3, 2) for _ in range(20_000)]
    assert fmean(normal) == pytest.approx(3, abs=0.06)
    assert pstdev(normal) == pytest.approx(2, abs=0.06)
    heavy = sorted(dice.paretovariate(1.5) for _ in range(20_000))
    assert heavy[0] >= 1
    assert heavy[10_000] == pytest.approx(2 ** (1 / 1.5), abs=0.05)
    whole = {dice.randrange(6) for _ in range(200)}
    assert whole == set(range(6))
