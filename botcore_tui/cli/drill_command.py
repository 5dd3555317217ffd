"""``botcore drill``: rehearses on an embedded exchange, and puts the result on record."""

import asyncio
import tempfile
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import replace

from botcore_tui import __version__
from botcore_tui.cli.drill_stage import Stage
from botcore_tui.cli.drill_terms import DrillReport, lines, timings
from botcore_tui.cli.drills import DRILLS, flatten, prepare
from botcore_tui.cli.ledger_place import ledger_url
from botcore_tui.cli.output import complain, say
from botcore_tui.cli.parser import Arguments
from botcore_tui.cli.settings import loaded
from botcore_tui.cli.trading import config_hash
from botcore_tui.clock import Clock, SystemClock
from botcore_tui.config import Config
from botcore_tui.errors import BotcoreError, UnavailableError
from botcore_tui.ledger.writer import LedgerWriter, WriterOptions
from botcore_tui.model.ledger import DrillRow

ACCOUNT: Final = "drill:local"
"""Under which the ledger keeps drills: they belong to no account at a venue."""
_ENVIRONMENT: Final = "drill"
"""Of its run: the newest run of a real environment is that of an account there."""
_FLUSH_SECONDS: Final = 10.0


def run_drill(arguments: Arguments) -> int:
    """Carry one out; exit code.

    Raises:
        ConfigError: The configuration is broken.
        UnavailableError: The state directory cannot be used.
    """
    configuration, where = loaded(arguments)
    where.make()
    config = configuration.config
    report = asyncio.run(
        rehearse(arguments.topic, config, SystemClock(), is_flattening=arguments.flatten)
    )
    if problem := _record(config, where.state_dir, report):
        report = replace(report, trouble=(*report.trouble, problem))
    if arguments.json:
        say(msgspec.json.encode(report).decode())
    else:
        say("\n".join(lines(report)))
        if report.trouble:
            complain("\n".join(report.trouble))
    return int(bool(report.trouble) or not report.is_passed)


async def rehearse(
    name: str, config: Config, clock: Clock, *, is_flattening: bool = False
) -> DrillReport:
    """Carry one out on an exchange of its own.

    Args:
        name: Of the drill.
        config: The user's, checked.
        clock: Measures it.
        is_flattening: ``halt`` by a second program that also closes the position.
    """
    began_ns = clock.monotonic_ns()
    trouble: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    drill = flatten if is_flattening else DRILLS[name]
    with tempfile.TemporaryDirectory(prefix="botcore-drill-") as directory:
        stage = Stage(config, Path(directory))
        try:
            async with stage:
                await prepare(stage)
                notes = await drill(stage)
        except BotcoreError as error:
            trouble = (str(error),)
    rehearsed = stage.config
    usual = (
        f"{rehearsed.symbols[0]} on a made-up market, {rehearsed.demo.balance:g} USDT;"
        " risk, breaker, protection, dead_man and staleness as configured"
    )
    return DrillReport(
        drill=name,
        is_passed=not trouble and all(step.is_passed for step in stage.steps),
        steps=tuple(stage.steps),
        notes=(usual, *notes),
        trouble=trouble,
        total_ms=(clock.monotonic_ns() - began_ns) / 1e6,
        version=__version__,
        config_hash=config_hash(config),
        time_ms=clock.now_ms(),
    )


def row_of(report: DrillReport) -> DrillRow:
    """What the ledger keeps of it."""
    failed = [f"{step.name}: {step.text}" for step in report.steps if not step.is_passed]
    return DrillRow(
        drill=report.drill,
        is_passed=report.is_passed,
        timings=timings(report.steps),
        text="; ".join((*failed, *report.trouble, *report.notes)),
        version=report.version,
        config_hash=report.config_hash,
        time_ms=report.time_ms,
    )


def _record(config: Config, state_dir: Path, report: DrillReport) -> str:
    """Put it on record; why that failed, empty if it did not."""
    try:
        writer = LedgerWriter.open(
            ledger_url(config, state_dir, config.environment),
            ACCOUNT,
            _ENVIRONMENT,
            options=WriterOptions(
                version=report.version,
                config_hash=report.config_hash,
                synchronous=config.ledger.synchronous,
                backup_keep=config.ledger.backup_keep,
                spill_dir=state_dir,
            ),
        )
    except UnavailableError as error:
        return f"the drill is not on record: {error}"
    try:
        writer.append(row_of(report))
        is_done = writer.flush(_FLUSH_SECONDS)
    finally:
        writer.close()
    return "" if is_done else "the drill is not on record: the ledger did not take it in time"
