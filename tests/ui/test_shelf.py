"""Theme files that appear, change, break and go."""

from pathlib import Path

from botcore_tui.ui.shelf import ThemeShelf


def write(directory: Path, name: str, primary: str) -> Path:
    directory.mkdir(exist_ok=True)
    path = directory / f"{name}.toml"
    path.write_text(f'schema = 1\nname = "{name}"\n[base]\nprimary = "{primary}"\n')
    return path


def look(shelf: ThemeShelf) -> tuple[dict[str, str], int]:
    changes = shelf.look()
    return {theme.name: theme.primary for theme in changes.themes}, len(changes.problems)


def test_directory_of_the_user_wins_over_the_shipped_one(tmp_path: Path) -> None:
    write(tmp_path / "shipped", "one", "#111111")
    write(tmp_path / "shipped", "two", "#222222")
    write(tmp_path / "user", "one", "#aaaaaa")
    shelf = ThemeShelf((tmp_path / "user", tmp_path / "shipped", tmp_path / "missing"))
    assert look(shelf) == ({"one": "#AAAAAA", "two": "#222222"}, 0)
    assert shelf.names == ["one", "two"]
    assert look(shelf) == ({}, 0)


def test_changed_file_is_published_again(tmp_path: Path) -> None:
    write(tmp_path, "one", "#111111")
    shelf = ThemeShelf((tmp_path,))
    shelf.look()
    write(tmp_path, "one", "rgb(1,2,3)")
    assert look(shelf) == ({"one": "#010203"}, 0)


def test_half_written_file_keeps_its_colours_and_is_not_reported_yet(tmp_path: Path) -> None:
    path = write(tmp_path, "one", "#111111")
    shelf = ThemeShelf((tmp_path,))
    shelf.look()
    path.write_text("schema = 1\nname =")
    assert look(shelf) == ({}, 0)
    write(tmp_path, "one", "#333333")
    assert look(shelf) == ({"one": "#333333"}, 0)


def test_file_that_stays_bad_is_reported_once(tmp_path: Path) -> None:
    path = write(tmp_path, "one", "#111111")
    write(tmp_path / "shipped", "one", "#999999")
    shelf = ThemeShelf((tmp_path, tmp_path / "shipped"))
    shelf.look()
    path.write_text("schema = 1\nname =")
    assert [look(shelf) for _ in range(4)] == [({}, 0), ({}, 1), ({}, 0), ({}, 0)]


def test_file_that_is_bad_at_start_gives_way_to_the_shipped_one(tmp_path: Path) -> None:
    write(tmp_path / "user", "one", "no colour")
    write(tmp_path / "shipped", "one", "#999999")
    shelf = ThemeShelf((tmp_path / "user", tmp_path / "shipped"))
    assert look(shelf) == ({"one": "#999999"}, 1)


def test_deleted_file_is_reported_once_and_welcome_back(tmp_path: Path) -> None:
    path = write(tmp_path, "one", "#111111")
    shelf = ThemeShelf((tmp_path,))
    shelf.look()
    path.unlink()
    assert [look(shelf), look(shelf)] == [({}, 1), ({}, 0)]
    write(tmp_path, "one", "#111111")
    assert look(shelf) == ({"one": "#111111"}, 0)


def test_deleted_file_of_the_user_uncovers_the_shipped_one(tmp_path: Path) -> None:
    path = write(tmp_path / "user", "one", "#111111")
    write(tmp_path / "shipped", "one", "#999999")
    shelf = ThemeShelf((tmp_path / "user", tmp_path / "shipped"))
    shelf.look()
    path.unlink()
    assert look(shelf) == ({"one": "#999999"}, 0)


def test_change_behind_a_symlink_is_seen(tmp_path: Path) -> None:
    target = write(tmp_path / "elsewhere", "one", "#111111")
    (tmp_path / "user").mkdir()
    (tmp_path / "user" / "one.toml").symlink_to(target)
    shelf = ThemeShelf((tmp_path / "user",))
    assert look(shelf) == ({"one": "#111111"}, 0)
    write(tmp_path / "elsewhere", "one", "#22222222"[:7] + "3")
    shelf.look()
    write(tmp_path / "elsewhere", "one", "rgb(9,9,9)")
    assert look(shelf) == ({"one": "#090909"}, 0)


def test_dangling_symlink_and_hidden_file_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "gone.toml").symlink_to(tmp_path / "nowhere")
    (tmp_path / ".one.toml.swp").write_text("")
    (tmp_path / ".hidden.toml").write_text("[")
    shelf = ThemeShelf((tmp_path,))
    assert look(shelf) == ({}, 1)
    assert look(shelf) == ({}, 0)
