"""The embeddable banner for a company's own pages: one line if something is wrong, nothing if all is well.

``embed.js`` contains the line itself, so that it makes no further request; ``embed.html`` is the same for a frame.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from statuspage.domain import Incident, LanguagePack
from statuspage.rendering.site.api import RecentIncidents
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.displayed_words import notice_text_of, strip_marks
from statuspage.rendering.site.pages.current_status import ongoing_incidents
from statuspage.rendering.site.templating import PageLayout, render_frameless, site_label, strip_forbidden

LARGEST_SCRIPT = 2_000
"""The maximum size of the script, in bytes."""

# Puts the line after the script, into the element named by data-into, or, from the head, at the top of the page.
_SCRIPT = (
    "(function(d,s){function put(){"
    'var p=d.createElement("p"),a=d.createElement("a"),i=s&&s.getAttribute("data-into"),e=i&&d.getElementById(i);'
    'p.className="statuspage";p.setAttribute("role","status");p.lang=%(language)s;'
    "a.href=%(address)s;a.textContent=%(text)s;p.appendChild(a);"
    "if(e)e.appendChild(p);else if(s&&d.body.contains(s))s.parentNode.insertBefore(p,s.nextSibling);"
    "else d.body.insertBefore(p,d.body.firstChild)}"
    'd.readyState=="loading"?d.addEventListener("DOMContentLoaded",put):put()})(document,document.currentScript);\n'
)


def embed_files(site: SiteContext, recent: RecentIncidents) -> dict[str, bytes]:
    """Script and frame in every language."""
    ongoing = ongoing_incidents(recent.open)
    files: dict[str, bytes] = {}
    for language in site.catalog.languages:
        text = _embedded_line(site, language, ongoing)
        files[f"{language}/embed.js"] = _script(site, site.language_pack(language), text)
        files[f"{language}/embed.html"] = _frame(site, language, text)
    return files


def _embedded_line(site: SiteContext, language: str, ongoing: Sequence[Incident]) -> str:
    """The headline of the worst incident, and how many others there are; "" if nothing is wrong."""
    if not ongoing:
        return ""
    pack, worst = site.language_pack(language), ongoing[0]
    headline = strip_marks(pack, notice_text_of(site, language, worst, worst.notices[-1]).headline)
    other_count = sum(not incident.is_maintenance for incident in ongoing[1:])
    more = (
        site_label(pack, f"other_incidents.{'one' if other_count == 1 else 'many'}", n=other_count)
        if other_count
        else ""
    )
    gap = pack.locale_rules.gap if more else ""
    return strip_forbidden(f"{pack.marks.start}{headline}{gap}{more}")


def _script(site: SiteContext, pack: LanguagePack, text: str) -> bytes:
    comment = f"/* {pack.marks.start}statuspage, cap_status: {pack.marks.machine} */\n".encode()
    if not text:
        return comment
    code = _fill_script(site, pack, text)
    if len(comment) + len(code) > LARGEST_SCRIPT:
        code = _fill_script(
            site, pack, f"{pack.marks.start}{site_label(pack, 'other_language.headline').replace('|', '')}"
        )
    return comment + code


def _fill_script(site: SiteContext, pack: LanguagePack, text: str) -> bytes:
    slots = {"language": pack.language, "address": site.absolute_url(f"{pack.language}/"), "text": text}
    return (_SCRIPT % {name: _js_string(value) for name, value in slots.items()}).encode()


def _js_string(text: str) -> str:
    """A JavaScript string in plain ASCII, independent of the encoding of the page around it."""
    return json.dumps(text).replace("</", "<\\/")


def _frame(site: SiteContext, language: str, text: str) -> bytes:
    pack = site.language_pack(language)
    layout = PageLayout(
        language=language,
        path=f"{language}/embed.html",
        tail="embed.html",
        state="ok",
        title=text or site_label(pack, "all_operational.title"),
        description=text or site_label(pack, "all_operational.title"),
        is_indexable=False,
    )
    return render_frameless(site, layout, "embed.html", {"text": text}, ("embed",))
