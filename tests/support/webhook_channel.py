"""The channel that posts to subscribers' webhooks."""

from __future__ import annotations

from statuspage.domain.facts import NoticeKind
from statuspage.domain.site_config import ChannelSpec

SPEC = ChannelSpec(
    "subscriber-webhooks", "subscriber-webhooks", "ja", "webhook", notice_kinds=tuple(NoticeKind),
    includes_link=False, options={"connections": "2"},
)  # fmt: skip
