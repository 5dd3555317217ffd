"""What the screen costs, and what it costs the engine beside it."""

import sys
from collections.abc import Iterator, Sequence
from functools import partial

import msgspec
from bench.cockpit_program import Costs, Wish
from bench.figures import Options, Row, Side, Target, compared, interleaved
from bench.frames import best_source
from bench.processes import a_program, a_sender
from msgspec import Struct

NAME = "cockpit"
ABOUT = "the cockpit in a pseudo-terminal; frames over loopback, paced and stamped by a process"

_TICK = Target(10.0, is_ratio=False)
_P99 = Target(1_000.0, is_ratio=False)
_MAX = Target(20_000.0, is_ratio=False)


class Scene(Struct, frozen=True):
    """One arrangement."""

    name: str
    rate: float
    """Messages a second."""
    columns: int = 160
    rows: int = 48
    is_thin: bool = False
    has_screen: bool = True
    most_kilobytes: float | None = None
    """A second, to the terminal."""
    has_targets: bool = True


class Seen(Struct, frozen=True):
    """One run of a scene."""

    costs: Costs
    kilobytes: float
    """A second, to the terminal."""


_SCENES = (
    Scene("no screen 1,000/s", 1_000, has_screen=False, has_targets=False),
    Scene("160x48 1,000/s", 1_000, most_kilobytes=80.0),
    Scene("80x24 1,000/s", 1_000, 80, 24, most_kilobytes=25.0),
    Scene("80x24 thin 1,000/s", 1_000, 80, 24, is_thin=True, most_kilobytes=20.0),
    Scene("no screen 5,000/s", 5_000, has_screen=False, has_targets=False),
    Scene("160x48 5,000/s", 5_000, most_kilobytes=80.0, has_targets=False),
)


def run(options: Options) -> Iterator[Row]:
    """Play every scene once a round; the one without a screen stands beside those with one."""
    found = interleaved(
        [partial(play, scene) for scene in _SCENES],
        runs=options.runs,
        warms_up=False,
    )
    alone: Sequence[Seen] = []
    for scene, seen in zip(_SCENES, found, strict=True):
        if scene.has_screen:
            yield from _screen_rows(scene, seen)
        else:
            alone = seen
        yield from _engine_rows(scene, seen, alone)


def play(scene: Scene) -> Seen:
    """Run one scene: a few seconds to warm up, eight to measure."""
    with a_sender(best_source(), rate=scene.rate) as sender:
        wish = Wish(sender.url, has_screen=scene.has_screen, is_thin=scene.is_thin)
        argument = msgspec.json.encode(wish).decode()
        command = [sys.executable, "-m", "bench.cockpit_program", argument]
        with a_program(command, columns=scene.columns, rows=scene.rows) as program:
            costs = msgspec.json.decode(program.line(), type=Costs)
            written = program.bytes_between(costs.start_ns, costs.end_ns)
    seconds = (costs.end_ns - costs.start_ns) / 1e9
    assert costs.events > 0.9 * scene.rate * seconds, f"{costs.events} events: it fell behind"
    return Seen(costs, written / seconds / 1000)


def _screen_rows(scene: Scene, seen: Sequence[Seen]) -> Iterator[Row]:
    yield compared(
        f"{NAME} {scene.name} tick",
        "ms CPU",
        ours=[item.costs.main_cpu_seconds * 1000 / item.costs.ticks for item in seen],
        target=_TICK,
        note=f"main thread, {seen[0].costs.ticks} pictures a run",
    )
    limit = scene.most_kilobytes
    yield compared(
        f"{NAME} {scene.name} output",
        "kB/s",
        ours=[item.kilobytes for item in seen],
        target=None if limit is None else Target(limit, is_ratio=False),
    )


def _engine_rows(scene: Scene, seen: Sequence[Seen], alone: Sequence[Seen]) -> Iterator[Row]:
    figures = (
        ("received p50", [item.costs.received.p50_us for item in seen], None),
        ("received p99", [item.costs.received.p99_us for item in seen], _P99),
        ("received max", [item.costs.received.max_us for item in seen], _MAX),
        ("sent p50", [item.costs.sent.p50_us for item in seen], None),
        ("sent p99", [item.costs.sent.p99_us for item in seen], None),
        ("sent max", [item.costs.sent.max_us for item in seen], None),
        ("loop lag p99", [item.costs.lag.p99_us for item in seen], None),
        ("loop lag max", [item.costs.lag.max_us for item in seen], None),
    )
    without = dict(_without(alone)) if scene.has_screen else {}
    for name, values, target in figures:
        yield compared(
            f"{NAME} {scene.name} {name}",
            "us",
            ours=values,
            beside=Side("without a screen", without[name]) if name in without else None,
            target=target if scene.has_targets else None,
        )


def _without(alone: Sequence[Seen]) -> Iterator[tuple[str, Sequence[float]]]:
    yield "received p50", [item.costs.received.p50_us for item in alone]
    yield "received p99", [item.costs.received.p99_us for item in alone]
    yield "sent p50", [item.costs.sent.p50_us for item in alone]
    yield "sent p99", [item.costs.sent.p99_us for item in alone]
    yield "loop lag p99", [item.costs.lag.p99_us for item in alone]
