"""Action items of incidents and drills: list, add, change, close and take up again."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

from pydantic import Field

from statuspage.domain import ActionItem, ActionState
from statuspage.usecases import action_items
from statuspage.usecases.accounts import Role
from statuspage.usecases.action_items import ActionConflict, ActionInput, NoSuchActionItem, NoSuchSubject
from statuspage.usecases.api import Scope
from statuspage.usecases.audit_log import Actor
from statuspage.usecases.incidents import ActionRefused
from statuspage.web.api import paging
from statuspage.web.api.inputs import ActionItemFieldsIn, ActionItemIn, ActionStateIn
from statuspage.web.api.operations import Answer, Call, Operation
from statuspage.web.api.outputs import ActionItemList, ActionItemOut
from statuspage.web.api.paging import Page
from statuspage.web.api.problems import FieldError, Problem, refused_code


class ItemState(StrEnum):
    """Which action items are listed."""

    ANY = "any"
    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class ItemsQuery(Page):
    """Which action items are listed."""

    state: ItemState = Field(ItemState.OPEN, description="Those in this state, or any.")
    subject: str = Field("", max_length=64, pattern="^[^\\x00]*$", description="The id of an incident or a drill.")


def list_items(call: Call) -> Answer:
    """The action items, those that are due first come first."""
    query = call.query_as(ItemsQuery)
    of_subject = query.subject
    items = action_items.items_of(call.env, of_subject) if of_subject else action_items.all_items(call.env)
    wanted = [item for item in items if query.state in (ItemState.ANY, item.state.value)]
    shown, following = paging.page_of(wanted, lambda item: str(item.id), query)
    return Answer(ActionItemList(items=[_item_out(item) for item in shown], next=following))


def show_item(call: Call) -> Answer:
    """One action item."""
    return _answer(_changed(call, lambda: action_items.find_item(call.env, int(call.path["item"]))))


def add_item(call: Call) -> Answer:
    """A new action item."""
    body = call.body_as(ActionItemIn)
    typed, actor = _item_input(body), _actor(call)
    return _answer(
        _changed(call, lambda: action_items.add_item(call.env, body.subject, typed, actor=actor, now=call.now))
    )


def change_item(call: Call) -> Answer:
    """Replaces what is to be done, by whom and until when."""
    typed, how = _item_input(call.body_as(ActionItemFieldsIn)), _how(call)
    return _answer(_changed(call, lambda: action_items.change_item(call.env, int(call.path["item"]), typed, **how)))


def set_item_state(call: Call) -> Answer:
    """Closes an action item, or takes it up again."""
    body, id, how = call.body_as(ActionStateIn), int(call.path["item"]), _how(call)

    def change() -> ActionItem:
        match body.state:
            case ActionState.DONE:
                return action_items.finish_item(call.env, id, **how)
            case ActionState.DROPPED:
                return action_items.drop_item(call.env, id, body.reason, **how)
            case ActionState.OPEN:
                return action_items.reopen_item(call.env, id, **how)

    return _answer(_changed(call, change))


def _how(call: Call) -> dict[str, Any]:
    """Which version is changed, by whom and when. Raises Problem."""
    if not call.if_match.isdecimal():
        raise Problem("superseded", "Get the action item again, and send its ETag.")
    return {"version": int(call.if_match[:9]), "actor": _actor(call), "now": call.now}


def _actor(call: Call) -> Actor:
    return Actor(call.token.owner.id, call.actor, call.address)


def _item_input(body: ActionItemFieldsIn) -> ActionInput:
    due = body.due.isoformat() if body.due else ""
    return ActionInput(body.text, body.owner, body.priority.value, due, body.link)


def _changed(call: Call, change: Callable[[], ActionItem]) -> ActionItem:
    try:
        return change()
    except NoSuchActionItem:
        raise Problem("not-found", "There is no action item with this number.") from None
    except NoSuchSubject:
        message = "There is no incident and no drill with this id."
        raise Problem(
            "refused", errors=(FieldError(field="subject", code="subject.unknown", message=message),)
        ) from None
    except ActionConflict as conflict:
        etag = f'"{conflict.current.version}"'
        raise Problem("superseded", "Somebody else has changed it.", headers={"ETag": etag}) from None
    except ActionRefused as refusal:
        raise refused_code(refusal.code, call.translator, field=refusal.code.partition(".")[2]) from None


def _answer(item: ActionItem) -> Answer:
    subject = item.subject
    return Answer(_item_out(item), version=item.version, incident=subject, target=f"{subject}, {item.id}")


def _item_out(item: ActionItem) -> ActionItemOut:
    names = (
        "id", "version", "environment", "subject", "text", "owner", "due", "link", "reason", "cause", "created_at",
        "created_by", "closed_at", "closed_by",
    )  # fmt: skip
    values = {name: getattr(item, name) for name in names}
    return ActionItemOut(priority=item.priority.value, state=item.state.value, **values)


ACTION_ITEM_OPERATIONS = (
    Operation(
        "listActionItems", "GET", "/action-items", "action items", "List action items", ActionItemList, list_items,
        query=ItemsQuery, description="Those that are due first come first.",
    ),
    Operation(
        "getActionItem", "GET", "/action-items/{item}", "action items", "Get one action item", ActionItemOut, show_item,
        problems=(404,), description="Its ETag is its version.",
    ),
    Operation(
        "addActionItem", "POST", "/action-items", "action items", "Add an action item", ActionItemOut, add_item,
        Scope.PROPOSE, Role.REPORTER, body=ActionItemIn, is_keyed=True, problems=(409, 410, 422),
    ),
    Operation(
        "changeActionItem", "PUT", "/action-items/{item}", "action items", "Change an action item", ActionItemOut,
        change_item, Scope.PROPOSE, Role.REPORTER, body=ActionItemFieldsIn, needs_match=True,
        problems=(404, 412, 422, 428),
    ),
    Operation(
        "setActionItemState", "PUT", "/action-items/{item}/state", "action items", "Close or reopen an action item",
        ActionItemOut, set_item_state, Scope.PROPOSE, Role.REPORTER, body=ActionStateIn, needs_match=True,
        problems=(404, 412, 422, 428), description="A dropped one needs a reason.",
    ),
)  # fmt: skip
