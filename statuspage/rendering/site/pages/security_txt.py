"""``/.well-known/security.txt`` (RFC 9116): where vulnerabilities of the page are reported."""

from __future__ import annotations

from datetime import UTC, datetime

from statuspage.rendering.site import urls
from statuspage.rendering.site.context import SiteContext

MONTHS_AHEAD = 6
"""The file ends this many full months ahead: section 2.5.5 recommends less than a year. It is renewed with the month,
so that it ends by itself if nobody looks after the page any more."""


def security_files(site: SiteContext, now: datetime) -> dict[str, bytes]:
    """The file, if the company names a contact; a drill has none."""
    contact = site.catalog.site.security_contact
    if not contact or site.catalog.leading_pack.marks.word:
        return {}
    languages = [language for language in site.catalog.languages if language != "ja-simple"]
    lines = [
        f"Contact: {contact}",
        f"Expires: {_expires(now):%Y-%m-%dT%H:%M:%SZ}",
        f"Preferred-Languages: {', '.join(languages)}",
        *([f"Canonical: {site.address}/{urls.SECURITY_TXT}"] if site.address.startswith("https://") else []),
    ]
    return {urls.SECURITY_TXT: "".join(f"{line}\n" for line in lines).encode()}


def _expires(now: datetime) -> datetime:
    month = now.astimezone(UTC).year * 12 + now.astimezone(UTC).month - 1 + MONTHS_AHEAD + 1
    return datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC)
