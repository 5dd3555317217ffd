"""Statements straight to the driver."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import IntegrityError, OperationalError

from botcore_tui.ledger.direct import Direct
from botcore_tui.ledger.store import writing_engine


def test_rows_are_run_and_counted_in_the_transaction_of_the_connection() -> None:
    with create_engine("sqlite://").connect() as connection:
        with connection.begin():
            connection.exec_driver_sql("CREATE TABLE t (id INTEGER PRIMARY KEY)")
        with connection.begin() as transaction:
            direct = Direct(connection)
            assert direct.run("INSERT INTO t VALUES (:id)", [{"id": 1}]) == 1
            assert direct.run("INSERT INTO t VALUES (:id)", [{"id": 2}, {"id": 3}]) == 2
            transaction.rollback()
        assert connection.exec_driver_sql("SELECT * FROM t").all() == []


def test_errors_of_the_driver_come_as_those_of_sqlalchemy() -> None:
    with create_engine("sqlite://").connect() as connection, connection.begin():
        direct = Direct(connection)
        with pytest.raises(OperationalError, match="no such table"):
            direct.run("INSERT INTO t VALUES (:id)", [{"id": 1}])
        direct.run("CREATE TABLE t (id INTEGER PRIMARY KEY)", [{}])
        with pytest.raises(IntegrityError):
            direct.run("INSERT INTO t VALUES (:id)", [{"id": 1}, {"id": 1}])


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    engine = writing_engine(f"sqlite:///{tmp_path / 'some.db'}")
    with engine.connect() as connection:
        with connection.begin():
            connection.exec_driver_sql("CREATE TABLE t (id INTEGER PRIMARY KEY)")
            connection.exec_driver_sql(
                "CREATE TABLE u (id REFERENCES t DEFERRABLE INITIALLY DEFERRED)"
            )
        yield connection
    engine.dispose()


def _ids(connection: Connection) -> list[int]:
    with connection.begin():
        return list(connection.exec_driver_sql("SELECT id FROM t ORDER BY id").scalars())


def test_a_transaction_of_its_own_is_committed_or_taken_back(connection: Connection) -> None:
    direct = Direct(connection)
    with direct.transaction():
        direct.run("INSERT INTO t VALUES (:id)", [{"id": 1}])
    twice = [{"id": 2}, {"id": 2}]
    with pytest.raises(IntegrityError), direct.transaction():
        direct.run("INSERT INTO t VALUES (:id)", twice)
    assert _ids(connection) == [1]


def test_a_commit_that_fails_is_told_and_leaves_no_transaction(connection: Connection) -> None:
    direct = Direct(connection)
    direct.run("PRAGMA foreign_keys = ON", [{}])
    with pytest.raises(IntegrityError, match="FOREIGN KEY"), direct.transaction():
        direct.run("INSERT INTO u VALUES (:id)", [{"id": 7}])
    with direct.transaction():
        direct.run("INSERT INTO t VALUES (:id)", [{"id": 3}])
    assert _ids(connection) == [3]


def test_a_query_takes_a_list(connection: Connection) -> None:
    direct = Direct(connection)
    with direct.transaction():
        direct.run("INSERT INTO t VALUES (:id)", [{"id": number} for number in range(9)])
    query = "SELECT id FROM t WHERE id > :least AND id IN (SELECT value FROM json_each(:many))"
    assert direct.find(query, {"least": 2}, [1, 3, 7, 70]) == [(3,), (7,)]
    with pytest.raises(OperationalError, match="no such table"):
        direct.find("SELECT * FROM elsewhere", {})
