"""Keys are made, tokens issued, revoked and listed; nothing secret is on any record."""

import json
from pathlib import Path

import pytest
from command_line import Run, arguments
from operator_builders import NOW_MS, a_key, trust

from botcore_tui.cli.operator_command import run_operator
from botcore_tui.clock import ManualClock
from botcore_tui.config import Environment
from botcore_tui.errors import UnavailableError
from botcore_tui.model.command import Halt, Resume, Scope
from botcore_tui.operators.authority import Authority

HOURS = 3_600_000


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def issue(run: Run, state: Path) -> str:
    """A token, freshly issued."""
    assert run("operator", "keygen", "--state-dir", state).code == 0
    words = ("--sub", "ada", "--scope", "resume,production,trade", "--hours", "1")
    done = run("operator", "issue", *words, "--state-dir", state)
    assert done.code == 0
    token: str = done.out.strip()
    return token


def listed(run: Run, state: Path) -> dict[str, list[dict[str, object]]]:
    done = run("operator", "list", "--json", "--state-dir", state)
    assert (done.code, done.err) == (0, "")
    found: dict[str, list[dict[str, object]]] = json.loads(done.out)
    return found


def files_of(state: Path) -> str:
    return "\n".join(
        path.read_text(encoding="utf-8") for path in state.rglob("*") if path.is_file()
    )


@pytest.mark.requirement("R17")
def test_a_token_is_all_of_standard_output_and_on_no_record(
    run: Run, state: Path, issue: str
) -> None:
    assert len(issue.split(".")) == 3
    assert len(issue.split()) == 1
    for part in issue.split("."):
        assert part not in files_of(state)
    record = json.loads((state / "operators" / "issued.jsonl").read_text())
    assert record["sub"] == "ada"
    assert record["scopes"] == ["trade", "resume", "production"]
    assert record["exp"] - record["time_ms"] // 1000 == 3600
    [token] = listed(run, state)["tokens"]
    assert (token["jti"], token["state"]) == (record["jti"], "valid")


@pytest.mark.requirement("R17")
def test_a_token_counts_in_production_until_it_is_revoked(
    run: Run, state: Path, issue: str
) -> None:
    def now_ms() -> int:
        return int(str(listed(run, state)["tokens"][0]["time_ms"]))

    authority = Authority(Environment.PRODUCTION, state / "operators", now_ms)
    found = authority.admit(Resume("root", "better", 1), issue, "")
    assert isinstance(found, Resume)
    assert found.scopes == (Scope.TRADE, Scope.RESUME, Scope.PRODUCTION)
    assert found.actor.startswith("ada#")
    assert found.actor.endswith(" root")

    name = str(listed(run, state)["tokens"][0]["jti"])
    done = run("operator", "revoke", name, "--reason", "laptop lost", "--state-dir", state)
    assert (done.code, done.err) == (0, "")
    assert done.out == f"{name} is revoked: engines refuse it from now on\n"
    refused = authority.admit(Resume("root", "better", 1), issue, "")
    assert isinstance(refused, str)
    assert f"it is revoked ({name})" in refused
    assert isinstance(authority.admit(Halt("root", "x", 1), issue, ""), Halt)
    again = run("operator", "revoke", name, "--reason", "laptop lost", "--state-dir", state)
    assert again.out == f"{name} is revoked already\n"
    text = run("operator", "list", "--state-dir", state).out
    assert f"{name}  ada  trade,resume,production  key " in text
    assert text.endswith("revoked: laptop lost\n")


@pytest.mark.slow
@pytest.mark.requirement("R17")
def test_a_new_key_in_place_of_the_old_one_ends_the_old_tokens(
    run: Run, state: Path, issue: str
) -> None:
    done = run("operator", "keygen", "--state-dir", state)
    assert (done.code, done.out) == (1, "")
    assert "is there already; --force" in done.err
    done = run("operator", "keygen", "--force", "--state-dir", state)
    assert "its tokens are refused from now on" in done.out
    authority = Authority(Environment.PRODUCTION, state / "operators", lambda: NOW_MS)
    refused = authority.admit(Resume("root", "better", 1), issue, "")
    assert isinstance(refused, str)
    assert "its key is not trusted here" in refused


