"""What is the same whenever it is made, and takes long: made once in a process for all tests."""

from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from sqlalchemy import URL, Engine, create_engine
from syrupy.report import SnapshotReport
from syrupy.utils import is_xdist_worker
from textual import _wait
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

from botcore_tui.cli import parser
from botcore_tui.exchange.sim import market
from botcore_tui.exchange.sim.dice import SeededDice
from botcore_tui.exchange.sim.eras import Era
from botcore_tui.exchange.sim.history import Activity, made_up
from botcore_tui.ledger import session, store, writer
from botcore_tui.ledger.migrate import migrate

_MOST_PASTS: Final = 64


def keep_what_is_made() -> None:
    """Make each of them once from now on."""
    _replace(market, "made_up", _kept_past)
    _replace(parser, "_parser", cache(parser._parser))
    _replace(Stylesheet, "_parse_rules", _kept_rules(Stylesheet._parse_rules))
    _replace(store, "create_engine", _compiling_once(create_engine))
    _replace(writer, "migrate", _made_ready(migrate))


def wait_less_for_screens() -> None:
    """Believe sooner that an app has drawn everything: half of Textual's fiftieth of a second."""
    _replace(_wait, "SLEEP_GRANULARITY", _wait.SLEEP_GRANULARITY / 2)
    _replace(_wait, "SLEEP_IDLE", _wait.SLEEP_IDLE / 2)


def leave_logs_small() -> None:
    """Write no megabytes into the log of each ledger, which spare an order a millisecond."""
    _replace(session, "grow_log", lambda _connection: None)


def look_for_no_unused_snapshots() -> None:
    """Spare workers a report of seconds that nobody reads."""
    if is_xdist_worker():
        _replace(SnapshotReport, "lines", ())


def make_pasts_anew() -> None:
    """Forget what markets were made up before they began; for a test that compares two."""
    _past.cache_clear()


def _replace(owner: object, name: str, stand_in: object) -> None:
    setattr(owner, name, stand_in)


class _Past:
    """A market's past, made up as far as any market of the same seed was asked for it."""

    def __init__(self, source: Iterator[Era]) -> None:
        self._source = source
        self._eras: list[Era] = []

    def each(self) -> Iterator[Era]:
        index = 0
        while index < len(self._eras) or self._reaches_further():
            yield self._eras[index]
            index += 1

    def _reaches_further(self) -> bool:
        era = next(self._source, None)
        if era is not None:
            self._eras.append(era)
        return era is not None


def _kept_past(
    dice: SeededDice, *, end_ms: int, ticks: int, next_trade_id: int, activity: Activity
) -> Iterator[Era]:
    key = (dice._state, end_ms, ticks, next_trade_id)
    return _past(*key, activity.lots, activity.trades).each()


@lru_cache(maxsize=_MOST_PASTS)
def _past(state: int, end_ms: int, ticks: int, trade_id: int, lots: int, trades: int) -> _Past:
    return _Past(
        made_up(
            SeededDice(state),
            end_ms=end_ms,
            ticks=ticks,
            next_trade_id=trade_id,
            activity=Activity(lots, trades),
        )
    )


_Parse = Callable[..., list[RuleSet]]


def _kept_rules(parse: _Parse) -> _Parse:
    """Keep the rules of a style sheet for each app, not for one; nobody changes them."""
    kept: dict[tuple[object, ...], list[RuleSet]] = {}

    def rules(sheet: Stylesheet, css: str, **source: object) -> list[RuleSet]:
        key = (css, *sorted(source.items()), *sheet._variables.items())
        if key not in kept:
            kept[key] = parse(sheet, css, **source)
        return kept[key]

    return rules


def _compiling_once(create: Callable[..., Engine]) -> Callable[..., Engine]:
    """Keep compiled statements for all ledgers in SQLite, not for one."""
    first: list[Engine] = []

    def created(url: str | URL, **options: object) -> Engine:
        engine = create(url, **options)
        if url == "sqlite://":
            first.append(engine)
            # Those that are kept belong to a dialect; all of these are alike.
            engine.dialect = first[0].dialect
            engine._compiled_cache = first[0]._compiled_cache
            del first[1:]
        return engine

    return created


def _made_ready(make: Callable[..., None]) -> Callable[..., None]:
    """Begin a new ledger in SQLite with tables, which take longer to make than most tests."""

    def migrated(engine: Engine, name: str, *, path: Path | None, **options: object) -> None:
        if path is not None and path.parent.is_dir() and not path.exists():
            store.make_private(path)
            path.write_bytes(_empty_ledger())
        make(engine, name, path=path, **options)

    return migrated


@cache
def _empty_ledger() -> bytes:
    with TemporaryDirectory() as directory:
        path = Path(directory) / "empty.db"
        engine = store.writing_engine(f"sqlite:///{path}")
        migrate(engine, "empty", path=path, backup_keep=1, now_ms=0)
        engine.dispose()
        return path.read_bytes()
