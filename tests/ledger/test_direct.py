"""Statements straight to the driver."""

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import IntegrityError, OperationalError

from botcore_tui.ledger.direct import Direct


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
