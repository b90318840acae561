"""Measures a text as each network counts it; on X most letters count 1, Japanese and emoji 2, a URL 23.

The rules for X are those documented under "Counting characters" (configuration 3 of its own counter). If two sources
differ, the larger count is used, so that a post that we consider short enough is never rejected.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache

import regex

LIMIT = 280
"""The maximum weighted characters of one post."""

ADDRESS = 23
"""The weight of a URL, regardless of its length."""

CAP = 5000
"""Code points that are measured exactly; beyond them each weighs 2. No post is that long."""


@lru_cache(maxsize=1024)
def x_length(text: str) -> int:
    """Weighted characters of this text on X; kept, because a notice measures the same names many times."""
    text = unicodedata.normalize("NFC", text)
    head, rest = text[:CAP], text[CAP:]
    total, position = 2 * len(rest), 0
    for run in _RUN.finditer(head):
        for start, end, weight in _addresses_in(run[0]) if _dotted().search(run[0]) else ():
            total += _plain_weight(head[position : run.start() + start]) + weight
            position = run.start() + end
    return total + _plain_weight(head[position:])


def neutralize_mentions(text: str) -> str:
    """The text as posted on X, with an invisible joiner after each @, so that it mentions nobody: no name contains that
    character.

    X's own rule (twitter-text, *validMention*): either sign, not after a Latin letter or digit, or after *RT*. URLs are
    left unchanged.
    """
    return _NAMED.sub(lambda match: f"{match[1]}\u200d" if match[1] else match[0], text)


def x_post(text: str) -> int:
    """The weight of the text as posted; each neutralised mention adds 1."""
    return x_length(neutralize_mentions(text))


def graphemes(text: str) -> int:
    """The number of characters as readers see them (Unicode TR 29)."""
    return len(_GRAPHEME.findall(text)) if _JOINING.search(text) else len(text)


def utf16(text: str) -> int:
    """UTF-16 code units, as LINE counts (emoji 2)."""
    return len(text.encode("utf-16-le")) // 2


def utf8(text: str) -> int:
    """UTF-8 bytes (Japanese 3 each)."""
    return len(text.encode())


def mastodon(text: str) -> int:
    """Graphemes, with 23 for a URL of any length; letters that may end a URL count separately."""
    rest, addresses = _LINK_TEXT.subn("", text)
    return graphemes(rest) + ADDRESS * addresses


_NAMED = regex.compile(r"https?://[!-~]+|(?:(?<![A-Za-z0-9_])|(?<=(?<![A-Za-z0-9_])[Rr][Tt]))([@＠])(?=[A-Za-z0-9_])")
_GRAPHEME = regex.compile(r"\X")
_JOINING = regex.compile(r"[^\p{GCB=Other}\p{GCB=LV}\p{GCB=LVT}\n]")
"""What may form one grapheme with its neighbour; without any of these, each code point is one."""
_LINK_TEXT = regex.compile(r"https?://[!-~]+")


_HEAVY = regex.compile(r"[^\u0000-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]")
"""Letters that weigh 2: all outside X's ranges of those that weigh 1."""


def _plain_weight(text: str) -> int:
    """The weight of a text without URLs."""
    if text.isascii():
        return len(text)
    rest, emoji = _emoji().subn("", text) if _COMPOSED.search(text) else (text, 0)
    return 2 * emoji + len(rest) + len(_HEAVY.findall(rest))


# Emoji that every source counts as one, by their structure in Unicode's emoji-zwj-sequences of 2018. Newer ones count
# as the sum of their parts, as X's own program does; that is never less than 2.
_SKIN = "[\U0001f3fb-\U0001f3ff]"
_GENDER = f"{_SKIN}?\u200d[♀♂]\ufe0f"
_WORK = "(?:[⚕⚖✈]\ufe0f|[🌾🍳🎓🎤🎨🏫🏭💻💼🔧🔬🚀🚒🦰-🦳])"
_ACTIVE = "[🏃🏄🏊👮👱👳👷💁💂💆💇🙅-🙇🙋🙍🙎🚣🚴-🚶🤦🤵🤷-🤹🤽🤾🦸🦹🧖-🧝]"
_CHILDREN = "(?:\u200d[👦👧]){1,2}"
_NEWER = "👪-👭👯💏💑🤌🤏🤝🤼🥷🦻🧍-🧏\U0001fac0-\U0001faff"
_COUNTRIES = (
    "AC AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW "
    "BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CP CR CU CV CW CX CY CZ DE DG DJ DK DM DO DZ EA EC EE EG EH ER ES "
    "ET EU FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU IC ID IE "
    "IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC "
    "MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE "
    "PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV "
    "SX SY SZ TA TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM UN US UY UZ VA VC VE VG VI VN VU WF WS "
    "XK YE YT ZA ZM ZW"
).split()
_COMPOSED = regex.compile("[\ufe0f\u20e3\u200d\U0001f3fb-\U0001f3ff\U0001f1e6-\U0001f1ff\U000e007f]")
"""What every emoji of several code points contains; each of the others weighs 2 like any letter of its kind."""
_FLAGS = "|".join("".join(chr(0x1F1E6 + ord(letter) - ord("A")) for letter in country) for country in _COUNTRIES)


