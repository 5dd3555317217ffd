"""``botcore ledger``: verify, show, export, attest."""

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, get_args

from msgspec import Struct, structs

from botcore_tui.cli.ledger_place import ledger_url
from botcore_tui.cli.output import complain, say
from botcore_tui.cli.parser import Arguments
from botcore_tui.cli.settings import loaded
from botcore_tui.clock import Clock, SystemClock
from botcore_tui.config import Config
from botcore_tui.errors import ConfigError, UnavailableError
from botcore_tui.ledger.amounts import exact
from botcore_tui.ledger.attest import NEAR_EQUAL_MS, Attestation, attest
from botcore_tui.ledger.export import Format, export, export_table
from botcore_tui.ledger.pnl import PnlLine, moment_of
from botcore_tui.ledger.reader import Cell, LedgerReader, Page
from botcore_tui.ledger.spill import rows_in_files, spill_path
from botcore_tui.ledger.store import shown
from botcore_tui.ledger.verify import Verdict, verify
from botcore_tui.model.account import MOST_INCOME_ROWS, Income

IncomeOf = Callable[[Config, str, int, int], Sequence[Income]]
"""Asks the venue: configuration, account as the ledger names it, first and last moment."""

_DAY_MS: Final = 86_400_000
_FORMATS: Final[dict[str, Format]] = {name: name for name in get_args(Format)}
_MOMENTS: Final = frozenset({"time_ms", "created_ms"})
_PLACE_IN_CHAIN: Final = frozenset({"sequence", "run_id"})
_SHOWN: Final = {
    "orders": (
        "created_ms",
        "client_order_id",
        "symbol",
        "side",
        "type",
        "purpose",
        "quantity",
        "price",
        "trigger_price",
        "state",
        "filled_quantity",
        "reason",
    ),
    "fills": (
        "time_ms",
        "client_order_id",
        "symbol",
        "side",
        "price",
        "quantity",
        "fee",
        "fee_asset",
        "realized_pnl",
        "purpose",
        "tag",
    ),
}


class _Place(Struct, frozen=True):
    """Where a ledger is, and the files of what it did not take."""

    url: str
    state_dir: Path

    def kept(self, account: str, intake: Mapping[str, int]) -> int:
        """Rows of an account that are on this disk, but not in their tables."""
        path = spill_path(self.url, account, self.state_dir)
        return intake.get(account, 0) + rows_in_files(path)


def run_ledger(
    arguments: Arguments, income_of: IncomeOf | None = None, clock: Clock | None = None
) -> int:
    """Run one of the topics; its exit code.

    Args:
        arguments: Parsed.
        income_of: How the venue is asked, for ``attest``; None where it cannot be.
        clock: Says until when ``attest`` compares.
    """
    configuration, where = loaded(arguments)
    config = configuration.config
    place = _Place(ledger_url(config, where.state_dir, config.environment), where.state_dir)
    match arguments.topic:
        case "verify":
            return _verify(place, as_json=arguments.json)
        case "export":
            return _export(arguments, place)
        case "show":
            return _show(arguments, place)
        case _:
            return _attest(arguments, place, config, (income_of, clock or SystemClock()))


def _verify(place: "_Place", *, as_json: bool) -> int:
    verdict = verify(url := place.url)
    kept = {account: place.kept(account, verdict.waiting) for account in verdict.heads}
    waiting = {account: rows for account, rows in kept.items() if rows}
    if as_json:
        _say_json(
            {
                "ledger": shown(url),
                "is_intact": verdict.is_intact,
                "rows": verdict.rows,
                "heads": {name: structs.asdict(head) for name, head in verdict.heads.items()},
                "breaks": [structs.asdict(item) for item in verdict.breaks],
                "waiting": waiting,
            }
        )
    else:
        _tell(verdict, shown(url), waiting)
    return int(not verdict.is_intact)


