"""Bulk emails are assembled by hand for speed; the result equals that of Python's own email package."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest

from statuspage.integrations.channels import email
from statuspage.integrations.channels.bulk_email import PREFERENCES, UNSUBSCRIBE, BulkEmail, RecipientFields

JA = "会員アプリで、レッスン予約ができません。\n" * 30 + f"\n設定を変える\n{PREFERENCES}\n配信を止める\n{UNSUBSCRIBE}\n"
EN = f".A dot first, an equals sign = and a {'long ' * 30}line.\n{PREFERENCES}\n{UNSUBSCRIBE}\nThe end. \n"
OWN = "https://own.example/ja/preferences/1.7..x", "https://own.example/ja/unsubscribe/1.7..y"
ABOVE = ("<a.1.many.ja.0123456789abcdef@fitline.example>", "<a.2.many.ja.0123456789abcdef@fitline.example>")


def envelope(text: str, **more: object) -> dict[str, Any]:
    """The email as everybody gets it, as fields."""
    html = f"<p>予約できません。</p>\n<a href='{PREFERENCES}'>設定</a>\n" * 9
    who = {
        "name": "Fitline",
        "from": "status@fitline.example",
        "to": "sato@mail.example",
        "list": "many.fitline.example",
    }
    what = {
        "subject": "第一報：レッスン予約の障害（7月4日）",
        "status": "Actual",
        "language": "ja",
        "text": text,
        "html": html,
    }
    return {**who, **what, "id": "<a.3.many.ja@fitline.example>", "date": "2026-07-04T12:03:00+09:00", **more}


def parsed(email: bytes) -> EmailMessage:
    """Parsed as by a mail program."""
    found = message_from_bytes(email, policy=policy.SMTP)
    assert isinstance(found, EmailMessage)
    return found


def fields(email: EmailMessage, *but: str) -> dict[str, str]:
    """Its headers, without these."""
    return {name: str(value).strip() for name, value in email.items() if name not in but}


@pytest.mark.parametrize("text", [JA, EN])
@pytest.mark.parametrize("above", [(), ABOVE[:1], ABOVE])
def test_both_write_the_same_fields_and_parts(text: str, above: tuple[str, ...]) -> None:
    common = envelope(text)
    ours = parsed(BulkEmail(common).build_for(RecipientFields(common["to"], common["id"], above, *OWN)))
    own = {name: common[name].replace(PREFERENCES, OWN[0]).replace(UNSUBSCRIBE, OWN[1]) for name in ("text", "html")}
    theirs = parsed(email.email_bytes({**common, **own, "references": list(above)}))
    list_headers = ("List-Id", "List-Unsubscribe", "List-Unsubscribe-Post")
    assert fields(ours, *list_headers) == fields(theirs)
    assert [ours[name] for name in list_headers] == [
        "<many.fitline.example>", f"<{OWN[1]}>", "List-Unsubscribe=One-Click",
    ]  # fmt: skip
    for mine, yours in zip(ours.iter_parts(), theirs.iter_parts(), strict=True):
        # Python repeats the version in the last part; it belongs only at the top (RFC 2045, 4).
        assert fields(mine) == fields(yours, "MIME-Version")
        assert mine.get_content() == yours.get_content()
        payloads = [str(one.get_payload()) for one in (mine, yours)]
        assert payloads[0] == payloads[1] or mine["Content-Transfer-Encoding"] == "quoted-printable"
        assert max(map(len, payloads[0].split("\r\n"))) <= 76  # where a long line is folded is arbitrary
