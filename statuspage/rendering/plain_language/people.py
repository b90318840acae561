"""Finds people: a name beside an address or a number that belongs to one person."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class OwnContacts:
    """What belongs to the company and may be published: its domains, and the last digits of its phone number."""

    domains: frozenset[str] = frozenset()
    phone_end: str = ""

    def has_mail(self, address: str) -> bool:
        """Whether this email address is at one of the domains, or at one that one of them belongs to."""
        domain = address.rpartition("@")[2].lower()
        return any(
            domain == own or domain.endswith("." + own) or own.endswith("." + domain) for own in self.domains if domain
        )

    def has_phone(self, number: str) -> bool:
        """Whether this is the company's phone number, however it is written."""
        return bool(self.phone_end) and re.sub(r"\D", "", number).endswith(self.phone_end)

    def may_show_mail(self, address: str) -> bool:
        """Whether this email address is the company's, or a mailbox that belongs to nobody in person."""
        return self.has_mail(address) or _SHARED_MAILBOX.match(address) is not None


_SHARED_MAILBOX = re.compile(
    r"(?:help|info|support|contact|service|customer|care|hello|office|reception|team|sales|shop|store|orders?|returns?"
    r"|refunds?|billing|bookings?|reservations?|tickets?|press|privacy|security|status|feedback|enquir|inquir|kontakt"
    r"|news|mail|post|toiawase|madoguchi|uketsuke|yoyaku|soudan)[\w.+-]*@",
    re.IGNORECASE,
)
"""Mailboxes are named after what they are for (RFC 2142, and the habits of shops and public offices)."""


_ENGLISH_NAME = r"(?:[A-Z]')?[A-Z][a-zà-ÿ-]{1,20}"
_TITLED = (
    rf"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof)\.?[ ]{_ENGLISH_NAME}(?:[ ]{_ENGLISH_NAME})?"
    r"|(?<![一-鿿々ァ-ヺー])(?:[一-鿿々]{1,4}(?:[ 　・]?[一-鿿々ぁ-んァ-ヺー]{1,5})?"
    r"|[ァ-ヺー]{2,8}(?:[ ・][ァ-ヺー]{2,8})?)"
    r"[ 　]?(?:様|さま|さん|氏)(?![一-鿿々ぁ-んァ-ヺー]{0,1}方)"
)
"""A name with its title; *様* also follows words for groups (``_GROUPS``)."""

_LABELLED = (
    rf"\b(?:[Nn]ame|[Cc]ustomer|[Mm]ember|[Pp]atient|[Cc]ontact)(?: name)?: ?{_ENGLISH_NAME}[ ]{_ENGLISH_NAME}"
    r"|(?:氏名|お?名前)(?:は|[:：])[ 　]?[一-鿿々ァ-ヺー]{2,8}"
)
_PLAIN = rf"(?<![\w'-]){_ENGLISH_NAME}[ ](?:[A-Z]\.[ ])?{_ENGLISH_NAME}(?![\w'-])"
"""Two words with capitals: a name only beside what one person has."""

_NO_PEOPLE = frozenset(
    (
        "客 皆 会員 患者 利用者 業者 店 店舗 同 仕 模 異 多 一 有 奥 何 殿 王 神 "
        "生徒 保護者 取引先 加盟店 事業者 法人 団体 企業 会社 各社 社 オーナー ユーザー "
        "テナント ゲスト メンバー スタッフ 子 親御 家族 対象者 契約者 購入者 受講者 来場者 "
        "来館者 参加者 予約者 旅行者 乗客 医者 本屋 花屋 園児 学生 先方 銀行 薬局 病院 "
        "学校 担当者 お客 お子 お医者"
    ).split()
)
_GROUPS = re.compile(rf"(?:{'|'.join(sorted(_NO_PEOPLE, key=len, reverse=True))})[ 　]?(?:様|さま|さん|氏)$")

