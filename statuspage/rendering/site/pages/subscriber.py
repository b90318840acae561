"""The subscriber pages: sign-up, and what a subscriber's link opens. They look like the public page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from statuspage.domain import Preferences, SubscriberType, service_renames
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.templating import PageLayout, render_page, site_label

ANYTHING = Preferences("")

SECTIONS = ("services", "guide", "form")


@dataclass(frozen=True, slots=True)
class SubscriberPage:
    """What a subscriber page shows.

    ``view`` is the label of its title (``signup.KEY``, for a webhook ``webhooks.KEY`` if there is one), or ``form`` for
    the form. ``tail`` is its path below the language's. ``address`` is the subscriber's, ``typed_address`` the content
    of the field. ``token`` opens the subscriber's own page ("" if there is no link to it). ``problems`` are fields and
    the labels of their errors. ``done_key`` is the label of what has just been done, or "". ``webhook_url`` is the
    content of the webhook field; ``secret`` is shown only this once. ``is_paused``: nothing is sent at present.
    """

    view: str
    tail: str = ""
    address: str = ""
    typed_address: str = ""
    token: str = ""
    preferences: Preferences = ANYTHING
    problems: tuple[tuple[str, str], ...] = ()
    done_key: str = ""
    kind: SubscriberType = SubscriberType.EMAIL
    webhook_url: str = ""
    is_paused: bool = False
    secret: str = field(default="", repr=False)


def render_subscriber_page(site: SiteContext, language: str, page_state: SubscriberPage) -> bytes:
    """The page in UTF-8. It must not be cached or indexed."""
    pack = site.language_pack(language)
    title = site_label(
        pack, "subscribe.title" if (key := label_of(page_state, page_state.view)) == "signup.form" else key
    )
    layout = PageLayout(
        language=language,
        path="",
        tail=page_state.tail,
        state="chk",
        title=title,
        description=site_label(pack, "subscribe.lead"),
        sections=SECTIONS,
        is_indexable=False,
        base_url=f"{site.address or site.catalog.site.homepage.rstrip('/')}/",
        form_target="'self'",
        language_root="/",
    )
    current_preferences = replace(
        page_state.preferences,
        services=service_renames.current_service_ids(page_state.preferences.services, site.catalog.renamed_services),
    )
    view = {
        "services": service_choices(site, language),
        "page": page_state,
        "preferences": current_preferences,
        "problems": page_state.problems,
    }
    view["languages"] = available_languages(site, page_state.kind, page_state.preferences.language)
    view["label_of"] = lambda key: label_of(page_state, key)
    return render_page(site, layout, "subscriber.html", view)


def available_languages(site: SiteContext, kind: SubscriberType, current: str) -> tuple[str, ...]:
    """The languages a subscriber may choose: those in which notices can be delivered, and the ``current`` one."""
    return tuple(
        language
        for language in site.catalog.languages
        if language == current or kind in site.kinds_offered_in(language)
    )


WEBHOOK_KEYS = frozenset(
    """form closed closed_text registered registered_text confirm confirmed_text unsubscribe unsubscribe_do unsubscribed
silent""".split()
)
"""Keys of labels that have a separate version for webhooks."""


def label_of(page_state: SubscriberPage, key: str) -> str:
    """The label of this part of a page."""
    return f"webhooks.{key}" if page_state.kind is SubscriberType.WEBHOOK and key in WEBHOOK_KEYS else f"signup.{key}"


def service_choices(site: SiteContext, language: str) -> Sequence[tuple[str, Sequence[tuple[str, str]]]]:
    """The names of groups, and the id and name of each service in them that is in use."""
    catalog, pack = site.catalog, site.language_pack(language)
    services_by_group = [
        (
            group,
            [
                (service.id, pack.services[service.id].name)
                for service in catalog.services.values()
                if (service.group, service.is_retired) == (group, False)
            ],
        )
        for group in catalog.groups
    ]
    return [(pack.groups[group].name if group else "", services) for group, services in services_by_group if services]


def url_origin(address: str) -> str:
    """The origin of a URL, as used in a policy (RFC 6454); "" for ""."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}" if address else "'none'"
