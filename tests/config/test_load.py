"""File and variables become one checked configuration, or one list of everything wrong."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from property_examples import examples

from botcore_tui.config import KEYS, Config, Environment, Loaded, example_text, load, show
from botcore_tui.config.masking import all_credential_variables
from botcore_tui.errors import ConfigError

_EXAMPLE = example_text()


def _file(directory: Path, text: str) -> Path:
    path = directory / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def _problems(path: Path | None, env: Mapping[str, str] | None = None) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        load(path, env or {})
    return caught.value.problems


def _outcome(path: Path | None, env: Mapping[str, str]) -> tuple[Loaded | None, Sequence[str]]:
    try:
        return load(path, env), ()
    except ConfigError as error:
        return None, error.problems


@pytest.mark.requirement("R53")
def test_neither_file_nor_variables_give_the_defaults() -> None:
    loaded = load(None, {"HOME": "/nowhere", "BOTCORE_VENV": "ignored"})
    assert loaded.config == Config()
    assert set(loaded.origins.values()) == {"default"}
    assert set(loaded.origins) == set(KEYS)


def test_a_variable_beats_the_file_and_the_file_beats_the_default(tmp_path: Path) -> None:
    path = _file(tmp_path, '[ui]\ntheme = "from-file"\ninterval = "5m"\n')
    loaded = load(path, {"BOTCORE__UI__THEME": "from-variable"})
    assert loaded.config.ui.theme == "from-variable"
    assert loaded.config.ui.interval == "5m"
    assert loaded.origins["ui.theme"] == "environment variable BOTCORE__UI__THEME"
    assert loaded.origins["ui.interval"] == f"file {path}"
    assert loaded.origins["ui.frames_per_second"] == "default"


def test_a_whole_number_is_taken_where_a_number_is_due(tmp_path: Path) -> None:
    loaded = load(_file(tmp_path, "[streams]\nconnect_seconds = 3\n"), {})
    assert loaded.config.streams.connect_seconds == 3.0


@pytest.mark.requirement("R20")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[ui]\nframes_per_second = '5'", 'ui.frames_per_second = "5": must be a whole number'),
        ("[ui]\nframes_per_second = 5.0", "ui.frames_per_second = 5.0: must be a whole number"),
        ("[ui]\nframes_per_second = true", "ui.frames_per_second = true: must be a whole number"),
        ("[ui]\nframes_per_second = 11", "at least 1 and at most 10"),
        ("[ui]\nlow_bandwidth = 1", "ui.low_bandwidth = 1: must be true or false"),
        ("[ui]\ntheme = {}", "ui.theme = a table: must be a name"),
        ("[ui]\ninterval = '2m'", 'must be one of "1s", "5s"'),
        ("[streams]\nconnect_seconds = nan", "connect_seconds = nan: must be a number"),
        ("[streams]\nconnect_seconds = -inf", "connect_seconds = -inf: must be a number"),
        ("[streams]\nconnect_seconds = 0", "more than 0"),
        ("[streams]\nconnect_seconds = 1979-05-27", 'connect_seconds = "1979-05-27": must be'),
        ("[streams]\nrollover_hours = 24", "less than 24 (hours)"),
        ("[streams]\nsubscribe_per_second = 9", "at most 8 (per second)"),
        ("[streams]\ndepth_interval_ms = 100.0", "one of 100, 250, 500 (milliseconds)"),
        pytest.param(
            f"[logging]\nfile_mb = 0x{'F' * 5000}",
            "file_mb = a huge number: must be",
            id="huge-whole-number",
        ),
        pytest.param(
            f"[streams]\nconnect_seconds = 0x{'F' * 5000}",
            "connect_seconds = a huge number",
            id="huge-number",
        ),
        ("environment = 'live'", 'environment = "live": must be one of "demo"'),
        ("environment = 1", "environment = 1: must be one of"),
        ("symbols = 'BTCUSDT'", 'symbols = "BTCUSDT": must be 1 to 20 different symbols'),
        ("symbols = []", "symbols = a list: must be 1 to 20 different symbols"),
        ("symbols = ['BTCUSDT', 'btc']", 'symbols = "btc": must be 1 to 20'),
        ("symbols = ['A', 'B', 'A']", "(stands there twice)"),
        ("ui = 5", "ui = 5: must be a section, written [ui]"),
        ("[[ui]]", "ui = a list: must be a section"),
        ("environment = 'testnet'\n[hosts]\nrest = 'http://10.0.0.1'", "must be http:// or"),
        ("environment = 'testnet'\n[hosts]\nrest = 'http://127.0.0.1:70000'", "a port is"),
        ("[hosts]\nrest = 'http://127.0.0.1'", "without effect: demo has an exchange"),
        ("environment = 'production'\n[hosts]\nrest = 'http://127.0.0.1'", "own addresses only"),
    ],
)
def test_a_wrong_value_is_refused_with_what_is_allowed(
    tmp_path: Path, text: str, expected: str
) -> None:
    path = _file(tmp_path, text)
    problems = _problems(path)
    assert len(problems) == 1
    assert problems[0].startswith(f"{path}: ")
    assert expected in problems[0]


@pytest.mark.requirement("G3")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[ui]\nthme = 'x'", "ui.thme: no such key; did you mean ui.theme?"),
        ("theme = 'x'", "theme: no such key; did you mean ui.theme?"),
        ("[engine]\ntheme = 'x'", "engine.theme: no such key; did you mean ui.theme?"),
        ("roll_mb = 3", "roll_mb: no such key; did you mean recording.rotate_mb?"),
        ("[stream]\n", "[stream]: no such section; did you mean [streams]?"),
        ("[zzz]\n", "[zzz]: no such section"),
        ("qqqq = 1", "qqqq: no such key"),
        ('"\\u001b[2J" = 1', '"\\x1b[2J": no such key'),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest_known_one(
    tmp_path: Path, text: str, expected: str
) -> None:
    path = _file(tmp_path, text)
    assert _problems(path) == (f"{path}: {expected}",)


def test_every_problem_of_file_and_variables_comes_at_once(tmp_path: Path) -> None:
    path = _file(
        tmp_path,
        'environment = "production"\nwrong = 1\n'
        "[streams]\nrollover_hours = 30\n[book]\nsnapshot_backoff_base_seconds = 50\n"
        '[hosts]\nrest = "http://127.0.0.1"\nws_public = "ws://127.0.0.1"\n',
    )
    problems = _problems(path, {"BOTCORE__UI__THEME": "No!", "BOTCORE__NO__SUCH": "1"})
    expected = [
        "BOTCORE__NO__SUCH",
        "BOTCORE__UI__THEME",
        "wrong",
        "streams.rollover_hours",
        "book.snapshot_backoff_cap_seconds = 30.0: must not be less than",
        "hosts.rest",
        "hosts.ws_public",
    ]
    assert len(problems) == len(expected)
    assert all(any(part in problem for problem in problems) for part in expected)


@pytest.mark.parametrize(
    ("given", "blamed"), [('["btcusdt"]', ['"btcusdt"']), ('["a", "b"]', ['"a"', '"b"']),
                          ("[]", ["a list"])]
)  # fmt: skip
def test_a_wrong_item_does_not_blame_its_list_as_well(
    tmp_path: Path, given: str, blamed: list[str]
) -> None:
    problems = _problems(_file(tmp_path, f"symbols = {given}"))
    assert [text.split(" = ")[1].split(":")[0] for text in problems] == blamed


def test_a_wrong_base_does_not_blame_the_cap_as_well(tmp_path: Path) -> None:
    path = _file(tmp_path, "[streams]\nbackoff_base_seconds = 'x'\nbackoff_cap_seconds = 0.5\n")
    assert len(_problems(path)) == 1


def test_a_syntax_error_does_not_hide_what_is_wrong_with_the_variables(tmp_path: Path) -> None:
    problems = _problems(_file(tmp_path, "= 1"), {"BOTCORE__UI__THEME": "No!"})
    assert "line 1, column 1: not TOML" in problems[0]
    assert problems[1].startswith("environment variable BOTCORE__UI__THEME: ui.theme")


def test_a_section_that_is_no_table_is_a_problem_even_beside_a_variable(tmp_path: Path) -> None:
    problems = _problems(_file(tmp_path, "ui = 5"), {"BOTCORE__UI__THEME": "dark"})
    assert "must be a section" in problems[0]


@pytest.mark.requirement("R16")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("api_key = 'hush-hush'", "BOTCORE_TESTNET_API_KEY or BOTCORE_PRODUCTION_API_KEY"),
        ("[ui]\napi-secret = 'hush-hush'", "BOTCORE_TESTNET_API_SECRET"),
        ("[binance.main]\ntoken = 'hush-hush'", "binance.main.token: refused"),
        ("[[accounts]]\n[credentials]\nx = 'hush-hush'", "credentials: refused"),
        ("environment = 'testnet'\npassword = 'hush-hush'", "only: BOTCORE_TESTNET_API_SECRET"),
        ("[ui.theme]\nsecret = 'hush-hush'", "ui.theme = a table"),
    ],
)
def test_a_secret_in_the_file_is_refused_and_not_repeated(
    tmp_path: Path, text: str, expected: str
) -> None:
    problems = _problems(_file(tmp_path, text))
    assert any(expected in problem for problem in problems)
    assert not any("hush" in problem for problem in problems)


def test_a_table_nested_deeper_than_the_stack_is_refused(tmp_path: Path) -> None:
    path = _file(tmp_path, f"{'a.' * 3_000}token = 1")
    problems = _problems(path)
    assert len(problems) == 1
    assert len(problems[0]) < 300


def test_ten_thousand_unknown_keys_are_refused_in_one_go(tmp_path: Path) -> None:
    path = _file(tmp_path, "\n".join(f"unknown_{number} = 1" for number in range(10_000)))
    assert len(_problems(path)) == 10_000


_LINES = st.sampled_from(_EXAMPLE.splitlines())
_JUNK = st.one_of(
    st.text(max_size=20),
    st.sampled_from(["nan", "-inf", "''", "[]", "{}", "1979-05-27", "9" * 5000, "0x" + "F" * 999]),
    st.integers().map(str),
    st.floats().map(str),
)


@st.composite
def _mutations(draw: st.DrawFn) -> bytes:
    lines = _EXAMPLE.splitlines()
    for _ in range(draw(st.integers(1, 5))):
        place = draw(st.integers(0, len(lines) - 1))
        name, equals, _ = lines[place].partition(" = ")
        lines[place] = draw(
            st.one_of(
                _JUNK,
                _LINES,
                _JUNK.map(f"{name}{equals}".__add__),
            )
        )
    data = bytearray("\n".join(lines).encode("utf-8", "surrogatepass"))
    for place in draw(st.lists(st.integers(0, len(data) - 1), max_size=2)):
        data[place] = draw(st.integers(0, 255))
    return bytes(data)


@pytest.mark.requirement("R20")
@settings(max_examples=examples(300), deadline=None)
@given(data=_mutations())
def test_a_mutated_example_is_loaded_or_refused_in_words(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "mutated.toml"
    path.write_bytes(data)
    loaded, problems = _outcome(path, {})
    assert all(problem.isprintable() for problem in problems)
    if loaded is None:
        assert problems
    else:
        again = tmp_path_factory.getbasetemp() / "shown.toml"
        again.write_text(show(path, {}).text, encoding="utf-8")
        assert load(again, {}).config == loaded.config


@pytest.mark.requirement("R20")
@settings(max_examples=examples(200), deadline=None)
@given(
    env=st.dictionaries(
        st.one_of(
            st.sampled_from([key.variable for key in KEYS.values()]),
            st.text(max_size=12).map("BOTCORE__".__add__),
        ),
        st.one_of(_JUNK, st.text(st.characters(), max_size=30)),
        max_size=4,
    )
)
def test_any_variables_are_loaded_or_refused_in_words(env: dict[str, str]) -> None:
    loaded, problems = _outcome(None, env)
    assert (loaded is None) == bool(problems)
    assert all(problem.isprintable() for problem in problems)
    if loaded is not None:
        assert tomllib.loads(show(None, env).text)


_SECRET_ALPHABET = "ZQXJKVWY0123456789"


@pytest.mark.requirement("R16")
@settings(max_examples=examples(300), deadline=None)
@given(
    secret=st.text(_SECRET_ALPHABET, min_size=12, max_size=70),
    variable=st.sampled_from(all_credential_variables()),
    environment=st.sampled_from(list(Environment)),
    place=st.sampled_from([*(key.variable for key in KEYS.values()), "BOTCORE__X__SECRET", "NONE"]),
    text=st.sampled_from(
        ["", "{}='x'", "x={!r}", "[ui]\ntheme={!r}", "symbols=[{!r},{!r}]", "api_key={!r}", "{!r}"]
    ),
)
def test_a_secret_of_the_environment_is_never_shown(
    tmp_path_factory: pytest.TempPathFactory,
    secret: str,
    variable: str,
    environment: Environment,
    place: str,
    text: str,
) -> None:
    path = tmp_path_factory.getbasetemp() / "secret.toml"
    path.write_text(text.format(secret, secret), encoding="utf-8")
    env = {"BOTCORE__ENVIRONMENT": str(environment), place: secret, variable: secret}
    for report in (show(path, env), show(path, env, as_json=True)):
        assert secret not in report.text
        assert secret[-6:] not in report.text


def test_a_key_of_a_section_inside_a_section_is_read_and_overridden(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text('[strategy]\nname = "ema_cross"\n[strategy.ema_cross]\nfast = 5\n')
    loaded = load(path, {"BOTCORE__STRATEGY__EMA_CROSS__SLOW": "15"})
    assert loaded.config.strategy.name == "ema_cross"
    ema_cross = loaded.config.strategy.ema_cross
    assert (ema_cross.fast, ema_cross.slow, ema_cross.interval) == (5, 15, "1m")
    assert loaded.origins["strategy.ema_cross.fast"] == f"file {path}"
    variable = "environment variable BOTCORE__STRATEGY__EMA_CROSS__SLOW"
    assert loaded.origins["strategy.ema_cross.slow"] == variable


def test_wrong_keys_of_a_section_inside_a_section_are_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text("[strategy]\nema_cross = 1\n[risk]\nrisk_pct = 9\n")
    with pytest.raises(ConfigError) as refused:
        load(path, {"BOTCORE__STRATEGY__EMA_CROSS__FAST": "5"})
    header = "[strategy.ema_cross]"
    assert [problem.removeprefix(f"{path}: ") for problem in refused.value.problems] == [
        "risk.risk_pct = 9: must be a number, at least 0.01 and at most 5 (percent)",
        f"strategy.ema_cross = 1: must be a section, written {header} on a line of its own",
    ]
