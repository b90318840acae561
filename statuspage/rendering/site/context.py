"""The input from which the public site is rendered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from urllib.parse import urlsplit

from statuspage.domain import Catalog, LanguagePack, SubscriberType

SCHEME = "urn:oasis:names:tc:emergency:cap:1.2"
"""Common Alerting Protocol: <status> is Actual or Exercise."""


@dataclass(frozen=True, eq=False)
class SiteAssets:
    """What pages are rendered with: Jinja templates by name, the style sheet and the script.

    ``forbidden_marks`` are texts that no file of this environment may contain: the exact marks of the other one.
    ``builtin`` are the program's own assets if some templates are the company's; a page whose template fails is
    rendered with them, and the error is stored in ``template_errors`` by template. ``is_sandboxed``: templates run in
    Jinja's sandbox.
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
    """What all pages of one environment share. ``address`` is its URL without a slash at the end, or "".

    ``signup_url`` is where people subscribe and change their subscription; "" if they cannot. ``offered_kinds`` maps a
    page's language to the subscription types that can be chosen there because they can be delivered. ``is_seen_apart``:
    a check has found the page in other networks, and with other providers, than the product.
    """

    catalog: Catalog
    assets: SiteAssets
    address: str = ""
    signup_url: str = ""
    offered_kinds: Mapping[str, frozenset[SubscriberType]] = field(default_factory=dict)
    is_seen_apart: bool = False

    def language_pack(self, language: str) -> LanguagePack:
        """The language pack of this language."""
        return self.catalog.packs[language]

    def kinds_offered_in(self, language: str) -> frozenset[SubscriberType]:
        """The subscription types offered to readers of this language."""
        return self.offered_kinds.get(language, frozenset())

    @cached_property
    def with_builtin_templates(self) -> SiteContext | None:
        """The same context with the program's own templates; None if those are already in use."""
        return replace(self, assets=self.assets.builtin) if self.assets.builtin else None

    @property
    def is_apart(self) -> bool:
        """Whether to tell readers that the page is hosted separately from the product: if the company says so, a check
        has seen it, and the address is not the local machine."""
        host = urlsplit(self.address).hostname or ""
        return (
            self.catalog.site.is_hosted_separately
            and self.is_seen_apart
            and host not in ("", "localhost", "::1")
            and not host.startswith("127.")
        )

    @property
    def feed_id_host(self) -> str:
        """The host name in feed ids: that of the company's own site, so that moving the page does not change the
        ids."""
        for address in (self.catalog.site.homepage, self.address):
            if host := urlsplit(address).hostname:
                return host
        return "localhost"

    def absolute_url(self, path: str) -> str:
        """The absolute URL. If the page's address is unknown, the company's own site is used instead."""
        return f"{self.address}/{path}" if self.address else self.catalog.site.homepage or "http://localhost/"
