"""Channels by type. To add one, write a module and add a line to the registry.

What speaks HTTP or SMTP takes long to import: ``email``, ``http_limits``, ``public_egress``, ``smtp_client`` and
``subscriber_webhook`` are imported as modules, by whom they serve.
"""

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
from statuspage.integrations.channels.registry import (
    TYPES,
    all_secret_settings,
    freeze_event,
    freeze_payload,
    freeze_staff_payload,
    missing_settings,
    open_live,
    open_sandbox,
    secret_settings,
)
from statuspage.integrations.channels.sandbox import Sandbox
from statuspage.integrations.channels.staff_message import StaffMessageContent, with_names
from statuspage.integrations.channels.timeouts import Timeouts

__all__ = [
    "TYPES",
    "BulkChannel",
    "Channel",
    "CredentialsInvalid",
    "Deletes",
    "DeliveryUnknown",
    "Edits",
    "Finds",
    "Message",
    "NoticeContext",
    "Option",
    "RecipientDeferred",
    "RecipientGone",
    "RecipientSender",
    "Refused",
    "Sandbox",
    "StaffMessageContent",
    "SubscriberLinks",
    "Timeouts",
    "Unreachable",
    "Unsent",
    "Wait",
    "all_secret_settings",
    "freeze_event",
    "freeze_payload",
    "freeze_staff_payload",
    "missing_settings",
    "open_live",
    "open_sandbox",
    "secret_settings",
    "with_names",
]
