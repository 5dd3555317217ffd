"""A theme file is used whole and checked, or refused with every reason."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.color import Color
from textual.css.stylesheet import Stylesheet

from botcore_tui.errors import ConfigError
from botcore_tui.ui.panes.ink import THEME_VARIABLES
from botcore_tui.ui.theme import (
    BASE_KEYS,
    DEFAULT_THEME,
    VARIABLES,
    load_theme,
    shipped_themes,
    variable_defaults,
)

SHIPPED = sorted(shipped_themes().glob("*.toml"))
GOOD = 'schema = 1\nname = "mine"\n[base]\nprimary = "#56b4e9"\n'


def problem_of(directory: Path, content: str | bytes, *, name: str = "mine") -> str:
    path = directory / f"{name}.toml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(ConfigError) as caught:
        load_theme(path)
    assert all(problem.startswith(path.name) for problem in caught.value.problems)
    return "\n".join(problem.removeprefix(f"{path.name}: ") for problem in caught.value.problems)


def test_the_six_promised_themes_are_shipped() -> None:
    names = {"ansi16", "cb-dark", "cb-light", "classic", "high-contrast", "mono"}
    assert {path.stem for path in SHIPPED} == names
    assert DEFAULT_THEME in names


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_theme_loads_and_sets_every_colour(path: Path) -> None:
    theme = load_theme(path)
    assert set(VARIABLES) <= set(theme.variables)
    assert all(getattr(theme, key) is not None for key in BASE_KEYS)
    assert theme.to_color_system().generate()


def test_ansi16_uses_only_the_colours_of_the_terminal() -> None:
    theme = load_theme(shipped_themes() / "ansi16.toml")
    assert theme.ansi
    assert all(theme.variables[key].startswith("ansi_") for key in VARIABLES)


def test_mono_has_no_hue() -> None:
    theme = load_theme(shipped_themes() / "mono.toml")
    colours = [Color.parse(value) for value in theme.variables.values()]
    assert all(colour.r == colour.g == colour.b for colour in colours)


@pytest.mark.parametrize("name", ["cb-dark", "cb-light", "high-contrast"])
def test_text_colours_stand_out_from_the_ground(name: str) -> None:
    theme = load_theme(shipped_themes() / f"{name}.toml")
    assert theme.background is not None
    ground = Color.parse(theme.background)
    least = 7.0 if name == "high-contrast" else 4.0
    for key in set(VARIABLES) - {"grid", "stale"}:
        colour = Color.parse(theme.variables[key])
        assert contrast(colour, ground) >= least, key


def contrast(one: Color, other: Color) -> float:
    # WCAG 2.2, relative luminance and contrast ratio.
    def luminance(colour: Color) -> float:
        channels = [
            value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
            for value in (colour.r / 255, colour.g / 255, colour.b / 255)
        ]
        return 0.2126 * channels[0] + 0.7152 * channels[1] + 0.0722 * channels[2]

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("dark", [True, False])
def test_every_variable_that_a_pane_uses_has_a_default(dark: bool) -> None:
    defaults = variable_defaults(dark=dark)
    assert set(THEME_VARIABLES) <= set(defaults)
    assert set(defaults) == set(VARIABLES)
    assert all(Color.parse(value) for value in defaults.values())


def test_theme_of_a_user_may_set_only_what_it_wants(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(GOOD + '[vars]\nenv-production = "hsl(0,100%,50%)"\n')
    theme = load_theme(path)
    assert (theme.name, theme.primary, theme.dark) == ("mine", "#56B4E9", True)
    assert theme.variables == {"env-production": "#FF0000"}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (GOOD + '[vars]\nbid = "blurple"\n', "[vars] bid = 'blurple': failed to parse"),
        (GOOD + '[vars]\nbid = "auto 80%"\n', "[vars] bid = 'auto 80%'"),
        (GOOD + '[vars]\nbid = "#fff; color: red"\n', "[vars] bid = '#fff; color: red'"),
        (GOOD + "[vars]\nbid = 7\n", "[vars] bid = 7: must be a colour between quotes"),
        (GOOD + '[vars]\nbit = "#fff"\n', "[vars] 'bit': unknown key"),
        (GOOD + '[vars]\nbid = "ansi_red"\n', "[vars] bid = 'ansi_red': the terminal's own"),
        (GOOD + '[vars]\nbid = "#ffffff80"\n', "[vars] bid = '#ffffff80': must not be transp"),
        (GOOD + 'glow = "#fff"\n', "[base] 'glow': unknown key"),
        ("colour = 1\n" + GOOD, "'colour': unknown key"),
        (GOOD.replace("= 1", "= 2"), "schema = 2: must be 1"),
        (GOOD.replace("= 1", "= true"), "schema = True: must be 1"),
        (GOOD.replace("mine", "other"), "name = 'other': must equal the file's name, 'mine'"),
        ("dark = 1\n" + GOOD, "dark = 1: must be true or false"),
        ('schema = 1\nname = "mine"\n', "[base]: must be a table, is None"),
        ('schema = 1\nname = "mine"\n[base]\naccent = "red"\n', "[base] primary: missing"),
        ('schema = 1\nname = "mine"\nvars = 3\n[base]\nprimary = "red"\n', "[vars]: must be a t"),
        (GOOD[:30], "not TOML"),
        (b"\xff\xfe\x00", "not UTF-8 at byte 0"),
        ("a = " + "[" * 5_000, "nested too deeply"),
        ("#" * 70_000, "70000 bytes; a theme has at most 65536"),
    ],
)
def test_bad_file_is_refused_by_key_value_and_reason(
    tmp_path: Path, content: str | bytes, problem: str
) -> None:
    assert problem in problem_of(tmp_path, content)


def test_every_problem_of_a_file_is_named_at_once(tmp_path: Path) -> None:
    text = problem_of(tmp_path, 'schema = 1\nname = "x"\n[base]\nprimary = "no"\nzz = 1\n')
    assert len(text.splitlines()) == 3


def test_control_characters_of_a_bad_value_are_written_out(tmp_path: Path) -> None:
    text = problem_of(tmp_path, GOOD + '[vars]\nbid = "\\u001b]0;title\\u0007"\n')
    assert text.isprintable()


def test_missing_file_directory_and_pipe_are_refused_without_waiting(tmp_path: Path) -> None:
    (tmp_path / "directory.toml").mkdir()
    os.mkfifo(tmp_path / "pipe.toml")
    (tmp_path / "loop.toml").symlink_to(tmp_path / "loop.toml")
    for name in ("missing", "directory", "pipe", "loop"):
        with pytest.raises(ConfigError, match=name):
            load_theme(tmp_path / f"{name}.toml")


@given(content=st.binary(max_size=200))
def test_any_bytes_are_a_theme_or_a_config_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError):
        load_theme(path)


COLOUR = st.one_of(
    st.sampled_from(["red", "ansi_red", "#123", "#12345", "rgb(1,2,3)", "hsl(1,2%,3%)", "auto"]),
    st.text(max_size=12),
)


@given(base=st.dictionaries(st.sampled_from(BASE_KEYS), COLOUR), ansi=st.booleans())
def test_theme_that_loads_can_be_applied(
    tmp_path_factory: pytest.TempPathFactory, base: dict[str, str], *, ansi: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    values = "".join(f"{key} = {toml_string(value)}\n" for key, value in base.items())
    head = f'schema = 1\nname = "any"\nansi = {str(ansi).lower()}\n'
    path.write_text(f"{head}[base]\n{values}", encoding="utf-8", errors="replace")
    try:
        theme = load_theme(path)
    except ConfigError:
        return
    variables = variable_defaults(dark=theme.dark) | theme.to_color_system().generate()
    sheet = Stylesheet(variables=variables | theme.variables)
    for key in (*BASE_KEYS, *VARIABLES):
        sheet.add_source(f"Screen {{ color: ${key}; background: ${key} 50%; }}", (key, key))
    sheet.parse()
    assert len(sheet.rules) == len(BASE_KEYS) + len(VARIABLES)


def toml_string(value: str) -> str:
    return '"' + "".join(f"\\U{ord(character):08x}" for character in value) + '"'
