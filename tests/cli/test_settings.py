"""Flags lie over variables, which lie over the file; every complaint names its source."""

from pathlib import Path

import pytest
from command_line import arguments
from synthetic_tape import a_market_tape

from botcore_tui.cli.places import places
from botcore_tui.cli.settings import (
    config_path,
    loaded,
    refuse_idle_flags,
    refuse_unusable,
    speed_of,
    with_usual_strategy,
)
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
    assert problems[1].startswith('--environment: environment = "production": real money')


@pytest.mark.requirement("R18", "R19")
def test_production_is_refused_and_so_is_trading_where_there_is_no_account(
    tmp_path: Path,
) -> None:
    file = tmp_path / "c.toml"
    file.write_text('environment = "production"\n[trading]\nenabled = true\n')
    (environment,) = refusals_of("--config", file)
    assert environment == (
        f'{file}: environment = "production": real money: start it with --environment production'
        " --production --enable-trading, each time"
    )
    (trading,) = refusals_of("--config", file, "--environment", "paper")
    assert trading == (
        f"{file}: trading.enabled = true: paper has no account; use demo, testnet or production,"
        " or set it to false"
    )
    (flag,) = refusals_of("--environment", "paper", "--enable-trading")
    assert flag.startswith("--enable-trading: trading.enabled = true: paper has no account")


@pytest.mark.requirement("R18")
def test_production_is_asked_for_anew_at_each_start_and_only_for_trading(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(*words: str) -> tuple[str, ...]:
        configuration, _ = loaded(arguments(*words))
        with pytest.raises(ConfigError) as caught:
            refuse_unusable(configuration, is_replay=False, is_production_asked=True)
        return caught.value.problems

    production = ("--environment", "production", "--production")
    assert "needs a key" in refused(*production, "--enable-trading")[0]
    monkeypatch.setenv("BOTCORE_PRODUCTION_API_KEY", "key")
    monkeypatch.setenv("BOTCORE_PRODUCTION_API_SECRET", "secret")
    configuration, _ = loaded(arguments(*production, "--enable-trading"))
    refuse_unusable(configuration, is_replay=False, is_production_asked=True)
    assert refused(*production) == (
        "--production: trading is off; add --enable-trading, or watch with paper",
    )
    assert refused("--production") == ("--production: without effect: the environment is demo",)


def test_a_replay_cares_neither_about_trading_nor_about_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BOTCORE__ENVIRONMENT", "production")
    monkeypatch.setenv("BOTCORE__TRADING__ENABLED", "true")
    configuration, _ = loaded(arguments("replay", "tape"))
    refuse_unusable(configuration, is_replay=True)


def test_trading_on_testnet_needs_a_key_and_trading_in_demo_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refuse_unusable(loaded(arguments("--enable-trading"))[0], is_replay=False)
    testnet = ("--environment", "testnet", "--enable-trading")
    (missing,) = refusals_of(*testnet)
    assert missing.startswith("trading on testnet needs a key: set BOTCORE_TESTNET_API_KEY and ")
    monkeypatch.setenv("BOTCORE_TESTNET_API_KEY", "key")
    monkeypatch.setenv("BOTCORE_TESTNET_API_SECRET", "secret")
    refuse_unusable(loaded(arguments(*testnet))[0], is_replay=False)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ((), ""),
        (("--headless",), "ema_cross"),
        (("--headless", "--strategy", "none"), ""),
        (("--strategy", "ema_cross"), "ema_cross"),
        (("--headless", "--strategy", "my.own:Idea"), "my.own:Idea"),
        (("--headless", "--environment", "testnet"), ""),
    ],
)
def test_a_demo_that_nobody_looks_at_trades_by_itself_unless_told_otherwise(
    words: tuple[str, ...], name: str
) -> None:
    configuration, _ = loaded(arguments("--enable-trading", *words))
    config = with_usual_strategy(configuration, is_headless="--headless" in words)
    assert config.strategy.name == name


def test_a_strategy_that_cannot_be_one_is_named_by_its_flag() -> None:
    (problem,) = problems_of("--enable-trading", "--strategy", "ema cross")
    assert problem.startswith('--strategy: strategy.name = "ema cross": must be "ema_cross", or')


def test_flags_of_trading_are_refused_where_they_have_no_effect(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def idle(*words: object) -> tuple[str, ...]:
        parsed = arguments(*words)
        with pytest.raises(ConfigError) as refused:
            refuse_idle_flags(parsed, loaded(parsed)[0].config)
        return refused.value.problems

    assert idle("run", "--headless", "--strategy", "none", "--fresh", "--json") == tuple(
        f"{flag}: without effect: trading is off; add --enable-trading"
        for flag in ("--strategy", "--fresh", "--json")
    )
    fresh = ("run", "--enable-trading", "--fresh")
    (only_demo,) = idle(*fresh, "--environment", "testnet")
    assert only_demo == "--fresh: without effect: the environment is testnet"
    parsed = arguments(*fresh)
    refuse_idle_flags(parsed, loaded(parsed)[0].config)
    monkeypatch.setenv("BOTCORE__TRADING__ENABLED", "true")
    parsed = arguments("--strategy", "none")
    refuse_idle_flags(parsed, loaded(parsed)[0].config)


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


@pytest.mark.usefixtures("hidden")
def test_file_into_whose_directory_nobody_may_look_is_not_taken_for_absent() -> None:
    where = places(None)
    assert config_path(arguments(), where) == where.config_file