def _tell(verdict: Verdict, name: str, waiting: Mapping[str, int]) -> None:
    if not verdict.is_intact:
        complain("\n".join(f"TAMPERED: {item}" for item in verdict.breaks))
    lines = [
        f"{account}: {head.sequence:,} rows, head {head.hash}"
        for account, head in verdict.heads.items()
    ]
    lines += [_waiting(account, count) for account, count in waiting.items()]
    found = "intact" if verdict.is_intact else "not as it was written"
    say("\n".join([f"{name}: {found}", *lines]))


def _waiting(account: str, count: int) -> str:
    rows = "1 row is" if count == 1 else f"{count:,} rows are"
    return (
        f"{account}: {rows} kept, but not in the tables yet; an engine that trades puts them there,"
        " at the latest when it starts"
    )


def _warn(reader: LedgerReader, place: "_Place") -> None:
    """Say on standard error that what is shown is not all."""
    if count := place.kept(reader.account, reader.waiting()):
        complain(_waiting(reader.account, count))


def _export(arguments: Arguments, place: "_Place") -> int:
    file_format = _FORMATS[arguments.format]
    with LedgerReader(place.url, arguments.account) as reader:
        if arguments.table and arguments.table not in reader.tables():
            known = ", ".join(reader.tables())
            raise UnavailableError(f"there is no table {arguments.table!r}; there are {known}")
        tables = (arguments.table,) if arguments.table else reader.tables()
        _warn(reader, place)
        if arguments.output is not None:
            directory = arguments.output
            say("\n".join(map(str, export(reader, tables, file_format, directory))))
        elif arguments.table:
            _to_output(reader, arguments.table, file_format)
        else:
            raise UnavailableError("name a directory with --output, or one table with --table")
    return 0


def _to_output(reader: LedgerReader, table: str, file_format: Format) -> None:
    try:
        export_table(reader, table, file_format, sys.stdout.buffer)
        sys.stdout.flush()
    except BrokenPipeError:
        return
    except OSError as error:
        raise UnavailableError(f"standard output cannot be written: {error.strerror}") from error


def _show(arguments: Arguments, place: "_Place") -> int:
    if arguments.by and arguments.what != "pnl":
        raise ConfigError(["--by: without effect: it is of `ledger show pnl` alone"])
    with LedgerReader(place.url, arguments.account) as reader:
        _warn(reader, place)
        if arguments.what == "pnl":
            by = arguments.by or "day"
            lines = reader.pnl(by)[-arguments.rows :]
            # A trade does not tell: those of all, then.
            told = reader.pnl("run") if by == "position" else lines
            others = sum(line.other_fees for line in told)
            _show_pnl(lines, others, reader.account, as_json=arguments.json)
        else:
            is_risk = arguments.what == "risk"
            page = (
                reader.risk(arguments.rows)
                if is_risk
                else reader.page(arguments.what, arguments.rows)
            )
            _show_page(page, arguments, reader.account)
    return 0


def _show_page(page: Page, arguments: Arguments, account: str) -> None:
    rows = [dict(zip(page.columns, row, strict=True)) for row in page.rows]
    if arguments.json:
        _say_json({"account": account, arguments.what: rows})
        return
    names = _SHOWN.get(arguments.what) or [
        name for name in page.columns if name not in _PLACE_IN_CHAIN
    ]
    heads = ["time" if name in _MOMENTS else name for name in names]
    say(_table(heads, [[_cell(name, row[name]) for name in names] for row in rows]))


def _show_pnl(lines: Iterable[PnlLine], others: int, account: str, *, as_json: bool) -> None:
    if as_json:
        rows = [
            {
                "name": line.name,
                "realized": exact(line.realized),
                "fees": exact(line.fees),
                "funding": exact(line.funding),
                "net": exact(line.net),
                "fills": line.fills,
            }
            for line in lines
        ]
        _say_json({"account": account, "pnl": rows, "fees_in_other_assets": others})
        return
    cells = [
        [line.name, *map(exact, (line.realized, line.fees, line.funding, line.net))]
        for line in lines
    ]
    table = _table(["", "realized", "fees", "funding", "net"], cells)
    note = f"\n\nnot in fees and net: those of {others} fills, paid in another asset"
    say(table + (note if others else ""))


