"""``botcore config`` from the outside."""

import json
from pathlib import Path

from command_line import Run


def test_show_names_the_origin_of_each_value(run: Run) -> None:
    done = run("config", "show", "--environment", "paper")
    assert (done.code, done.err) == (0, "")
    assert 'environment                        = "paper"' in done.out
    assert "# --environment" in done.out


def test_show_as_json_is_one_object_also_when_something_is_wrong(run: Run) -> None:
    assert json.loads(run("config", "show", "--json").out)["config"]["symbols"]["value"]
    done = run("config", "show", "--json", "--environment", "nowhere")
    assert done.code == 1
    assert json.loads(done.out)["problems"][0].startswith("--environment: environment")


def test_check_tells_every_problem_and_how_many(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text("frobnicate = 1\n[ui]\nframes_per_second = 0\n")
    done = run("config", "check", file)
    assert (done.code, done.out) == (1, "")
    assert "2 problems" in done.err
    assert all(line.startswith("botcore: ") for line in done.err.splitlines())


def test_check_of_a_good_file_says_so(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text('symbols = ["ETHUSDT"]\n')
    done = run("config", "check", file)
    assert (done.code, done.out) == (0, f"{file}: no problems\n")
    assert run("--config", file, "config", "check").out == done.out


def test_check_tells_also_what_the_embedded_exchange_would_refuse(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text(f'[demo]\nmarket = "tape:{tmp_path / "none.zst"}"\nfaults = ["nonsense"]\n')
    done = run("config", "check", file)
    assert (done.code, done.out) == (1, "")
    assert f"botcore: {file}: demo.market: {tmp_path / 'none.zst'}: no such file" in done.err
    assert f"botcore: {file}: demo.faults: fault 'nonsense'" in done.err
    assert "2 problems" in done.err


def test_check_of_a_missing_file_fails(run: Run, tmp_path: Path) -> None:
    done = run("config", "check", tmp_path / "none.toml")
    assert done.code == 1
    assert "none.toml: no such file" in done.err


def test_path_names_every_place_and_what_is_not_there(run: Run, tmp_path: Path) -> None:
    done = run("config", "path", "--state-dir", tmp_path / "state")
    assert done.code == 0
    assert f"{tmp_path / 'state' / 'config.toml'}   (not there)" in done.out
    assert str(tmp_path / "state" / "log") in done.out
    assert not (tmp_path / "state").exists()
    file = tmp_path / "c.toml"
    file.write_text("")
    assert f"configuration  {file}\n" in run("config", "path", "--config", file).out
