"""What tests and people ask the embedded exchange itself, beside Binance's interface.

``GET /sim/faults`` lists what is armed and what there is, ``POST`` arms, ``DELETE`` disarms;
``GET /sim/state`` tells what the venue really has. JSON in, JSON out.
"""

from collections.abc import Collection, Mapping, Sequence
from urllib.parse import parse_qsl

import msgspec
from msgspec import Struct

from botcore_tui.errors import ConfigError
from botcore_tui.exchange.sim.fault_catalogue import CATALOGUE
from botcore_tui.exchange.sim.fault_kinds import FaultKind
from botcore_tui.exchange.sim.fault_specs import parse_json
from botcore_tui.exchange.sim.faults import Faults


class Answer(Struct, frozen=True):
    """A reply: HTTP status and JSON."""

    status: int
    body: bytes


def list_faults(faults: Faults) -> Answer:
    """Answer ``GET /sim/faults``."""
    return _answer(200, faults.report() | {"catalogue": [_described(kind) for kind in CATALOGUE]})


def arm(faults: Faults, body: bytes, symbols: Collection[str]) -> Answer:
    """Answer ``POST /sim/faults``: arms the fault in the body, or all of a list, or none.

    Args:
        faults: Where they are armed.
        body: ``{"name": "create-lost", "how": "503", "count": 2}``, or a list of such.
        symbols: Listed; a fault of another one would never strike.
    """
    try:
        wanted = parse_json(msgspec.json.decode(body))
    except (msgspec.DecodeError, RecursionError) as error:
        example = '{"name": "create-lost", "count": 1}'
        return _refusal([f"the body is no JSON ({error}); send an object such as {example}"])
    except ConfigError as error:
        return _refusal(error.problems)
    strange = [fault.symbol for fault in wanted if fault.symbol and fault.symbol not in symbols]
    if strange:
        return _refusal([f"symbol {strange[0]} is not listed here; {', '.join(symbols)}"])
    added = {faults.add(fault): fault.name for fault in wanted}
    return _answer(200, {"armed": [{"id": number, "name": name} for number, name in added.items()]})


def disarm(faults: Faults, query: str = "") -> Answer:
    """Answer ``DELETE /sim/faults``: disarms every fault, or the one of ``?id=3``."""
    given = dict(parse_qsl(query, keep_blank_values=True))
    identifier = given.pop("id", None)
    if given:
        return _refusal([f"unknown parameter {next(iter(given))!r}; only id=NUMBER is known"])
    if identifier is None:
        return _answer(200, {"disarmed": faults.clear()})
    if not (identifier.isascii() and identifier.isdigit() and len(identifier) < 19):
        return _refusal([f"id must be the number of a fault; not {identifier!r}"])
    if not faults.remove(int(identifier)):
        return _refusal(
            [f"there is no fault with id {identifier}; GET /sim/faults lists them"], status=404
        )
    return _answer(200, {"disarmed": 1})


def state(exchange: Mapping[str, object], faults: Faults) -> Answer:
    """Answer ``GET /sim/state``: what the exchange says of itself, and its faults."""
    return _answer(200, {**exchange, **faults.report()})


def _described(kind: FaultKind) -> dict[str, object]:
    return {
        "name": kind.name,
        "id": kind.catalogue,
        "summary": kind.summary,
        "incident": kind.incident,
        "is_act": kind.is_act,
        "narrowed_by": kind.narrowing.value,
        "count": kind.count,
        "parameters": kind.defaults,
    }


def _answer(status: int, body: Mapping[str, object]) -> Answer:
    return Answer(status, msgspec.json.encode(body))


def _refusal(problems: Sequence[str], *, status: int = 400) -> Answer:
    return _answer(status, {"error": "; ".join(problems), "problems": list(problems)})