def _attest(
    arguments: Arguments, place: "_Place", config: Config, asking: tuple[IncomeOf | None, Clock]
) -> int:
    income_of, clock = asking
    if income_of is None:
        raise UnavailableError(f"{config.environment} has no account to attest against")
    now_ms = clock.now_ms()
    start_ms = now_ms - now_ms % _DAY_MS - (arguments.days - 1) * _DAY_MS
    with LedgerReader(place.url, arguments.account) as reader:
        _warn(reader, place)
        from_ms = start_ms - NEAR_EQUAL_MS
        income = income_of(config, reader.account, from_ms, now_ms)
        found = attest(
            reader.fills(from_ms, now_ms),
            reader.funding(from_ms, now_ms),
            reader.transfers(from_ms, now_ms),
            income,
            since_ms=start_ms,
        )
        (_attest_json if arguments.json else _attest_text)(found, reader.account)
    return int(bool(found.differences or found.unsure))


def _attest_json(found: Attestation, account: str) -> None:
    _say_json(
        {
            "account": account,
            "difference": exact(found.total),
            "is_complete": not found.unsure,
            "days": [
                {
                    "day": books.day,
                    "kind": books.kind,
                    "asset": books.asset,
                    "ledger": exact(books.ledger),
                    "venue": exact(books.venue),
                }
                for books in found.days
            ],
            "differences": [
                {
                    **{name: getattr(row, name) for name in ("day", "kind", "symbol", "asset")},
                    "trade_id": row.trade_id,
                    "transaction_id": row.transaction_id,
                    "time_ms": row.time_ms,
                    "ledger": None if row.ledger is None else exact(row.ledger),
                    "venue": None if row.venue is None else exact(row.venue),
                    "what": row.what,
                }
                for row in found.differences
            ],
        }
    )


def _attest_text(found: Attestation, account: str) -> None:
    days = [
        [
            books.day,
            books.kind,
            books.asset,
            exact(books.ledger),
            exact(books.venue),
            exact(books.ledger - books.venue),
        ]
        for books in found.days
    ]
    parts = [_table(["day", "kind", "asset", "ledger", "venue", "difference"], days)]
    if found.differences:
        rows = [
            [
                moment_of(row.time_ms),
                row.kind,
                row.symbol,
                row.asset,
                f"trade {row.trade_id}" if row.trade_id else f"transaction {row.transaction_id}",
                "-" if row.ledger is None else exact(row.ledger),
                "-" if row.venue is None else exact(row.venue),
                row.what,
            ]
            for row in found.differences
        ]
        heads = ["time", "kind", "symbol", "asset", "of", "ledger", "venue", "what"]
        parts.append(_table(heads, rows))
    total = exact(found.total) if found.total else "0.00"
    parts.append(f"{account}: differences {total} in {len(found.differences)} rows")
    parts += [
        f"NOT COMPLETE: {kind} of {moment_of(time_ms)}: the venue tells {MOST_INCOME_ROWS:,} rows"
        " of a kind and a millisecond at most, and told as many; what is more is not compared"
        for time_ms, kind in found.unsure
    ]
    say("\n\n".join(parts))


def _cell(name: str, value: Cell) -> str:
    if name in _MOMENTS:
        return moment_of(int(value or 0))
    return "" if value is None else str(value)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, *rows]
    widths = [max(len(line[index]) for line in lines) for index in range(len(heads))]
    return "\n".join(
        "  ".join(f"{cell:<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _say_json(value: object) -> None:
    say(json.dumps(value, ensure_ascii=False))
