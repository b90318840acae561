"""The letter about a subscription itself: a button that confirms, or the way to one's own page. No word of staff's, nor
of who asked: an address typed by a stranger stands on the page behind the button alone."""

from __future__ import annotations

from collections.abc import Mapping

from statuspage.domain import LanguagePack
from statuspage.rendering.site.email.notice_email import Letter, printer
from statuspage.rendering.site.templating import clean, site_label
from statuspage.rendering.wording import direction


def asked(
    book: LanguagePack, kind: str, *, link: str, until: str, templates: Mapping[str, str], about: str = ""
) -> Letter:
    """``kind`` is confirm, link or stopped; ``until`` says when the button ends, "" where it does not. ``about`` is
    ``hook_`` where a webhook is meant.

    Both parts say the same.
    """
    subject = site_label(book, f"asked.{about}{kind}_subject", site=book.site)
    lead = site_label(book, f"asked.{about}{kind}_lead")
    button = site_label(book, "asked.confirm_do" if until else "asked.link_do")
    ends = [site_label(book, "asked.confirm_until", when=until)] if until else []
    rest = [*ends, *([site_label(book, "asked.ignore")] if kind != "stopped" else [])]
    why = site_label(book, "asked.why")
    body = "\n\n".join([lead, f"{button}\n{link}", *rest])
    html = (
        printer(templates)
        .get_template("asked.html")
        .render(
            book=book,
            subject=subject,
            lead=lead,
            go=button,
            link=link,
            rest=rest,
            why=why,
            right_to_left=direction(book.writing) == "rtl",
        )
    )
    signed = "\n".join(("-- ", f"{book.site} {book.tagline}".strip(), why))
    return Letter(clean(subject), clean(f"{body}\n\n{signed}\n"), clean(html))
