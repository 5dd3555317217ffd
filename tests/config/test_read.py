"""Files and variables as they come, good and bad."""

from pathlib import Path

import pytest

from botcore_tui.config.read import read_file, read_variables
from botcore_tui.errors import ConfigError


def _problem(path: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        read_file(path)
    (problem,) = caught.value.problems
    return problem


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert _problem(tmp_path / "none.toml") == f"{tmp_path}/none.toml: no such file"


def test_a_directory_is_named(tmp_path: Path) -> None:
    assert _problem(tmp_path) == f"{tmp_path}: is a directory, not a file"


def test_a_path_through_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert _problem(tmp_path / "file" / "x").endswith("cannot be read: Not a directory")


def test_a_path_with_a_null_byte_is_no_file() -> None:
    assert _problem(Path("a\0b")) == "a\\x00b: no such file"


def test_a_path_that_is_no_text_can_still_be_printed(tmp_path: Path) -> None:
    assert _problem(tmp_path / "a\udcff\x1b[2J").isprintable()


def test_an_endless_file_is_refused() -> None:
    assert _problem(Path("/dev/zero")).endswith("larger than 262,144 bytes, no configuration")


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"\xff\xfea\x00", ", line 1: not UTF-8 text"),
        (b"# fine\nx = '\xe9'\n", ", line 2: not UTF-8 text"),
        (b"[ui\n", ", line 1, column 4: not TOML: Expected ']'"),
        (b"\n\ntheme == 1", ", line 3, column 8: not TOML: Invalid value"),
        (b"x = '''\nfor ever", ", line 2 (end of file): not TOML: "),
        (b"[ui]\n[ui]\n", ", line 2, column 4: not TOML: Cannot declare"),
        pytest.param(
            b"x = " + b"9" * 5000, ": not TOML: a number or date is out of range", id="many-digits"
        ),
        pytest.param(
            b"x = " + b"[" * 50_000, ": not TOML: brackets are nested too deep", id="many-brackets"
        ),
        (b"x = 1\x00", "not TOML"),
        (b'a = 1\na."\\u001b" = 2', "not TOML"),
    ],
)
def test_what_is_not_toml_is_refused_with_its_place(
    tmp_path: Path, data: bytes, expected: str
) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(data)
    problem = _problem(path)
    assert problem.startswith(str(path))
    assert expected in problem
    assert problem.isprintable()


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf# from an editor that marks UTF-8\r\n"])
def test_an_empty_file_is_a_configuration(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(data)
    assert read_file(path) == {}


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("BOTCORE__UI__LOW_BANDWIDTH", "True", True),
        ("BOTCORE__ENGINE__PIN_CORES", " false\n", False),
        ("BOTCORE__UI__FRAMES_PER_SECOND", "5", 5),
        ("BOTCORE__STREAMS__DEPTH_INTERVAL_MS", "250", 250),
        ("BOTCORE__REPLAY__SPEED", "2", 2.0),
        ("BOTCORE__REPLAY__SPEED", "1e1", 10.0),
        ("BOTCORE__REPLAY__SPEED", ".5", 0.5),
        ("BOTCORE__UI__THEME", "5", "5"),
        ("BOTCORE__SYMBOLS", "BTCUSDT", ["BTCUSDT"]),
        ("BOTCORE__SYMBOLS", "BTCUSDT, ETHUSDT", ["BTCUSDT", "ETHUSDT"]),
        ("BOTCORE__SYMBOLS", '["BTCUSDT", "ETHUSDT"]', ["BTCUSDT", "ETHUSDT"]),
    ],
)
def test_a_variable_is_read_by_the_type_of_its_key(name: str, text: str, expected: object) -> None:
    overrides = read_variables({name: text}, ())
    assert overrides.problems == ()
    (value,) = overrides.values.values()
    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.requirement("R20")
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("BOTCORE__UI__LOW_BANDWIDTH", "1"),
        ("BOTCORE__UI__LOW_BANDWIDTH", ""),
        ("BOTCORE__UI__FRAMES_PER_SECOND", "5.0"),
        ("BOTCORE__UI__FRAMES_PER_SECOND", "５"),
        pytest.param("BOTCORE__UI__FRAMES_PER_SECOND", "9" * 5000, id="many-digits"),
        ("BOTCORE__REPLAY__SPEED", "nan"),
        ("BOTCORE__REPLAY__SPEED", "inf"),
        ("BOTCORE__REPLAY__SPEED", "1,5"),
        ("BOTCORE__REPLAY__SPEED", "0x10"),
        ("BOTCORE__SYMBOLS", '["BTCUSDT"'),
        ("BOTCORE__SYMBOLS", '["BTCUSDT"]\nother = 1'),
        pytest.param("BOTCORE__SYMBOLS", "[" * 50_000, id="many-brackets"),
    ],
)
def test_a_variable_that_cannot_be_read_is_refused(name: str, text: str) -> None:
    overrides = read_variables({name: text}, ())
    (problem,) = overrides.problems
    assert problem.startswith(f"environment variable {name}: ")
    assert "must be" in problem
    assert overrides.values == {}


@pytest.mark.requirement("G3")
def test_an_unknown_variable_is_refused_with_the_nearest_known_one() -> None:
    problems = read_variables(
        {"BOTCORE__UI__THEMES": "x", "BOTCORE__": "y", "BOTCORE_OTHER": "left alone"}, ()
    ).problems
    assert problems == (
        "environment variable BOTCORE__: no such key",
        "environment variable BOTCORE__UI__THEMES: no such key; did you mean BOTCORE__UI__THEME?",
    )


@pytest.mark.requirement("R16")
def test_a_secret_in_a_variable_of_the_configuration_is_not_repeated() -> None:
    (problem,) = read_variables({"BOTCORE__BINANCE__API_KEY": "hush"}, ()).problems
    assert "BOTCORE_TESTNET_API_KEY" in problem
    assert "hush" not in problem
