"""X's weighted length, compared with X's own program (npm's twitter-text)."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Sequence
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from statuspage.rendering.wording.text_length import (
    _COUNTRIES,
    _KNOWN_ENDS,
    LIMIT,
    neutralize_mentions,
    x_length,
    x_post,
)
from tests.support.paths import ROOT


def theirs(texts: Sequence[str]) -> list[tuple[int, bool, list[str]]]:
    """X's own result for each text: its weight, whether it may be posted, and whom it mentions."""
    lines = "\n".join(json.dumps(text) for text in texts)
    command = ["node", "tests/x_length.cjs"]
    result = subprocess.run(command, input=lines, capture_output=True, text=True, check=True, cwd=ROOT, timeout=120)
    return [(length, fine, names) for length, fine, names in json.loads(result.stdout)]


def different(texts: Sequence[str]) -> list[tuple[str, int, int]]:
    """Texts that we weigh differently: the text, our weight, theirs."""
    pairs = zip(texts, theirs(texts), strict=True)
    return [(text, x_length(text), length) for text, (length, *_) in pairs if x_length(text) != length]


def lighter(texts: Sequence[str]) -> list[tuple[str, int, int]]:
    """Texts that we consider lighter than X does; X would reject those."""
    return [found for found in different(texts) if found[1] < found[2]]


SENTENCES = (
    "11時52分ごろから、会員アプリでレッスンの予約ができません。",
    "Since about 11:52 on Sat 4 July, members cannot book classes in the app.",
    "【訓練】復旧の見込みは13時30分ごろです。※これは訓練です。実際の不具合ではありません。",
    "We’re sorry — it’s still slow… “Please wait”; we’ll post by 12:45.",
    "Ｆｉｔｌｉｎｅ（フィットライン）・ﾊﾝｶｸ・①②③・㈱・〒123‐4567・℃・№・…‥",
    "Grüße, café, naïve, e\u0301, n\u0303, がが\u3099, パハ\u309a, Å, ﬁ, Việt Nam",
    "한국어 조합: 각각 / עברית / العربية / हिन्दी / ไทย / Ελληνικά / Кириллица",
    "a\tb\nc\r\nd\u00a0e\u3000f\u2003g\u200bh\u200di\u2060j",
    "10%、3.5倍、v2.1、1/2、a.m.、No.5、U.S.",
    "〜～‐‑–—―…‥’‘“”‹›«»†‡•‰′″",
)

ADDRESSES = (
    "https://fitline.jp",
    "http://fitline.jp/",
    "HTTPS://FITLINE.JP/JA",
    "https://status.fitline.jp/ja/incidents/4f2k9d0a7b1c/",
    "https://status.fitline.co.jp/ja/incidents/4f2k9d0a7b1c/#n-3",
    "https://status.fitline.com:8443/en/?from=x&lang=en#top",
    "https://fitline.jp/a_(b)/c-(d(e)f)",
    "https://例え.jp/あ",
    "https://fitline.jp/%E4%BA%88%E7%B4%84/",
    "fitline.jp",
    "www.fitline.com/help",
    "status.fitline.io",
    "https://a-b.c-d.co.uk/x_y~z",
    "https://fitline.tokyo/" + "long/" * 40,
)

EMOJI = (
    "💪 🏃 🏃‍♀️ 🏃🏽‍♂️ 👍🏿 🧘🏻‍♀️ ⛹🏽‍♀️ 🏋️‍♂️ 👩‍💻 👨🏽‍🔧 👩‍⚕️ 👨‍👩‍👧‍👦 👩‍👩‍👦 👨‍👧 💏 👩‍❤️‍💋‍👨 👩‍❤️‍👩 👯‍♀️ 🕵️‍♀️"
    " ⚠️ ⚠ ✅ ❌ ℹ️ ☎️ ✉️ ❤️ ‼️ ⁉️ ™ ™️ © ©️ ® ↔️ ▶️ ⏸️ 🅿️ 🈁 🈂️ ㊗️ ㊙️ 〰️ 1️⃣ 9⃣ #️⃣ *️⃣ 🔟 🇯🇵 🇬🇧 🇺🇳 🏴󠁧󠁢󠁥󠁮󠁧󠁿 🏴󠁧󠁢󠁳󠁣󠁴󠁿 🏳️‍🌈 🏴‍☠️ 👁‍🗨 ⌚️ ⚡️ ⭐️"
).split()

NEWER_EMOJI = "🐦‍⬛ 🧑‍🤝‍🧑 🧑‍💻 🧑🏽‍🚀 ❤️‍🔥 🏳️‍⚧️ 🫱🏽‍🫲🏿 🥷🏽 🫠 🐻‍❄️ 🇨🇶 🧑‍🧑‍🧒".split()


def test_our_sentences_weigh_what_x_says():
    assert different(SENTENCES) == []


def test_addresses_weigh_23_wherever_they_stand():
    around = ("{}", "詳しくは\n{}", "See {} for more.", "（{}）", "「{}」", "詳細:{}", "{}\n※これは訓練です。")
    assert different([frame.format(address) for frame, address in product(around, ADDRESSES)]) == []


