"""The words of ``sim``: what they mean, their defaults, and what makes no sense."""

from pathlib import Path

import pytest
from command_line import arguments


def test_without_a_flag_everything_has_its_usual_value() -> None:
    parsed = arguments("sim")
    assert (parsed.command, parsed.host, parsed.port) == ("sim", "127.0.0.1", 0)
    assert (parsed.symbols, parsed.market, parsed.seed) == (None, None, None)
    assert (parsed.balance, parsed.speed) == ("5000", 1.0)
    assert (parsed.fault, parsed.scenario, parsed.linger) == ([], None, 0.0)
    flags = (parsed.json, parsed.allow_remote, parsed.until_eof, parsed.no_limits)
    assert not any((*flags, parsed.list_faults))


def test_every_flag_is_taken() -> None:
    parsed = arguments(
        *("sim", "--host", "::1", "--port", 8080, "--allow-remote", "--json", "--until-eof"),
        *("--symbols", "BTCUSDT", "--balance", "250.5", "--market", "tape:x", "--seed", 7),
        *("--speed", 60, "--fault", "waf", "--fault", "create-lost=count:2"),
        *("--scenario", "s.toml", "--no-limits", "--list-faults", "--linger", 120),
    )
    assert parsed.linger == 120
    assert (parsed.host, parsed.port, parsed.symbols) == ("::1", 8080, "BTCUSDT")
    assert (parsed.balance, parsed.market, parsed.seed) == ("250.5", "tape:x", "7")
    assert (parsed.speed, parsed.fault) == (60.0, ["waf", "create-lost=count:2"])
    assert parsed.scenario == Path("s.toml")
    assert parsed.json
    assert parsed.allow_remote
    assert parsed.until_eof
    assert parsed.no_limits
    assert parsed.list_faults


def test_what_the_market_is_may_stand_before_the_command() -> None:
    parsed = arguments("--symbols", "A", "--market", "tape:x", "--seed", "3", "sim")
    assert (parsed.symbols, parsed.market, parsed.seed) == ("A", "tape:x", "3")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--port", "x"), "'x' is no port"),
        (("--port", "9" * 5_000), "no port, which is a number up to 65535"),
        (("--port", "65536"), "no port, which is a number up to 65535"),
        (("--port", "-1"), "no port"),
        (("--speed", "fast"), "'fast' is no multiple of real time from 0 to 100000"),
        (("--speed=-1",), "no multiple"),
        (("--speed", "nan"), "no multiple"),
        (("--speed", "1e6"), "no multiple"),
        (("--linger", "nan"), "'nan' are no seconds from 0 to 86400"),
        (("--linger", "long"), "are no seconds"),
        (("tape",), "unrecognized arguments: tape"),
        (("--until",), "unrecognized arguments: --until"),
    ],
)
def test_wrong_usage_is_told_in_one_line(
    words: tuple[str, ...], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        arguments("sim", *words)
    error = capsys.readouterr().err
    assert left.value.code == 2
    assert reason in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("flag", ["--config", "--environment", "--theme", "--record"])
def test_flags_of_the_cockpit_are_not_swallowed(
    flag: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        arguments(flag, "x", "sim")
    assert f"{flag}: not for the command sim" in capsys.readouterr().err
