"""The channels that a subscriber can choose, by language: those that send notices to subscribers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from statuspage.domain import Catalog, ChannelSpec, SubscriberType
from statuspage.integrations import channels
from statuspage.usecases.environment import Environment, Senders
from statuspage.usecases.subscribers.emails import SingleEmailChannel

EMAIL_TYPES = ("mail", "subscribers")
"""Channel types that send single emails, such as the confirmation."""

OfferedTypes = Mapping[str, frozenset[SubscriberType]]
"""The choices for readers of each language. Email is in the language of its channel, a webhook's notice in all
languages."""


@dataclass(frozen=True, slots=True)
class EmailGap:
    """Why readers of these languages cannot choose email: the last part of a label key (``doctor.email_settings.KEY``),
    and the settings it names."""

    reason: str
    languages: tuple[str, ...]
    setting_names: str = ""


def offered_types(catalog: Catalog, senders: Senders, signup_url: str) -> OfferedTypes:
    """What can be chosen here now: emails must be deliverable, and must link to a page that is served."""
    if not signup_url or not any(isinstance(channel, SingleEmailChannel) for channel in senders.channels.values()):
        return {}
    return _offered_by_language(
        catalog, [spec for id, spec in catalog.channels.items() if id not in senders.unready_channels]
    )


def offered_types_by_content(catalog: Catalog, *, is_signup_url_known: bool) -> OfferedTypes:
    """What can be chosen according to the content alone, without channel credentials. ``is_signup_url_known``: whether
    the pages have a URL."""
    specs = list(catalog.channels.values())
    return (
        _offered_by_language(catalog, specs)
        if is_signup_url_known and any(spec.type in EMAIL_TYPES for spec in specs)
        else {}
    )


def has_email(catalog: Catalog, language: str) -> bool:
    """Whether a channel of the content sends notices by email in this language."""
    specs = catalog.channels.values()
    return any(spec.language == language and _subscriber_type(spec) is SubscriberType.EMAIL for spec in specs)


def email_gaps(env: Environment) -> tuple[EmailGap, ...]:
    """Why email cannot be chosen, and in which languages; empty if it can be in all, or if there are no subscribers."""
    return tuple(lack for lack in _find_gaps(env) if lack.languages) if env.databases.subscribers is not None else ()


def _find_gaps(env: Environment) -> Iterator[EmailGap]:
    specs = [spec for spec in env.site.catalog.channels.values() if _subscriber_type(spec) is SubscriberType.EMAIL]
    ready = {spec.language for spec in specs if spec.id not in env.senders.unready_channels}
    unavailable = [spec for spec in specs if spec.language not in ready]
    without_credentials, without_address = (
        [spec for spec in unavailable if env.senders.unready_channels[spec.id] == reason]
        for reason in ("credentials", "no_address")
    )

    def languages_of(channel_specs: Iterable[ChannelSpec]) -> tuple[str, ...]:
        available = {spec.language for spec in channel_specs}
        return tuple(language for language in env.site.catalog.languages if language in available)

    mail_languages = languages_of(specs)
    yield EmailGap(
        "channel", tuple(language for language in env.site.catalog.languages if language not in mail_languages)
    )
    names = ", ".join(name for spec in without_credentials for name in channels.secret_settings(spec).values())
    yield EmailGap("credentials", languages_of(without_credentials), names)
    yield EmailGap("no_address", languages_of(without_address), "STATUSPAGE_ADDRESS")
    if not env.site.signup_url:
        yield EmailGap("signup", mail_languages, "STATUSPAGE_PUBLIC_ADDRESS")


def _offered_by_language(catalog: Catalog, specs: Iterable[ChannelSpec]) -> OfferedTypes:
    """What these channels offer to readers of each language."""
    type_and_language = {(_subscriber_type(spec), spec.language) for spec in specs}
    hooks = frozenset(
        {SubscriberType.WEBHOOK}
        if any(subscriber_type is SubscriberType.WEBHOOK for subscriber_type, _ in type_and_language)
        else ()
    )
    mail = frozenset({SubscriberType.EMAIL})
    return {
        language: hooks | mail if (SubscriberType.EMAIL, language) in type_and_language else hooks
        for language in catalog.languages
    }


def _subscriber_type(spec: ChannelSpec) -> SubscriberType | None:
    """Which subscribers a channel of this type serves; None if it serves others."""
    return channels.TYPES[spec.type].subscription_kind
