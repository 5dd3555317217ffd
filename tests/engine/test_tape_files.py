"""Which files make a tape, and what of them can be read."""

import gzip
from pathlib import Path

import pytest
from backports import zstd
from shared_tape import PACK, START_NS, a_file, errors_of, lines_of, played, text_of

from botcore_tui.engine.tape import Extent, Tape, measure
from botcore_tui.engine.tape_files import (
    Source,
    Splitter,
    existing_parts,
    find_parts,
    missing_part,
    part_path,
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("btc.gz", "btc.000007.gz"),
        ("btc", "btc.000007"),
        ("btc.2024-08-08.jsonl.zst", "btc.2024-08-08.jsonl.000007.zst"),
    ],
)
def test_part_number_stands_before_the_suffix(name: str, expected: str) -> None:
    assert part_path(Path("tapes") / name, 7) == Path("tapes") / expected


def test_parts_sort_by_name_as_they_play(tmp_path: Path) -> None:
    parts = [part_path(tmp_path / "btc.gz", number) for number in range(1, 13)]
    for part in reversed(parts):
        part.write_bytes(b"x")
    (tmp_path / "btc.000001.zst").write_bytes(b"x")
    (tmp_path / "eth.000001.gz").write_bytes(b"x")
    assert existing_parts(tmp_path / "btc.gz") == parts == find_parts(tmp_path / "btc.gz")


def test_file_of_the_plain_name_goes_before_parts(tmp_path: Path) -> None:
    for name in ("btc.gz", "btc.000001.gz"):
        (tmp_path / name).write_bytes(b"x")
    assert find_parts(tmp_path / "btc.gz") == [tmp_path / "btc.gz"]


def test_folder_that_vanished_misses_no_part(tmp_path: Path) -> None:
    assert missing_part(tmp_path / "gone" / "btc.000001.gz") is None


@pytest.mark.parametrize("step", [1, 3, 7, 100])
def test_lines_do_not_depend_on_where_chunks_end(step: int) -> None:
    text = b"first\n\nthird line\nno end"
    splitter = Splitter()
    lines = []
    for start in range(0, len(text), step):
        lines += splitter.split(text[start : start + step])
    assert [*lines, splitter.tail()] == text.split(b"\n")


def test_tail_of_a_file_that_vanished_is_empty(tmp_path: Path) -> None:
    source = Source(tmp_path / "absent")
    assert source.tail(100) == b""
    assert source.damage == "cannot be read: No such file or directory"


# --- tapes that end early ----------------------------------------------------------------------


def test_last_line_without_line_feed_is_played_if_it_is_whole(tmp_path: Path) -> None:
    tape = Tape(a_file(tmp_path, text_of(lines_of(3))[:-1]))
    assert played(tape) == lines_of(3)
    assert tape.errors == []


@pytest.mark.parametrize("cut", [2, 10, 26, 27, 30, 40])
def test_plain_tape_cut_in_its_last_line_says_so(tmp_path: Path, cut: int) -> None:
    tape = Tape(a_file(tmp_path, text_of(lines_of(3))[:-cut]))
    assert played(tape) == lines_of(2)
    assert errors_of(tape) == [
        "tape, line 3: cut off in the middle: the recording ended here; all before was played"
    ]


