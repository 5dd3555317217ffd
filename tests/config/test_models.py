"""What each key takes, and what the defaults are."""

import pytest
from pydantic import ValidationError

from botcore_tui.config import Config, Environment, Hosts, StreamSettings, UiSettings


@pytest.mark.requirement("R18")
@pytest.mark.requirement("R53")
def test_defaults_touch_no_venue() -> None:
    assert Config().environment is Environment.DEMO


@pytest.mark.requirement("R19")
@pytest.mark.requirement("R53")
def test_trading_is_off_by_default() -> None:
    assert Config().trading.enabled is False


def test_a_config_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        Config().ui.theme = "other"


@pytest.mark.requirement("R20")
@pytest.mark.parametrize("symbol", ["BTCUSDT", "1000PEPEUSDT", "BTCUSDT_261225", "币安人生USDT"])
def test_symbols_the_venue_lists_are_taken(symbol: str) -> None:
    assert Config(symbols=(symbol,)).symbols == (symbol,)


@pytest.mark.requirement("R20")
@pytest.mark.parametrize(
    "symbol",
    [
        "",
        " ",
        "btcusdt",
        "BTC/USDT",
        "BTC USDT",
        "BTCUSDT\n",
        "ÄäUSDT",
        "B" * 33,
        "BTC\u200b",
        "💥",
    ],
)
def test_what_cannot_be_a_symbol_is_refused(symbol: str) -> None:
    with pytest.raises(ValidationError):
        Config(symbols=(symbol,))


@pytest.mark.parametrize("count", [0, 21])
def test_symbols_are_one_to_twenty(count: int) -> None:
    with pytest.raises(ValidationError):
        Config(symbols=tuple(f"S{number}USDT" for number in range(count)))


def test_a_symbol_twice_is_refused() -> None:
    with pytest.raises(ValidationError, match="twice"):
        Config(symbols=("BTCUSDT", "ETHUSDT", "BTCUSDT"))


def test_a_cap_below_its_base_is_refused() -> None:
    with pytest.raises(ValidationError, match="must not be less than backoff_base_seconds"):
        StreamSettings(backoff_base_seconds=2, backoff_cap_seconds=1)


def test_a_cap_equal_to_its_base_is_taken() -> None:
    assert StreamSettings(backoff_base_seconds=2, backoff_cap_seconds=2).backoff_cap_seconds == 2


@pytest.mark.requirement("R18")
def test_production_with_a_foreign_host_cannot_be_built() -> None:
    with pytest.raises(ValidationError, match="own addresses only"):
        Config(environment=Environment.PRODUCTION, hosts=Hosts(rest="http://127.0.0.1"))


def test_a_theme_name_cannot_leave_its_directory() -> None:
    with pytest.raises(ValidationError):
        UiSettings(theme="../../etc/passwd")


@pytest.mark.requirement("R16")
def test_the_text_of_a_validation_error_does_not_carry_the_value() -> None:
    with pytest.raises(ValidationError) as caught:
        UiSettings(theme="Pasted Into The Wrong Key")
    assert "Pasted" not in str(caught.value)
