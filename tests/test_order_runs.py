"""A few hundred of the order lab's runs: in the end the venue and we agree on everything."""

from pathlib import Path

import pytest
from brief import brief
from order_lab import Lab, run_seed

_RUNS = 200
_PER_ITEM = 10


@pytest.mark.requirement("F01")
@pytest.mark.requirement("F02")
@pytest.mark.requirement("F03")
@pytest.mark.requirement("F04")
@pytest.mark.requirement("F05")
@pytest.mark.requirement("F14")
@pytest.mark.parametrize("first", brief(range(0, _RUNS, _PER_ITEM), 2))
def test_after_faults_and_restarts_venue_ledger_and_core_agree(first: int) -> None:
    outcomes = [run_seed(seed, is_brief=True) for seed in range(first, first + _PER_ITEM)]
    assert {each.seed: each.problems for each in outcomes if each.problems} == {}


@pytest.mark.slow
def test_ledger_on_disk_recalls_what_the_run_recorded(tmp_path: Path) -> None:
    outcomes = [run_seed(seed, is_brief=True, real=tmp_path / f"{seed}.db") for seed in range(6)]
    assert {each.seed: each.problems for each in outcomes if each.problems} == {}
    assert sum(each.restarts for each in outcomes) >= 2


def test_run_of_a_seed_is_the_same_every_time() -> None:
    stories: list[list[str]] = []
    for _ in range(2):
        lines: list[str] = []
        Lab(1, is_brief=True, story=lines.append).run()
        stories.append(lines)
    assert stories[0] == stories[1]
