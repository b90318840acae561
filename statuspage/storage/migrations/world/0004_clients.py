"""What the files of clients ask of all incidents: which are planned work, and which services each has named."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter

import sqlalchemy as sa
from alembic import op

from statuspage.domain import Incident, Notice, TimelineEntry
from statuspage.serialization import from_json_value
from statuspage.storage.tables import Instant

revision = "world0004"
down_revision = "world0003"

INSTANT = sa.DateTime(timezone=True)
INCIDENT = sa.table("incident", sa.column("id", sa.String), sa.column("planned", Instant()))
ENTRY = sa.table(
    "entry",
    *(sa.column(name, sa.String) for name in ("incident", "type")),
    sa.column("sequence", sa.Integer),
    *(sa.column(name, Instant()) for name in ("happened", "recorded")),
    sa.column("body", sa.JSON),
)
TOUCHED = sa.table(
    "touched", *(sa.column(name, sa.String) for name in ("incident", "service")), sa.column("changed", Instant())
)


def upgrade() -> None:
    """Makes the column and the table, and fills both."""
    op.add_column("incident", sa.Column("planned", INSTANT, nullable=True))
    op.create_index("ix_incident_planned_told", "incident", ["planned", "told"])
    op.create_table(
        "touched",
        sa.Column("incident", sa.String(length=32), nullable=False),
        sa.Column("service", sa.String(length=64), nullable=False),
        sa.Column("changed", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["incident"], ["incident.id"], name=op.f("fk_touched_incident")),
        sa.PrimaryKeyConstraint("incident", "service", name=op.f("pk_touched")),
    )
    op.create_index("ix_touched_service_changed", "touched", ["service", "changed"])
    for id, entries in _stories():
        _keep(id, Incident(id, entries[0].recorded, entries[0].recorded, "", tuple(entries)), entries[-1])


def _keep(id: str, incident: Incident, newest: TimelineEntry) -> None:
    if incident.maintenance_window:
        op.get_bind().execute(
            INCIDENT.update().where(INCIDENT.c.id == id).values(planned=incident.maintenance_window.start)
        )
    for service in incident.ever_affected:
        op.get_bind().execute(TOUCHED.insert().values(incident=id, service=service, changed=newest.recorded))


def _stories() -> Iterator[tuple[str, Sequence[TimelineEntry]]]:
    query = sa.select(ENTRY).where(ENTRY.c.type == "notice").order_by(ENTRY.c.incident, ENTRY.c.sequence)
    for id, rows in groupby(op.get_bind().execute(query), key=attrgetter("incident")):
        yield (
            id,
            [
                TimelineEntry(row.sequence, row.happened, row.recorded, from_json_value(Notice, row.body))
                for row in rows
            ],
        )
