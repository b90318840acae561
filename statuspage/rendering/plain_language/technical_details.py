"""Finds technical details without a glossary: hosts, addresses, keys, traces, codes, measurements, personal
addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from statuspage.rendering.plain_language.intervals import SpanSet
from statuspage.rendering.plain_language.normalization import NormalizedText
from statuspage.rendering.plain_language.people import OwnContacts, find_people


@dataclass(frozen=True, slots=True)
class TechnicalDetail:
    """A place, its class, and the last part of its label key. ``is_hint``: it may well be acceptable."""

    start: int
    end: int
    category: str
    code: str
    is_hint: bool = False


def find_technical_details(text: NormalizedText, own: OwnContacts) -> list[TechnicalDetail]:
    """Internal details and personal data, without overlaps, from left to right."""
    details: list[TechnicalDetail] = []
    spans = SpanSet()
    pieces = _split_overlong(text.cased)
    for code, category, expression in _expressions():
        for match in _find_matches(text.cased, expression, pieces if code in _LOOKS_BACK else ()):
            if spans.overlaps(*match.span()):
                continue
            is_detail = _is_detail(code, match, own)
            if is_detail or code in ("url", "mail", "phone", "version"):
                spans.add(*match.span())
                details.append(
                    TechnicalDetail(
                        *match.span(), category, code if is_detail else HARMLESS, is_hint=is_detail and code in _HINTS
                    )
                )
    details += [
        TechnicalDetail(start, end, "personal", "person")
        for start, end in find_people(text.cased, own)
        if not spans.overlaps(start, end)
    ]
    return sorted(details, key=lambda detail: detail.start)


_OVERLONG = re.compile(r"[\w.@%+/,:-]{100,}")
"""A run this long is not a name. It is not searched, because a regular expression that tries each letter as a beginning
would take too long."""

PIECE = 50


def _split_overlong(text: str) -> list[tuple[int, int]]:
    """The parts to search if a text has overlong runs; none if it has no such run."""
    cuts = [position for run in _OVERLONG.finditer(text) for position in range(run.start(), run.end(), PIECE)]
    ends = [run.end() for run in _OVERLONG.finditer(text)]
    return list(pairwise(sorted({0, *cuts, *ends, len(text)}))) if cuts else []


def _find_matches(text: str, expression: re.Pattern[str], pieces: Sequence[tuple[int, int]]) -> Iterator[re.Match[str]]:
    if not pieces:
        yield from expression.finditer(text)
    for start, end in pieces:
        yield from expression.finditer(text, start, end)


HARMLESS = "fine"
"""An address that may be in a notice; it is not searched for words."""


def _is_detail(code: str, match: re.Match[str], own: OwnContacts) -> bool:
    if code == "version":
        return False
    if code == "url":
        return _INSIDE.search(match[0]) is not None
    if code == "mail":
        return not own.may_show_mail(match[0])
    if code == "phone":
        return not own.has_phone(match[0])
    if code == "commit":
        return any(character.isdigit() for character in match[0]) and any(character.isalpha() for character in match[0])
    if code == "card":
        return _luhn(re.sub(r"\D", "", match[0]))
    return True


def _luhn(digits: str) -> bool:
    """Verifies the check digit of payment cards (ISO/IEC 7812-1, annex B)."""
    doubled = [int(digit) * (2 if n % 2 else 1) for n, digit in enumerate(reversed(digits))]
    return sum(digit - 9 if digit > 9 else digit for digit in doubled) % 10 == 0


_STAGES = r"(?:prod|prd|production|stg|stag|staging|dev|devel|test|qa|uat|int|preprod|sandbox)"
_INSIDE = re.compile(
    rf"://[^/\s@:]*+:[^/\s@]++@|://(?:[^/\s]*\.)?(?:{_STAGES}|admin|internal|intra|corp|vpn|jenkins|grafana"
    rf"|kibana|git(?:lab)?)"
    rf"[0-9]*[.\-]|://[^/\s]*-{_STAGES}\b|\.(?:local|internal|intra|lan|corp|home|cluster)\b|:[0-9]{{2,5}}(?:/|$)"
    r"|://[0-9.]+(?:/|$|:)|://localhost|[?&](?:token|key|secret|password|sig(?:nature)?|access_token)=",
    re.IGNORECASE,
)
_PARTS = (
    r"web|db|app|api|srv|svr|server|node|host|redis|mysql|pg|postgres|mongo|kafka|queue|mq|lb|proxy|nginx"
    r"|cache|batch|"
    r"worker|cron|mail|smtp|ns|dns|gw|fw|sw|rt|ap|bastion|jump|auth|sso|pay|search|log|k8s|es|ec2|rds|vm"
    r"|pod|master|replica"
)
_SHARED = r"(?=[!-~]{0,63}\d)(?!\d+[ -]?(?:bits?|digits?|characters?|letters?|minutes?|hours?|days?)\b)"
"""A word that may be a password, because it has a digit, and is not the length of one."""
_TABLE = (
    (
        "key",
        "secret",
        r"-----BEGIN [A-Z ]+-----|\b(?:AKIA|ASIA)[0-9A-Z]{12,}\b|\b(?:sk|pk|rk)_(?:live|test)_\w{6,}"
        r"|\bgh[pousr]_\w{10,}|\bxox[abpr]-[\w-]{8,}|\beyJ[\w-]{8,}+\.[\w-]+|\bAIza[\w-]{20,}|\bBearer\s+[\w.\-]{8,}"
        r"|\bgithub_pat_\w{10,}|\bglpat-[\w-]{10,}|\bnpm_\w{20,}|\bSG\.[\w-]{10,}\.[\w-]{10,}|\bya29\.[\w-]{10,}"
        r"|\bsk-[\w-]{16,}|\bhooks\.slack\.com/services/[\w/]+|\bBasic\s+[A-Za-z0-9+/]{12,}={0,2}"
        r"|(?i:\b(?:password|passwd|pwd|passphrase|passcode|secret|token|(?:api|access|secret)[ _-]?key)\b\s*[=:]\s*"
        r"[^\s、。]{4,})"
        r"|(?i:(?:passwort|kennwort|contraseña|mot de passe|senha|mật khẩu|비밀번호|密码)\s*[=:]\s*[^\s]{4,})"
        rf"|(?i:\b(?:password|passphrase|passcode|pin|token|(?:login|access|door|entry|api|secret)[ _-](?:code|key))"
        rf"(?: (?:is|was)|s are) [\"'“”]?{_SHARED}[^\s、。,.;\"'“”]{{4,64}})"
        rf"|(?i:(?:パスワード|パスフレーズ|合言葉|暗証番号|PINコード|apiキー|アクセスキー|トークン|シークレット|秘密鍵|解錠番号)"
        rf"(?:は|が|を|[:=])\s*[「『\"'“]?{_SHARED}[!-~]{{4,64}})"
        r"|(?i:\b(?:postgres(?:ql)?|mysql|redis|mongodb|amqps?)://[^\s]+)",
    ),
    ("version", "secret", r"(?:(?i:\bversion|\bver\.?|\bv)|バージョン)\s?\d+(?:\.\d+)+\b"),
    ("url", "secret", r"https?://[^\s、。「」（）()<>]+"),
    ("mail", "personal", r"[A-Za-z0-9._%+-]++@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"),
    ("account", "secret", r"\b[a-z][\w.-]*+@[a-z][\w-]*[\w]\b"),
    ("card", "personal", r"(?<![\d-])\d{4}(?:[ -]?\d{4}){2}[ -]?\d{1,7}(?![\d-])"),
    ("phone", "personal", r"(?<!\d)0[789]0-?\d{4}-?\d{4}(?!\d)|(?<!\d)07\d{3}[ -]?\d{3}[ -]?\d{3}(?!\d)"),
    (
        "trace",
        "secret",
        r"Traceback \(most recent call last\)[^\n]*|\bException in thread[^\n]*"
        r"|\b[\w.]*[a-zA-Z](?:Error|Exception)\b(?:: [^\n。]{0,80})?|\bpanic: [^\n]{0,80}|\bat [\w.$<>]+\([\w.]+:\d+\)"
        r"|\bFile \"[^\"]+\", line \d+|\b[Ss]egmentation fault\b|\bcore dumped\b|\bgoroutine \d+\b|\bORA-\d{4,5}\b"
        r"|\bSQLSTATE\S*|\bE(?:CONN|TIMED|HOST|NO|ACC|PIPE|ADDR)[A-Z]{2,}\b|\b0x[0-9a-fA-F]{4,}\b|\bsigkill\b"
        r"|\bSIG[A-Z]{3,4}\b"
        r"|\bexit (?:code|status) \d+\b",
    ),
    (
        "sql",
        "secret",
        r"\b(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|DROP TABLE|ALTER TABLE|CREATE INDEX|TRUNCATE)\s+[\w*`\"][^\n。]*",
    ),
    (
        "path",
        "secret",
        r"(?<![\w/.:])/(?:var|etc|usr|opt|home|tmp|srv|root|mnt|proc|dev|data|app|api|v\d)/[\w./*-]*"
        r"|\b[A-Z]:\\[\w\\.-]+|\b[\w-]++(?:/[\w-]++)*+\.(?:log|conf|cfg|ya?ml|json|py|jsx?|tsx?|rb|go|java|php"
        r"|sql|sh|env|ini|toml|"
        r"lock|properties|jar|dll|exe|so|war|ps1|tf)(?::\d+)?\b",
    ),
    (
        "id",
        "secret",
        r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b|\barn:aws[\w:/-]+"
        r"|\b(?:i|vpc|sg|subnet|vol|ami|eni|snap|rtb|nat|igw|lb|tgw|db|eipalloc|fs|pod|req|cus|ch|pi"
        r"|txn)[-_][0-9a-f]{8,}\b"
        r"|\b[0-9a-f]{24,}\b|\b(?=\w*\d)(?=\w*[a-z])(?=\w*[A-Z])[A-Za-z0-9+/]{24,}={0,2}",
    ),
    (
        "address",
        "secret",
        r"(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?:/\d{1,2}|:\d{1,5})?(?![\d.]*\d)"
        r"|(?<![\w:])(?:[0-9a-fA-F]{1,4}:){3,7}[0-9a-fA-F]{1,4}\b"
        r"|(?<![\w:])(?:[0-9a-fA-F]{1,4}:)+:[0-9a-fA-F:]*|\blocalhost\b(?::\d+)?",
    ),
    (
        "host",
        "secret",
        # Checks the end first; otherwise every way to split a long run is tried.
        r"\b(?=[a-z0-9-]*\d[a-z]?\b(?![-.]?\w))"
        rf"(?:[a-z][a-z0-9]*+-)*(?:{_PARTS})[a-z]*-?(?:{_STAGES})?(?:-[a-z0-9]+)*-?\d{{1,4}}[a-z]?\b(?![-.]?\w)"
        rf"|\b[a-z][\w-]*-{_STAGES}\b(?:-[\w-]+)*|\b{_STAGES}-[a-z][\w-]*\b|\bip(?:-\d{{1,3}}){{4}}\b"
        rf"|\b[a-z]+\d*(?:-[a-z0-9]++)+-\d{{1,3}}[a-z]?\b"
        r"|\b[\w-]+(?:\.[\w-]+)*\.(?:local|internal|intra|lan|corp|svc|cluster|amazonaws\.com|rds"
        r"|compute)\b(?:[.:][\w.:]+)?"
        rf"|\b(?:{_STAGES}|db|api|admin|redis|mq|smtp|mx|ns|vpn|git|ci)\d*\.(?:[\w-]+\.)+[a-z]{{2,}}\b(?::\d+)?"
        r"|\b(?:ap|us|eu|ca|sa|me|af)-(?:north|south|east|west|central)(?:east|west)?-\d[a-z]?\b"
        r"|\basia-(?:north|south)east\d(?:-[a-z])?\b",
    ),
    (
        "ticket",
        "secret",
        r"\b(?:INC|CHG|PRB|TASK|RITM|SCTASK|TKT|JIRA|SR|CVE|CWE|PR|MR|PSIRT)[-_ #]?\d{2,}(?:-\d+)?\b"
        r"|\b(?!COVID|ISO|IEC|JIS|UTF|SHA|MP|PM|AM|GT|CO)[A-Z]{2,10}-\d{3,6}\b|(?<!\w)#\d{3,6}\b(?=\s*(?:is"
        r"|was|を|で|に|merged|をマージ))",
    ),
    ("commit", "secret", r"\b[0-9a-f]{7,40}\b"),
    (
        "code",
        "secret",
        r"\b[a-z]+(?:_[a-z0-9]+)+\b(?:\(\))?|\b[A-Z]{2,}(?:_[A-Z0-9]+)+\b|\b[\w.]{1,100}+\(\)|\b[a-z]+\.[a-z]+[A-Z]\w*\b"
        r"|(?<![\w-])--[a-z][\w-]+|\bsudo \w+|\brm -rf?\b|\bkubectl \w+"
        r"|\b(?:GET|POST|PUT|PATCH|DELETE) /\S*|\{\"\w+\":[^}]*\}?",
    ),
    (
        "severity",
        "severity",
        r"\b(?i:sev)(?:erity)?[- ]?[0-5]\b|\bP[0-4]\b(?!\s*(?:駐車|の駐車|car|park|level))"
        r"|\b(?i:pri(?:ority)?)[- ]?[0-5]\b",
    ),
    (
        "status",
        "metric",
        r"\b[1-5][Xx]{2}(?:s|系)?\b|\b(?i:http)(?:/\d(?:\.\d)?)?[ /-]?(?:status )?[1-5]\d\d\b"
        r"|\b[45]0[0-9](?:s\b|\s?(?:エラー|[Ee]rrors?\b))"
        r"|(?<![\d.,])(?:40[0-9]|429|50[0-4])(?=\s?(?:を返|が返|で返|で弾|レスポンス))"
        r"|\b(?:50[0234]|429)\b(?=\s?(?:が|を|で|の|が返|応答|Bad|Internal|Service|Gateway|bad|from|response))",
    ),
    (
        "measure",
        "metric",
        r"(?<![\w.])-?\d[\d,.]*+\s?(?:ms|msec|μs|us|ミリ秒|マイクロ秒|rps|qps|tps|RPS|QPS|TPS|IOPS|iops|[KMG]?bps|[kMG]bit/s|"
        r"[KMG]i?B/s|dBm?|MiB|GiB|MHz|GHz|req/s|requests?/s(?:ec)?)(?![A-Za-z])|\b[Pp](?:50|75|90|95|99"
        r"|999)\b|\bp99\.9\b"
        r"|\d[\d,.]*+\s?(?:件|回|リクエスト|通)?[/／](?:秒|分|s|sec|min)(?![a-z])",
    ),
    ("percent", "metric", r"\d[\d.,]*+\s?(?:%|percent|パーセント|per cent)"),
)


@cache
def _expressions() -> Sequence[tuple[str, str, re.Pattern[str]]]:
    """The table, compiled for the first text that is checked: it takes longer than most commands have.

    ASCII: a word in Latin letters ends where Japanese ones begin.
    """
    return [(code, category, re.compile(expression, re.ASCII)) for code, category, expression in _TABLE]


_LOOKS_BACK = frozenset(("mail", "account", "trace", "path", "host", "measure", "percent"))
"""Codes recognised by the end of a run, because any of its letters may be the beginning."""
_HINTS = ("percent",)
"""Codes that are often acceptable: ten percent off."""
