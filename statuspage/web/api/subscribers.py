"""Subscribers: how many there are; one is added or erased."""

from __future__ import annotations

import csv
import io

from statuspage.usecases.accounts import Role
from statuspage.usecases.api import Scope
from statuspage.usecases.audit_log import Actor
from statuspage.usecases.subscribers import IMPORT_COLUMNS, admin
from statuspage.web.api.inputs import AddressIn, SubscriberIn
from statuspage.web.api.operations import Answer, Call, Operation
from statuspage.web.api.outputs import ErasedOut, SubscriberCountOut, SubscriberCounts, SubscriberResult
from statuspage.web.api.problems import FieldError, Problem

LIVE = ("live",)


def count_subscribers(call: Call) -> Answer:
    """How many there are of each kind, language and status."""
    counts = admin.subscriber_counts(call.env)
    items = [
        SubscriberCountOut(kind=str(each.kind), language=each.language, status=str(each.status), count=each.count)
        for each in counts
    ]
    return Answer(SubscriberCounts(active=admin.active_count(counts), items=items))


def add_subscriber(call: Call) -> Answer:
    """Adds one, with the proof of consent, as in a list."""
    body = call.body_as(SubscriberIn)
    language = body.language or call.env.site.catalog.leading_pack.language
    proof = (body.consent.who, body.consent.when.isoformat(), body.consent.how)
    row = (body.address, language, ";".join(body.services), body.topic.value, body.level.value, *proof)
    text = io.StringIO()
    csv.writer(text).writerows((IMPORT_COLUMNS, row))
    result = admin.import_subscribers(call.env, text.getvalue(), actor=_actor(call), now=call.now)
    if result.errors:
        errors = tuple(
            FieldError(field=each.column or "address", code=each.key, message=each.value) for each in result.errors
        )
        raise Problem("refused", errors=errors)
    added = SubscriberResult(added=result.added, already_active=result.already_active, skipped=result.skipped)
    return Answer(added, target="subscribers")


def erase_subscriber(call: Call) -> Answer:
    """Erases everything under an address permanently."""
    body = call.body_as(AddressIn)
    erased = admin.erase_address(call.env, body.address, actor=_actor(call), now=call.now)
    return Answer(ErasedOut(erased=erased), target="subscribers")


def _actor(call: Call) -> Actor:
    return Actor(call.token.owner.id, call.token.owner.name, call.address)


SUBSCRIBER_OPERATIONS = (
    Operation(
        "countSubscribers", "GET", "/subscribers", "subscribers", "Count subscribers", SubscriberCounts,
        count_subscribers, role=Role.LEAD, environments=LIVE,
        description="By kind, language and status. Addresses are not given out.",
    ),
    Operation(
        "addSubscriber", "POST", "/subscribers", "subscribers", "Add a subscriber", SubscriberResult, add_subscriber,
        Scope.PUBLISH, Role.LEAD, body=SubscriberIn, is_keyed=True, problems=(409, 422), environments=LIVE,
        description="With the proof of consent. Who unsubscribed is not added again.",
    ),
    Operation(
        "eraseSubscriber", "POST", "/subscribers/erasures", "subscribers", "Erase a subscriber", ErasedOut,
        erase_subscriber, Scope.PUBLISH, Role.LEAD, body=AddressIn, is_keyed=True, problems=(409, 422),
        environments=LIVE, description="Erases everything stored under the address, for good.",
    ),
)  # fmt: skip