# The patterns in functions take long to compile, and many commands measure nothing.


@cache
def _emoji() -> regex.Pattern[str]:
    """An emoji of several code points."""
    return regex.compile(
        "|".join(
            (
                f"[👨👩](?:\u200d[👨👩])?{_CHILDREN}",
                "[👨👩]\u200d❤\ufe0f\u200d(?:💋\u200d)?[👨👩]",
                f"[👨👩]{_SKIN}?\u200d{_WORK}",
                f"{_ACTIVE}{_GENDER}",
                f"[🏋🏌🕴🕵⛹](?:{_SKIN}|\ufe0f)\u200d[♀♂]\ufe0f",
                "[👯🤼🧞🧟]\u200d[♀♂]\ufe0f",
                "🏳\ufe0f\u200d🌈",
                "👁\u200d🗨",
                "🏴\u200d☠\ufe0f",
                "🏴\U000e0067\U000e0062(?:\U000e0065\U000e006e\U000e0067|\U000e0073\U000e0063\U000e0074|"
                "\U000e0077\U000e006c\U000e0073)\U000e007f",
                _FLAGS,
                "[0-9#*]\ufe0f?\u20e3",
                rf"(?![{_NEWER}])\p{{Emoji_Modifier_Base}}{_SKIN}",
                r"(?:(?![0-9#*♾⚧]|\p{Emoji_Presentation})\p{Emoji}|[⌚⌛◽◾☔☕♈-♓♿⚓⚡⚪⚫⚽⚾⛄⛅⛔⛪⛲⛳⛵⛺⛽❗⬛⬜⭐⭕🀄🈚🈯])\ufe0f",
            )
        )
    )


# URLs. A host ends in a known top-level domain, or in letters that may be one.
_FLAGS_ONLY = frozenset("bl bq cp dg ea eh ic mf ta um un xk".split())
_KNOWN_ENDS = frozenset(country.lower() for country in _COUNTRIES) - _FLAGS_ONLY | frozenset(
    (
        "com net org info biz edu gov mil int name pro jobs mobi tel travel museum coop aero asia cat post uk su "
        "app dev page cloud online site shop store tech blog club fit fitness live life link email support help "
        "news media systems services solutions software network digital group company team work works world "
        "today center studio design agency tools zone space website host tokyo osaka nagoya yokohama kyoto ltd inc "
        "health clinic dental restaurant cafe school academy bank money finance fund art video games "
        "game run xyz top vip wiki social chat one icu"
    ).split()
)
_SPACE = r"\t-\r \x85\xa0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_RUN = regex.compile(f"[^{_SPACE}]++")
"""A URL directly within other letters, without a space."""


@cache
def _dotted() -> regex.Pattern[str]:
    """A dot followed by a letter."""
    return regex.compile(r"\.\p{L}")


_MARKS = r"\u202a-\u202e\u061c\u200e\u200f\u2066-\u2069"
_BAD = r"\ufffe\ufeff\uffff"
_LATIN = (
    r"\xc0-\xd6\xd8-\xf6\xf8-\u024f\u0253\u0254\u0256\u0257\u0259\u025b\u0263\u0268\u026f\u0272\u0289\u028b"
    r"\u02bb\u0300-\u036f\u1e00-\u1eff"
)
_IN_HOST = rf"[^!'#%&()*+,\\\-./:;<=>?@\[\]\^_{{|}}~${_SPACE}{_BAD}{_MARKS}]"
_LABEL = rf"(?:{_IN_HOST}(?:[_-]*{_IN_HOST})*+\.)"
_HOST_NAME = rf"(?:{_IN_HOST}(?:-*{_IN_HOST})*+\.)"
_END = r"(?:xn--[-0-9a-z]+|[a-z]{2,}|[\p{L}--a-z][\p{L}\p{M}--a-z]+)(?![0-9A-Za-z@+-]|://)"
_IN_PATH = rf"[a-z\u0400-\u04ff0-9!*';:=+,.$/%#\[\]\-\u2013_~@|&{_LATIN}]"
_BRACKETS = rf"\((?:{_IN_PATH}+|{_IN_PATH}*\({_IN_PATH}+\){_IN_PATH}*)\)"
_PATH = rf"/(?:(?:{_IN_PATH}|{_BRACKETS})*(?:[+\-a-z\u0400-\u04ff0-9=_#/{_LATIN}]|{_BRACKETS}))?"
_QUERY = r"\?[a-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*[a-z0-9\-_&=#/]"


