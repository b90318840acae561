"""The public site: prepared sources and stored words in, named files out. Everything here is pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from urllib.parse import urlsplit

from statuspage.domain import Catalog, LanguagePack, SubscriberType

SCHEME = "urn:oasis:names:tc:emergency:cap:1.2"
"""Common Alerting Protocol: its <status> says Actual or Exercise."""


@dataclass(frozen=True, eq=False)
class SiteAssets:
    """What pages are made with: Jinja templates by name, the style sheet and the one script.

    ``refused`` are texts that no file of this world may carry: the exact marks of another world.
    ``shipped`` are the program's own, where some of the templates are the house's: what those cannot do is done with
    these, and noted in ``stumbled`` by template. ``sealed``: templates can do nothing but show.
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
    """What all pages of one world share. ``address`` is where they are read, without a slash at the end, or "".

    ``own_pages`` is where somebody asks for mail and changes what they get; "" where nobody can. ``offers`` are the
    ways to be told that may be asked for there, by the language of the page, because what is asked for can also go out.
    """

    catalog: Catalog
    assets: SiteAssets
    address: str = ""
    signup_url: str = ""
    offered_kinds: Mapping[str, frozenset[SubscriberType]] = field(default_factory=dict)

    def language_pack(self, language: str) -> LanguagePack:
        """Everything this language says."""
        return self.catalog.packs[language]

    def kinds_offered_in(self, language: str) -> frozenset[SubscriberType]:
        """The ways to be told that readers of this language may ask for."""
        return self.offered_kinds.get(language, frozenset())

    @cached_property
    def with_builtin_templates(self) -> SiteContext | None:
        """The same in the program's own templates; None where they are in use."""
        return replace(self, assets=self.assets.builtin) if self.assets.builtin else None

    @property
    def is_apart(self) -> bool:
        """Whether readers are told that the page is hosted apart from the product: where the house says so, and they do
        not read it on the very machine it is made on."""
        host = urlsplit(self.address).hostname or ""
        return (
            self.catalog.site.is_hosted_separately
            and host not in ("", "localhost", "::1")
            and not host.startswith("127.")
        )

    @property
    def feed_id_host(self) -> str:
        """The name in the feeds' ids: the company's own site's, so that moving the page changes no id."""
        for address in (self.catalog.site.homepage, self.address):
            if host := urlsplit(address).hostname:
                return host
        return "localhost"

    def absolute_url(self, path: str) -> str:
        """Where this is read. While nobody knows where the page is, the company's own site is better than nothing."""
        return f"{self.address}/{path}" if self.address else self.catalog.site.homepage or "http://localhost/"
