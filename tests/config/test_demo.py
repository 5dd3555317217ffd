"""The section of the embedded exchange."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from botcore_tui.config import DemoSettings
from botcore_tui.config.masking import is_secret


@pytest.mark.requirement("R20")
@pytest.mark.parametrize("market", ["", "tape", "tape:", "Synthetic", "real", "synthetic "])
def test_a_market_is_synthetic_or_a_tape(market: str) -> None:
    with pytest.raises(ValidationError):
        DemoSettings(market=market)


def test_a_tape_is_a_path_from_here_or_from_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    assert DemoSettings().tape is None
    assert DemoSettings(market="tape:~/a.zst").tape == Path("/home/ada/a.zst")
    assert DemoSettings(market="tape:b:c").tape == Path.cwd() / "b:c"


@pytest.mark.parametrize(
    ("key", "value"),
    [("seed", -1), ("seed", 2**53 + 1), ("balance", 0), ("speed", 0), ("faults", ("x",) * 21)],
)
def test_what_is_out_of_range_is_refused(key: str, value: object) -> None:
    with pytest.raises(ValidationError):
        DemoSettings.model_validate({key: value})


def test_a_long_path_is_no_secret_but_a_key_in_it_is() -> None:
    path = "tape:/mnt/recordings/binance/futures/bitcoin/august"
    assert not is_secret(path, frozenset())
    assert is_secret(f"{path}/{'aB3' * 12}", frozenset())
    assert is_secret(path.removeprefix("tape:"), frozenset())
