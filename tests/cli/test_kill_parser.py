"""The words of stopping."""

import pytest
from command_line import arguments

from botcore_tui.cli.kill_parser import KILL_COMMANDS


@pytest.mark.requirement("K12")
def test_halt_needs_no_word_more() -> None:
    halt = arguments("halt")
    assert (halt.flatten, halt.contracts, halt.everything) == (False, None, False)
    assert (halt.reason, halt.json) == ("", False)


@pytest.mark.requirement("K5")
def test_scope_is_some_contracts_or_all() -> None:
    assert arguments("halt", "--flatten", "--symbol", "btcusdt", "--symbol", "X").contracts == [
        "BTCUSDT",
        "X",
    ]
    assert arguments("halt", "--all").everything
    flatten = arguments("flatten", "--all", "--reason", "enough", "--json")
    assert (flatten.everything, flatten.reason, flatten.json) == (True, "enough", True)


@pytest.mark.requirement("K5")
@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("flatten",), "--symbol --all is required"),
        (("flatten", "--all", "--symbol", "BTCUSDT"), "not allowed with"),
        (("halt", "--symbol", ""), "is no contract"),
        (("status", "--all"), "unrecognized arguments"),
        (("--enable-trading", "halt"), "--enable-trading: not for the command halt"),
    ],
)
def test_wrong_usage_is_told_in_one_line(
    words: tuple[str, ...], reason: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        arguments(*words)
    error = capsys.readouterr().err
    assert left.value.code == 2
    assert reason in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("command", KILL_COMMANDS)
def test_each_command_explains_itself_and_its_exit_codes(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        arguments(command, "--help")
    assert left.value.code == 0
    told = capsys.readouterr().out
    assert f"usage: botcore {command}" in told
    assert "exit codes: 0" in told
