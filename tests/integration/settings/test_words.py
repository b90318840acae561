"""Sentences are found, seen where they are said, said otherwise and given back."""

from __future__ import annotations

import tomllib

import pytest

from statuspage.content.loading.loader import read_content
from statuspage.domain import NoticeKind
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.settings import word_settings
from tests.support.desk import Browser, clock
from tests.support.settings import content_file, env, lead

__all__ = ["clock", "env", "lead"]

KEY = "no_change.text"
SENTENCE = "/settings/words/sentence/no_change.text"


@pytest.mark.slow
def test_a_sentence_is_found_by_its_text_and_by_its_notice(env: Environment, lead: Browser):
    catalog = env.site.catalog
    text = word_settings.texts_of(catalog.packs["en"])[KEY]
    assert KEY in word_settings.search(catalog, "en", text[:20].upper(), None)
    assert KEY in word_settings.search(catalog, "en", "", NoticeKind.UPDATE)
    assert KEY not in word_settings.search(catalog, "en", "", NoticeKind.WITHDRAWAL)
    lead.open(f"/settings/words?q={text[:20]}")
    assert lead.tree.xpath(f"//main//a[@href='{SENTENCE}']/mark")


@pytest.mark.slow
def test_it_is_seen_in_every_notice_and_medium_also_as_typed(env: Environment, lead: Browser):
    lead.open(SENTENCE)
    marked = [each.text_content() for each in lead.tree.xpath("//main//mark")]
    assert marked
    assert set(marked) == {word_settings.texts_of(env.site.catalog.packs["en"])[KEY]}
    lead.send({"text.en": "It is <b>still</b> as it was.", "do": "preview"})
    assert "<mark>It is &lt;b&gt;still&lt;/b&gt; as it was.</mark>" in lead.text
    assert not content_file(env, "en/phrases.toml").exists()


@pytest.mark.slow
def test_an_own_sentence_is_kept_and_the_supplied_one_comes_back(env: Environment, lead: Browser):
    lead.open(SENTENCE).send({"text.en": "It is still as it was."})
    assert tomllib.loads(content_file(env, "en/phrases.toml").read_text("utf-8")) == {
        "no_change": {"text": "It is still as it was."}
    }
    assert env.content_source.folder is not None
    catalog, errors = read_content(env.content_source.folder)
    assert catalog is not None, errors
    assert catalog.packs["en"].phrases[KEY] == "It is still as it was."
    lead.open(SENTENCE).send({"do": "supplied"})
    assert tomllib.loads(content_file(env, "en/phrases.toml").read_text("utf-8")) == {"no_change": {}}


@pytest.mark.slow
def test_an_unknown_slot_is_an_error_beside_the_sentence(env: Environment, lead: Browser):
    lead.open(SENTENCE).send({"text.en": "It is {nonsense}."})
    assert lead.page.status_code == 422
    assert lead.tree.xpath("//textarea[@name='text.en'][@aria-invalid='true']")
    assert not content_file(env, "en/phrases.toml").exists()
