"""What the public site is rendered from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from urllib.parse import urlsplit

from statuspage.domain import Catalog, LanguagePack, SubscriberType

SCHEME = "urn:oasis:names:tc:emergency:cap:1.2"
"""Common Alerting Protocol: its <status> is Actual or Exercise."""


@dataclass(frozen=True, eq=False)
class SiteAssets:
    """What pages are made with: Jinja templates by name, the style sheet and the script.

    ``forbidden_marks`` are texts that no file of this environment may contain: the exact marks of the other one.
    ``builtin`` are the program's own assets, if some templates are the organisation's: a page whose template fails is
    made with these, and the error noted in ``template_errors`` by template. ``is_sandboxed``: templates can do nothing
    but show.
    """

    templates: Mapping[str, str]
    css: str
    script: str
    forbidden_marks: tuple[str, ...] = ()
    builtin: SiteAssets | None = None
    is_sandboxed: bool = False
    template_errors: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class SiteContext:
    """What all pages of one environment share. ``address`` is where they are read, without a slash at the end, or "".

    ``signup_url`` is where somebody subscribes and changes what they get; "" if nobody can. ``offered_kinds`` are the
    kinds of subscription that can be chosen there, by the language of the page, because they can also be delivered.
    """

    catalog: Catalog
    assets: SiteAssets
    address: str = ""
    signup_url: str = ""
    offered_kinds: Mapping[str, frozenset[SubscriberType]] = field(default_factory=dict)

    def language_pack(self, language: str) -> LanguagePack:
        """The pack of this language."""
        return self.catalog.packs[language]

    def kinds_offered_in(self, language: str) -> frozenset[SubscriberType]:
        """The kinds of subscription offered to readers of this language."""
        return self.offered_kinds.get(language, frozenset())

    @cached_property
    def with_builtin_templates(self) -> SiteContext | None:
        """The same with the program's own templates; None if they are in use."""
        return replace(self, assets=self.assets.builtin) if self.assets.builtin else None

    @property
    def is_apart(self) -> bool:
        """Whether readers are told that the page is hosted apart from the product: if the organisation says so, and
        they do not read it on the very machine it is made on."""
        host = urlsplit(self.address).hostname or ""
        return (
            self.catalog.site.is_hosted_separately
            and host not in ("", "localhost", "::1")
            and not host.startswith("127.")
        )

    @property
    def feed_id_host(self) -> str:
        """The host name in the feeds' ids: that of the company's own site, so that moving the page changes no id."""
        for address in (self.catalog.site.homepage, self.address):
            if host := urlsplit(address).hostname:
                return host
        return "localhost"

    def absolute_url(self, path: str) -> str:
        """The absolute URL. While the page's address is unknown, the company's own site is better than nothing."""
        return f"{self.address}/{path}" if self.address else self.catalog.site.homepage or "http://localhost/"
