"""Writes tables of a ledger as files that other programs read (G6)."""

import csv
import io
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final, Literal

from botcore_tui.errors import UnavailableError
from botcore_tui.ledger.reader import Cell, LedgerReader

if TYPE_CHECKING:
    import pyarrow

Format = Literal["csv", "json", "parquet"]
_BATCH: Final = 10_000


def export(
    reader: LedgerReader, tables: Iterable[str], file_format: Format, directory: Path
) -> list[Path]:
    """Write a file for each table into a directory, which is made; what was written.

    Args:
        reader: Of the ledger.
        tables: Some of its ``tables()``.
        file_format: ``json`` is one array of objects; amounts are text everywhere, exact.
        directory: Files of the same names are replaced, each once the new one is whole.

    Raises:
        UnavailableError: A file cannot be written, or the format needs what is not installed.
    """
    written: list[Path] = []
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for table in tables:
            path = directory / f"{table}.{file_format}"
            with _replacing(path) as file:
                export_table(reader, table, file_format, file)
            written.append(path)
    except OSError as error:
        raise UnavailableError(f"{directory} cannot be written: {error.strerror}") from error
    return written


def export_table(reader: LedgerReader, table: str, file_format: Format, file: IO[bytes]) -> None:
    """Write one table into an open file.

    Raises:
        UnavailableError: The format needs what is not installed.
        OSError: The file cannot be written.
    """
    columns = reader.columns(table)
    # Where the file takes no more, the query must end before its connection does.
    with closing(reader.everything(table)) as rows:
        if file_format == "parquet":
            _parquet(columns, rows, file)
            return
        text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
        try:
            if file_format == "csv":
                _csv(columns, rows, text)
            else:
                _json(rows, text)
        finally:
            text.detach()


@contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    """A new file that takes the place of another when it is whole: half a CSV looks like one."""
    # Of two programs that export to one place each has its own.
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        with suppress(OSError):  # it is gone where all went well
            part.unlink()


def _csv(columns: dict[str, type], rows: Iterator[dict[str, Cell]], text: IO[str]) -> None:
    writer = csv.DictWriter(text, list(columns))
    writer.writeheader()
    writer.writerows(rows)


def _json(rows: Iterator[dict[str, Cell]], text: IO[str]) -> None:
    separator = "[\n"
    for row in rows:
        text.write(separator + json.dumps(row, ensure_ascii=False))
        separator = ",\n"
    text.write("\n]\n" if separator != "[\n" else "[]\n")


def _parquet(columns: dict[str, type], rows: Iterator[dict[str, Cell]], file: IO[bytes]) -> None:
    try:
        import pyarrow as arrow  # noqa: PLC0415 - an optional extra
        from pyarrow import parquet  # noqa: PLC0415 - the same
    except ImportError as error:
        raise UnavailableError(
            "parquet needs pyarrow, which is not installed: pip install 'botcore-tui[parquet]'"
        ) from error
    kinds = {str: arrow.string(), int: arrow.int64(), bool: arrow.bool_()}
    schema: pyarrow.Schema = arrow.schema([(name, kinds[kind]) for name, kind in columns.items()])
    with parquet.ParquetWriter(file, schema) as writer:
        while batch := list(islice(rows, _BATCH)):
            writer.write_table(arrow.Table.from_pylist(batch, schema))