@pytest.mark.requirement("R17")
def test_the_issuer_hears_where_his_key_is_not_trusted(
    run: Run, state: Path, tmp_path: Path
) -> None:
    key = tmp_path / "safe" / "mine.pem"
    made = run("operator", "keygen", "--private-key", key, "--state-dir", tmp_path / "elsewhere")
    assert f"private, to sign tokens with: {key}" in made.out
    words = ("operator", "issue", "--sub", "ada", "--scope", "view", "--private-key", key)
    done = run(*words, "--state-dir", state)
    assert done.code == 0
    assert f"not trusted by an engine with its state in {state}" in done.err
    assert done.out.strip() not in done.err


def test_revoking_a_token_of_another_machine_says_so(run: Run, state: Path) -> None:
    words = ("operator", "revoke", "from-elsewhere", "--reason", "lost", "--state-dir", state)
    assert run(*words).out.endswith("from now on (it was not issued here)\n")
    assert [item["jti"] for item in listed(run, state)["revoked"]] == ["from-elsewhere"]
    text = run("operator", "list", "--state-dir", state).out
    assert "from-elsewhere  issued elsewhere  revoked: lost" in text


def test_an_empty_place_and_bad_keys_are_listed_for_what_they_are(run: Run, state: Path) -> None:
    done = run("operator", "list", "--state-dir", state)
    assert done.out.splitlines() == [
        f"no trusted key in {state / 'operators'}; botcore operator keygen makes one",
        "no token was issued here",
    ]
    path = trust(state / "operators", a_key())
    path.chmod(0o666)
    assert "NOT TRUSTED: others can write" in run("operator", "list", "--state-dir", state).out


def test_a_token_is_shown_as_expired_when_its_time_is_over(
    capsys: pytest.CaptureFixture[str], state: Path
) -> None:
    clock = ManualClock(NOW_MS)
    words = ("operator", "issue", "--sub", "ada", "--scope", "view", "--state-dir", state)
    run_operator(arguments("operator", "keygen", "--state-dir", state), clock)
    run_operator(arguments(*words), clock)
    capsys.readouterr()
    for now_ms, expected in ((NOW_MS + 8 * HOURS - 1, "valid"), (NOW_MS + 8 * HOURS, "expired")):
        run_operator(arguments("operator", "list", "--state-dir", state), ManualClock(now_ms))
        line = capsys.readouterr().out.splitlines()[-1]
        assert line.endswith(f"until 2026-09-21 22:13 UTC  {expected}")


@pytest.mark.parametrize("name", ["", "ada lovelace", "ada#1", "../ada"])
def test_an_impossible_name_is_refused(run: Run, state: Path, name: str) -> None:
    words = ("operator", "issue", "--sub", name, "--scope", "view", "--state-dir", state)
    done = run(*words)
    assert (done.code, done.out) == (1, "")
    assert "--sub: a name is" in done.err
    done = run("operator", "revoke", "a/b", "--reason", "lost", "--state-dir", state)
    assert (done.code, done.out) == (1, "")


def test_no_token_is_printed_that_could_not_be_recorded(
    capsys: pytest.CaptureFixture[str], state: Path
) -> None:
    run_operator(arguments("operator", "keygen", "--state-dir", state))
    (state / "operators" / "issued.jsonl").mkdir()
    capsys.readouterr()
    words = ("operator", "issue", "--sub", "ada", "--scope", "view", "--state-dir", state)
    with pytest.raises(UnavailableError, match="cannot be written"):
        run_operator(arguments(*words))
    assert capsys.readouterr().out == ""
