"""What a company publishes has no word of another trade, and of no place but its own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import html

from statuspage.content import loading
from statuspage.settings import read_settings
from statuspage.usecases import bootstrap
from statuspage.usecases.demo_data import fill_instance
from statuspage.usecases.new_company import NewCompany, create_company, proposed_services
from statuspage.usecases.publishing import site_updates
from tests.support.times import at

NOW = at("12:00", "2026-07-04")
DAYS = 20

OF_A_TRADE = {
    "fitness": r"\b(?:gyms?|clubs?|classes|lessons?|members?|front desk)\b|ジム|店舗|会員|レッスン|入館",
    "shop": r"\b(?:parcels?|baskets?|catalogue)\b|商品|配送|買い物",
    "saas": r"\b(?:webhooks?|dashboards?|endpoints?)\b|Webhook|ダッシュボード",
}
OF_NO_TRADE = r"\bJapan\w*|\bTokyo\b|\bJST\b|日本標準時|日本時間|東京|\bFitline\b|\b119\b"
"""Words of the demonstration's company and its place."""


@pytest.mark.slow
@pytest.mark.parametrize("starter", loading.starters())
def test_a_year_of_a_company_has_no_word_of_another_trade_or_place(
    starter: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("statuspage.usecases.demo_data.filling.YEAR_DAYS", DAYS)
    home, services = tmp_path / "instance", tuple(proposed_services(starter, "en"))
    create_company(home, NewCompany("Acme", services, ("en", "ja"), "America/New_York", starter), now=NOW)
    live = bootstrap.live_environment(read_settings({}, home=str(home)), now=NOW)
    fill_instance(live, bootstrap.drill_environment(home, home / "content", now=NOW), seed=7, now=NOW)
    site_updates.build_site(live, now=NOW)
    foreign = "|".join([OF_NO_TRADE, *(words for trade, words in OF_A_TRADE.items() if trade != starter)])
    texts = dict(published_texts(live.site_folder.current))
    assert len(texts) > 80
    found = {(name, hit[0]) for name, text in texts.items() for hit in re.finditer(foreign, text, re.IGNORECASE)}
    assert found == set()


def published_texts(folder: Path):
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".html":
            yield path.relative_to(folder).as_posix(), html.fromstring(path.read_bytes()).text_content()
        elif path.suffix in (".json", ".rss", ".atom", ".ics", ".txt"):
            yield path.relative_to(folder).as_posix(), path.read_text("utf-8")
