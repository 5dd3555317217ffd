"""The demo market as it is configured: its label, its contracts, what stands against it."""

from pathlib import Path

import pytest
from synthetic_tape import a_market_tape

from botcore_tui.cli.demo import demo_label, demo_problems, demo_symbols, traded_symbols
from botcore_tui.config import Config


def a_config(*symbols: str, **demo: object) -> Config:
    return Config.model_validate({"symbols": symbols or ("BTCUSDT",), "demo": demo})


@pytest.mark.parametrize(
    ("demo", "label"),
    [
        ({}, "SYNTHETIC"),
        ({"market": "tape:x"}, "TAPE"),
        ({"speed": 2.5}, "SYNTHETIC 2.5x"),
        ({"market": "tape:x", "speed": 60}, "TAPE 60x"),
    ],
)
def test_the_label_says_what_kind_of_market_it_is_and_that_it_hurries(
    demo: dict[str, object], label: str
) -> None:
    assert demo_label(a_config(**demo)) == label


def test_a_tape_brings_its_own_contracts() -> None:
    assert demo_symbols(a_config("BTCUSDT", "ETHUSDT")) == ("BTCUSDT", "ETHUSDT")
    assert demo_symbols(a_config("BTCUSDT", market="tape:x")) == ()


def test_what_can_be_traded_is_what_the_exchange_will_list(tmp_path: Path) -> None:
    assert traded_symbols(a_config("BTCUSDT", "ETHUSDT")) == ("BTCUSDT", "ETHUSDT")
    tape = a_market_tape(tmp_path)
    assert traded_symbols(a_config("ETHUSDT", market=f"tape:{tape}")) == ("BTCUSDT",)


@pytest.mark.requirement("R20")
def test_every_problem_is_named_with_its_key(tmp_path: Path) -> None:
    synthetic = a_config("BTCUSDT", "BTCUSDC", faults=("disconect", "F01=count:x"))
    found = list(demo_problems(synthetic))
    assert [key for key, _ in found][:2] == ["symbols", "demo.faults"]
    assert found[0][1].startswith("symbols: 'BTCUSDC' is no contract margined in USDT")
    assert "there is no fault 'disconect'" in found[1][1]
    assert "F01=count:x" in found[2][1]
    missing = tmp_path / "missing"
    assert list(demo_problems(a_config(market=f"tape:{missing}"))) == [
        ("demo.market", f"demo.market: {missing}: no such file; check the name and the folder")
    ]


def test_an_exchange_whose_clock_is_not_ours_is_for_watching() -> None:
    fast = a_config(speed=10.0)
    assert list(demo_problems(fast)) == []
    trading = fast.trading.model_copy(update={"enabled": True})
    ((key, text),) = demo_problems(fast.model_copy(update={"trading": trading}))
    assert key == "demo.speed"
    assert text == "demo.speed: at 10x it can be watched only; use 1 to trade"


def test_what_can_be_started_has_no_problems(tmp_path: Path) -> None:
    assert list(demo_problems(a_config(faults=("disconnect=count:1",)))) == []
    tape = a_market_tape(tmp_path)
    assert list(demo_problems(a_config("BTCUSDC", market=f"tape:{tape}"))) == []


@pytest.mark.parametrize("content", [b"", b"one", bytes(range(256)) * 40])
def test_a_tape_that_is_none_is_refused_before_anything_is_started(
    content: bytes, tmp_path: Path
) -> None:
    tape = tmp_path / "tape"
    tape.write_bytes(content)
    ((key, text),) = demo_problems(a_config(market=f"tape:{tape}"))
    assert key == "demo.market"
    assert text.startswith("demo.market: ")
    assert str(tape) in text
