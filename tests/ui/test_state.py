"""The looks are remembered whole or not at all."""

from pathlib import Path

import pytest

from botcore_tui.errors import ConfigError
from botcore_tui.ui.state import UiState, load_state, save_state


def test_saved_looks_come_back(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "state.toml"
    looks = UiState(theme='od"d\n', pane="log", zoomed=True, interval_ms=5_000)
    save_state(path, looks)
    assert load_state(path) == looks
    assert [entry.name for entry in path.parent.iterdir()] == ["state.toml"]


def test_missing_file_means_defaults(tmp_path: Path) -> None:
    assert load_state(tmp_path / "state.toml") == UiState()


@pytest.mark.parametrize(
    "content",
    [b"\xff", b"theme = 1", b"trading = true", b"interval_ms = 7", b"[[[", b"a = " + b"[" * 9_000],
)
def test_file_that_makes_no_sense_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "state.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"state\.toml"):
        load_state(path)


def test_directory_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state.toml").mkdir()
    with pytest.raises(ConfigError, match="directory"):
        load_state(tmp_path / "state.toml")
    with pytest.raises(OSError, match="directory"):
        save_state(tmp_path / "state.toml", UiState())
    assert [entry.name for entry in tmp_path.iterdir()] == ["state.toml"]


def test_run_state_is_never_remembered() -> None:
    assert set(UiState.__struct_fields__) == {"theme", "pane", "zoomed", "interval_ms"}
