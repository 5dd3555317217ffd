"""Up to where the rows of a run are in, so that a journal of it can be told from known rows."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add it; what is there stays as it is."""
    op.add_column("heads", sa.Column("run_id", sa.Text(), nullable=True))
    op.add_column("heads", sa.Column("taken", sa.BigInteger(), nullable=True))