def test_japanese_text_directly_after_an_address_does_not_make_it_longer():
    assert different(["https://fitline.jpをご覧ください。", "詳細はfitline.jpへ", "https://fitline.jp、または"]) == []


def test_what_only_looks_like_an_address_weighs_as_text():
    texts = (
        "info@fitline.jp",
        "@fitline.jp",
        "#fitline.jp",
        "_fitline.jp",
        "-fitline.jp",
        "a.b",
        "12.30",
        "。jp",
        ".jp",
    )
    assert different([f"{text} です" for text in texts]) == []


def test_emoji_weigh_2_however_many_code_points_they_have():
    assert different(EMOJI) == []
    assert different([f"本日{one}休み{one}{one}" for one in EMOJI]) == []
    assert [x_length(one) for one in ("💪🏽", "👩‍💻", "👨‍👩‍👧‍👦", "🇯🇵", "1️⃣")] == [2] * 5


def test_of_emoji_newer_than_xs_program_the_larger_weight_counts():
    assert lighter(NEWER_EMOJI) == []
    assert all(x_length(one) >= 2 for one in NEWER_EMOJI)


def test_every_character_weighs_what_x_says():
    ranges = (range(1, 0xD800), range(0xE000, 0x3400 + 0xE000), range(0x1F000, 0x1FB00), range(0x20000, 0x20100))
    assert different([f"a{chr(code)}b" for codes in ranges for code in codes]) == []


def test_every_pair_of_flag_letters_weighs_what_x_says():
    letters = [chr(code) for code in range(0x1F1E6, 0x1F200)]
    assert different(["".join(pair) for pair in product(letters, letters)]) == []
    assert len(_COUNTRIES) == len(set(_COUNTRIES))


def test_every_top_level_name_we_know_is_known_to_x():
    assert different([f"https://fitline.{end}/{'x' * 60}" for end in sorted(_KNOWN_ENDS)]) == []


def test_an_address_with_an_unknown_top_level_name_is_never_taken_for_short():
    names = ("example", "zzz", "fitness-club", "test", "local", "web", "xn--q9jyb4c", "みんな", "invalid", "museum")
    paths = ("", "/", "/ja/incidents/4f2k9d0a7b1c/", "/" + "x" * 80)
    assert lighter([f"https://status.fitline.{n}{p}" for n, p in product(names, paths)]) == []
    assert lighter([f"詳しくは http://127.0.0.1:8001{p} へ" for p in paths]) == []


WORDS = (
    *SENTENCES,
    *ADDRESSES,
    *EMOJI,
    *NEWER_EMOJI,
    *"予約 決済 。 、 ・ ： ー 々 〆 「 」 （ ） ( ) 12:45 13時30分 @fitline_jp #障害 $FIT & / - –".split(),
    *"fixed. can't e.g. a.m.".split(),
    " ",
    "\n",
    "\u3000",
    "\u200d",
    "\ufe0f",
    "\u3099",
)
posts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(" ".join)
glued = st.lists(st.sampled_from([w for w in WORDS if "." not in w]), min_size=1, max_size=8).map("".join)
letters = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="."), max_size=60)


@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(st.one_of(posts, glued, letters), min_size=300, max_size=300))
def test_no_text_is_lighter_with_us_than_with_x(texts: list[str]):
    assert lighter([text for text in texts if text]) == []


@settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(st.lists(st.sampled_from([*SENTENCES, *ADDRESSES, *EMOJI]), min_size=1).map(" ".join), min_size=200))
def test_texts_as_we_write_them_weigh_exactly_what_x_says(texts: list[str]):
    assert different(texts) == []


CALLING = (
    "@fitline",
    "RT@fitline",
    "rt: @fitline",
    "予約は@fitlineへ",
    "＠fitline です",
    "/@fitline",
    "@a.@b,@c",
    "<at>@all</at>",
)
NOT_CALLING = ("support@fitline.example", "https://social.example/@fitline", "@ 10:00", "＠予約")


def test_nobody_is_called_by_what_we_post_and_each_name_weighs_one_more():
    assert all(names for _, _, names in theirs(CALLING))
    posted = theirs([neutralize_mentions(text) for text in CALLING])
    assert [names for _, _, names in posted] == [[]] * len(CALLING)
    assert [x_post(text) for text in CALLING] == [length for length, *_ in posted]
    assert [neutralize_mentions(text) for text in NOT_CALLING] == list(NOT_CALLING)


@pytest.mark.parametrize("piece", ["あ.", "a.bb/(", "=a.bb/", "👨\u200d", "https://", "x@a.bb?", "(", "a_", "ab1.あ"])
def test_hostile_texts_are_weighed_in_moments_and_never_pass(piece: str):
    began = time.monotonic()
    assert x_length(piece * (100_000 // len(piece))) > LIMIT
    print(f"{piece!r}: {time.monotonic() - began:.2f} s for 100,000 characters")
