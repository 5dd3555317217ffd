"""The requests among the feeds: how far the venue's limits are used, and what went wrong."""

from collections.abc import Iterator, Sequence
from typing import Final

from botcore_tui.model.snapshot import EndpointCalls, FeedState, LaneUse, RestUse
from botcore_tui.ui import format as fmt
from botcore_tui.ui.panes.base import Row, filled
from botcore_tui.ui.panes.cells import cut, printable, width_of
from botcore_tui.ui.panes.ink import Ink

_SIGNS: Final = {"live": "✓", "refused": "✗", "banned": "✗"}
_INKS: Final = {"live": Ink.GOOD, "idle": Ink.MUTED, "refused": Ink.ERROR, "banned": Ink.ERROR}
_WAITS: Final = {False: Ink.MUTED, True: Ink.WARN}
_WIDTH_WITH_COUNTS: Final = 60
_ALARMING_USE_PCT: Final = 80
_ALARMING_FAILURES_PCT: Final = 20


def request_row(feed: FeedState, use: RestUse, now_ns: int, width: int) -> Row:
    """How far the limits are used, whether the venue refuses, and how the requests went."""
    ink = _INKS.get(feed.status, Ink.WARN)
    is_nearly_used_up = use.weight * 100 > use.ceiling * _ALARMING_USE_PCT
    if ink is not Ink.ERROR and is_nearly_used_up:
        ink = Ink.WARN
    return filled(((_fitting(list(_parts(feed, use, now_ns)), width), ink),), width)


def trouble_rows(use: RestUse, width: int) -> list[Row]:
    """One line for each endpoint of which a request ever failed."""
    return [_trouble_row(each, width) for each in use.calls if each.last_reason]


def limit_rows(use: RestUse, width: int) -> list[Row]:
    """Order windows, offset of the clocks and lanes of the limiter, as far as they are known."""
    parts = [*_windows(use)]
    if use.clock_offset_ms is not None:
        parts.append(f"clock {use.clock_offset_ms:+z.1f}ms")
    rows = [_plain(["  limits", *parts], width, _window_ink(use))] if parts else []
    if use.lanes:
        waits = any(lane.waiting for lane in use.lanes)
        rows.append(_plain(["  lanes", *map(_lane, use.lanes)], width, _WAITS[waits]))
    return rows


def _windows(use: RestUse) -> Iterator[str]:
    if use.orders_10s_limit:
        yield f"10s {fmt.count(use.orders_10s)}/{fmt.count(use.orders_10s_limit)}"
    if use.orders_1m_limit:
        yield f"1m {fmt.count(use.orders_1m)}/{fmt.count(use.orders_1m_limit)}"


def _window_ink(use: RestUse) -> Ink:
    pairs = ((use.orders_10s, use.orders_10s_limit), (use.orders_1m, use.orders_1m_limit))
    is_nearly_used_up = any(used * 100 > limit * _ALARMING_USE_PCT for used, limit in pairs)
    return Ink.WARN if is_nearly_used_up else Ink.MUTED


def _lane(lane: LaneUse) -> str:
    waiting = f"+{fmt.count(lane.waiting)} waiting" if lane.waiting else ""
    return f"{printable(lane.lane)} {fmt.count(lane.passed)}{waiting}"


def _plain(parts: Sequence[str], width: int, ink: Ink) -> Row:
    return filled(((_fitting(parts, width), ink),), width)


def _trouble_row(each: EndpointCalls, width: int) -> Row:
    counts = ""
    if width >= _WIDTH_WITH_COUNTS:
        asked, saved = fmt.count(each.attempts), fmt.count(each.saved)
        counts = f" {asked} asked, {saved} saved, {fmt.count(each.given_up)} given up"
    text = printable(f"  {each.endpoint}{counts}: {each.last_reason}")
    return filled(((cut(text, width), _ink(each)),), width)


def _parts(feed: FeedState, use: RestUse, now_ns: int) -> Iterator[str]:
    """What there is to say, the most important first."""
    yield f"{_SIGNS.get(feed.status, '·')} {printable(feed.name)}"
    if use.shut_until_ns:
        yield f"{printable(feed.status)} {fmt.age(use.shut_until_ns - now_ns)}"
    elif feed.status not in ("live", "waiting"):
        yield printable(feed.status)
    if use.waiting:
        yield f"{fmt.count(use.waiting)} waiting"
    yield f"use {fmt.count(use.weight)}/{fmt.count(use.ceiling)}"
    yield f"{fmt.count(feed.frames)} asked"
    yield f"{fmt.count(sum(each.saved for each in use.calls))} saved"
    yield f"{fmt.count(sum(each.given_up for each in use.calls))} given up"


def _fitting(parts: Sequence[str], width: int) -> str:
    # Half a number lies: what does not fit is left out whole.
    text, *others = parts
    for part in others:
        longer = f"{text} · {part}"
        if width_of(longer) > width:
            break
        text = longer
    return cut(text, width)


def _ink(each: EndpointCalls) -> Ink:
    failed = each.saved + each.given_up
    return Ink.WARN if failed * 100 > each.attempts * _ALARMING_FAILURES_PCT else Ink.TEXT
