"""Every flag works before and after its command; what makes no sense is refused in one line."""

from pathlib import Path

import pytest
from command_line import arguments

PLACES = ("--config", "c.toml", "--state-dir", "state")
MARKET = ("--environment", "demo", "--symbols", "BTCUSDT", "--theme", "mono")
DEMO = ("--market", "tape:x", "--seed", "7")
ENGINE = ("--record", "new.gz", "--headless")


@pytest.mark.parametrize(
    "words",
    [
        (*PLACES, *MARKET, *DEMO, *ENGINE),
        ("run", *PLACES, *MARKET, *DEMO, *ENGINE),
        (*PLACES, *MARKET, *DEMO, *ENGINE, "run"),
        (*PLACES, *DEMO, *ENGINE, "run", *MARKET),
    ],
)
def test_run_takes_its_flags_with_or_without_the_word_and_on_either_side(
    words: tuple[str, ...],
) -> None:
    parsed = arguments(*words)
    assert parsed.config == Path("c.toml")
    assert parsed.state_dir == Path("state")
    assert (parsed.environment, parsed.symbols, parsed.theme) == ("demo", "BTCUSDT", "mono")
    assert (parsed.market, parsed.seed) == ("tape:x", "7")
    assert parsed.record == Path("new.gz")
    assert parsed.headless


@pytest.mark.parametrize(
    "words",
    [
        ("replay", *PLACES, "--theme", "mono", "--headless", "tape"),
        (*PLACES, "--theme", "mono", "--headless", "replay", "tape"),
    ],
)
def test_replay_takes_common_flags_on_either_side(words: tuple[str, ...]) -> None:
    parsed = arguments(*words)
    assert parsed.config == Path("c.toml")
    assert parsed.theme == "mono"
    assert parsed.headless
    assert parsed.tape == Path("tape")
    assert parsed.speed is None
    assert parsed.start == 0


@pytest.mark.parametrize("command", [("doctor",), ("config", "show"), ("config", "check")])
def test_other_commands_take_settings_on_either_side(command: tuple[str, ...]) -> None:
    for words in ((*PLACES, *MARKET, *DEMO, *command), (*command, *PLACES, *MARKET, *DEMO)):
        parsed = arguments(*words)
        assert parsed.state_dir == Path("state")
        assert (parsed.environment, parsed.theme) == ("demo", "mono")
        assert (parsed.market, parsed.seed) == ("tape:x", "7")


def test_the_flag_after_the_command_wins() -> None:
    assert arguments("--theme", "a", "run", "--theme", "b").theme == "b"


def test_settings_between_config_and_its_topic_are_kept() -> None:
    assert arguments("config", "--environment", "paper", "show").environment == "paper"


@pytest.mark.parametrize(
    ("text", "speed"), [("max", 0.0), ("2.5", 2.5), ("1000000", 1e6), ("1e-3", 0.001)]
)
def test_speeds_are_multiples_or_max(text: str, speed: float) -> None:
    assert arguments("replay", "tape", "--speed", text).speed == speed


@pytest.mark.requirement("R20")
@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("frob",), "invalid choice: 'frob'"),
        (("--frob",), "unrecognized arguments: --frob; see botcore --help"),
        (("--state",), "unrecognized arguments: --state"),
        (("--theme",), "expected one argument"),
        (("config",), "show|check|path"),
        (("config", "frob"), "invalid choice: 'frob'"),
        (("replay",), "required: TAPE"),
        (("replay", "a", "b"), "unrecognized arguments: b; see botcore replay --help"),
        (("sell", "X", "1", "--type", "limit"), "--type limit; see botcore sell --help"),
        (("ledger", "export", "--out", "x"), "see botcore ledger export --help"),
        (("phase", "set", "--frob"), "see botcore phase"),
        (("replay", "a", "--json"), "add --headless"),
        (("replay", "a", "--check"), "add --headless"),
        *(
            (("replay", "a", "--speed", speed), "nor max")
            for speed in ["0", "nan", "inf", "x", "1e7"]
        ),
        (("replay", "a", "--speed=-1"), "nor max"),
        (("replay", "a", "--start", "nan"), "not a number of seconds"),
        (("replay", "a", "--start=-1"), "not a number of seconds"),
        (("replay", "a", "--start", "soon"), "not a number of seconds"),
        (("--record", "r", "replay", "a"), "--record: not for the command replay"),
        (("--environment", "x", "--symbols", "y", "replay", "a"), "--environment and --symbols"),
        (("--market", "tape:x", "--seed", "1", "replay", "a"), "--market and --seed: not for the"),
        (("--headless", "config", "path"), "--headless: not for the command config"),
        (("--record", "r", "doctor"), "--record: not for the command doctor"),
    ],
)
def test_wrong_usage_is_told_in_one_line_with_exit_code_2(
    words: tuple[str, ...], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        arguments(*words)
    error = capsys.readouterr().err
    assert left.value.code == 2
    assert reason in error
    assert error.startswith("botcore: ")
    assert error.endswith(" --help\n")
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    "words",
    [(), ("run",), ("replay",), ("sim",), ("config",), ("config", "show"), ("doctor",)],
)
def test_help_is_there_for_every_command(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        arguments(*words, "--help")
    assert left.value.code == 0
    assert "usage: botcore" in capsys.readouterr().out
