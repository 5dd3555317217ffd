"""Frames that no venue should send: damaged, hostile and half right."""

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

import msgspec
from hypothesis import strategies as st
from samples import SAMPLES, framed, sample

_LONGEST_LOSS: Final = 30
_NUMBERS: Final = (
    "nan", "-nan", "inf", "-inf", "Infinity", "1e400", "-1e400", "1e9999999", "1e-9999999",
    "1e-320", "-1", "-0.0", "0", "", " 1", "1_000", "0x1F", "１２", "9" * 5_000, "0." + "1" * 400,
    "1e15", "1000000000000001", "sNaN", "9007199254740993", "1." + "0" * 400,
)  # fmt: skip
_VALUES: Final[tuple[object, ...]] = (
    *_NUMBERS, None, True, False, -1, 0, 3, 10**30, -(10**30), 10**4_000, 1e300, -1e300, 5e-324,
    float("nan"), float("inf"), [], {}, [[]], [["1"]], [["1", "2", "3"]], [["-1", "1"]],
    {"e": "trade"},
    "x" * 1_000_000,
)  # fmt: skip

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
_keys = st.sampled_from(["stream", "data", "e", "id", "error", "code", "lastUpdateId", "result"])


@st.composite
def _mutated(draw: st.DrawFn) -> bytes:
    value: object = json.loads(sample(draw(st.sampled_from(SAMPLES))))
    for _ in range(draw(st.integers(1, 3))):
        paths = list(_paths(value))
        path = draw(st.sampled_from(paths))
        is_dropped = draw(st.booleans()) and bool(path)
        value = _changed(value, path, _DROPPED if is_dropped else draw(st.sampled_from(_VALUES)))
    raw = json.dumps(value, ensure_ascii=draw(st.booleans())).encode()
    return draw(st.sampled_from([raw, framed("x@depth", raw), framed("x@depth5", raw)]))


@st.composite
def _damaged(draw: st.DrawFn) -> bytes:
    raw = sample(draw(st.sampled_from(SAMPLES)))
    raw = draw(st.sampled_from([raw, framed("btcusdt@depth@snapshot", raw)]))
    start = draw(st.integers(0, len(raw)))
    end = draw(st.integers(start, min(len(raw), start + _LONGEST_LOSS)))
    return raw[:start] + draw(st.binary(max_size=8)) + raw[end:]


@st.composite
def _cut(draw: st.DrawFn) -> bytes:
    raw = sample(draw(st.sampled_from(SAMPLES)))
    return raw[: draw(st.integers(0, len(raw) - 1))]


hostile_frames: Final[st.SearchStrategy[bytes]] = st.one_of(
    st.binary(),
    _json.map(lambda value: json.dumps(value).encode()),
    st.dictionaries(_keys, _json).map(lambda value: json.dumps(value).encode()),
    _mutated(),
    _damaged(),
    _cut(),
)
"""Bytes, JSON of any shape, and documented payloads with keys gone, types changed, bytes lost."""

DEEP: Final = tuple(
    front + opening * 100_000
    for opening in (b"[", b'{"a":', b'{"data":', b'[{"e":"trade","b":')
    for front in (b"", b'{"stream":"x@depth","data":', b'{"e":"depthUpdate","b":')
)
"""Nested beyond any stack."""


class _Dropped:
    """Stands for a key that is gone."""


_DROPPED: Final = _Dropped()


def _paths(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _paths(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _paths(inner, (*path, index))


def _changed(value: object, path: tuple[str | int, ...], new: object) -> object:
    if not path:
        return new
    first, rest = path[0], path[1:]
    if isinstance(value, dict):
        pairs = {k: _changed(v, rest, new) if k == first else v for k, v in value.items()}
        return {k: v for k, v in pairs.items() if v is not _DROPPED}
    assert isinstance(value, list)
    members = [_changed(v, rest, new) if i == first else v for i, v in enumerate(value)]
    return [v for v in members if v is not _DROPPED]


def numbers_in(value: object, name: str = "") -> Iterator[tuple[str, float | Decimal]]:
    """Every number in a decoded value that is not a count, with the name of its field."""
    if isinstance(value, msgspec.Struct):
        for field in value.__struct_fields__:
            yield from numbers_in(getattr(value, field), field)
    elif isinstance(value, list | tuple):
        for member in value:
            yield from numbers_in(member, name)
    elif isinstance(value, float | Decimal):
        yield name, value
