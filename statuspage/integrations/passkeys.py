"""Passkeys by ``webauthn`` (W3C Web Authentication, level 2): what a browser is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

# ``webauthn`` takes 8 MB, so each function imports it on use: most desks never see a passkey.

LONGEST_ANSWER = 20_000
"""Maximum characters of a browser's answer."""


class InvalidPasskey(Exception):
    """The browser's answer does not prove a passkey."""


@dataclass(frozen=True, slots=True)
class Site:
    """The site that a passkey is made for: its host name, and the origins under which it is open."""

    host: str
    name: str
    origins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """What is kept of a new passkey; both in URL-safe Base64."""

    credential_id: str
    public_key: str
    sign_count: int


def creation_options(
    site: Site, *, challenge: bytes, account_id: str, login: str, name: str, known: Sequence[str]
) -> str:
    """The options of ``navigator.credentials.create`` as JSON. ``known`` are the ids that the account already has."""
    import webauthn
    from webauthn.helpers.structs import (
        AuthenticatorSelectionCriteria,
        ResidentKeyRequirement,
        UserVerificationRequirement,
    )

    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name=site.name,
        user_id=account_id.encode(),
        user_name=login,
        user_display_name=name,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED, user_verification=UserVerificationRequirement.PREFERRED
        ),
        exclude_credentials=_descriptors(known),
    )
    return webauthn.options_to_json(options)


def request_options(site: Site, *, challenge: bytes, known: Sequence[str]) -> str:
    """The options of ``navigator.credentials.get`` as JSON, for these credential ids."""
    import webauthn

    options = webauthn.generate_authentication_options(
        rp_id=site.host, challenge=challenge, allow_credentials=_descriptors(known)
    )
    return webauthn.options_to_json(options)


def read_new_passkey(site: Site, answer: str, *, challenge: bytes) -> NewPasskey:
    """What to keep of the passkey that a browser made. Raises InvalidPasskey."""
    import webauthn
    from webauthn.helpers import bytes_to_base64url
    from webauthn.helpers.exceptions import WebAuthnException

    _refuse_long(answer)
    try:
        found = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=list(site.origins),
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise InvalidPasskey from error
    return NewPasskey(
        bytes_to_base64url(found.credential_id), bytes_to_base64url(found.credential_public_key), found.sign_count
    )


def answering_id(answer: str) -> str:
    """The credential id that a browser's answer names. Raises InvalidPasskey."""
    from webauthn.helpers import bytes_to_base64url, parse_authentication_credential_json
    from webauthn.helpers.exceptions import WebAuthnException

    _refuse_long(answer)
    try:
        return bytes_to_base64url(parse_authentication_credential_json(answer).raw_id)
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise InvalidPasskey from error


def verify(site: Site, answer: str, *, challenge: bytes, public_key: str, sign_count: int) -> int:
    """The new signature count, if the answer proves this passkey. Raises InvalidPasskey."""
    import webauthn
    from webauthn.helpers import base64url_to_bytes
    from webauthn.helpers.exceptions import WebAuthnException

    _refuse_long(answer)
    try:
        found = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=list(site.origins),
            credential_public_key=base64url_to_bytes(public_key),
            credential_current_sign_count=sign_count,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as error:
        raise InvalidPasskey from error
    return found.new_sign_count


def _descriptors(ids: Sequence[str]) -> list[PublicKeyCredentialDescriptor]:
    from webauthn.helpers import base64url_to_bytes
    from webauthn.helpers.structs import PublicKeyCredentialDescriptor

    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(id)) for id in ids]


def _refuse_long(answer: str) -> None:
    if len(answer) > LONGEST_ANSWER:
        raise InvalidPasskey