@pytest.mark.requirement("R09")
@pytest.mark.parametrize("form", ["gz", "zst"])
def test_cut_compressed_tape_is_played_to_the_cut(tmp_path: Path, form: str) -> None:
    lines = lines_of(50_000)
    packed = PACK[form](text_of(lines))
    for kept in (len(packed) - 1, len(packed) - 9, len(packed) // 2):
        tape = Tape(a_file(tmp_path, packed[:kept]))
        read = played(tape)
        assert read == lines[: len(read)]
        assert len(read) >= 15_000
        assert [error.line for error in tape.errors] == [len(read) + 1]
        assert "the compressed data ends in the middle" in str(tape.errors[0])


def test_gzip_tape_with_a_wrong_checksum_is_played_whole_and_told(tmp_path: Path) -> None:
    lines = lines_of(20_000)
    packed = bytearray(gzip.compress(text_of(lines)))
    packed[-6] ^= 1
    tape = Tape(a_file(tmp_path, bytes(packed)))
    assert played(tape) == lines
    assert [error.line for error in tape.errors] == [20_001]
    assert "damaged (CRC check failed" in str(tape.errors[0])


def test_zstd_tape_with_a_wrong_checksum_is_played_whole_and_told(tmp_path: Path) -> None:
    lines = lines_of(20_000)
    packed = bytearray(
        zstd.compress(text_of(lines), options={zstd.CompressionParameter.checksum_flag: 1})
    )
    packed[-2] ^= 1
    tape = Tape(a_file(tmp_path, bytes(packed)))
    assert played(tape) == lines
    assert [error.line for error in tape.errors] == [20_001]


def test_stored_block_damaged_in_the_middle_is_played_up_to_the_very_byte(tmp_path: Path) -> None:
    # Level 0 stores, so the place of the damage in the file is the place in the text.
    lines = lines_of(3_000)
    packed = bytearray(gzip.compress(text_of(lines), compresslevel=0))
    header = 10
    second_block = header + 5 + int.from_bytes(packed[header + 1 : header + 3], "little")
    packed[second_block + 3] ^= 0xFF  # its length no longer matches its complement
    tape = Tape(a_file(tmp_path, bytes(packed)))
    read = played(tape)
    whole_lines = text_of(lines)[: second_block - header - 5].count(b"\n")
    assert read == lines[:whole_lines]
    assert [error.line for error in tape.errors] == [whole_lines + 1]


@pytest.mark.parametrize("form", ["gz", "zst"])
def test_garbage_behind_the_compressed_data_is_told(tmp_path: Path, form: str) -> None:
    tape = Tape(a_file(tmp_path, PACK[form](text_of(lines_of(10))) + b"\x01garbage"))
    assert played(tape) == lines_of(10)
    assert "damaged (" in str(tape.errors[0])


# --- parts -------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["", ".gz", ".zst"])
def test_parts_are_played_in_order_from_the_one_named(tmp_path: Path, suffix: str) -> None:
    for part in (1, 2, 3):
        a_file(tmp_path, text_of(lines_of(5, start=5 * part)), f"btc.{part:06d}{suffix}")
    assert played(Tape(tmp_path / f"btc{suffix}")) == lines_of(15, start=5)
    assert played(Tape(tmp_path / f"btc.000001{suffix}")) == lines_of(15, start=5)
    assert played(Tape(tmp_path / f"btc.000002{suffix}")) == lines_of(10, start=10)
    assert measure(tmp_path / f"btc{suffix}") == Extent(START_NS + 5, START_NS + 19)


def test_damaged_part_does_not_keep_the_next_from_being_played(tmp_path: Path) -> None:
    a_file(tmp_path, gzip.compress(text_of(lines_of(5)))[:-3], "t.000001.gz")
    a_file(tmp_path, text_of(lines_of(5, start=5)) + b"bad\n", "t.000002.gz")
    tape = Tape(tmp_path / "t.gz")
    assert played(tape) == lines_of(10)
    assert [text.partition(":")[0] for text in errors_of(tape)] == [
        "t.000001.gz, line 6",
        "t.000002.gz, line 6",
    ]


def test_missing_part_ends_the_tape_and_is_told(tmp_path: Path) -> None:
    for part in (1, 2, 4):
        a_file(tmp_path, text_of(lines_of(5, start=5 * part)), f"t.{part:06d}.gz")
    tape = Tape(tmp_path / "t.gz")
    assert played(tape) == lines_of(10, start=5)
    assert "t.000003.gz: this part is missing; later ones exist" in errors_of(tape)[0]


def test_dates_in_names_are_not_parts(tmp_path: Path) -> None:
    for day in (240808, 240809):
        a_file(tmp_path, text_of(lines_of(5)), f"btc.{day}.gz")
    assert played(Tape(tmp_path / "btc.240808.gz")) == lines_of(5)
