"""The ways out, by type. A new one is a module and a line below."""

from statuspage.integrations.channels import email, subscriber_webhook
from statuspage.integrations.channels.base import (
    BulkChannel,
    Channel,
    CredentialsInvalid,
    Deletes,
    DeliveryUnknown,
    Edits,
    Message,
    NoticeContext,
    PutOff,
    Reach,
    RecipientGone,
    RecipientSender,
    Refused,
    Unreachable,
    Unsent,
    Wait,
)
from statuspage.integrations.channels.channel_type import Option
from statuspage.integrations.channels.http_limits import Bounded, Timeouts
from statuspage.integrations.channels.public_egress import Egress
from statuspage.integrations.channels.registry import (
    TYPES,
    freeze_payload,
    inside,
    missing,
    open_live,
    open_sandbox,
    secrets,
)
from statuspage.integrations.channels.sandbox import Sandbox
from statuspage.integrations.channels.smtp_client import Server, server
from statuspage.integrations.channels.staff_message import StaffMessageContent, with_names

__all__ = [
    "TYPES",
    "Bounded",
    "BulkChannel",
    "Channel",
    "CredentialsInvalid",
    "Deletes",
    "DeliveryUnknown",
    "Edits",
    "Egress",
    "Message",
    "NoticeContext",
    "Option",
    "PutOff",
    "Reach",
    "RecipientGone",
    "RecipientSender",
    "Refused",
    "Sandbox",
    "Server",
    "StaffMessageContent",
    "Timeouts",
    "Unreachable",
    "Unsent",
    "Wait",
    "email",
    "freeze_payload",
    "inside",
    "missing",
    "open_live",
    "open_sandbox",
    "secrets",
    "server",
    "subscriber_webhook",
    "with_names",
]
