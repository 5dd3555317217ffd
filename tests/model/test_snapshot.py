"""The picture is frozen all the way down, and the view's choices fit together."""

import inspect
from itertools import pairwise
from typing import get_type_hints

import msgspec
import pytest
from builders import a_snapshot
from msgspec import Struct

from botcore_tui.core.bars import MINUTE_MS, SECOND_MS
from botcore_tui.model import snapshot as module
from botcore_tui.model.snapshot import GROUPINGS, INTERVALS_MS, Snapshot, View

_OWN = [
    value
    for _, value in inspect.getmembers(module, inspect.isclass)
    if issubclass(value, Struct) and value is not Struct
]


@pytest.mark.parametrize("value", _OWN, ids=lambda value: value.__name__)
def test_every_part_of_a_picture_is_frozen_and_holds_nothing_that_can_change(
    value: type[Struct],
) -> None:
    assert value.__struct_config__.frozen
    for name, hint in get_type_hints(value).items():
        assert not {"list", "dict", "set"} & set(f"{hint}".replace("[", " ").split()), name


def test_picture_can_be_sent_elsewhere_and_read_back() -> None:
    picture = a_snapshot()
    assert msgspec.json.decode(msgspec.json.encode(picture), type=Snapshot) == picture


def test_every_interval_is_whole_multiples_of_what_bars_are_kept_in() -> None:
    assert list(INTERVALS_MS) == sorted(set(INTERVALS_MS))
    for interval_ms in INTERVALS_MS:
        base = SECOND_MS if interval_ms < MINUTE_MS else MINUTE_MS
        assert interval_ms % base == 0


def test_groupings_grow_and_begin_with_single_ticks() -> None:
    assert GROUPINGS[0] == 1
    assert all(before < after for before, after in pairwise(GROUPINGS))


def test_default_view_is_one_that_can_be_drawn() -> None:
    view = View()
    assert (view.interval_ms in INTERVALS_MS, view.grouping in GROUPINGS) == (True, True)
    assert min(view.book_rows, view.bars, view.trades) > 0
