"""The subscribers' own pages: asking for mail, and what a link of theirs opens. In the look of the public page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from statuspage.domain import Kind, Wish, service_renames
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.templating import PageLayout, page, site_label

ANYTHING = Wish("")

SECTIONS = ("services", "guide", "form")


@dataclass(frozen=True, slots=True)
class Own:
    """What such a page shows. ``shown`` is its title's label (``own_pages.KEY``, of a webhook ``hooks.KEY`` where
    there is one) or ``ask`` for the form.

    ``tail`` is its address below the language's. ``address`` is whose page it is, ``typed`` what stands in the field.
    ``token`` opens their own page; "" where nothing leads there. ``problems`` are fields and labels of what is wrong
    with what was typed. ``said`` is the label of what has just been done, "" when nothing was. ``url`` is what stands
    in the field for a webhook's address; ``secret`` is shown this once. ``silent``: nothing is sent at present.
    """

    shown: str
    tail: str = ""
    address: str = ""
    typed: str = ""
    token: str = ""
    wish: Wish = ANYTHING
    problems: tuple[tuple[str, str], ...] = ()
    said: str = ""
    kind: Kind = Kind.MAIL
    url: str = ""
    silent: bool = False
    secret: str = field(default="", repr=False)


def own_page(edition: SiteContext, language: str, own: Own) -> bytes:
    """The page, UTF-8. It is nobody else's, and is indexed by nobody."""
    book = edition.book(language)
    title = site_label(book, "subscribe.title" if (key := label_of(own, own.shown)) == "own_pages.ask" else key)
    sheet = PageLayout(
        language=language,
        path="",
        tail=own.tail,
        state="chk",
        title=title,
        description=site_label(book, "subscribe.lead"),
        sections=SECTIONS,
        kept=False,
        base=f"{edition.address or edition.catalog.site.home.rstrip('/')}/",
        form="'self'",
        switch="/",
    )
    wish = replace(own.wish, services=service_renames.today(own.wish.services, edition.catalog.renamed))
    view = {"services": service_choices(edition, language), "own": own, "wish": wish, "problems": own.problems}
    view["languages"] = written_in(edition, own.kind, own.wish.language)
    view["of"] = lambda key: label_of(own, key)
    return page(edition, sheet, "own.html", view)


def written_in(edition: SiteContext, kind: Kind, now: str) -> tuple[str, ...]:
    """The languages a subscriber may choose: those in which notices reach them so, and the one they have ``now``."""
    return tuple(one for one in edition.catalog.languages if one == now or kind in edition.offered(one))


HOOKS = frozenset(
    "ask closed closed_text registered registered_text confirm confirmed_text leave leave_do left silent".split()
)
"""What has words of its own where a webhook is meant."""


def label_of(own: Own, key: str) -> str:
    """The label of this part of a page."""
    return f"hooks.{key}" if own.kind is Kind.WEBHOOK and key in HOOKS else f"own_pages.{key}"


def service_choices(edition: SiteContext, language: str) -> Sequence[tuple[str, Sequence[tuple[str, str]]]]:
    """The names of groups, and the services of each that can still be used: id and name."""
    catalog, book = edition.catalog, edition.book(language)
    found = [
        (
            group,
            [
                (s.id, book.services[s.id].name)
                for s in catalog.services.values()
                if (s.group, s.retired) == (group, False)
            ],
        )
        for group in catalog.groups
    ]
    return [(book.groups[group], services) for group, services in found if services]


def origin(address: str) -> str:
    """The origin of an address, as a policy names it (RFC 6454); none of ""."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" if address else "'none'"
