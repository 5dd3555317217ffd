"""Client order ids say run, number and purpose, and fit what the venue takes."""

import re

import pytest

from botcore_tui.core.client_ids import PREFIX, ClientIds, is_ours, purpose_of, run_of
from botcore_tui.model.order import Purpose


def test_ids_of_a_run_count_up_in_base_36() -> None:
    ids = ClientIds("r1")
    made = [ids.next(Purpose.ENTRY) for _ in range(37)]
    assert made[0] == "bc-r1-1-e"
    assert made[9] == "bc-r1-a-e"
    assert made[34:] == ["bc-r1-z-e", "bc-r1-10-e", "bc-r1-11-e"]
    assert len(set(made)) == 37


@pytest.mark.parametrize("purpose", list(Purpose))
def test_purpose_and_run_are_read_back_from_an_id(purpose: Purpose) -> None:
    made = ClientIds("0z9").next(purpose)
    assert purpose_of(made) is purpose
    assert run_of(made) == "0z9"
    assert is_ours(made)


def test_longest_run_leaves_room_for_any_number() -> None:
    ids = ClientIds("a" * 12)
    ids._sequence = 36**12
    made = ids.next(Purpose.TRAIL)
    assert re.fullmatch(r"[0-9a-z-]{1,36}", made)


def test_same_run_gives_the_same_ids() -> None:
    one, other = ClientIds("r1"), ClientIds("r1")
    assert [one.next(each) for each in Purpose] == [other.next(each) for each in Purpose]


@pytest.mark.parametrize("run_id", ["", "a" * 13, "A", "a-b", "a b", "ä"])
def test_run_id_of_other_signs_is_refused(run_id: str) -> None:
    with pytest.raises(ValueError, match="run id"):
        ClientIds(run_id)


def test_id_of_others_is_not_ours_and_says_nothing() -> None:
    for name in ("", "web_1", "x-bc-r1-1-e", "autoclose-5"):
        assert not is_ours(name)
        assert run_of(name) == ""
        assert purpose_of(name) is None


def test_damaged_id_with_our_prefix_is_ours_but_says_nothing() -> None:
    assert is_ours(PREFIX)
    assert run_of("bc-r1") == ""
    assert purpose_of("bc-r1") is None
    assert purpose_of("bc-r1-1-q") is None
