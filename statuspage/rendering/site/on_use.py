"""What the front of the site imports when it is first asked for: pages, feeds, emails and widgets."""

from statuspage.rendering.site import drill_marks
from statuspage.rendering.site.api import ENTRIES, INCIDENT_LIMIT, LIST_LIMIT, RecentIncidents, v2, webhook_payload
from statuspage.rendering.site.compression import with_gzip_copies
from statuspage.rendering.site.displayed_words import full_lines, notice_text_of, replace_expired, strip_marks
from statuspage.rendering.site.email.notice_email import EmailFooter, render_notice_email
from statuspage.rendering.site.email.subscription_email import render_subscription_email
from statuspage.rendering.site.feeds import calendar, history, notices
from statuspage.rendering.site.hosting import http_headers, server_config
from statuspage.rendering.site.pages import (
    archive,
    guides,
    history_days,
    language_choice,
    month_paging,
    security_txt,
    service,
    status,
)
from statuspage.rendering.site.pages.archive import YearSummary
from statuspage.rendering.site.pages.current_status import (
    filter_unfinished,
    ongoing_incidents,
    shown_states,
)
from statuspage.rendering.site.pages.incident_view import incident_mark, sentence_mark
from statuspage.rendering.site.pages.month_paging import NEWEST_PAGE, ArchivePage
from statuspage.rendering.site.pages.news import NoticeNews, notice_news
from statuspage.rendering.site.pages.qr_poster import draw_qr_code
from statuspage.rendering.site.pages.service import ServiceHistory
from statuspage.rendering.site.pages.status import FrontPageContent
from statuspage.rendering.site.pages.subscriber import SubscriberPage, available_languages, render_subscriber_page
from statuspage.rendering.site.past_titles import past_title
from statuspage.rendering.site.templating import build_fingerprint, locate_error, site_label, strip_forbidden
from statuspage.rendering.site.widgets import badges, embed, social_images

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
    "SubscriberPage",
    "YearSummary",
    "archive",
    "available_languages",
    "badges",
    "build_fingerprint",
    "calendar",
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
    "v2",
    "webhook_payload",
    "with_gzip_copies",
]
