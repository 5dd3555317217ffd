"""Which markets an exchange gets, and why it gets none."""

from pathlib import Path

import pytest
from synthetic_tape import a_market_tape

from botcore_tui.cli.sim_market import markets_of
from botcore_tui.errors import ConfigError, TapeError
from botcore_tui.exchange.sim.crowd import Crowd
from botcore_tui.exchange.sim.tape_crowd import TapeCrowd


def symbols_of(market: str | None, symbols: str | None) -> list[str]:
    return [terms.symbol for terms, _ in markets_of(market, symbols, 1)]


def test_the_usual_market_is_made_up() -> None:
    markets = markets_of(None, None, 1)
    assert [terms.symbol for terms, _ in markets] == ["BTCUSDT", "ETHUSDT"]
    assert all(isinstance(crowd, Crowd) for _, crowd in markets)


def test_contracts_are_taken_as_people_write_them_each_once() -> None:
    assert symbols_of("synthetic", " solusdt, ADAUSDT,,SOLUSDT ") == ["SOLUSDT", "ADAUSDT"]


def test_a_tape_brings_its_contracts(tmp_path: Path) -> None:
    tape = a_market_tape(tmp_path, 2_000, "BTCUSDT", "ETHUSDT")
    markets = markets_of(f"tape:{tape}", None, 1)
    assert sorted(terms.symbol for terms, _ in markets) == ["BTCUSDT", "ETHUSDT"]
    assert all(isinstance(crowd, TapeCrowd) for _, crowd in markets)
    assert symbols_of(f"tape:{tape}", "ETHUSDT") == ["ETHUSDT"]


@pytest.mark.parametrize(
    ("market", "symbols", "reason"),
    [
        (None, ",", "--symbols: ',' are not 1 to 20 contracts"),
        (None, ",".join(f"A{n}USDT" for n in range(21)), "are not 1 to 20 contracts"),
        (None, "BTCEUR", "--symbols: 'BTCEUR' is no contract margined in USDT, such as BTCUSDT"),
        ("real", None, "--market: 'real' is neither synthetic nor tape: and the path"),
        ("tape:", None, "--market: 'tape:' is neither synthetic nor tape: and the path"),
    ],
)
def test_what_cannot_be_had_is_told(market: str | None, symbols: str | None, reason: str) -> None:
    with pytest.raises(ConfigError) as refused:
        markets_of(market, symbols, 1)
    [problem] = refused.value.problems
    assert reason in problem


def test_a_tape_without_the_contract_or_any_book_is_told(tmp_path: Path) -> None:
    tape = a_market_tape(tmp_path)
    with pytest.raises(ConfigError, match="no book of XRPUSDT"):
        markets_of(f"tape:{tape}", "XRPUSDT", 1)
    alone = a_market_tape(tmp_path, 2_000, "BTCUSDT")
    with pytest.raises(ConfigError, match="no book of ETHUSDT"):
        markets_of(f"tape:{alone}", "ETHUSDT", 1)
    empty = tmp_path / "trades"
    empty.write_text('1723161255000000000 {"stream":"btcusdt@aggTrade","data":{}}\n')
    with pytest.raises(ConfigError, match="no order book in its first 20000 frames"):
        markets_of(f"tape:{empty}", None, 1)


def test_a_tape_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(TapeError, match="nothing"):
        markets_of(f"tape:{tmp_path / 'nothing'}", None, 1)
