"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# These repeat what tables.py says today on purpose: a step stays as it was when the tables move on.
Moment = sa.DateTime(timezone=True)
RowId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def partial(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def upgrade() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("question", sa.Text()),
        sa.Column("declaration", sa.Integer(), nullable=False),
        sa.Column("with_person", sa.Boolean(), nullable=False),
        sa.Column("flags", sa.Text(), nullable=False),
        sa.Column("flagged_at", Moment),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("updated_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
    )
    partial("ix_cases_flagged", "cases", ["flagged_at"], "flags <> ''")
    op.create_table(
        "addresses",
        sa.Column("address_index", sa.LargeBinary(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("blocked_at", Moment),
        sa.PrimaryKeyConstraint("address_index", name="pk_addresses"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_addresses_case_id"),
        sa.UniqueConstraint("case_id", "channel", name="uq_addresses_case_id_channel"),
    )
    op.create_table(
        "transcript",
        sa.Column("id", RowId, nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text()),
        sa.Column("direction", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", Moment),
        sa.Column("replies_to", sa.BigInteger()),
        sa.Column("platform_id", sa.Text()),
        sa.Column("shown", sa.LargeBinary()),
        sa.Column("settled_at", Moment),
        sa.Column("trouble", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_transcript"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_transcript_case_id"),
        sa.UniqueConstraint("channel", "external_id", name="uq_transcript_channel_external_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_transcript_case_id_id", "transcript", ["case_id", "id"])
    partial("ix_transcript_waiting", "transcript", ["case_id", "id"], "state = 'waiting'")
    partial("ix_transcript_unsent", "transcript", ["case_id", "id"], "state = 'unsent'")
    op.create_table(
        "permits",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("declaration", sa.Integer(), nullable=False),
        sa.Column("issued_at", Moment, nullable=False),
        sa.Column("passport_index", sa.LargeBinary(), nullable=False),
        sa.Column("snapshot", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("reference", name="pk_permits"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_permits_case_id"),
        sa.UniqueConstraint("case_id", "declaration", name="uq_permits_case_id_declaration"),
    )
    op.create_index("ix_permits_passport_index", "permits", ["passport_index"])
    op.create_table(
        "photos",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text()),
        sa.Column("received_at", Moment, nullable=False),
        sa.Column("purge_on", sa.Date(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("certificate_index", sa.LargeBinary()),
        sa.Column("original_purged", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_photos"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_photos_case_id"),
    )
    op.create_index("ix_photos_case_id", "photos", ["case_id"])
    op.create_index("ix_photos_certificate_index", "photos", ["certificate_index"])
    partial("ix_photos_due", "photos", ["purge_on"], "NOT original_purged")
    op.create_table(
        "audit",
        sa.Column("id", RowId, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text()),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_case_id", "audit", ["case_id"])


def downgrade() -> None:
    for table in ("audit", "photos", "permits", "transcript", "addresses", "cases"):
        op.drop_table(table)
