"""Where the token of an operator is looked for, and that a halt never waits for it."""

from pathlib import Path

import pytest

from botcore_tui.cli.operator_token import operator_token, token_for
from botcore_tui.errors import ConfigError
from botcore_tui.model.command import Halt, Resume

NAME = "BOTCORE_OPERATOR_TOKEN"
HALT, RESUME = Halt("root", "enough", 1), Resume("root", "better", 1)


@pytest.mark.requirement("R16")
def test_a_token_comes_from_the_environment_or_a_file(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("a.b.c\n")
    for env in (
        {NAME: " a.b.c "},
        {f"{NAME}_FILE": str(tmp_path / NAME)},
        {"CREDENTIALS_DIRECTORY": str(tmp_path)},
    ):
        assert operator_token(env) == token_for(RESUME, env) == token_for(HALT, env) == "a.b.c"
    for env in ({}, {NAME: " "}):
        assert operator_token(env) is None


@pytest.mark.requirement("R17")
def test_trouble_with_a_token_holds_up_all_but_a_halt(tmp_path: Path) -> None:
    env = {NAME: "a.b.c", f"{NAME}_FILE": str(tmp_path)}
    with pytest.raises(ConfigError, match="are both set"):
        token_for(RESUME, env)
    assert token_for(HALT, env) is None
