"""Renders the public site: content and stored texts in, named files out. Pure.

Every process needs the context, few need the pages: those are imported when one of them is first asked for.
"""

from typing import TYPE_CHECKING

from statuspage.rendering.site import contrast, urls
from statuspage.rendering.site.context import SiteAssets, SiteContext

if TYPE_CHECKING:
    from statuspage.rendering.site.on_use import *
else:

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(name)
        from statuspage.rendering.site import on_use

        return getattr(on_use, name)


__all__ = [
    "ENTRIES",
    "INCIDENT_LIMIT",
    "LIST_LIMIT",
    "NEWEST_PAGE",
    "ArchivePage",
    "EmailFooter",
    "FrontPageContent",
    "NoticeNews",
    "RecentIncidents",
    "ServiceHistory",
    "SiteAssets",
    "SiteContext",
    "SubscriberPage",
    "YearSummary",
    "archive",
    "available_languages",
    "badges",
    "build_fingerprint",
    "calendar",
    "contrast",
    "draw_qr_code",
    "drill_marks",
    "embed",
    "filter_unfinished",
    "full_lines",
    "guides",
    "history",
    "history_days",
    "http_headers",
    "incident_mark",
    "language_choice",
    "locate_error",
    "month_paging",
    "notice_news",
    "notice_text_of",
    "notices",
    "ongoing_incidents",
    "past_title",
    "render_notice_email",
    "render_subscriber_page",
    "render_subscription_email",
    "replace_expired",
    "security_txt",
    "sentence_mark",
    "server_config",
    "service",
    "shown_states",
    "site_label",
    "social_images",
    "status",
    "strip_forbidden",
    "strip_marks",
    "urls",
    "v2",
    "webhook_payload",
    "with_gzip_copies",
]