_MAIL = r"[\w.%+-]{1,64}@[\w-]{1,63}\.[\w.-]{2,63}"
_NUMBER = (
    r"\b(?:[Mm]ember|[Cc]ustomer|[Oo]rder|[Aa]ccount|[Cc]ard|[Pp]olicy|[Pp]atient|[Pp]assport|[Bb]ooking|[Tt]icket|NHS"
    r"|[Cc]ase|[Pp]hone|[Mm]obile)(?: (?:number|no\.?|ID|id))?(?: is)?:? ?#?[A-Z]{0,4}-?\d{4,16}\b"
    r"|(?:会員|顧客|お客様|お客さま|注文|ご注文|予約|口座|診察券|保険証|契約|受付|問い合わせ|患者|学籍|社員|伝票)(?:番号|ID|No\.?)"
    r"[^\d。]{0,4}[A-Z]{0,4}-?\d{3,16}"
)
_PRIVATE_PHONE = r"(?<!\d)(?:0[5789]0-?\d{4}-?\d{4}|07\d{3}[ -]?\d{3}[ -]?\d{3})(?!\d)"
_PHONE = r"(?<![\d-])\+?\d{1,4}[ -]\(?\d{1,5}\)?[ -]\d{3,4}(?:[ -]?\d{3,4})?(?!\d)|(?<!\d)0\d{9,10}(?!\d)"
_ADDRESS = (
    r"\b\d{1,4}[a-z]? [A-Z][a-z]+ (?:Street|St|Road|Rd|Avenue|Ave|Lane|Drive|Close|Way|Court|Crescent|Terrace)\b"
    r"|\b[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}\b|〒?\d{3}-\d{4}(?!\d)"
    r"|[都道府県市区町村郡][^\d。]{0,12}\d{1,4}(?:-\d{1,4}|丁目|番)"
)
_BIRTH = r"\b(?:born|date of birth|DOB)\b[^\d.\n]{0,12}\d|(?:生年月日|生まれ)"
_OWNED = "|".join((_MAIL, _NUMBER, _PRIVATE_PHONE, _BIRTH))
_BESIDE = "|".join((_MAIL, _NUMBER, _PRIVATE_PHONE, _BIRTH, _ADDRESS, _PHONE))
_SENTENCE = re.compile(r"[^。！？!?\n]{1,400}")
"""A point does not end it: *Mr. Berg*, *Order no. 12345*."""

_DIGIT_OR_MAIL = re.compile(r"[\d@]|生年月日|生まれ")


def find_people(text: str, own: OwnContacts) -> Iterator[tuple[int, int]]:
    """Start and end of names beside what identifies the person; the company's own contacts identify nobody."""
    for sentence in _SENTENCE.finditer(text):
        if not _DIGIT_OR_MAIL.search(sentence[0]):
            continue
        start, end = sentence.span()
        found: set[int] = set()
        for names, beside in _names_and_neighbours():
            people = [name for name in names.finditer(text, start, end) if _is_person(name[0])]
            if people and _has_identifier(beside, text, start, end, own):
                yield from (name.span() for name in people if name.start() not in found)
                found.update(name.start() for name in people)


@cache
def _names_and_neighbours() -> Sequence[tuple[re.Pattern[str], re.Pattern[str]]]:
    """Expressions of names, each with those of what must be beside; compiled for the first text that needs them."""
    pairs = ((_LABELLED, _BESIDE), (_TITLED, _BESIDE), (_PLAIN, _OWNED))
    return [(re.compile(names), re.compile(beside)) for names, beside in pairs]


def _has_identifier(beside: re.Pattern[str], text: str, start: int, end: int, own: OwnContacts) -> bool:
    """Whether this part of the text has an address or a number that is not the company's own."""
    identifiers = (match[0] for match in beside.finditer(text, start, end))
    return any(
        not own.has_phone(number) and not ("@" in number and own.may_show_mail(number)) for number in identifiers
    )


def _is_person(name: str) -> bool:
    return _GROUPS.search(name) is None and _WORDS_OF_NAMES.search(name) is None


_WORDS_OF_NAMES = re.compile(
    r"\b(?:The|Our|Your|Please|Call|Email|Contact|Write|Customer|Member|Support|Service|Services|Desk|Team|Centre|Center"
    r"|Office|Street|Road|Avenue|Lane|Square|Station|Hospital|Clinic|School|Library|Bank|Hotel|Club|Pharmacy|Museum|Park"
    r"|Hall|House|Shop|Store|App|Card|Number|Order|Account|Booking|Payments?|Reception|Help|Line|Head|Front|City|Council"
    r"|January|February|March|April|May|June|July|August|September|October|November|December|Monday|Tuesday|Wednesday"
    r"|Thursday|Friday|Saturday|Sunday|For|On|In|At|If|To|From|With|Or|And|New|United|Kingdom)\b"
)
"""Words that make of two capitals something else than a person."""
