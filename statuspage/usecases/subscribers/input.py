"""Parses and validates the sign-up form."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from statuspage.domain import Catalog, Preferences, SubscriptionLevel, SubscriptionTopic, has_unreadable_characters

MAX_ADDRESS_LENGTH = 254
"""Maximum characters of an email address (RFC 5321, section 4.5.3.1.3, without the angle brackets)."""

_REFUSED_CHARACTERS = set("\"\\<>()[],;:|`$%!{}'*?&=/#^~ \t")
"""Characters that some mail server or shell has interpreted as a command, and that real addresses hardly ever
contain."""


@dataclass(frozen=True, slots=True)
class InputProblem:
    """A field, and the key of the label that explains the problem."""

    field: str
    key: str


def parse_email_address(text: str) -> str:
    """The email address as it is compared: lower case, ASCII only; "" if it is invalid.

    The part before the @ is lower-cased too: RFC 5321, section 2.4 allows servers to distinguish case, but no provider
    does.
    """
    from email_validator import EmailNotValidError, validate_email

    text = text.strip()
    if not text or len(text) > MAX_ADDRESS_LENGTH or has_unreadable_characters(text) or _REFUSED_CHARACTERS & set(text):
        return ""
    try:
        validated = validate_email(text, check_deliverability=False, allow_smtputf8=False, strict=True)
    except EmailNotValidError:
        return ""
    return (validated.ascii_email or "").casefold()


def parse_preferences(
    form: Mapping[str, str], services: Sequence[str], catalog: Catalog, *, language: str, languages: Collection[str]
) -> tuple[Preferences | None, tuple[InputProblem, ...]]:
    """The preferences, or all problems with them. ``language`` is that of the page; ``languages`` are those that may be
    chosen."""
    problems: list[InputProblem] = []
    chosen_language = form.get("language") or language
    if chosen_language not in languages:
        problems.append(InputProblem("language", "wrong_choice"))
    if any(id not in catalog.services for id in services):
        problems.append(InputProblem("services", "wrong_choice"))
    about, how_much = form.get("about") or SubscriptionTopic.EVERYTHING, form.get("how_much") or SubscriptionLevel.ALL
    if about not in tuple(SubscriptionTopic):
        problems.append(InputProblem("about", "wrong_choice"))
    if how_much not in tuple(SubscriptionLevel):
        problems.append(InputProblem("how_much", "wrong_choice"))
    if problems:
        return None, tuple(problems)
    chosen = tuple(id for id in catalog.services if id in set(services))
    return Preferences(chosen_language, chosen, SubscriptionTopic(about), SubscriptionLevel(how_much)), ()
