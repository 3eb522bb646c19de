"""Certificates by keyed hashes: one that is used for two people, and what rests on one that is withdrawn."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "certificates",
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("declaration", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("certificate_index", sa.LargeBinary(), nullable=False),
        sa.Column("holder_index", sa.LargeBinary()),
        sa.Column("kid", sa.Text(), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("reopened_at", Moment),
        sa.PrimaryKeyConstraint("case_id", "declaration", name="pk_certificates"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_certificates_case_id"),
    )
    op.create_index("ix_certificates_certificate_index", "certificates", ["certificate_index"])
    only = sa.text("reopened_at IS NULL")
    op.create_index("ix_certificates_trusted", "certificates", ["kid"], sqlite_where=only, postgresql_where=only)


def downgrade() -> None:
    op.drop_table("certificates")
