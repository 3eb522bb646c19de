"""Several processes on one database: who lives, who carries the letters of a case, and who has which duty."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "processes",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("started_at", Moment, nullable=False),
        sa.Column("alive_until", Moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_processes"),
    )
    op.create_table(
        "duties",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("held_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_duties"),
    )
    op.add_column("cases", sa.Column("carried_by", sa.Text()))


def downgrade() -> None:
    op.drop_column("cases", "carried_by")
    op.drop_table("duties")
    op.drop_table("processes")
