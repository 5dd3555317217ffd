"""What ``config show`` and ``config check`` print."""

import json
import tomllib
from pathlib import Path

import pytest

from botcore_tui.config import KEYS, Config, check, example_text, load, show

_SECRET = "Zq9Zq8Zq7Zq6Zq5"


def _file(directory: Path, text: str) -> Path:
    path = directory / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_show_names_value_and_origin_of_every_key(tmp_path: Path) -> None:
    path = _file(tmp_path, "[ui]\nframes_per_second = 5\n")
    report = show(path, {"BOTCORE__UI__THEME": "dark"})
    rows = report.text.splitlines()
    assert report.exit_code == 0
    for dotted in KEYS:
        assert sum(row.split(" = ")[0].strip() == dotted for row in rows) == 1
    cells = {row.split()[0]: row.split(maxsplit=2)[2] for row in rows if " = " in row}
    assert cells["ui.theme"].split("# ")[1] == "environment variable BOTCORE__UI__THEME"
    assert cells["ui.frames_per_second"].split("# ")[1] == f"file {path}"
    assert cells["ui.interval"].split("# ")[1] == "default"


def test_columns_of_show_are_aligned() -> None:
    rows = [row for row in show(None, {}).text.splitlines() if not row.startswith("#") and row]
    assert len({row.index(" = ") for row in rows}) == 1
    assert len({row.index("  # default") for row in rows}) == 1


def test_what_show_prints_is_a_configuration_again(tmp_path: Path) -> None:
    env = {"BOTCORE__SYMBOLS": "ETHUSDT,币安人生USDT", "BOTCORE__ENVIRONMENT": "testnet"}
    path = _file(tmp_path, show(None, env).text)
    assert load(path, {}).config == load(None, env).config


def test_show_names_the_addresses_in_force() -> None:
    env = {
        "BOTCORE__ENVIRONMENT": "testnet",
        "BOTCORE__HOSTS__REST": "http://127.0.0.1:9",
    }
    text = show(None, env).text
    assert "# endpoint rest       = http://127.0.0.1:9" in text
    assert "# endpoint ws_private = wss://fstream.binancefuture.com/private" in text


def test_show_says_that_paper_has_no_account_and_where_demo_and_replay_get_theirs() -> None:
    assert "ws_private = none, no account" in show(None, {"BOTCORE__ENVIRONMENT": "paper"}).text
    assert "# endpoints: addresses of the embedded exchange, decided at" in show(None, {}).text
    replay = show(None, {"BOTCORE__ENVIRONMENT": "replay"}).text
    assert "# endpoints: none, replay never connects to the venue" in replay


@pytest.mark.requirement("R16")
def test_show_masks_credentials_and_says_which_count() -> None:
    env = {
        "BOTCORE__ENVIRONMENT": "testnet",
        "BOTCORE_TESTNET_API_KEY": _SECRET,
        "BOTCORE_TESTNET_API_SECRET": " \n",
        "BOTCORE_PRODUCTION_API_KEY": "short",
    }
    rows = show(None, env).text.splitlines()
    states = {row.split()[2]: row.split(maxsplit=3)[3] for row in rows if "# credential" in row}
    assert states == {
        "BOTCORE_TESTNET_API_KEY": "set, ********6Zq5",
        "BOTCORE_TESTNET_API_SECRET": "not set",
        "BOTCORE_PRODUCTION_API_KEY": "set, ******** (not used in testnet)",
        "BOTCORE_PRODUCTION_API_SECRET": "not set (not used in testnet)",
    }


def test_show_names_the_file_of_a_credential_and_never_its_content(tmp_path: Path) -> None:
    secret = tmp_path / "secret.pem"
    secret.write_text(_SECRET)
    env = {
        "BOTCORE__ENVIRONMENT": "testnet",
        "BOTCORE__TRADING__ENABLED": "true",
        "BOTCORE_TESTNET_API_SECRET_FILE": str(secret),
    }
    text = show(None, env).text
    assert f"# credential BOTCORE_TESTNET_API_SECRET    in the file {secret}" in text
    assert _SECRET not in text
    assert "# trading is off" not in text
    assert "# trading is off: no credential is read" in show(None, {}).text
    document = json.loads(show(None, env, as_json=True).text)
    assert document["credentials"]["BOTCORE_TESTNET_API_SECRET"]["file"] == str(secret)


@pytest.mark.requirement("R16")
def test_show_hides_an_api_key_that_passes_for_a_symbol() -> None:
    env = {"BOTCORE__SYMBOLS": "ABCDEFGHIJKLM", "BOTCORE_TESTNET_API_KEY": "ABCDEFGHIJKLM"}
    assert "ABCDEFGHIJKLM" not in show(None, env).text
    assert "ABCDEFGHIJKLM" not in show(None, env, as_json=True).text


def test_show_as_json_holds_the_same(tmp_path: Path) -> None:
    path = _file(tmp_path, "[ui]\nframes_per_second = 5\n")
    env = {"BOTCORE__ENVIRONMENT": "paper", "BOTCORE_TESTNET_API_KEY": _SECRET}
    report = show(path, env, as_json=True)
    document = json.loads(report.text)
    assert report.exit_code == 0
    assert set(document["config"]) == set(KEYS)
    assert document["config"]["ui.frames_per_second"] == {"value": 5, "origin": f"file {path}"}
    assert document["config"]["symbols"]["value"] == ["BTCUSDT"]
    assert document["endpoints"]["ws_private"] is None
    assert document["credentials"]["BOTCORE_TESTNET_API_KEY"] == {
        "is_set": True,
        "masked": "********6Zq5",
        "file": None,
        "is_used": False,
    }


def test_show_as_json_has_no_endpoints_in_demo() -> None:
    assert json.loads(show(None, {}, as_json=True).text)["endpoints"] is None


def test_show_of_a_wrong_configuration_prints_the_problems(tmp_path: Path) -> None:
    path = _file(tmp_path, "[ui]\nx = 1\n")
    report = show(path, {})
    assert report.exit_code == 1
    assert report.text == f"{path}: ui.x: no such key\n1 problem"
    as_json = show(path, {}, as_json=True)
    assert as_json.exit_code == 1
    assert json.loads(as_json.text) == {"problems": [f"{path}: ui.x: no such key"]}


def test_check_counts_the_problems(tmp_path: Path) -> None:
    report = check(_file(tmp_path, "a = 1\nb = 2\n"), {})
    assert report.exit_code == 1
    assert report.text.splitlines()[-1] == "2 problems"
    assert len(report.text.splitlines()) == 3


def test_check_of_a_good_file_says_so(tmp_path: Path) -> None:
    path = _file(tmp_path, example_text())
    assert check(path, {}).text == f"{path}: no problems"
    assert check(path, {}).exit_code == 0
    assert check(None, {}).text == "no problems"


def test_shown_defaults_are_the_defaults() -> None:
    assert tomllib.loads(show(None, {}).text)["ui"]["theme"] == Config().ui.theme
