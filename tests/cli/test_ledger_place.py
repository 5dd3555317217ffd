"""Where ledgers are, and that looking into one makes none."""

from pathlib import Path

import pytest
from ledger_rows import ACCOUNT, written

from botcore_tui.cli.ledger_place import ledger_url, reading
from botcore_tui.config import Config, Environment
from botcore_tui.errors import UnavailableError
from botcore_tui.ledger.reader import newest_account


def test_each_environment_has_a_ledger_of_its_own_unless_one_is_named(tmp_path: Path) -> None:
    demo, testnet = Environment.DEMO, Environment.TESTNET
    assert ledger_url(Config(), tmp_path, demo) == f"sqlite:///{tmp_path}/ledger-demo.db"
    assert ledger_url(Config(), tmp_path, testnet).endswith("/ledger-testnet.db")
    named = Config.model_validate({"ledger": {"url": "sqlite:////elsewhere.db"}})
    assert ledger_url(named, tmp_path, demo) == "sqlite:////elsewhere.db"


def test_a_configured_ledger_is_that_of_every_environment(tmp_path: Path) -> None:
    config = Config.model_validate({"ledger": {"url": f"sqlite:///{tmp_path}/one.db"}})
    urls = {ledger_url(config, tmp_path, environment) for environment in Environment}
    assert urls == {f"sqlite:///{tmp_path}/one.db"}


def test_it_is_read_where_it_is_and_made_nowhere(tmp_path: Path) -> None:
    url = ledger_url(Config(), tmp_path, Environment.TESTNET)
    with reading(url) as connection:
        assert connection is None
    assert list(tmp_path.glob("*.db")) == []
    written(url, ())
    with reading(url) as connection:
        assert connection is not None
        assert newest_account(connection) == ACCOUNT


@pytest.mark.usefixtures("hidden")
def test_a_directory_into_which_nobody_may_look_is_not_taken_for_empty(tmp_path: Path) -> None:
    url = ledger_url(Config(), tmp_path, Environment.DEMO)
    with pytest.raises(UnavailableError, match="cannot be read: Permission denied"), reading(url):
        pass


def test_what_is_no_ledger_cannot_be_read(tmp_path: Path) -> None:
    url = ledger_url(Config(), tmp_path, Environment.TESTNET)
    (tmp_path / "ledger-testnet.db").write_bytes(b"no database at all, and long enough for one")
    problem = pytest.raises(UnavailableError, match="cannot be read: file is not a database")
    with problem, reading(url):
        pass
