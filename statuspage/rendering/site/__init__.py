"""The public site: prepared sources and stored words in, named files out. Everything here is pure."""

from statuspage.rendering.site import contrast, drill_marks, template_errors, urls
from statuspage.rendering.site.api import ENTRIES, LIST_LIMIT, Recent, v2, webhook_payload
from statuspage.rendering.site.compression import with_twins
from statuspage.rendering.site.context import SiteAssets, SiteContext
from statuspage.rendering.site.displayed_words import aged, bare, in_full, words_of
from statuspage.rendering.site.email.notice_email import Foot, letter
from statuspage.rendering.site.email.subscription_email import asked
from statuspage.rendering.site.feeds import calendar, history, notices
from statuspage.rendering.site.hosting import http_headers, server_config
from statuspage.rendering.site.pages import (
    archive,
    guides,
    history_days,
    language_choice,
    month_paging,
    service,
    status,
)
from statuspage.rendering.site.pages.archive import Year
from statuspage.rendering.site.pages.current_status import current_states, overall, running, unfinished
from statuspage.rendering.site.pages.incident_view import shape
from statuspage.rendering.site.pages.month_paging import NEWEST_PAGE, Part
from statuspage.rendering.site.pages.service import ServiceHistory
from statuspage.rendering.site.pages.status import Present
from statuspage.rendering.site.pages.subscriber import Own, own_page, written_in
from statuspage.rendering.site.templating import clean, site_label, stamp
from statuspage.rendering.site.widgets import badges, embed, social_images

__all__ = [
    "ENTRIES",
    "LIST_LIMIT",
    "NEWEST_PAGE",
    "Foot",
    "Own",
    "Part",
    "Present",
    "Recent",
    "ServiceHistory",
    "SiteAssets",
    "SiteContext",
    "Year",
    "aged",
    "archive",
    "asked",
    "badges",
    "bare",
    "calendar",
    "clean",
    "contrast",
    "current_states",
    "drill_marks",
    "embed",
    "guides",
    "history",
    "history_days",
    "http_headers",
    "in_full",
    "language_choice",
    "letter",
    "month_paging",
    "notices",
    "overall",
    "own_page",
    "running",
    "server_config",
    "service",
    "shape",
    "site_label",
    "social_images",
    "stamp",
    "status",
    "template_errors",
    "unfinished",
    "urls",
    "v2",
    "webhook_payload",
    "with_twins",
    "words_of",
    "written_in",
]
