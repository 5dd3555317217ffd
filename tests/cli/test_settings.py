"""Flags lie over variables, which lie over the file; every complaint names its source."""

from pathlib import Path

import pytest
from command_line import arguments
from synthetic_tape import a_market_tape

from botcore_tui.cli.settings import loaded, refuse_unusable, speed_of
from botcore_tui.config import Config, Environment
from botcore_tui.errors import ConfigError


def problems_of(*words: object) -> list[str]:
    with pytest.raises(ConfigError) as refused:
        loaded(arguments(*words))
    return list(refused.value.problems)


def refusals_of(*words: object, is_replay: bool = False) -> list[str]:
    configuration, _ = loaded(arguments(*words))
    with pytest.raises(ConfigError) as refused:
        refuse_unusable(configuration, is_replay=is_replay)
    return list(refused.value.problems)


@pytest.mark.requirement("R53")
def test_an_empty_home_gives_demo_with_trading_off() -> None:
    configuration, _ = loaded(arguments())
    assert configuration.config.environment is Environment.DEMO
    assert not configuration.config.trading.enabled
    refuse_unusable(configuration, is_replay=False)


def test_a_flag_wins_over_variable_and_file_and_is_named_as_the_origin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "c.toml"
    file.write_text('environment = "testnet"\nsymbols = ["ETHUSDT"]\n[ui]\ntheme = "mono"\n')
    monkeypatch.setenv("BOTCORE__ENVIRONMENT", "demo")
    configuration, _ = loaded(arguments("--config", file, "--environment", "paper"))
    assert configuration.config.environment is Environment.PAPER
    assert configuration.origins["environment"] == "--environment"
    assert configuration.origins["symbols"] == f"file {file}"


def test_symbols_may_be_typed_in_lower_case_and_with_blanks() -> None:
    configuration, _ = loaded(arguments("--symbols", "btcusdt, ethusdt,"))
    assert configuration.config.symbols == ("BTCUSDT", "ETHUSDT")


@pytest.mark.requirement("R20")
def test_every_bad_flag_is_named_at_once_beside_the_problems_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text("[ui]\nframes_per_second = 99\n")
    flags = ("--environment", "nowhere", "--symbols", "x y", "--theme", "NO")
    problems = problems_of("--config", file, *flags)
    assert list(dict.fromkeys(problem.partition(" = ")[0] for problem in problems)) == [
        "--environment: environment",
        "--symbols: symbols",
        "--theme: ui.theme",
        f"{file}: ui.frames_per_second",
    ]


def test_a_variable_is_named_as_such_where_no_flag_was_given(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BOTCORE__ENVIRONMENT", "nowhere")
    (problem,) = problems_of()
    assert problem.startswith("environment variable BOTCORE__ENVIRONMENT: environment = ")


@pytest.mark.requirement("R18")
def test_an_unavailable_environment_is_told_together_with_bad_values() -> None:
    problems = problems_of("--environment", "production", "--theme", "NO")
    assert problems[0].startswith("--theme: ui.theme")
    assert problems[1].startswith('--environment: environment = "production": needs a signed')


@pytest.mark.requirement("R18", "R19")
def test_production_and_trading_are_refused_with_source_and_advice(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text('environment = "production"\n[trading]\nenabled = true\n')
    environment, trading = refusals_of("--config", file)
    assert environment.startswith(f'{file}: environment = "production": needs a signed client')
    assert trading == (
        f"{file}: trading.enabled = true: this version sends no orders; "
        "set it to false, or leave it out"
    )


def test_a_replay_cares_about_trading_but_not_about_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BOTCORE__ENVIRONMENT", "production")
    configuration, _ = loaded(arguments("replay", "tape"))
    refuse_unusable(configuration, is_replay=True)
    monkeypatch.setenv("BOTCORE__TRADING__ENABLED", "true")
    (refusal,) = refusals_of("replay", "tape", is_replay=True)
    assert refusal.startswith("environment variable BOTCORE__TRADING__ENABLED: trading.enabled")


def test_environment_replay_names_the_command_for_it() -> None:
    (refusal,) = refusals_of("--environment", "replay")
    assert refusal.endswith("start it with: botcore replay TAPE")


@pytest.mark.parametrize(
    ("words", "speed"),
    [((), 1.0), (("--headless",), None), (("--speed", "max"), None), (("--speed", "3"), 3.0)],
)
def test_a_replay_runs_at_the_configured_speed_and_without_screen_at_full(
    words: tuple[str, ...], speed: float | None
) -> None:
    assert speed_of(arguments("replay", "tape", *words), Config()) == speed


def test_flags_choose_the_demo_market(tmp_path: Path) -> None:
    tape = a_market_tape(tmp_path)
    configuration, _ = loaded(arguments("--market", f"tape:{tape}", "--seed", "7"))
    assert configuration.config.demo.tape == tape
    assert configuration.config.demo.seed == 7
    assert configuration.origins["demo.market"] == "--market"
    refuse_unusable(configuration, is_replay=False)
    (refusal,) = refusals_of("--market", f"tape:{tape}", "--symbols", "ETHUSDT")
    assert refusal == "--symbols: symbols: without effect: a tape has its own; leave it out"


@pytest.mark.requirement("R20")
def test_a_demo_that_its_exchange_would_refuse_is_refused_with_every_source() -> None:
    found = refusals_of("--market", "tape:/no/such", "--environment", "demo")
    assert found == ["--market: demo.market: /no/such: no such file; check the name and the folder"]
    (symbol,) = refusals_of("--symbols", "BTCUSDC")
    assert symbol.startswith("--symbols: symbols: 'BTCUSDC' is no contract margined in USDT")
    (seed,) = problems_of("--seed", "soon")
    assert seed.startswith('--seed: demo.seed = "soon": must be a whole number')


def test_flags_of_the_demo_are_refused_where_they_would_have_no_effect(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    market = ("--environment", "paper", "--market", "tape:/no/such", "--seed", "3")
    assert refusals_of(*market) == [
        f"{flag}: without effect: the environment is paper; add --environment demo"
        for flag in ("--market", "--seed")
    ]
    # In a file or a variable they wait for the day that demo is chosen.
    monkeypatch.setenv("BOTCORE__DEMO__MARKET", "tape:/no/such")
    configuration, _ = loaded(arguments("--environment", "paper"))
    refuse_unusable(configuration, is_replay=False)
    refuse_unusable(loaded(arguments("replay", "tape"))[0], is_replay=True)
