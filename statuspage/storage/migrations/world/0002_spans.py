"""What services went through, kept beside the incidents; filled from the stories that are there."""

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter

import sqlalchemy as sa
from alembic import op

from statuspage.domain import Incident, Notice, TimelineEntry, TimelineEvent, state_periods
from statuspage.serialization import from_json_value
from statuspage.storage.tables import Instant

revision = "world0002"
down_revision = "world0001"

INSTANT = sa.DateTime(timezone=True)
SHAPES: dict[str, type[TimelineEvent] | type[Notice]] = {"step": TimelineEvent, "notice": Notice}
ENTRY = sa.table(
    "entry",
    sa.column("incident", sa.String),
    sa.column("sequence", sa.Integer),
    sa.column("type", sa.String),
    sa.column("happened", Instant()),
    sa.column("recorded", Instant()),
    sa.column("body", sa.JSON),
)
SPAN = sa.table(
    "span",
    *(sa.column(name, sa.String) for name in ("incident", "service", "state")),
    sa.column("number", sa.Integer),
    *(sa.column(name, Instant()) for name in ("began", "ended")),
)


def upgrade() -> None:
    """Makes the table and fills it."""
    op.create_table(
        "span",
        sa.Column("incident", sa.String(length=32), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("service", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("began", INSTANT, nullable=False),
        sa.Column("ended", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name=op.f("fk_span_incident")),
        sa.PrimaryKeyConstraint("incident", "number", name=op.f("pk_span")),
    )
    op.create_index("ix_span_ended", "span", ["ended"])
    op.create_index("ix_span_service_began", "span", ["service", "began"])
    for incident, entries in _stories():
        for number, span in enumerate(
            state_periods(Incident(incident, entries[0].recorded, entries[0].recorded, "", entries))
        ):
            row = {"incident": incident, "number": number, "service": span.service, "state": span.state.value}
            op.get_bind().execute(SPAN.insert().values(row | {"began": span.start, "ended": span.end}))


def _stories() -> Iterator[tuple[str, tuple[TimelineEntry, ...]]]:
    query = sa.select(ENTRY).where(ENTRY.c.type.in_(SHAPES)).order_by(ENTRY.c.incident, ENTRY.c.sequence)
    for incident, rows in groupby(op.get_bind().execute(query), key=attrgetter("incident")):
        yield (
            incident,
            tuple(
                TimelineEntry(row.sequence, row.happened, row.recorded, from_json_value(SHAPES[row.type], row.body))
                for row in rows
            ),
        )