@cache
def _url() -> regex.Pattern[str]:
    """A URL, with or without a scheme."""
    return regex.compile(
        rf"(?P<before>[^A-Za-z0-9@＠$#＃{_BAD}]|^)"
        rf"(?P<all>(?P<scheme>https?://)?(?P<host>{_LABEL}{{0,126}}{_HOST_NAME}{_END})(?::[0-9]+)?(?P<path>{_PATH})?(?:{_QUERY})?)",
        regex.IGNORECASE | regex.VERSION1,
    )


@cache
def _bare() -> regex.Pattern[str]:
    """A host in Latin letters."""
    return regex.compile(rf"(?:[-a-z0-9{_LATIN}]+\.)+{_END}", regex.IGNORECASE | regex.VERSION1)


_LONGEST_LABEL = 63
_LONGEST_ADDRESS = 4096


@lru_cache(maxsize=256)
def _addresses_in(text: str) -> tuple[tuple[int, int, int], ...]:
    """The URLs of a run of text; cached, because every notice of an incident has the same one."""
    return tuple(_addresses(text))


def _addresses(text: str, depth: int = 0) -> Iterator[tuple[int, int, int]]:
    """Start, end and weight of everything that X takes, or may take, for a URL."""
    for match in _url().finditer(text):
        if match["scheme"]:
            yield (*match.span("all"), _weight(match["all"], match["host"], depth))
        elif not match["before"] or match["before"] not in "-_./":
            yield from _bare_addresses(match, text, depth)


def _bare_addresses(match: regex.Match[str], text: str, depth: int) -> Iterator[tuple[int, int, int]]:
    """Addresses without http:// count only where they are in Latin letters: 「詳しくはfitline.jpへ」."""
    position, end = match.span("host")
    for host in _bare().finditer(text, position, end):
        position = match.end("all") if match["path"] and host.end() == end else host.end()
        address = text[host.start() : position]
        is_certain = _has_short_labels(match["host"])
        yield (
            host.start(),
            position,
            _weight(address, host[0], depth) if is_certain else _largest_weight(address, host[0], depth),
        )
    if position < end:
        yield (
            end,
            match.end("all"),
            _plain_weight(text[end : match.end("all")]) + _path_extra(text[end : match.end("all")], depth),
        )


def _weight(address: str, host: str, depth: int) -> int:
    """Exactly 23 if all sources agree that it is a URL; else the largest possible weight."""
    return ADDRESS if _is_certain_address(address, host) else _largest_weight(address, host, depth)


def _largest_weight(address: str, host: str, depth: int) -> int:
    host_end = address.index(host) + len(host)
    tail = address[host_end:]
    weights = (ADDRESS + _plain_weight(remainder + tail) for remainder in _host_remainders(address[:host_end]))
    return max(ADDRESS, _plain_weight(address), *weights) + _path_extra(tail, depth)


def _host_remainders(head: str) -> Iterator[str]:
    """What is left of a host if an earlier label, or the start of a non-Latin one, ends the URL."""
    for dot in (i for i, character in enumerate(head) if character == "."):
        label = head[dot + 1 :].split(".")[0]
        yield head[dot + 1 + (len(label) if label.isascii() else 1) :]


def _path_extra(tail: str, depth: int) -> int:
    """What URLs inside a path may add if it turns out not to be a path."""
    if depth > 1:
        return ADDRESS * tail.count(".")
    return sum(max(0, weight - _plain_weight(tail[start:end])) for start, end, weight in _addresses(tail, depth + 1))


def _is_certain_address(address: str, host: str) -> bool:
    labels = host.lower().split(".")
    is_known = labels[-1] in _KNOWN_ENDS and labels != ["t", "co"] and labels[0][:4] != "xn--"
    return is_known and _has_short_labels(host) and len(address) + 8 <= _LONGEST_ADDRESS


def _has_short_labels(host: str) -> bool:
    return all(len(_ascii(label)) <= _LONGEST_LABEL for label in host.split("."))


def _ascii(label: str) -> str:
    return label if label.isascii() else "xn--" + label.encode("punycode").decode("ascii")
