"""Channels by type. To add one, write a module and add a line to the registry."""

from statuspage.integrations.channels import email, subscriber_webhook
from statuspage.integrations.channels.base import (
    BulkChannel,
    Channel,
    CredentialsInvalid,
    Deletes,
    DeliveryUnknown,
    Edits,
    Finds,
    Message,
    NoticeContext,
    RecipientDeferred,
    RecipientGone,
    RecipientSender,
    Refused,
    SubscriberLinks,
    Unreachable,
    Unsent,
    Wait,
)
from statuspage.integrations.channels.channel_type import Option
from statuspage.integrations.channels.http_limits import BoundedAdapter, Timeouts
from statuspage.integrations.channels.public_egress import Egress
from statuspage.integrations.channels.registry import (
    TYPES,
    freeze_payload,
    freeze_staff_payload,
    missing_settings,
    open_live,
    open_sandbox,
    secret_settings,
)
from statuspage.integrations.channels.sandbox import Sandbox
from statuspage.integrations.channels.smtp_client import Server, parse_server
from statuspage.integrations.channels.staff_message import StaffMessageContent, with_names

__all__ = [
    "TYPES",
    "BoundedAdapter",
    "BulkChannel",
    "Channel",
    "CredentialsInvalid",
    "Deletes",
    "DeliveryUnknown",
    "Edits",
    "Egress",
    "Finds",
    "Message",
    "NoticeContext",
    "Option",
    "RecipientDeferred",
    "RecipientGone",
    "RecipientSender",
    "Refused",
    "Sandbox",
    "Server",
    "StaffMessageContent",
    "SubscriberLinks",
    "Timeouts",
    "Unreachable",
    "Unsent",
    "Wait",
    "email",
    "freeze_payload",
    "freeze_staff_payload",
    "missing_settings",
    "open_live",
    "open_sandbox",
    "parse_server",
    "secret_settings",
    "subscriber_webhook",
    "with_names",
]
