"""A batch is one transaction, and leads from one head to the next."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from ledger_rows import ACCOUNT, a_fill, a_note, an_intent, ledger_url, written
from sqlalchemy import Connection

from botcore_tui.errors import UnavailableError
from botcore_tui.ledger.batch import BatchWriter
from botcore_tui.ledger.chain import EMPTY, Head, first_break, head_of
from botcore_tui.ledger.direct import Direct
from botcore_tui.ledger.encoding import line_of
from botcore_tui.ledger.store import writing_engine


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    written(ledger_url(tmp_path), [])
    engine = writing_engine(ledger_url(tmp_path))
    with engine.connect() as connection, connection.begin():
        yield connection
    engine.dispose()


def test_a_new_account_begins_with_an_empty_chain(connection: Connection) -> None:
    writer = BatchWriter("sqlite", "new")
    assert writer.begin(connection) == EMPTY
    done = writer.write(
        Direct(connection), EMPTY, [("r", line_of(an_intent())), ("r", line_of(a_note()))]
    )
    assert done.head.sequence == 2
    assert writer.begin(connection) == done.head
    assert first_break(connection, "new") is None
    assert first_break(connection, ACCOUNT) is None


def test_what_says_nothing_new_leaves_the_head_alone(connection: Connection) -> None:
    writer = BatchWriter("sqlite", ACCOUNT)
    head = writer.write(
        Direct(connection), writer.begin(connection), [("r", line_of(a_fill()))]
    ).head
    again = writer.write(Direct(connection), head, [("r", line_of(a_fill()))])
    assert (again.head, again.doubles) == (head, 1)
    assert writer.write(Direct(connection), head, []).head == head


@pytest.mark.requirement("F20")
def test_a_chain_that_another_program_went_on_with_is_not_forked(connection: Connection) -> None:
    writer = BatchWriter("sqlite", ACCOUNT)
    head = head_of(connection, ACCOUNT)
    assert head is not None
    stale = Head(head.sequence - 1, "0" * 64)
    with pytest.raises(UnavailableError, match="another program"):
        writer.write(Direct(connection), stale, [("r", line_of(a_fill(1_000)))])
