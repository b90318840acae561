"""The plain-language check, on real sentences and on words that only look like jargon."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from statuspage.content.validation import plain_language_check
from statuspage.domain.catalog import Catalog
from statuspage.domain.facts import Facts, Known, NoticeKind, Precision, StartTime, Unknown
from statuspage.domain.glossary import Glossary, Term
from statuspage.domain.site_config import Contact, Readers
from statuspage.rendering.plain_language.check import find_unplain
from statuspage.rendering.plain_language.findings import Finding, Level
from statuspage.rendering.plain_language.normalization import normalize_text
from statuspage.rendering.plain_language.notice_structure import CheckContext
from statuspage.rendering.plain_language.patterns import BadPattern, parse_patterns
from tests.support.times import at


def found(catalog: Catalog, text: str, language: str = "ja", **context: object) -> list[tuple[str, str]]:
    """The findings in a text with their class, without hints."""
    findings = find_unplain(text, language=language, catalog=catalog, context=CheckContext(**context))
    return [(text[one.start : one.end], one.category) for one in findings if one.level is not Level.HINT]


def levels(catalog: Catalog, text: str, language: str = "ja") -> dict[str, Level]:
    """The found words with their levels, hints too; the length of sentences left out."""
    findings = find_unplain(text, language=language, catalog=catalog)
    return {text[one.start : one.end]: one.level for one in findings if one.category != "length"}


def codes(findings: tuple[Finding, ...]) -> set[str]:
    """The last parts of the labels of the findings."""
    return {one.code for one in findings}


@pytest.mark.parametrize(
    "text",
    [
        "ログインは9時10分からできます。",
        "キャッシュレスのお支払いができません。",
        "バーベキュー場のご予約ができません。",
        "ビールサーバーの故障です。",
        "キャッシュカードをなくされたときは、お電話ください。",
        "個人セッションは18時からです。",
        "ブログに写真を載せました。",
        "東16系統のバスは、20分おきに走っています。",
        "E233系の電車と2000系の車両で走っています。",
    ],
)
def test_an_everyday_word_that_holds_jargon_is_left_alone(catalog: Catalog, text: str) -> None:
    assert found(catalog, text) == []


@pytest.mark.parametrize("word", ["5系エラー", "500系", "1系"])
def test_a_number_of_errors_or_machines_is_none_of_trains(catalog: Catalog, word: str) -> None:
    assert word in levels(catalog, f"{word}が増えています。")


@pytest.mark.parametrize(
    "text",
    [
        "The tennis coach offers a free lesson session.",
        "There is a cluster of small shops around the port.",
        "Take a token of our thanks, for instance a cookie.",
        "Bug spray is on the shelf.",
        "If you log in, press the blue button.",
    ],
)
def test_an_english_word_with_a_second_meaning_is_left_alone(catalog: Catalog, text: str) -> None:
    assert found(catalog, text, "en") == []


@pytest.mark.parametrize(
    ("everyday", "technical", "word"),
    [
        ("Our servers wear black aprons.", "The servers are unreachable.", "servers"),
        ("A dark cloud brought the rain.", "The cloud region failed over to production.", "cloud"),
        ("The party host waits at the door.", "The host lost its heartbeat after a reboot.", "host"),
        ("A crash blocks the motorway.", "We saw a crash in the software.", "crash"),
        ("Geese were hidden in a cache by the river.", "A cache returned old pages after the deploy.", "cache"),
        ("Bake the cookie for ten minutes.", "The cookie has a wrong TTL.", "cookie"),
        ("The library lends novels to children.", "A library broke the backend build.", "library"),
        ("The dashboard of your car shows it.", "The dashboard shows the CPU usage.", "dashboard"),
        ("ビールのサーバーを洗いました。", "サーバーが応答しません。", "サーバー"),
        ("交差点で車がクラッシュしました。", "アプリがクラッシュします。", "クラッシュ"),
        ("パーティーのホストが歌います。", "ホストのメモリが枯渇しました。", "ホスト"),
        ("空にクラウドはなく、晴れています。", "クラウドのインスタンスを再起動しました。", "クラウド"),
    ],
)
def test_what_stands_around_a_word_tells_its_two_meanings_apart(
    catalog: Catalog, everyday: str, technical: str, word: str
) -> None:
    language = "en" if everyday.isascii() else "ja"
    assert not any(word in found for found in levels(catalog, everyday, language))
    found = [level for words, level in levels(catalog, technical, language).items() if word in words]
    assert found == [Level.WARNING]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Deliveries are late today.", "late today"),
        ("It starts today.", "today"),
        ("Thank you for bearing with us.", "Thank you for bearing with us"),
        ("Things went sideways, but we're good now.", "went sideways"),
        ("アクセスが集中し、つながりません。", "アクセスが集中し"),
        ("ご利用いただけない状態が継続しております。", "ご利用いただけない状態が"),
        ("お客様におかれましては、お待ちください。", "お客様におかれまし"),
        ("つながりにくい状態となっております。", "状態となっており"),
        ("外部ベンダー側の障害です。", "外部ベンダー側の障害"),
    ],
)
def test_politeness_without_content_and_words_that_age_are_found(catalog: Catalog, text: str, word: str) -> None:
    assert word in levels(catalog, text, "en" if text.isascii() else "ja")


@pytest.mark.parametrize(
    "text",
    [
        "We will post our next update by 10:40, even if nothing has changed.",
        "You get a confirmation by email. Your refund is on its way.",
        "Please install version 5.2.1 or v6.0.0 (for iOS 17.4).",
        "次のお知らせは、10時40分に出します。",
        "ご予約の確認メールをお送りします。アプリをバージョン4.12.0に更新してください。",
        "返金のお手続きは、お電話でお願いします。",
    ],
)
def test_the_programs_own_words_and_versions_are_never_found(catalog: Catalog, text: str) -> None:
    assert levels(catalog, text, "en" if text.isascii() else "ja") == {}


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("ｻｰﾊﾞｰに接続できません。", "ｻｰﾊﾞｰ"),
        ("ＤＮＳの設定です。", "ＤＮＳ"),
        ("サーバに接続できません。", "サーバ"),
        ("サーバーに接続できません。", "サーバー"),
    ],
)
def test_full_and_half_width_forms_are_found_where_they_stand(catalog: Catalog, text: str, word: str) -> None:
    assert (word, "jargon") in found(catalog, text)


@pytest.mark.parametrize("word", ["deployed", "deploys", "deploying", "Deployment", "deploy's"])
def test_an_english_word_is_found_in_all_its_forms(catalog: Catalog, word: str) -> None:
    assert found(catalog, f"We saw {word} at noon.", "en") == [(word, "jargon")]


def test_the_longest_word_is_found(catalog: Catalog) -> None:
    assert found(catalog, "We had to wait for the database cluster.", "en")[0][0].startswith("the database cluster")


def test_a_word_made_of_a_known_one_and_jargon_is_jargon(catalog: Catalog) -> None:
    assert found(catalog, "パスワードサーバーを直しています。") == [("パスワードサーバー", "jargon")]


def test_a_word_on_no_list_is_unknown_and_the_companys_own_names_are_known(catalog: Catalog) -> None:
    assert levels(catalog, "フニャラリオンを直しています。") == {"フニャラリオン": Level.HINT}
    pack = catalog.packs["ja"]
    named = replace(catalog, packs={**catalog.packs, "ja": replace(pack, site="フニャラリオン")})
    assert levels(named, "フニャラリオンを直しています。") == {}


@pytest.mark.parametrize(
    "text",
    [
        "Please ask about the QZXW.",
        "The frobnicated quokka grommets.",
        "Try our okonomiyaki, laksa and tiramisu in Llandudno.",
        "サムギョプサルとガパオライスをご用意しています。",
        "スウォンジーからカーディフまでの列車が遅れています。",
    ],
)
def test_a_word_that_is_merely_unknown_is_a_hint_and_never_more(catalog: Catalog, text: str) -> None:
    language = "en" if text.isascii() else "ja"
    assert set(levels(catalog, text, language).values()) == {Level.HINT}
    assert {one.category for one in find_unplain(text, language=language, catalog=catalog)} == {"unknown"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("web-prod-03 を直しました。", "host"),
        ("10.12.0.3 につながりません。", "address"),
        ("i-0b72f3d9ac118e4f5 を作り直しました。", "id"),
        ("/var/log/nginx/error.log にあります。", "path"),
        ("TypeError: x is not a function と出ます。", "trace"),
        ("AKIAIOSFODNN7EXAMPLE を使いました。", "key"),
        ("password=hunter22 を変えました。", "key"),
        ("https://admin.stg.example.co.jp:8443/ を開いてください。", "url"),
        ("yamada.taro@customer.example の方です。", "mail"),
        ("090-1234-5678 の方です。", "phone"),
        ("4111 1111 1111 1111 のカードです。", "card"),
        ("コミット a1b9f04 を戻しました。", "commit"),
        ("INC0048213 で対応しています。", "ticket"),
    ],
)
def test_what_gives_away_insides_or_people_is_an_error_in_every_language(
    catalog: Catalog, text: str, code: str
) -> None:
    for language in ("ja", "en", "xx"):
        findings = find_unplain(text, language=language, catalog=catalog)
        assert (code, Level.ERROR) in {(one.code, one.level) for one in findings}


def test_the_companys_own_addresses_may_be_published(catalog: Catalog) -> None:
    own = replace(catalog, site=replace(catalog.site, address="https://status.fitline.example"))
    text = "https://status.fitline.example/ja/ か help@fitline.example へお知らせください。"
    assert [one for one in find_unplain(text, language="ja", catalog=own) if one.level is Level.ERROR] == []


def test_a_guess_is_an_error_in_a_first_report_and_a_warning_later(catalog: Catalog) -> None:
    text = "たぶんカード会社で何か起きています。"
    for notice, level in ((NoticeKind.FIRST, Level.ERROR), (NoticeKind.UPDATE, Level.WARNING)):
        findings = find_unplain(text, language="ja", catalog=catalog, context=CheckContext(notice=notice))
        assert {one.level for one in findings if one.category == "guess"} == {level}


def test_a_relative_day_is_fine_beside_its_date(catalog: Catalog) -> None:
    assert ("since yesterday", "relative") in found(catalog, "It has been closed since yesterday.", "en")
    assert found(catalog, "It has been closed since yesterday, 23 November.", "en") == []


def test_some_people_alone_is_vague_unless_somebody_finds_out_who(catalog: Catalog) -> None:
    assert [code for _, code in found(catalog, "一部の方に影響があります。")] == ["vague"]
    assert found(catalog, "一部のお客様に影響が出ています。対象の範囲は、確認中です。") == []


@pytest.mark.parametrize(
    "text",
    [
        "We are continuing to investigate this issue. We will provide further updates as soon as possible.",
        "Our team is still working hard on a fix. Thank you for your patience.",
        "現在、引き続き調査を行っております。ご迷惑をおかけし、申し訳ございません。",
        "鋭意対応中です。詳細が判明次第、改めてご報告いたします。",
    ],
)
def test_an_update_that_says_nothing_is_told(catalog: Catalog, text: str) -> None:
    assert "nothing_said" in codes(find_unplain(text, language="en" if text.isascii() else "ja", catalog=catalog))


@pytest.mark.parametrize(
    "text",
    [
        "We are still working on it. Next update by 10:40.",
        "We are still looking into it. You can pay in cash.",
        "It works again.",
        "調査を続けています。次のお知らせは11時に出します。",
        "引き続き調査中です。お店の窓口では予約できます。",
    ],
)
def test_an_update_with_one_fact_says_something(catalog: Catalog, text: str) -> None:
    assert "nothing_said" not in codes(find_unplain(text, language="en" if text.isascii() else "ja", catalog=catalog))


@pytest.mark.parametrize(
    ("text", "word", "code"),
    [
        ("Mr Tanaka's member number 48213 was shown to others.", "Mr Tanaka", "person"),
        ("Maria Lopez, maria.lopez@mail.example, saw it.", "Maria Lopez", "person"),
        ("Mrs O'Brien, 12 Harbour Street, was charged twice.", "Mrs O'Brien", "person"),
        ("山田太郎様（会員番号12345）の予約が消えました。", "山田太郎様", "person"),
        ("氏名:佐藤花子、電話03-1234-5678の方です。", "氏名:佐藤花子", "person"),
        ("横浜市西区3-1の鈴木さんに届いていません。", "鈴木さん", "person"),
        ("The door password is Tiger2024.", "password is Tiger2024", "key"),
        ("パスワードは「Spring2026!」です。", "パスワードは「Spring2026!", "key"),
        ("暗証番号は48213です。", "暗証番号は48213", "key"),
        ("Use sk-proj4abcdefghijklmnop until noon.", "sk-proj4abcdefghijklmnop", "key"),
        ("トークンはghp_abcdefghij0123456789です。", "ghp_abcdefghij0123456789", "key"),
        ("原因はdb-prod-02の故障です。", "db-prod-02", "host"),
    ],
)
def test_people_and_shared_secrets_are_errors(catalog: Catalog, text: str, word: str, code: str) -> None:
    findings = find_unplain(text, language="en" if text.isascii() else "ja", catalog=catalog)
    found = [one for one in findings if one.start <= text.index(word) and one.end >= text.index(word) + len(word)]
    assert (code, Level.ERROR) in {(one.code, one.level) for one in found}


@pytest.mark.parametrize(
    "text",
    [
        "Your password must have at least 12 characters and was reset on 3 May.",
        "Call Harbour Clinic on 020 7946 0000. It is at 12 Harbour Street.",
        "Dr Patel sees patients on Mondays.",
        "パスワードは8文字以上です。認証コードは6桁です。",
        "お客様番号12345をご用意のうえ、03-1234-5678までお電話ください。",
        "会員の皆様へ。西区3-1の店舗に移りました。",
        "田中先生の診察は6月2日からです。",
    ],
)
def test_numbers_without_a_person_and_rules_for_passwords_are_fine(catalog: Catalog, text: str) -> None:
    findings = find_unplain(text, language="en" if text.isascii() else "ja", catalog=catalog)
    assert {one.code for one in findings if one.level is Level.ERROR} == set()


def test_the_companys_own_contact_may_be_published(catalog: Catalog) -> None:
    contact = Contact(phone="+81 90-1234-5678", url="mailto:anna.berg@acme.example")
    text = "Write to Anna Berg at anna.berg@acme.example or call 090-1234-5678."
    own = replace(catalog, site=replace(catalog.site, contact=contact))
    assert {one.code for one in find_unplain(text, language="en", catalog=catalog)} == {"person", "mail", "phone"}
    assert find_unplain(text, language="en", catalog=own) == ()


def test_a_mailbox_named_after_its_purpose_belongs_to_nobody(catalog: Catalog) -> None:
    text = "If your parcel has not arrived by Friday, write to {}@parcels.example."
    codes = {
        name: {one.code for one in find_unplain(text.format(name), language="en", catalog=catalog)}
        for name in ("help", "bookings.leeds", "j.berg")
    }
    assert codes == {"help": set(), "bookings.leeds": set(), "j.berg": {"mail"}}


@pytest.mark.parametrize(
    "text",
    [
        "The heavy load of the lorry broke the bridge.",
        "In the garden, the bug is an oak moth.",
        "Please bring this box back.",
        "Bring the buggy through the side door.",
        "The node of the plant is where the leaf grows.",
        "トークンを入れても、ガチャが回りません。",
        "ソースの小袋が足りません。",
        "テナントの3階は休みです。",
        "お客様にしていただくことはありません。",
    ],
)
def test_a_word_with_two_meanings_is_no_warning_by_itself(catalog: Catalog, text: str) -> None:
    assert found(catalog, text, "en" if text.isascii() else "ja") == []


def test_a_clock_beside_a_relative_word_says_when(catalog: Catalog) -> None:
    assert found(catalog, "The gate opens shortly before 9:00.", "en") == []
    assert [code for _, code in found(catalog, "We noticed it at 9:00. The gate opens soon.", "en")] == ["relative"]


def test_people_told_apart_by_what_they_did_are_no_warning(catalog: Catalog) -> None:
    assert found(catalog, "Some customers who paid by card between 9:00 and 9:20 paid twice.", "en") == []
    assert found(catalog, "9時から9時20分にカードで払った一部の方から、2回いただきました。") == []
    assert found(catalog, "We sent some customers the wrong time.", "en") == []
    assert found(catalog, "Some customers on the 16:20 changed trains.", "en") == []
    assert [code for _, code in found(catalog, "Some customers paid twice.", "en")] == ["vague"]


def test_what_the_screen_says_may_be_quoted(catalog: Catalog) -> None:
    assert found(catalog, "The page shows “Gateway timeout”. Please open it again.", "en") == []
    assert found(catalog, "画面に「503エラー」と出るときは、開き直してください。") == []
    assert [code for _, code in found(catalog, "The gateway timeout is gone.", "en")] == ["jargon"]


def test_many_words_with_two_meanings_are_everyday_ones_beside_an_everyday_word(catalog: Catalog) -> None:
    assert (
        found(catalog, "Beside the beach, the container at the bridge holds a table and the keys to the port.", "en")
        == []
    )


def test_two_apologies_apart_are_one_too_many(catalog: Catalog) -> None:
    once = "予約できません。ご迷惑をおかけしています。申し訳ございません。"
    twice = "申し訳ございません。予約できません。12時に直ります。申し訳ございません。"
    assert "apology_twice" not in codes(find_unplain(once, language="ja", catalog=catalog))
    assert "apology_twice" in codes(find_unplain(twice, language="ja", catalog=catalog))


def test_this_is_not_a_drill_is_never_said(catalog: Catalog) -> None:
    assert found(catalog, "これは訓練ではありません。") == [("訓練ではありません", "drill")]
    assert [code for _, code in found(catalog, "This is not a drill.", "en")] == ["drill"]


NOW = at("10:10")


def whole(catalog: Catalog, text: str, notice: NoticeKind, **more: object) -> set[str]:
    """The findings in a whole notice at ten past ten."""
    context = CheckContext(notice=notice, is_whole_notice=True, now=NOW, zone="Asia/Tokyo", **more)
    return codes(find_unplain(text, language="ja", catalog=catalog, context=context))


def test_a_first_report_says_since_when_and_when_the_next_word_comes(catalog: Catalog) -> None:
    assert {"text.start", "text.next_update"} <= whole(catalog, "予約できません。", NoticeKind.FIRST)
    good = "10時5分から、予約できません。次のお知らせは、10時40分に出します。"
    assert not {"text.start", "text.next_update", "text.next_update_past"} & whole(catalog, good, NoticeKind.FIRST)


def test_a_next_update_in_the_past_is_an_error(catalog: Catalog) -> None:
    late = "10時5分から、予約できません。次のお知らせは、10時に出します。"
    assert "text.next_update_past" in whole(catalog, late, NoticeKind.FIRST)
    tomorrow = "予約できません。次のお知らせは、12月31日9時に出します。"
    assert "text.next_update_past" not in whole(catalog, tomorrow, NoticeKind.UPDATE)


def test_an_update_that_says_nothing_new_is_told(catalog: Catalog) -> None:
    text = "予約できません。次のお知らせは、{}に出します。"
    findings = whole(catalog, text.format("10時40分"), NoticeKind.UPDATE, previous_text=text.format("10時10分"))
    assert "facts.nothing_new" in findings


def test_partly_restored_says_what_works_and_what_does_not(catalog: Catalog) -> None:
    assert "text.partly" in whole(catalog, "予約できます。次のお知らせは11時です。", NoticeKind.PARTLY_RESTORED)
    both = "予約できます。お支払いは、まだできません。次のお知らせは11時です。"
    assert "text.partly" not in whole(catalog, both, NoticeKind.PARTLY_RESTORED)


def test_facts_that_are_missing_or_over_are_told(catalog: Catalog) -> None:
    facts = Facts(incident_type="booking", estimate=Known(NOW - timedelta(minutes=1)))
    context = CheckContext(notice=NoticeKind.UPDATE, facts=facts, now=NOW)
    found_codes = codes(find_unplain("", language="ja", catalog=catalog, context=context))
    assert found_codes == {"facts.start", "facts.estimate_past", "facts.next_update"}
    fine = Facts("booking", (), start=StartTime(Precision.EXACT, NOW), estimate=Unknown(), next_update=_later(NOW))
    assert find_unplain("", language="ja", catalog=catalog, context=replace(context, facts=fine)) == ()


def _later(now: datetime) -> datetime:
    return now + timedelta(minutes=30)


def test_a_place_left_to_fill_is_an_error(catalog: Catalog) -> None:
    (one,) = find_unplain("It fails since [date and time].", language="en", catalog=catalog)
    assert (one.code, one.level) == ("text.placeholder", Level.ERROR)


def test_a_long_sentence_is_told(catalog: Catalog) -> None:
    long = "予約の画面が開かないときは" * 8 + "お電話ください。"
    assert {one.code for one in find_unplain(long, language="ja", catalog=catalog)} == {"length.letters"}
    words = " ".join(["call us again"] * 12) + "."
    assert "length.words" in codes(find_unplain(words, language="en", catalog=catalog))


def test_a_language_without_a_glossary_is_checked_for_what_is_the_same_in_all(catalog: Catalog) -> None:
    assert find_unplain("Der Server ist kaputt.", language="de", catalog=catalog) == ()
    assert codes(find_unplain("db-prod-2 ist kaputt.", language="de", catalog=catalog)) == {"host"}


def test_places_count_code_points_of_the_text_as_typed(catalog: Catalog) -> None:
    text = "👩‍👩‍👧 が㍻のｻｰﾊﾞｰを見ました。"
    (one,) = [one for one in find_unplain(text, language="ja", catalog=catalog) if one.category == "jargon"]
    assert text[one.start : one.end] == "ｻｰﾊﾞｰ"


@pytest.mark.parametrize("text", ["ﾊﾞｰﾍﾞｷｭｰ㌔", "ｶﾞｷﾞ゛", "e\u0301a ﬁne ½", "İstanbul", "", "\u3099"])
def test_folding_keeps_every_place(text: str) -> None:
    folded = normalize_text(text)
    assert len(folded.cased) == len(folded.lower)
    assert unicodedata.normalize("NFKC", text).replace("’", "'") == folded.cased
    for n in range(len(folded.cased)):
        start, end = folded.original_span(n, n + 1)
        assert 0 <= start < end <= len(text)


@pytest.mark.parametrize(
    ("written", "text", "is_found"),
    [
        ("load balancer", "the load-balancers", True),
        ("load balancer", "the loadbalancer", True),
        ("roll~ back", "rolling back", True),
        ("roll~ back!", "rolled backs", False),
        ("fail~ over", "failed over", True),
        ("#ミリ秒", "250ミリ秒", True),
        ("(切り|切)戻し", "切戻しを", True),
        ("どうも*怪し", "どうもOSが怪しい", True),
        ("どうも*怪し", "どうも。怪しい", False),
        ("キュー", "バーベキュー", False),
        ("Pod", "iPod", False),
        ("Pod", "pods in a row", False),
        ("API", "APIs", True),
        ("query", "queries", True),
        ("cache", "caching", True),
        ("throttle", "throttled", True),
    ],
)
def test_the_pattern_language(written: str, text: str, is_found: bool) -> None:
    assert any(one.occurs_in(normalize_text(text)) for one in parse_patterns(written)) is is_found


@pytest.mark.parametrize("written", ["(a", "a)", "a|b", "", "~a", "*a"])
def test_a_pattern_that_cannot_be_read_is_refused(written: str) -> None:
    with pytest.raises(BadPattern):
        for one in parse_patterns(written):
            one.occurs_in(normalize_text("a b"))


def test_an_entry_of_the_company_counts_at_once(catalog: Catalog) -> None:
    pack = catalog.packs["en"]
    assert pack.glossary is not None
    term = Term("jargon.company.zorbing", "jargon", "company", ("zorb",), "rolling", "We zorb.", level="hint")
    own = replace(pack, glossary=Glossary((term,), pack.glossary.everyday_words, {}))
    findings = find_unplain("We are zorbing.", language="en", catalog=replace(catalog, packs={"en": own}))
    assert [(one.replacement, one.level) for one in findings] == [("rolling", Level.HINT)]


@pytest.mark.parametrize(
    ("language", "text", "mended"),
    [
        ("ja", "メールの配信が遅延しています。", "メールの配信が遅れています。"),
        ("ja", "処理に遅延が発生しました。", "処理に遅れが発生しました。"),
        ("ja", "再起動を行いました。", "システムを一度止めて、動かし直す作業を行いました。"),
        ("ja", "再起動しました。", "システムを一度止めて、動かし直す作業をしました。"),
        ("ja", "更新を切り戻しました。", "更新を前の状態に戻しました。"),
        ("ja", "サーバーがダウンしています。", "当社のシステムが停止しています。"),
        ("ja", "温度の変化を検知しました。", "温度の変化を見つけました。"),
        ("ja", "ﾘｿｰｽが足りません。", "処理する力が足りません。"),
        ("ja", "昨日から予約できません。", "[日付と時刻]から予約できません。"),
        ("en", "The server is slow.", "Our system is slow."),
        ("en", "We mended the server.", "We mended our system."),
        ("en", "Server data is safe.", "Our system data is safe."),
        ("ja", "アクセスが集中し、つながりません。", "同時に多くの方が利用し、つながりません。"),
        ("ja", "レプリカの異常です。", "データの写しの異常です。"),
        ("ja", "当該ドメインの件です。", "当該ドメインの件です。"),
        ("ja", "一次切り分けの結果です。", "一次切り分けの結果です。"),
        ("en", "We are aware of an issue with sign-in.", "We are aware of a problem with sign-in."),
        ("en", "A load balancer broke.", "Part of our system broke."),
        ("en", "It is the bank's fault.", "It is the bank's fault."),
        ("en", "Please wait. This server is being mended.", "Please wait. Our system is being mended."),
    ],
)
def test_words_taken_instead_fit_the_sentence_they_come_into(
    catalog: Catalog, language: str, text: str, mended: str
) -> None:
    for found in reversed(find_unplain(text, language=language, catalog=catalog)):
        if found.replacement:
            text = text[: found.start] + found.replacement + text[found.end :]
    assert text == mended


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_entry_of_the_glossary_is_met_by_its_own_example(catalog: Catalog, language: str) -> None:
    only = replace(catalog, packs={language: catalog.packs[language]})
    assert list(plain_language_check.find_errors(only)) == []
    glossary = catalog.packs[language].glossary
    assert glossary is not None
    assert len(glossary.terms) > 300
    fields = {term.subject_area for term in glossary.terms}
    assert fields >= set("web database network dns cloud deployment security payment devices mobile mail".split())


def test_an_entry_of_which_only_the_beginning_can_be_read_is_a_fault(catalog: Catalog) -> None:
    assert find_unplain("すみません。", language="ja", catalog=catalog)
    pack = catalog.packs["en"]
    assert pack.glossary is not None
    term = Term("jargon.web.zorb", "jargon", "web", ("zorb", "sorry(,|!)"), "", "The zorb is slow.")
    broken = replace(pack, glossary=replace(pack.glossary, terms=(*pack.glossary.terms, term)))
    problems = {
        fault.key: fault.message for fault in plain_language_check.find_errors(replace(catalog, packs={"en": broken}))
    }
    assert "cannot stand here" in problems["jargon.web.zorb"]


@pytest.mark.slow
def test_an_entry_that_misses_its_example_and_jargon_in_prepared_words_are_faults(catalog: Catalog) -> None:
    pack = catalog.packs["en"]
    assert pack.glossary is not None
    term = Term("jargon.web.zorb", "jargon", "web", ("zorb",), "", "Nothing of the kind.")
    odd = replace(pack.glossary, terms=(*pack.glossary.terms, term))
    broken = replace(pack, glossary=odd, phrases={**pack.phrases, "no_change.text": "The server is still down."})
    problems = {
        fault.key: fault.message for fault in plain_language_check.find_errors(replace(catalog, packs={"en": broken}))
    }
    assert "does not match its own example" in problems["jargon.web.zorb"]
    assert "“The server”" in problems["no_change.text"]
    kept = replace(odd, terms=pack.glossary.terms, exceptions={**odd.exceptions, "phrases.no_change.text": "A reason."})
    fine = replace(catalog, packs={"en": replace(broken, glossary=kept)})
    assert list(plain_language_check.find_errors(fine)) == []


@pytest.mark.parametrize(
    ("name", "text"), [("Webhooks", "Webhooks are late."), ("Payments API", "Payments API is slow.")]
)
def test_an_own_name_is_never_a_finding(catalog: Catalog, name: str, text: str):
    pack = catalog.packs["en"]
    service = replace(pack.services["login"], name=name, noun=name, noun_capitalized=name)
    own = replace(catalog, packs={**catalog.packs, "en": replace(pack, services={**pack.services, "login": service})})
    assert name.split()[-1] in {text[f.start : f.end] for f in find_unplain(text, language="en", catalog=catalog)}
    assert find_unplain(text, language="en", catalog=own) == ()


def test_an_allowed_word_is_no_finding(catalog: Catalog):
    text = "Our new webhook is slow."
    own = replace(catalog, site=replace(catalog.site, allowed_words=("webhook",)))
    assert "webhook" in {text[f.start : f.end] for f in find_unplain(text, language="en", catalog=catalog)}
    assert find_unplain(text, language="en", catalog=own) == ()


def test_engineers_understand_technical_words_but_are_told_no_guesses(catalog: Catalog):
    engineers = replace(catalog, site=replace(catalog.site, readers=Readers.ENGINEERS))
    text = "The database cluster returns 503. It is probably a customer's fault. Write to anna.berg@example.com."
    everyone = {finding.category for finding in find_unplain(text, language="en", catalog=catalog)}
    told = {finding.category for finding in find_unplain(text, language="en", catalog=engineers)}
    assert "jargon" in everyone
    assert told == everyone - {"jargon", "metric", "process", "severity", "unknown"}
    assert {"guess", "personal"} <= told
