"""Bodies of requests. Unknown fields are refused, and nothing is converted: a number is no text."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from statuspage.domain import (
    ActionPriority,
    ActionState,
    AffectedAudience,
    EstimateShape,
    NoticeKind,
    Precision,
    State,
    SubscriptionLevel,
    SubscriptionTopic,
)
from statuspage.web.api.requests import REFUSED

YEARS = (2000, 2100)
"""Times outside these years are refused."""


def _plausible_time(at: datetime) -> datetime:
    if not YEARS[0] <= at.year <= YEARS[1]:
        raise PydanticCustomError(REFUSED, "The year is not plausible.")
    return at


def _readable(text: str) -> str:
    if "\0" in text:
        raise PydanticCustomError(REFUSED, "There is a character that no text contains.")
    return text


def _whole(number: object) -> object:
    """In JSON 3.0 is a whole number, too."""
    return int(number) if isinstance(number, float) and number.is_integer() else number


Sequence = Annotated[int, Field(ge=0, le=1_000_000), BeforeValidator(_whole)]
Moment = Annotated[AwareDatetime, AfterValidator(_plausible_time)]
Id = Annotated[str, Field(max_length=64), AfterValidator(_readable)]
Line = Annotated[str, Field(max_length=1000), AfterValidator(_readable)]
Text = Annotated[str, Field(max_length=20_000), AfterValidator(_readable)]
Texts = Annotated[dict[Id, Text], Field(max_length=40)]
Ids = Annotated[list[Id], Field(max_length=200)]


class SendingMode(StrEnum):
    """What becomes of a notice."""

    PREVIEW = "preview"
    PROPOSE = "propose"
    PUBLISH = "publish"


class FollowUp(StrEnum):
    """Notices of an incident after the first report, and the first report of one that was confirmed from an alert."""

    FIRST = NoticeKind.FIRST.value
    UPDATE = NoticeKind.UPDATE.value
    PARTLY_RESTORED = NoticeKind.PARTLY_RESTORED.value
    MONITORING = NoticeKind.MONITORING.value
    RESOLVED = NoticeKind.RESOLVED.value
    CORRECTION = NoticeKind.CORRECTION.value
    WITHDRAWAL = NoticeKind.WITHDRAWAL.value


class AlertAction(StrEnum):
    """What people do with alerts."""

    ACKNOWLEDGE = "acknowledge"
    CONFIRM = "confirm"
    WATCH = "watch"
    DISMISS = "dismiss"


class Input(BaseModel):
    """A body, or a part of one."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ServiceIn(Input):
    """A service and its state; without one, the default of the incident type."""

    service: Id
    state: State | None = None


class AudienceIn(Input):
    """Who is affected. Groups are ids of the company's customer groups, with extent "groups"."""

    extent: AffectedAudience
    groups: Ids = Field(default_factory=list)


class StartIn(Input):
    """When it began, or was noticed."""

    precision: Precision
    time: Moment


class EstimateIn(Input):
    """When it should be over: earliest alone for known and not_before, both for range."""

    shape: EstimateShape
    earliest: Moment | None = None
    latest: Moment | None = None


class FactsIn(Input):
    """The facts of a notice. What is left out stays as in the last notice; in a first report it is not known yet."""

    incident_type: Id | None = Field(None, description="What customers notice, by its id.")
    services: list[ServiceIn] | None = Field(None, max_length=200)
    audience: AudienceIn | None = None
    start: StartIn | None = None
    estimate: EstimateIn | None = None
    workarounds: Ids | None = None
    current_action: Id | None = None
    cause: Id | None = None
    next_update: Moment | None = None
    ended: Moment | None = Field(None, description="When customers could use it again.")
    answers: Texts | None = Field(None, description="Answers of the incident type's questions, by their ids.")
    extra: Texts | None = Field(None, description="Free text for each language, shown in that language only.")


class NoticeSending(Input):
    """What becomes of the notice."""

    mode: SendingMode = Field(
        SendingMode.PROPOSE,
        description="preview stores nothing; propose waits on the desk for a person; publish needs that scope.",
    )
    channels: Ids | None = Field(None, description="Channels besides the page; without it, all that carry the notice.")
    confirmed: Ids = Field(default_factory=list, description="The keys of doubts that were answered with 409.")
    ignore_answers: bool = Field(False, description="Call unknown what an engineer has answered.")


class IncidentIn(NoticeSending):
    """The first report of a new incident."""

    facts: FactsIn


class NoticeIn(NoticeSending):
    """The next notice of an incident."""

    notice: FollowUp
    facts: FactsIn = FactsIn.model_validate({})


class MaintenanceIn(NoticeSending):
    """Planned maintenance."""

    services: list[ServiceIn] = Field(max_length=200)
    begins: Moment
    ends: Moment
    remind: Id = Field("", description="How long before the start customers are reminded: 1d, 2h, or none.")
    workarounds: Ids | None = None
    extra: Texts | None = Field(None, description="Free text for each language, shown in that language only.")


class FactsAnswerIn(Input):
    """What an engineer knows. It is shown beside the form, and overwrites nothing that was typed."""

    by: Line = Field(description="The engineer's name.")
    services: list[ServiceIn] | None = Field(None, max_length=200)
    start: StartIn | None = None
    estimate: EstimateIn | None = None
    ended: Moment | None = None
    answers: Texts | None = None
    text: Line = ""
    language: Id = Field("", description="The language of the text; without it, the desk's first one.")
    request: Sequence = Field(0, description="The sequence of the request that it answers.")


class FactRequestIn(Input):
    """A request for facts."""

    recipient: Line = Field("", description="Who else gets the link, for the record.")


class AlertActionIn(Input):
    """What is done with an alert."""

    action: AlertAction


class ActionItemFieldsIn(Input):
    """What is to be done, by whom and until when."""

    text: Line
    owner: Line = ""
    priority: ActionPriority = ActionPriority.NORMAL
    due: date | None = None
    link: Line = ""


class ActionItemIn(ActionItemFieldsIn):
    """A new action item of an incident, or in the drill's environment of a drill."""

    subject: Id = Field(description="The id of the incident or of the drill.")


class ActionStateIn(Input):
    """The new state of an action item. A dropped one needs a reason."""

    state: ActionState
    reason: Line = ""


class ConsentIn(Input):
    """The proof that they asked for it."""

    who: Line
    when: date
    how: Line


class SubscriberIn(Input):
    """A new subscriber by email."""

    address: Line
    language: Id = ""
    services: Ids = Field(default_factory=list, description="Without any, all services.")
    topic: SubscriptionTopic = SubscriptionTopic.EVERYTHING
    level: SubscriptionLevel = SubscriptionLevel.ALL
    consent: ConsentIn


class AddressIn(Input):
    """Whose data is erased."""

    address: Line
