"""What a company's own pages can carry: one line when something is wrong, and nothing when all is well.

``embed.js`` holds the line itself, so that it asks for nothing more; ``embed.html`` is the same for a frame.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from statuspage.domain import Incident, LanguagePack
from statuspage.rendering.site.api import Recent
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.displayed_words import bare, words_of
from statuspage.rendering.site.pages.current_status import running
from statuspage.rendering.site.templating import PageLayout, clean, printed, site_label

LARGEST_SCRIPT = 2_000
"""Bytes of the script."""

# Puts the line behind the script, into the element named by data-into, or, from the head, at the top of the page.
_SCRIPT = (
    "(function(d,s){function put(){"
    'var p=d.createElement("p"),a=d.createElement("a"),i=s&&s.getAttribute("data-into"),e=i&&d.getElementById(i);'
    'p.className="statuspage";p.setAttribute("role","status");p.lang=%(language)s;'
    "a.href=%(address)s;a.textContent=%(text)s;p.appendChild(a);"
    "if(e)e.appendChild(p);else if(s&&d.body.contains(s))s.parentNode.insertBefore(p,s.nextSibling);"
    "else d.body.insertBefore(p,d.body.firstChild)}"
    'd.readyState=="loading"?d.addEventListener("DOMContentLoaded",put):put()})(document,document.currentScript);\n'
)


def embed_files(edition: SiteContext, recent: Recent) -> dict[str, bytes]:
    """Script and frame in every language."""
    wrong = running(recent.open)
    made: dict[str, bytes] = {}
    for language in edition.catalog.languages:
        text = _embedded_line(edition, language, wrong)
        made[f"{language}/embed.js"] = _script(edition, edition.book(language), text)
        made[f"{language}/embed.html"] = _frame(edition, language, text)
    return made


def _embedded_line(edition: SiteContext, language: str, wrong: Sequence[Incident]) -> str:
    """The headline of what is worst, and how much else there is; "" when nothing is wrong."""
    if not wrong:
        return ""
    book, first = edition.book(language), wrong[0]
    headline = bare(book, words_of(edition, language, first, first.notices[-1]).headline)
    others = sum(not story.maintenance for story in wrong[1:])
    more = site_label(book, f"more.{'one' if others == 1 else 'many'}", n=others) if others else ""
    gap = book.writing.gap if more else ""
    return clean(f"{book.marks.start}{headline}{gap}{more}")


def _script(edition: SiteContext, book: LanguagePack, text: str) -> bytes:
    head = f"/* {book.marks.start}statuspage, cap_status: {book.marks.machine} */\n".encode()
    if not text:
        return head
    made = _filled(edition, book, text)
    if len(head) + len(made) > LARGEST_SCRIPT:
        made = _filled(edition, book, f"{book.marks.start}{site_label(book, 'elsewhere.headline').replace('|', '')}")
    return head + made


def _filled(edition: SiteContext, book: LanguagePack, text: str) -> bytes:
    slots = {"language": book.language, "address": edition.reach(f"{book.language}/"), "text": text}
    return (_SCRIPT % {name: _literal(value) for name, value in slots.items()}).encode()


def _literal(text: str) -> str:
    """A JavaScript string in plain ASCII, whatever the page around it is written in."""
    return json.dumps(text).replace("</", "<\\/")


def _frame(edition: SiteContext, language: str, text: str) -> bytes:
    book = edition.book(language)
    sheet = PageLayout(
        language=language,
        path=f"{language}/embed.html",
        tail="embed.html",
        state="ok",
        title=text or site_label(book, "well.title"),
        description=text or site_label(book, "well.title"),
        kept=False,
    )
    return printed(edition, sheet, "embed.html", {"text": text}, ("embed",))
