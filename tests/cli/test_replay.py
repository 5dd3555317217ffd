"""``botcore replay --headless``: what it finds, and what it says of damage."""

import gzip
import json
from pathlib import Path

import pytest
from command_line import Run
from shared_tape import PACK, SHARED_TAPE, needs_shared_tape, text_of
from synthetic_tape import a_market_tape, market_lines, with_wrong_quantity

from botcore_tui.cli import replay
from botcore_tui.core.trader import Trader
from botcore_tui.model.event import Effect, Event

KEYS = [
    *("tape", "symbols", "frames", "decoded", "decode_errors", "by_type"),
    *("depth_applied", "depth_dropped", "sequence_gaps", "resyncs"),
    *("book_checks", "book_mismatches"),
    *("best_bid", "best_bid_quantity", "best_ask", "best_ask_quantity", "last_update_id"),
    *("tape_seconds", "wall_seconds", "frames_per_second", "peak_rss_mb"),
]


@pytest.mark.slow
@needs_shared_tape
def test_the_real_capture_gives_the_known_book_and_exactly_the_documented_keys(run: Run) -> None:
    done = run("replay", SHARED_TAPE, "--headless", "--check", "--json")
    assert (done.code, done.err) == (0, "")
    found = json.loads(done.out)
    assert list(found) == KEYS
    assert (found["book_checks"], found["book_mismatches"]) == (5703, 0)
    assert (found["depth_applied"], found["depth_dropped"]) == (6547, 4)
    assert (found["sequence_gaps"], found["resyncs"], found["decode_errors"]) == (0, 0, 0)
    assert found["last_update_id"] == 5123135475514
    # The venue's digits, not a float's shortest form.
    assert '"best_bid":61659.70,"best_bid_quantity":1.486' in done.out
    assert '"best_ask":61659.80,"best_ask_quantity":0.981' in done.out
    assert found["frames"] == found["decoded"] == sum(found["by_type"].values()) == 93_954
    assert found["symbols"] == ["BTCUSDT"]


@pytest.mark.parametrize("kind", PACK)
def test_every_format_is_read(run: Run, tmp_path: Path, kind: str) -> None:
    tape = tmp_path / "tape"
    tape.write_bytes(PACK[kind](text_of(market_lines(900))))
    done = run("replay", tape, "--headless", "--check", "--json")
    found = json.loads(done.out)
    assert (done.code, done.err, found["frames"]) == (0, "", 900)
    assert found["book_checks"] > 20
    assert found["book_mismatches"] == 0


def test_one_wrong_quantity_fails_and_is_shown(run: Run, tmp_path: Path) -> None:
    tape = tmp_path / "tape"
    tape.write_bytes(text_of(with_wrong_quantity(market_lines(900))))
    done = run("replay", tape, "--headless", "--check", "--json")
    assert done.code == 1
    assert json.loads(done.out)["book_mismatches"] == 1
    assert done.err.startswith("botcore: mismatch: BTCUSDT after update ")
    assert "12345.678" in done.err
    assert run("replay", tape, "--headless").code == 0


def test_a_tape_of_several_symbols_keeps_a_book_for_each(run: Run, tmp_path: Path) -> None:
    tape = a_market_tape(tmp_path, 1800, "BTCUSDT", "ETHUSDT")
    found = json.loads(run("replay", tape, "--headless", "--check", "--json").out)
    assert sorted(found["symbols"]) == ["BTCUSDT", "ETHUSDT"]
    assert sorted(found["books"]) == ["BTCUSDT", "ETHUSDT"]
    assert all(book["best_bid"] < book["best_ask"] for book in found["books"].values())
    assert found["book_mismatches"] == 0


def test_text_has_one_line_a_field(run: Run, tmp_path: Path) -> None:
    done = run("replay", a_market_tape(tmp_path), "--headless")
    lines = dict(line.split(maxsplit=1) for line in done.out.splitlines())
    assert list(lines) == KEYS
    assert lines["book_checks"] == "null"
    assert lines["frames"] == "900"


def damaged(folder: Path, kind: str) -> Path:
    path = folder / kind
    text = text_of(market_lines(900))
    packed = gzip.compress(text)
    contents = {
        "cut": packed[: len(packed) // 2],
        "cut in a line": text[:-40],
        "corrupt": packed[:2000] + b"\x00" * 400 + packed[2400:],
        "bad line": text.replace(b"\n", b"\nnonsense\n", 1),
        "empty": b"",
        "no tape": b"hello world\n" * 30,
        "picture": bytes(range(256)) * 40,
    }
    if kind == "directory":
        path.mkdir()
    elif kind != "missing":
        path.write_bytes(contents[kind])
    return path


@pytest.mark.slow
@pytest.mark.requirement("R13")
@pytest.mark.parametrize(
    ("kind", "reason", "has_frames"),
    [
        ("cut", "ends in the middle", True),
        ("cut in a line", "line 900: cut off in the middle", True),
        ("corrupt", "damaged (", True),
        ("bad line", "line 2: no time in front", True),
        ("empty", "is empty", False),
        ("no tape", "line 1: not a tape", False),
        ("picture", "not a tape", False),
        ("missing", "no such file", False),
        ("directory", "is a directory", False),
    ],
)
def test_damage_is_told_with_its_place_and_what_was_read_is_reported(
    run: Run, tmp_path: Path, kind: str, reason: str, has_frames: bool
) -> None:
    tape = damaged(tmp_path, kind)
    done = run("replay", tape, "--headless", "--check", "--json")
    assert done.code == 3
    assert reason in done.err
    assert all(line.startswith("botcore: ") for line in done.err.splitlines())
    found = json.loads(done.out)
    assert list(found) == KEYS
    assert bool(found["frames"]) is has_frames
    assert found["best_bid"] is None or has_frames


def test_a_missing_tape_prints_no_report_for_people(run: Run, tmp_path: Path) -> None:
    done = run("replay", tmp_path / "none", "--headless")
    assert (done.code, done.out) == (3, "")


def test_a_start_beyond_the_end_still_plays_everything(run: Run, tmp_path: Path) -> None:
    done = run("replay", a_market_tape(tmp_path), "--headless", "--json", "--start", "9999")
    assert (done.code, json.loads(done.out)["frames"]) == (0, 900)


def test_a_paced_replay_takes_as_long_as_the_tape_at_that_speed(run: Run, tmp_path: Path) -> None:
    tape = a_market_tape(tmp_path)
    found = json.loads(run("replay", tape, "--headless", "--json", "--speed", "100").out)
    assert found["wall_seconds"] >= found["tape_seconds"] / 100


def test_a_tape_without_best_prices_says_that_nothing_was_compared(
    run: Run, tmp_path: Path
) -> None:
    tape = tmp_path / "tape"
    depth = [line for line in market_lines(900) if b"@depth" in line[1]]
    tape.write_bytes(text_of(depth))
    done = run("replay", tape, "--headless", "--check")
    assert done.code == 0
    assert "nothing to compare the book with" in done.err


@pytest.mark.requirement("R52")
def test_a_defect_in_processing_fails_the_replay_in_one_line(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken(Trader):
        def process(self, event: Event) -> list[Effect]:
            raise ZeroDivisionError("planted")

    monkeypatch.setattr(replay, "Trader", Broken)
    done = run("replay", a_market_tape(tmp_path, 20), "--headless", "--json")
    assert (done.code, done.out) == (1, "")
    assert "the replay failed" in done.err
    assert "Traceback" not in done.err
