"""Real money needs an operator, a gate row, a look and a typed word, in this order."""

import io
import sys
from decimal import Decimal
from pathlib import Path
from typing import Final

import pytest

from botcore_tui.cli import real_money
from botcore_tui.cli.binding import Confirmations, Inspected
from botcore_tui.cli.real_money import RealMoney, ask
from botcore_tui.clock import SystemClock
from botcore_tui.config import Config
from botcore_tui.core.phase import Phase, PhaseRules, rules_of
from botcore_tui.errors import UnavailableError
from botcore_tui.exchange.binance.limiter import Limiter
from botcore_tui.model.account import Binding

_FOUND: Final = Inspected(
    binding=Binding(
        environment="production",
        rest="https://fapi.binance.com",
        ws_private="wss://fstream.binance.com/private",
        fingerprint="0123abcd",
        account_id="FzXqsRfW",
        phase="conservative",
    ),
    equity=Decimal(800),
    positions=0,
    orders=0,
    rights=None,
    doubts=(),
)


class Looks:
    """Counts looks at the account."""

    def __init__(self) -> None:
        self.phases: list[str] = []

    def inspect(self, _config: Config, _env: object, _limiter: Limiter, phase: str) -> Inspected:
        """What is found."""
        self.phases.append(phase)
        return _FOUND


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Looks:
    found = Looks()
    monkeypatch.setattr(real_money, "inspect", found.inspect)
    return found


def no_gate() -> PhaseRules:
    raise UnavailableError("no gate to real money was passed")


def a_road(tmp_path: Path, *, refusal: str = "", has_gate: bool = True) -> RealMoney:
    return RealMoney(
        Config(),
        Limiter(1_200, SystemClock()),
        actor="ann",
        operator_refusal=lambda: refusal,
        rules=(lambda: rules_of(Phase.CONSERVATIVE)) if has_gate else no_gate,
        confirmations=Confirmations(tmp_path),
    )


def test_operator_without_the_scope_does_not_even_see_the_account(
    tmp_path: Path, looks: Looks
) -> None:
    with pytest.raises(UnavailableError, match="lacks production"):
        a_road(tmp_path, refusal="the token lacks production").look()
    assert looks.phases == []


@pytest.mark.requirement("G1")
def test_without_a_gate_row_the_account_is_not_looked_at(tmp_path: Path, looks: Looks) -> None:
    with pytest.raises(UnavailableError, match="no gate"):
        a_road(tmp_path, has_gate=False).look()
    assert looks.phases == []


@pytest.mark.requirement("R18")
def test_one_look_gives_one_confirmation(tmp_path: Path, looks: Looks) -> None:
    road = a_road(tmp_path)
    with pytest.raises(UnavailableError, match="was not looked at"):
        road.confirm("sRfW")
    offer = road.look()
    assert offer.word == "sRfW"
    assert offer.lines[0] == "REAL MONEY: 800.00 USDT are at risk"
    assert looks.phases == ["conservative"]
    word = road.confirm("sRfW")
    assert Confirmations(tmp_path).last() == word.confirmation
    with pytest.raises(UnavailableError, match="was not looked at"):
        road.confirm("sRfW")


def test_wrong_word_confirms_nothing_and_leaves_nothing(tmp_path: Path, looks: Looks) -> None:
    road = a_road(tmp_path)
    road.look()
    with pytest.raises(UnavailableError, match="not confirmed"):
        road.confirm("yes")
    assert Confirmations(tmp_path).last() is None


def test_word_on_the_command_line_is_enough_where_nobody_can_be_asked(
    tmp_path: Path, looks: Looks, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask(a_road(tmp_path), "sRfW").confirmation.actor == "ann"
    assert "800.00 USDT are at risk" in capsys.readouterr().err


def test_nobody_to_ask_is_told(
    tmp_path: Path, looks: Looks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with pytest.raises(UnavailableError, match="--confirm"):
        ask(a_road(tmp_path), None)


class Keyboard(io.StringIO):
    """A terminal on which something is typed."""

    def isatty(self) -> bool:
        """It is one."""
        return True


def test_person_at_the_terminal_is_asked(
    tmp_path: Path, looks: Looks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", Keyboard("sRfW\n"))
    assert ask(a_road(tmp_path), None).confirmation.binding == _FOUND.binding
    monkeypatch.setattr(sys, "stdin", Keyboard(""))
    with pytest.raises(UnavailableError, match="not confirmed"):
        ask(a_road(tmp_path), None)
