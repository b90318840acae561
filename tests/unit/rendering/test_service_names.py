"""A service is named, not declined: from its name alone come clauses that are right in every language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from statuspage.domain import (
    IMPACT_STATES,
    GrammaticalNumber,
    ImpactClauses,
    LocaleRules,
    ServiceGrammar,
    ServiceWords,
    State,
)
from statuspage.rendering.wording import name_group, name_service, without_breaks
from statuspage.rendering.wording.korean_particles import ends_in_consonant, resolve_particles
from statuspage.rendering.wording.locale_format import join_alternatives, join_list, join_negated
from statuspage.rendering.wording.service_names import is_english_plural, is_product_name
from statuspage.rendering.wording.slot_grammar import join_slots
from tests.support.language_grammar import LANGUAGES, grammar_of

MAJOR, PARTIAL, DEGRADED = State.MAJOR, State.PARTIAL, State.DEGRADED
PLURAL, SINGULAR = GrammaticalNumber.PLURAL, GrammaticalNumber.SINGULAR

READ_IN_KOREAN = {
    "capitals and product names": (
        "API 에이피아이 SQL 에스큐엘 SMS 에스엠에스 DNS 디엔에스 VPN 브이피엔 CDN 시디엔 SSO 에스에스오 "
        "CRM 시아르엠 ERP 이아르피 PDF 피디에프 XML 엑스엠엘 HTTPS 에이치티티피에스 SDK 에스디케이 URL 유아르엘 "
        "AWS 에이더블유에스 GraphQL 그래프큐엘 MySQL 마이에스큐엘 GitHub 깃허브 PayPal 페이팔 OAuth 오어스 "
        "iOS 아이오에스 macOS 맥오에스 IoT 아이오티 ChatGPT 챗지피티 iPhone 아이폰 YouTube 유튜브 WhatsApp 왓츠앱 "
        "EC2 이시투 IPv6 아이피브이식스 WEB 웹 SHOP 숍 CLOUD 클라우드 PR 피알 HR 에이치알 WebRTC 웹아르티시"
    ),
    "plurals": (
        "Webhooks 웹훅스 Payouts 페이아웃스 Apps 앱스 Invoices 인보이시스 Reports 리포츠 Orders 오더스 "
        "Tickets 티켓츠 APIs 에이피아이스 Bookings 부킹스 Cards 카즈 Deliveries 딜리버리스 Locks 록스 "
        "Messages 메시지스 Builds 빌즈 Umsätze 움제체 Órdenes 오르데네스 Commandes 코망드 Pedidos 페디도스 "
        "Zahlungen 찰룽겐 Buchungen 부흥겐"
    ),
    "words by their last sound": (
        "Dashboard 대시보드 Backup 백업 Mail 메일 Login 로그인 System 시스템 Billing 빌링 Console 콘솔 "
        "Mobile 모바일 Google 구글 Home 홈 Online 온라인 Engine 엔진 Store 스토어 Storage 스토리지 Service 서비스 "
        "Database 데이터베이스 Site 사이트 Drive 드라이브 Desk 데스크 Link 링크 Track 트랙 Slack 슬랙 "
        "Network 네트워크 Feedback 피드백 Book 북 Facebook 페이스북 Check 체크 Map 맵 Help 헬프 Chat 챗 "
        "Support 서포트 Internet 인터넷 Market 마켓 Wallet 월렛 Account 어카운트 Checkout 체크아웃 Payment 페이먼트 "
        "List 리스트 Event 이벤트 Insight 인사이트 Sheet 시트 Web 웹 Job 잡 Club 클럽 Hub 허브 Cloud 클라우드 "
        "Card 카드 Feed 피드 Blog 블로그 Log 로그 Sync 싱크 Music 뮤직 Traffic 트래픽 Search 서치 Push 푸시 "
        "Graph 그래프 Server 서버 Center 센터 Pay 페이 View 뷰 Window 윈도 Box 박스 Platform 플랫폼 Design 디자인 "
        "Team 팀 Time 타임 Schedule 스케줄 Free 프리 Cookie 쿠키 Queue 큐 Talk 토크 Bank 뱅크 Group 그룹 "
        "Data 데이터 Studio 스튜디오 Gallery 갤러리 Analytics 애널리틱스 News 뉴스 Status 스테이터스 Access 액세스"
    ),
    "other scripts": (
        "대시보드 대시보드 결제 결제 회원증 회원증 예약 예약 알림톡 알림톡 カード カード ログイン 로그인 "
        "ゲート 게이트 ポイント 포인트 チェックイン 체크인"
    ),
    "beginning with a vowel or h": (
        "Überweisungen 위버바이중겐 Hôtel 오텔 Historial 이스토리알 Informes 인포르메스 Âge 아지 Oficina 오피시나 "
        "Hosting 호스팅 Export 엑스포트 Import 임포트 Admin 어드민 Identity 아이덴티티 Upload 업로드 "
        "Einkauf 아인카우프 Ofertas 오페르타스 Identidad 이덴티다드 Email 이메일"
    ),
    "digits, symbols, one letter and sixty": (
        "X 엑스 L 엘 N 엔 A 에이 7 칠 5 오 3 삼 10 십 365 삼육오 24/7 이십사칠 S3 에스쓰리 MP3 엠피쓰리 F1 에프원 "
        "G7 지세븐 C++ 시플러스플러스 100% 백퍼센트 Yahoo! 야후 R&D 아르앤디 Pay™ 페이 Acme®Mail 애크미메일"
    ),
}
"""Names of each kind, with how Koreans read them aloud: the table against which particles are tested."""

UNREAD = "決済 支付 予約管理 会員証 Платежи Πληρωμές المدفوعات תשלומים ชำระเงิน 😀".split()
"""Names whose sound in Korean cannot be told from their letters."""


def _pairs() -> Iterator[tuple[str, str]]:
    for words in READ_IN_KOREAN.values():
        items = words.split()
        yield from zip(items[::2], items[1::2], strict=True)


READINGS = dict(_pairs())
PREFIXES = ("Payments", "決済", "Hotel-")
LONG = f"{'Customer Identity and Access Management for Partners'} Gateway"
NAMES = (
    *READINGS,
    *UNREAD,
    *(f"{PREFIXES[n % 2]} {name}" for n, name in enumerate(READINGS)),
    *(f"{name} (EU)" for name in list(READINGS)[:60]),
    LONG,
    "Acme Inc.",
    "{name}",
    "a",
)


def test_there_are_names_of_every_kind():
    assert len(set(NAMES)) > 300
    assert len(READ_IN_KOREAN) == 6
    assert len(LONG) == 60


def named(language: str, name: str, **grammar: object) -> ServiceWords:
    return name_service(name, *grammar_of(language), ServiceGrammar(**grammar))


def clauses(language: str, name: str, state: State, **grammar: object) -> tuple[str, str, str]:
    said = named(language, name, **grammar).impact_clauses[state]
    return without_breaks(said.now), without_breaks(said.still), without_breaks(said.again)


EXACT = [
    ("en", "Payments API", MAJOR, "{} is not working", "{} is still not working", "{} is working again"),
    ("en", "Payments API", PARTIAL, "{} sometimes fails", "{} still sometimes fails", "{} is working as usual again"),
    ("en", "Payments API", DEGRADED, "{} is slow", "{} is still slow", "{} is working as usual again"),
    ("en", "Webhooks", MAJOR, "{} are not working", "{} are still not working", "{} are working again"),
    ("en", "Webhooks", PARTIAL, "{} sometimes fail", "{} still sometimes fail", "{} are working as usual again"),
    ("en", "Analytics", DEGRADED, "{} is slow", "{} is still slow", "{} is working as usual again"),
    ("en", "決済API", MAJOR, "{} is not working", "{} is still not working", "{} is working again"),
    (
        "ja",
        "決済API",
        MAJOR,
        "{}をご利用いただけません",
        "引き続き{}をご利用いただけません",
        "{}をご利用いただけるようになりました",
    ),
    (
        "ja",
        "Webhooks",
        PARTIAL,
        "{}をご利用いただけないことがあります",
        "引き続き{}をご利用いただけないことがあります",
        "{}をいつもどおりご利用いただけるようになりました",
    ),
    (
        "ja",
        "ダッシュボード",
        DEGRADED,
        "{}の動作が遅くなっています",
        "引き続き{}の動作が遅くなっています",
        "{}の動作がいつもの速さに戻りました",
    ),
    ("ja-simple", "メール", MAJOR, "{}が つかえません", "{}が、まだ つかえません", "{}が つかえるように なりました"),
    ("ja-simple", "メール", DEGRADED, "{}が おそいです", "{}が、まだ おそいです", "{}が いつもの はやさに なりました"),
    (
        "de",
        "Payments API",
        MAJOR,
        "{} ist nicht verfügbar",
        "{} ist weiterhin nicht verfügbar",
        "{} ist wieder verfügbar",
    ),
    (
        "de",
        "Umsätze",
        MAJOR,
        "Der Dienst {} ist nicht verfügbar",
        "Der Dienst {} ist weiterhin nicht verfügbar",
        "Der Dienst {} ist wieder verfügbar",
    ),
    (
        "de",
        "Online-Buchungen",
        DEGRADED,
        "Der Dienst {} ist langsam",
        "Der Dienst {} ist weiterhin langsam",
        "Der Dienst {} ist wieder so schnell wie gewohnt",
    ),
    ("fr", "GitHub", MAJOR, "{} ne fonctionne pas", "{} ne fonctionne toujours pas", "{} fonctionne de nouveau"),
    (
        "fr",
        "Alertes de livraison par SMS",
        MAJOR,
        "Le service {} ne fonctionne pas",
        "Le service {} ne fonctionne toujours pas",
        "Le service {} fonctionne de nouveau",
    ),
    (
        "fr",
        "Webhooks",
        MAJOR,
        "Le service {} ne fonctionne pas",
        "Le service {} ne fonctionne toujours pas",
        "Le service {} fonctionne de nouveau",
    ),
    (
        "fr",
        "Hôtel",
        PARTIAL,
        "Le service {} fonctionne par intermittence",
        "Le service {} fonctionne encore par intermittence",
        "Le service {} fonctionne de nouveau normalement",
    ),
    (
        "fr",
        "Service client",
        MAJOR,
        "{} ne fonctionne pas",
        "{} ne fonctionne toujours pas",
        "{} fonctionne de nouveau",
    ),
    ("es", "API", MAJOR, "{} no funciona", "{} sigue sin funcionar", "{} ya funciona de nuevo"),
    (
        "es",
        "Órdenes",
        MAJOR,
        "El servicio {} no funciona",
        "El servicio {} sigue sin funcionar",
        "El servicio {} ya funciona de nuevo",
    ),
    (
        "es",
        "Órdenes",
        DEGRADED,
        "El servicio {} responde con lentitud",
        "El servicio {} sigue respondiendo con lentitud",
        "El servicio {} ha recuperado su velocidad normal",
    ),
    (
        "pt-BR",
        "Pedidos",
        MAJOR,
        "O serviço {} não está funcionando",
        "O serviço {} ainda não está funcionando",
        "O serviço {} voltou a funcionar",
    ),
    (
        "pt-BR",
        "GitHub",
        PARTIAL,
        "{} apresenta instabilidade",
        "{} ainda apresenta instabilidade",
        "{} voltou ao normal",
    ),
    (
        "ko",
        "Payments API",
        MAJOR,
        "{}를 이용할 수 없습니다",
        "{}를 아직 이용할 수 없습니다",
        "{}를 다시 이용할 수 있습니다",
    ),
    (
        "ko",
        "iCloud-Backup",
        MAJOR,
        "{}을 이용할 수 없습니다",
        "{}을 아직 이용할 수 없습니다",
        "{}을 다시 이용할 수 있습니다",
    ),
    ("ko", "대시보드", DEGRADED, "{}가 느립니다", "{}가 아직 느립니다", "{}가 평소 속도로 돌아왔습니다"),
    ("ko", "MySQL", DEGRADED, "{}이 느립니다", "{}이 아직 느립니다", "{}이 평소 속도로 돌아왔습니다"),
    (
        "ko",
        "E-Mail",
        PARTIAL,
        "{}을 이용하지 못할 때가 있습니다",
        "{}을 아직 이용하지 못할 때가 있습니다",
        "{}을 평소처럼 이용할 수 있습니다",
    ),
    ("vi", "Webhooks", MAJOR, "{} không hoạt động", "{} vẫn chưa hoạt động", "{} đã hoạt động trở lại"),
    (
        "vi",
        "Thanh toán",
        PARTIAL,
        "{} đôi khi không hoạt động",
        "{} đôi khi vẫn không hoạt động",
        "{} đã hoạt động bình thường trở lại",
    ),
    ("zh-Hans", "支付API", MAJOR, "{}无法使用", "{}仍然无法使用", "{}已恢复使用"),
    ("zh-Hans", "支付API", PARTIAL, "{}有时无法使用", "{}有时仍然无法使用", "{}已恢复正常"),
    ("zh-Hans", "Webhooks", DEGRADED, "{}响应较慢", "{}响应仍然较慢", "{}已恢复正常速度"),
]


@pytest.mark.parametrize(("language", "name", "state", "now", "still", "again"), EXACT)
def test_a_name_is_said_as_a_native_says_it(language: str, name: str, state: State, now: str, still: str, again: str):
    assert clauses(language, name, state) == tuple(text.replace("{}", name) for text in (now, still, again))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_name_stands_whole_in_a_clean_clause(language: str):
    full_stop = grammar_of(language)[1].full_stop
    for name in NAMES:
        words = named(language, name)
        assert words.name == name
        assert words.noun.endswith(name)
        assert words.noun_capitalized.endswith(name)
        assert set(words.impact_clauses) == set(IMPACT_STATES)
        for state in IMPACT_STATES:
            said = clauses(language, name, state)
            assert len(set(said)) == 3
            for clause in said:
                assert clause.count(name) >= 1, clause
                rest = clause.replace(name, "■", 1)
                assert not re.search(r"[{}|]|  |\.\.|^ | $| [.,]", rest), clause
                assert not clause.endswith(full_stop), clause
                assert not re.search(r"をを|がが|のの|はは|にに|는는|을을|를를|이가", rest), clause


@pytest.mark.parametrize("name", READINGS)
def test_a_korean_particle_follows_the_sound(name: str):
    reading = READINGS[name]
    has_final = (ord(reading[-1]) - 0xAC00) % 28 > 0 if reading[-1] > "가" else reading[-1] == "ン"
    object_particle, subject_particle = ("을", "이") if has_final else ("를", "가")
    for shown in (name, f"Payments {name}"):
        assert clauses("ko", shown, MAJOR)[0] == f"{shown}{object_particle} 이용할 수 없습니다"
        assert clauses("ko", shown, DEGRADED)[0] == f"{shown}{subject_particle} 느립니다"
    bracketed = f"{name} (EU)"
    assert clauses("ko", bracketed, MAJOR)[0] == f"{bracketed}{object_particle} 이용할 수 없습니다"


@pytest.mark.parametrize("name", UNREAD)
def test_a_name_that_nobody_can_read_aloud_keeps_both_korean_particles(name: str):
    assert ends_in_consonant(name) is None
    assert clauses("ko", name, MAJOR)[0] == f"{name}을(를) 이용할 수 없습니다"


def test_every_pair_of_korean_particles_is_resolved():
    assert resolve_particles("메일은(는) 메일과(와) API은(는) API과(와)") == "메일은 메일과 API는 API와"


def test_english_plurals_are_told_where_that_is_safe():
    for name in READ_IN_KOREAN["plurals"].split()[:-12:2]:
        assert is_english_plural(name), name
    for name in ("Sales APIs", "Smart locks", "Webhooks (EU)", "Metrics", "WEBHOOKS", "Team Photos"):
        assert is_english_plural(name), name
    for name in (
        *("Analytics", "News", "Status", "SMS", "DNS", "AWS", "iOS", "macOS", "HTTPS", "Access", "Redis", "Canvas"),
        *(
            "Kubernetes",
            "McDonald’s",
            "Lloyd's",
            "S",
            "Us",
            "Payments API",
            "決済",
            "Webhooks v2",
            "Payments for Business",
        ),
    ):
        assert not is_english_plural(name), name


def test_only_the_last_part_of_a_name_makes_it_a_product():
    assert all(map(is_product_name, ("Payments API", "決済API", "GitHub", "GraphQL", "WLAN", "API ABC", "iCloud")))
    assert not any(
        map(is_product_name, ("Online-Buchungen", "API-Aufrufe", "APIs", "PDF-Exporte", "Umsätze", "E-Mail"))
    )


PLURAL_CLAUSES = [
    ("en", "Status", "Status are not working"),
    ("de", "Umsätze", "Umsätze sind nicht verfügbar"),
    ("fr", "Commandes", "Commandes ne fonctionnent pas"),
    ("es", "Órdenes", "Órdenes no funcionan"),
    ("pt-BR", "Pedidos", "Pedidos não estão funcionando"),
]


@pytest.mark.parametrize(("language", "name", "now"), PLURAL_CLAUSES)
def test_a_company_may_say_the_number(language: str, name: str, now: str):
    assert clauses(language, name, MAJOR, number=PLURAL)[0] == now
    assert clauses(language, name, MAJOR, number=SINGULAR)[0] != now


NOUNS = [
    ("en", "the smart locks", "The smart locks are slow", "the smart locks"),
    ("de", "die Kursbuchung", "Die Kursbuchung ist langsam", "die Kursbuchung"),
    ("de", "der Kundenbereich", "Der Kundenbereich ist langsam", "den Kundenbereich"),
    ("de", "den Kundenbereich", "Der Kundenbereich ist langsam", "den Kundenbereich"),
    ("de", "die Zahlungen", "Die Zahlungen sind langsam", "die Zahlungen"),
    ("de", "die APIs", "Die APIs sind langsam", "die APIs"),
    ("de", "die SMS", "Die SMS ist langsam", "die SMS"),
    ("de", "die Anmeldung mit Passkeys", "Die Anmeldung mit Passkeys ist langsam", "die Anmeldung mit Passkeys"),
    ("fr", "le portail", "Le portail fonctionne au ralenti", "le portail"),
    ("fr", "l’API", "L’API fonctionne au ralenti", "l’API"),
    ("fr", "vos commandes", "Vos commandes fonctionnent au ralenti", "vos commandes"),
    ("es", "sus pedidos", "Sus pedidos responden con lentitud", "sus pedidos"),
    ("pt-BR", "suas reservas", "Suas reservas estão com lentidão", "suas reservas"),
    ("es", "la reserva de clases", "La reserva de clases responde con lentitud", "la reserva de clases"),
    ("fr", "les réservations", "Les réservations fonctionnent au ralenti", "les réservations"),
    ("es", "las reservas", "Las reservas responden con lentitud", "las reservas"),
    ("pt-BR", "os pedidos", "Os pedidos estão com lentidão", "os pedidos"),
    ("pt-BR", "o portal", "O portal está com lentidão", "o portal"),
    ("ko", "수업 예약", "수업 예약이 느립니다", "수업 예약"),
    ("vi", "chức năng đặt lịch", "Chức năng đặt lịch hoạt động chậm", "chức năng đặt lịch"),
    ("en", "iCloud", "iCloud is slow", "iCloud"),
]


@pytest.mark.parametrize(("language", "noun", "now", "said"), NOUNS)
def test_a_noun_of_the_company_takes_the_place_of_the_name(language: str, noun: str, now: str, said: str):
    assert clauses(language, "X", DEGRADED, noun=noun)[0] == now
    assert named(language, "X", noun=noun).noun == said


def test_a_clause_of_the_company_replaces_that_state_alone():
    own = ImpactClauses("Nothing is paid", "Still nothing is paid", "Everything is paid again")
    words = named("en", "Payouts", clauses={MAJOR: own})
    assert words.impact_clauses[MAJOR] == replace(own, was="Payouts were not working")
    assert words.impact_clauses[PARTIAL].now == "Payouts sometimes fail"


def test_a_group_of_services_is_named_too():
    assert name_group("Payments", *grammar_of("en")) == ("Payments", "Payments")
    assert name_group("Zahlungen", *grammar_of("de")) == ("den Dienst Zahlungen", "Der Dienst Zahlungen")
    assert name_group("Paiements", *grammar_of("fr")) == ("le service Paiements", "Le service Paiements")


def test_a_french_preposition_merges_with_the_article_of_a_slot_only():
    rules = LocaleRules("fr")
    assert join_slots((("L’accès à ", "le portail"), (" est lent", "")), rules) == "L’accès au portail est lent"
    assert join_slots((("Impossible d’accéder à ", "les cours"),), rules) == "Impossible d’accéder aux cours"
    assert join_slots((("L’accès à ", "Le Monde"),), rules) == "L’accès à Le Monde"
    assert join_slots((("Nous cherchons à le réparer", ""),), rules) == "Nous cherchons à le réparer"


def test_a_name_that_ends_in_a_full_stop_ends_a_sentence():
    rules = LocaleRules("en")
    assert join_slots((("It also affected ", "Acme Inc."), (".", "")), rules) == "It also affected Acme Inc."


ALTERNATIVES = {
    "en": "A, B or C",
    "ja": "A、BまたはC",
    "ja-simple": "A、Bか C",
    "de": "A, B oder C",
    "fr": "A, B ou C",
    "es": "A, B o C",
    "pt-BR": "A, B ou C",
    "ko": "A, B 또는 C",
    "vi": "A, B hoặc C",
    "zh-Hans": "A、B或C",
}
NEGATED = {"en": "A, B or C", "fr": "A, B ni C", "es": "A, B ni C", "pt-BR": "A, B nem C", "de": "A, B und C"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_alternatives_are_joined_by_or(language: str):
    rules = grammar_of(language)[1]
    assert join_alternatives(["A", "B", "C"], rules) == ALTERNATIVES[language]
    assert join_alternatives(["A"], rules) == "A"
    if language in NEGATED:
        assert join_negated(["A", "B", "C"], rules) == NEGATED[language]


def test_spanish_and_and_or_give_way_to_their_own_sound():
    rules = grammar_of("es")[1]
    assert join_list(["Pagos", "Informes"], rules) == "Pagos e Informes"
    assert join_list(["Pagos", "Correo", "Historial"], rules) == "Pagos, Correo e Historial"
    assert join_list(["Pagos", "iCloud"], rules) == "Pagos y iCloud"
    assert join_list(["Agua", "Hielo"], rules) == "Agua y Hielo"
    assert join_list([], rules) == ""
    assert join_alternatives(["Pagos", "Órdenes"], rules) == "Pagos u Órdenes"
    assert join_alternatives(["Pagos", "Correo"], rules) == "Pagos o Correo"
