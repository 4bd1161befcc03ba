"""A decision can say which measure is taken."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the measure; decisions that are there have none."""
    op.add_column("decisions", sa.Column("measure", sa.Text))
