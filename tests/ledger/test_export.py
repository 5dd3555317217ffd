"""Files for other programs."""

import builtins
import csv
import errno
import gc
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ledger_rows import a_fill, a_note, an_intent, ledger_url, written

from botcore_tui.errors import UnavailableError
from botcore_tui.ledger.export import Format, export, export_table
from botcore_tui.ledger.reader import Cell, LedgerReader


@pytest.fixture
def url(tmp_path: Path) -> str:
    url = ledger_url(tmp_path)
    written(
        url, [an_intent(), a_fill(1), a_fill(2), a_note(text='a "quoted", 币 line\nand another')]
    )
    return url


@pytest.mark.requirement("G6")
def test_csv_has_every_row_and_its_hash(url: str, tmp_path: Path) -> None:
    with LedgerReader(url) as reader:
        paths = export(reader, reader.tables(), "csv", tmp_path / "out" / "deep")
        names = [f"{table}.csv" for table in reader.tables()]
    assert [path.name for path in paths] == names
    with (tmp_path / "out" / "deep" / "fills.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["trade_id"], row["price"], len(row["hash"])) for row in rows] == [
        ("1", "61000.1", 64),
        ("2", "61000.1", 64),
    ]
    with (tmp_path / "out" / "deep" / "audit.csv").open(encoding="utf-8", newline="") as file:
        assert next(csv.DictReader(file))["text"] == 'a "quoted", 币 line\nand another'


@pytest.mark.requirement("G6")
def test_json_is_one_array_with_exact_amounts(url: str) -> None:
    out = io.BytesIO()
    with LedgerReader(url) as reader:
        export_table(reader, "fills", "json", out)
        rows = json.loads(out.getvalue())
        assert [(row["trade_id"], row["fee"], row["is_maker"]) for row in rows] == [
            (1, "0.305", False),
            (2, "0.305", False),
        ]
        empty = io.BytesIO()
        export_table(reader, "funding", "json", empty)
        assert json.loads(empty.getvalue()) == []


@pytest.mark.requirement("G6")
def test_parquet_keeps_amounts_as_text_and_kinds_as_they_are(url: str) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")  # an optional extra
    out = io.BytesIO()
    with LedgerReader(url) as reader:
        export_table(reader, "fills", "parquet", out)
    table = parquet.read_table(io.BytesIO(out.getvalue()))
    assert [str(table.schema.field(name).type) for name in ("price", "trade_id", "is_maker")] == [
        "string",
        "int64",
        "bool",
    ]
    assert table.column("price").to_pylist() == ["61000.1"] * 2


def test_parquet_without_its_library_says_what_to_install(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real: Callable[..., Any] = builtins.__import__

    def absent(name: str, *args: object, **named: object) -> object:
        if name.startswith("pyarrow"):
            raise ImportError(name)
        return real(name, *args, **named)

    monkeypatch.setattr(builtins, "__import__", absent)
    with (
        LedgerReader(url) as reader,
        pytest.raises(UnavailableError, match=r"botcore-tui\[parquet"),
    ):
        export_table(reader, "fills", "parquet", io.BytesIO())


def test_a_directory_that_cannot_be_made_is_told(url: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with LedgerReader(url) as reader, pytest.raises(UnavailableError, match="cannot be written"):
        export(reader, ["fills"], "csv", tmp_path / "file" / "out")


@pytest.mark.requirement("G6")
@pytest.mark.parametrize("file_format", ["csv", "json", "parquet"])
def test_an_export_that_fails_leaves_the_one_before(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file_format: Format
) -> None:
    if file_format == "parquet":
        pytest.importorskip("pyarrow")  # an optional extra
    out = tmp_path / "out"
    with LedgerReader(url) as reader:
        (path,) = export(reader, ["fills"], file_format, out)
        before = path.read_bytes()

        def broken(_: LedgerReader, table: str) -> Iterator[dict[str, Cell]]:
            yield dict.fromkeys(reader.columns(table))
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(LedgerReader, "everything", broken)
        with pytest.raises(UnavailableError, match="cannot be written: No space left"):
            export(reader, ["fills"], file_format, out)
    assert path.read_bytes() == before
    assert list(out.iterdir()) == [path]


def test_the_query_of_a_file_that_takes_no_more_is_ended(
    url: str, caplog: pytest.LogCaptureFixture
) -> None:
    class Full(io.BytesIO):
        def write(self, content: object) -> int:
            assert isinstance(content, bytes)
            if self.tell():
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().write(content)

    with pytest.raises(OSError, match="No space") as failed, LedgerReader(url) as reader:
        export_table(reader, "fills", "csv", Full())
    del failed
    gc.collect()
    assert not caplog.records
