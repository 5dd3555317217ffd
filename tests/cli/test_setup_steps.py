"""The steps of the wizard, one by one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sim_process import Sim, running_sim

from botcore_tui.cli.doctor_terms import Grade
from botcore_tui.cli.setup_steps import config_written, key_source, keys_checked
from botcore_tui.config import Config, Environment

KEY, SECRET = "a" * 64, "b" * 64


def test_a_directory_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    finding = config_written(tmp_path / "file" / "config.toml")
    assert finding.grade is Grade.BAD
    assert "cannot be written: File exists" in finding.text


@pytest.mark.requirement("R73")
@pytest.mark.requirement("R16")
def test_a_key_is_named_by_its_fingerprint_only(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(SECRET)
    env = {"BOTCORE_TESTNET_API_KEY": KEY, "BOTCORE_TESTNET_API_SECRET_FILE": str(file)}
    finding = key_source(Environment.TESTNET, env)
    assert finding.grade is Grade.GOOD
    assert finding.text == "testnet:ffe054fe is there, HMAC"
    assert KEY not in finding.text


@pytest.mark.requirement("R73")
def test_a_key_that_cannot_be_one_is_told_with_where_keys_come_from() -> None:
    env = {"BOTCORE_TESTNET_API_KEY": "a b", "BOTCORE_TESTNET_API_SECRET": SECRET}
    finding = key_source(Environment.TESTNET, env)
    assert finding.grade is Grade.NOTE
    assert "has spaces in it" in finding.text
    assert "_FILE" in finding.remedy
    assert "nothing is typed in here" in finding.remedy


def test_without_a_key_there_is_nothing_to_check() -> None:
    (none,) = keys_checked(Config(), Environment.DEMO)
    assert (none.grade, none.text) == (Grade.NOTE, "demo needs none")
    (missing,) = keys_checked(Config(), Environment.TESTNET)
    assert missing.grade is Grade.BAD
    assert "needs a key" in missing.text


@pytest.fixture(scope="module")
def sim() -> Iterator[Sim]:
    with running_sim() as running:
        yield running


@pytest.mark.slow
@pytest.mark.requirement("R73")
@pytest.mark.parametrize("is_good", [True, False], ids=["good", "refused"])
def test_clock_and_key_are_checked_at_the_venue(
    sim: Sim, monkeypatch: pytest.MonkeyPatch, *, is_good: bool
) -> None:
    monkeypatch.setenv("BOTCORE_TESTNET_API_KEY", sim.api_key)
    monkeypatch.setenv("BOTCORE_TESTNET_API_SECRET", sim.api_secret if is_good else SECRET)
    hosts = {"rest": sim.rest, "ws_public": sim.ws_public, "ws_private": sim.ws_private}
    config = Config.model_validate({"environment": "testnet", "hosts": hosts})
    found = {finding.name: finding for finding in keys_checked(config, Environment.TESTNET)}
    assert found["clock"].grade is Grade.GOOD
    assert found["account"].grade is (Grade.GOOD if is_good else Grade.BAD)
    assert SECRET not in found["account"].text
