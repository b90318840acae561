"""The slots that every sentence may have: what the company says of itself under ``[contact]`` in ``site.toml``."""

from __future__ import annotations

from collections.abc import Mapping

from statuspage.domain import Contact, LanguagePack


def company_slots(pack: LanguagePack, contact: Contact) -> Mapping[str, str]:
    """The slots by name. ``emergency``: whom to call in danger, in general words if the company gives no number;
    ``or_phone``: another number to call, "" if there is none. ``phone``, ``hours`` and ``url`` are only there if the
    company gives them, so that ``check`` finds a sentence which lacks one.
    """
    known, unknown, or_phone = (pack.phrases.get(key, "") for key in _KEYS)
    details = {"phone": contact.phone, "hours": contact.hours_in(pack.language), "url": contact.url}
    return {
        "emergency": known.replace("{number}", contact.emergency) if contact.emergency else unknown,
        "or_phone": or_phone.replace("{phone}", contact.phone) if contact.phone else "",
        **{name: value for name, value in details.items() if value},
    }


_KEYS = ("emergency.known", "emergency.unknown", "or_phone.text")
