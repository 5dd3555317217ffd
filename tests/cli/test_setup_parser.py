"""The words of the first steps."""

import pytest
from command_line import arguments


def test_flags_of_setup_are_off_unless_given() -> None:
    given = arguments("setup", "--accept", "--environment", "testnet")
    assert (given.accept, given.environment) == (True, "testnet")
    assert not any((given.write_config, given.check_keys, given.limits, given.test_alert))


def test_runbook_takes_any_number_of_codes() -> None:
    assert arguments("runbook").codes == []
    assert arguments("runbook", "P15", "A01", "--json").codes == ["P15", "A01"]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("--headless", "setup"), "--headless: not for the command setup"),
        (("--environment", "demo", "runbook"), "--environment: not for the command runbook"),
    ],
)
def test_flags_without_effect_are_refused(
    words: tuple[str, ...], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        arguments(*words)
    assert left.value.code == 2
    assert problem in capsys.readouterr().err
