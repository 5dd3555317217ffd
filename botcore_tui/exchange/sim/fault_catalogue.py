"""Every fault there is, by the ids of the fault catalogue, and what only a client can rehearse."""

import textwrap
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from msgspec import Struct

from botcore_tui.exchange.sim.fault_kinds import FaultKind
from botcore_tui.exchange.sim.request_faults import REQUEST_FAULTS
from botcore_tui.exchange.sim.stream_faults import STREAM_FAULTS
from botcore_tui.exchange.sim.venue_faults import ACTS, VENUE_FAULTS

GROUPS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "F01": "an order reaches the venue, the reply does not reach the client",
        "F02": "an order does not reach the venue, or much later",
        "F02b": "the same client id is sent again after the first order filled",
        "F03": "fills before the reply, twice, out of order, after the cancel",
        "F04": "a partial fill, and a cancel that comes too late",
        "F05": "the user stream is silent, cut or expired; the market goes on",
        "F06": "a subscription is acknowledged, and no data comes",
        "F07": "gaps, crossed, frozen and late books, absurd prices",
        "F08": "a protective stop is refused, or vanishes",
        "F09": "liquidation, deleveraging, a close by hand",
        "F10": "orders, positions and settings that somebody else made",
        "F11": "limits, bans and other closed doors",
        "F12": "clocks step, hosts sleep",
        "F13": "the client's disk is full, its database locked",
        "F14": "the client is killed at any point",
        "F15": "equity cannot be read, or makes no sense; money moves",
        "F16": "a strategy raises, returns nonsense, floods or blocks",
        "F17": "the client's terminal stalls or goes away",
        "F18": "kill is pressed while something else is going on",
        "F19": "the rules of a contract change, or it is delisted",
        "F20": "two instances run on one account",
    }
)
"""Ids of the fault catalogue, and what each is about."""


class _ClientHalf(Struct, frozen=True):
    """What a venue cannot inject."""

    note: str
    """What it offers to rehearse it."""
    incident: str


_CLIENT_SIDE: Final[Mapping[str, _ClientHalf]] = MappingProxyType(
    {
        "F02b": _ClientHalf(
            "needs no fault: an id is unique among open orders only, so the venue takes it again;"
            " create-lost on a market order tempts a client to do so",
            "shobhit727/trade#43",
        ),
        "F12": _ClientHalf(
            "a sleeping host is rehearsed by stopping the client (kill -STOP, later -CONT), or by"
            " POST /sim/advance, which lets ten minutes of the venue pass at once",
            "sammchardy/python-binance#1378",
        ),
        "F13": _ClientHalf(
            "the venue goes on meanwhile: fills, liquidation and the dead-man's"
            " countdown arrive while it cannot write",
            "freqtrade/freqtrade#4653",
        ),
        "F14": _ClientHalf(
            "hold a request by reply-slow or create-lost=how:timeout, kill the client, start it"
            " anew; GET /sim/state tells what the venue really has",
            "nautechsystems/nautilus_trader#4736",
        ),
        "F16": _ClientHalf(
            "the venue answers floods as Binance does: -1015 beyond the"
            " order limits, 429 beyond the weight, then 418",
            "hummingbot/hummingbot#2534",
        ),
        "F17": _ClientHalf(
            "the venue is a process of its own and keeps trading, its state readable at"
            " GET /sim/state",
            "Textualize/textual#3966",
        ),
        "F18": _ClientHalf(
            "the moment is the client's: reply-slow holds a request, ws-refused a reconnect,"
            " user-silent and equity-fails a reconciliation, while kill is pressed",
            "hummingbot/hummingbot#8075",
        ),
        "F20": _ClientHalf(
            "start two clients with the keys of one exchange; second-instance plays the other one",
            "ccxt/ccxt#14639",
        ),
    }
)
"""By catalogue id."""

CATALOGUE: Final = tuple(
    sorted((*REQUEST_FAULTS, *VENUE_FAULTS, *ACTS, *STREAM_FAULTS), key=lambda kind: kind.catalogue)
)
"""Every fault that can be armed, by catalogue id."""

KINDS: Final[Mapping[str, FaultKind]] = MappingProxyType({kind.name: kind for kind in CATALOGUE})
"""The same by name."""


def kinds_of(identifier: str) -> tuple[FaultKind, ...]:
    """The faults of a catalogue id; none where it is the client's alone."""
    return tuple(kind for kind in CATALOGUE if kind.catalogue == identifier)


def client_note(identifier: str) -> str:
    """What the venue offers where a catalogue id is the client's, or partly; empty for others."""
    return _CLIENT_SIDE[identifier].note if identifier in _CLIENT_SIDE else ""


_COLUMNS: Final = 100
_NAME_COLUMNS: Final = 22
_HEAD: Final = """\
Faults that the embedded exchange can inject, each with an incident that somebody reported.
  At the start:  botcore sim --fault NAME[=KEY:VALUE,...]     (repeatable; an id such as F11 arms
                 all its faults with their defaults)
  At run time:   POST /sim/faults {"name": NAME, KEY: VALUE}   GET and DELETE list and disarm
  In a script:   botcore sim --scenario FILE with [[fault]] at_seconds = 12.5, name = NAME, ...
Keys of every fault: probability (0 to 1), count (or unlimited), after_ms (from now) or at_ms (from
the start), for_ms (how long it stays armed); most take a symbol. In brackets stand keys of its own
with their defaults (of several choices the first), and whether it can be kept to one endpoint,
event, route or stream. A star marks acts: they happen by themselves at their time, and count times
every_ms."""


def listing() -> str:
    """The whole catalogue as text for people, at most 100 columns wide."""
    return "\n".join([_HEAD, *_groups()])


def _groups() -> Iterator[str]:
    for identifier, title in GROUPS.items():
        yield f"\n{identifier}  {title}"
        for kind in kinds_of(identifier):
            yield _entry(
                kind.name + " *" * kind.is_act, f"{kind.summary}{_keys(kind)} ({kind.incident})"
            )
        if identifier in _CLIENT_SIDE:
            half = _CLIENT_SIDE[identifier]
            yield _entry("(in the client)", f"{half.note} ({half.incident})")


def _keys(kind: FaultKind) -> str:
    keys = [
        f"{item.name}:{'|'.join(map(str, item.choices or (item.default,)))}"
        for item in kind.parameters
    ]
    if kind.narrowing.value:
        keys.append(kind.narrowing.value)
    if kind.count is None:
        keys.append("count:unlimited")
    return f" [{', '.join(keys)}]" if keys else ""


def _entry(name: str, text: str) -> str:
    return textwrap.fill(
        text,
        _COLUMNS,
        initial_indent=f"  {name}".ljust(_NAME_COLUMNS) + " ",
        subsequent_indent=" " * (_NAME_COLUMNS + 1),
        break_long_words=False,
        break_on_hyphens=False,
    )
