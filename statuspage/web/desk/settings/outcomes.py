"""Says what became of a change of content files, and what is wrong beside which field."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import abort, flash

from statuspage.content.editing import EditFailed
from statuspage.domain import ContentError
from statuspage.usecases.content import ContentFolders
from statuspage.usecases.settings import Conflict, ContentStore, FileChange, Kept, NotWritable, Outcome, Rejected, keep
from statuspage.web.desk import request_context


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """An error beside a field; ``field`` is "" where no field of the page is meant. ``text`` is English."""

    field: str
    text: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a change was not kept: problems, files that somebody else changed, or lines to change by hand."""

    problems: tuple[FieldProblem, ...] = ()
    conflict: tuple[str, ...] = ()
    proposals: tuple[tuple[str, str], ...] = ()

    @property
    def status(self) -> int:
        """The HTTP status of the page that shows it."""
        return 409 if self.conflict or self.proposals else 422


def content_store() -> ContentStore:
    """The content files of this desk; 404 where it has none."""
    env = request_context.env()
    folder = env.content_source.folder or abort(404)
    return ContentStore(ContentFolders.of_live(env.home, folder), env.databases.accounts)


def keep_change(change: FileChange, field_of: Callable[[ContentError], str] = lambda _: "") -> Failure | None:
    """Keeps a change and says so; None if it is kept. ``field_of`` finds the field that an error is about."""
    try:
        outcome = keep(content_store(), change, by=request_context.audit_actor(), now=request_context.now())
    except EditFailed as error:
        return Failure((FieldProblem("", str(error)),))
    return failure_of(outcome, field_of)


def failure_of(outcome: Outcome, field_of: Callable[[ContentError], str] = lambda _: "") -> Failure | None:
    """What went wrong; None if the change is kept, which is then said on the next page."""
    match outcome:
        case Kept(id):
            flash(request_context.translator().t("settings.kept" if id else "settings.unchanged"))
            return None
        case Rejected(errors):
            return Failure(tuple(_problems(errors, field_of)))
        case Conflict(files):
            return Failure(conflict=files or ("",))
        case NotWritable(proposals):
            return Failure(proposals=proposals)


def _problems(errors: Sequence[ContentError], field_of: Callable[[ContentError], str]) -> list[FieldProblem]:
    found = [
        FieldProblem(field_of(error), error.message, f"{error.file}:{error.line} {error.key}".rstrip())
        for error in errors
    ]
    return list(dict.fromkeys(found))
