"""The tables, the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only in a column that is exactly an INTEGER.
RowId = BigInteger().with_variant(Integer(), "sqlite")


class Time(TypeDecorator[datetime]):
    """A moment in UTC, with its zone on the way in and on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment in UTC; ValueError if it has no zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone is not stored")
        # SQLite keeps text: all of it in one zone sorts as the moments do.
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment, always with its zone."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# One traveller's conversation. `state` is the sealed case; what stands beside it serves lists and is not personal:
# `question` names what is asked now, `flags` are the sorted reasons to look at the case, joined by spaces, and
# `carried_by` is the process that alone may carry the letters of the case, as long as it lives.
cases = Table(
    "cases",
    metadata,
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("state", LargeBinary, nullable=False),
    Column("language", Text, nullable=False),
    Column("question", Text),
    Column("declaration", Integer, nullable=False),
    Column("with_person", Boolean, nullable=False),
    Column("flags", Text, nullable=False),
    Column("flagged_at", Time),
    Column("created_at", Time, nullable=False),
    Column("updated_at", Time, nullable=False),
    Column("carried_by", Text),
)
Index(
    "ix_cases_flagged",
    cases.c.flagged_at,
    sqlite_where=text("flags <> ''"),
    postgresql_where=text("flags <> ''"),
)

# Where a traveller is reached. The index is keyed over channel and address together; one address a channel and case.
addresses = Table(
    "addresses",
    metadata,
    Column("address_index", LargeBinary, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("case_id", Text, ForeignKey("cases.id"), nullable=False),
    Column("address", LargeBinary, nullable=False),
    Column("blocked_at", Time),
    UniqueConstraint("case_id", "channel"),
)

# All that was heard and said: at once de-duplication key, work list, outbox and what staff read.
# Heard: waiting → done or parked. Said by the bot or by staff: unsent → sent or failed.
# `replies_to` is the heard row that a said row answers; `trouble` is the short name of what failed last.
transcript = Table(
    "transcript",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("case_id", Text, ForeignKey("cases.id"), nullable=False),
    Column("channel", Text, nullable=False),
    Column("external_id", Text),
    Column("direction", Text, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("at", Time, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", Time),
    Column("replies_to", BigInteger),
    Column("platform_id", Text),
    Column("shown", LargeBinary),
    Column("settled_at", Time),
    Column("trouble", Text),
    UniqueConstraint("channel", "external_id"),
    Index("ix_transcript_case_id_id", "case_id", "id"),
    # A number is never given twice, even after the last rows were deleted.
    sqlite_autoincrement=True,
)
for _state in ("waiting", "unsent"):
    Index(
        f"ix_transcript_{_state}",
        transcript.c.case_id,
        transcript.c.id,
        sqlite_where=text(f"state = '{_state}'"),
        postgresql_where=text(f"state = '{_state}'"),
    )

# These stand in the statements as they are and not as parameters, or the partial indexes could not serve them.
is_waiting = transcript.c.state == literal_column("'waiting'")
is_unsent = transcript.c.state == literal_column("'unsent'")
is_flagged = cases.c.flags != literal_column("''")

permits = Table(
    "permits",
    metadata,
    Column("reference", Text, primary_key=True),
    Column("case_id", Text, ForeignKey("cases.id"), nullable=False),
    Column("declaration", Integer, nullable=False),
    Column("issued_at", Time, nullable=False),
    Column("passport_index", LargeBinary, nullable=False, index=True),
    Column("snapshot", LargeBinary, nullable=False),
    UniqueConstraint("case_id", "declaration"),
)

# The certificate that a declaration shows, by keyed hashes of it and of the declared passport number, null while nobody
# knows that. `kid` is the key that its check rested on, in Base64, or empty; since `reopened_at` the declaration waits
# for a person because that key or this certificate was withdrawn.
certificates = Table(
    "certificates",
    metadata,
    Column("case_id", Text, ForeignKey("cases.id"), primary_key=True),
    Column("declaration", Integer, primary_key=True, autoincrement=False),
    Column("certificate_index", LargeBinary, nullable=False, index=True),
    Column("holder_index", LargeBinary),
    Column("kid", Text, nullable=False),
    Column("at", Time, nullable=False),
    Column("reopened_at", Time),
)
Index(
    "ix_certificates_trusted",
    certificates.c.kid,
    sqlite_where=text("reopened_at IS NULL"),
    postgresql_where=text("reopened_at IS NULL"),
)

# What is known of a photo; its sealed bytes lie in a file of their own.
photos = Table(
    "photos",
    metadata,
    Column("id", Text, primary_key=True),
    Column("case_id", Text, ForeignKey("cases.id"), index=True),
    Column("received_at", Time, nullable=False),
    Column("purge_on", Date, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", Integer, nullable=False),
    Column("certificate_index", LargeBinary, index=True),
    Column("original_purged", Boolean, nullable=False),
)
Index(
    "ix_photos_due",
    photos.c.purge_on,
    sqlite_where=text("NOT original_purged"),
    postgresql_where=text("NOT original_purged"),
)

# Who did what to which case, without a personal word. It outlives the case, so it does not refer to it.
audit = Table(
    "audit",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("at", Time, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("case_id", Text, index=True),
    Column("note", Text, nullable=False),
    sqlite_autoincrement=True,
)

# The processes that serve; one whose time has passed is dead, whatever became of it. It stands under a new id for each
# of its lives, so that nothing it held before is mistaken for what it holds now.
processes = Table(
    "processes",
    metadata,
    Column("id", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("started_at", Time, nullable=False),
    Column("alive_until", Time, nullable=False),
)

# What only one process at a time may do, such as asking a platform for updates.
duties = Table(
    "duties",
    metadata,
    Column("name", Text, primary_key=True),
    Column("held_by", Text, nullable=False),
)
