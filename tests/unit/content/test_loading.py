"""The shipped content, broken in many ways: every error is found, in its place, and all in one run."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from statuspage import bundled
from statuspage.content import loading
from statuspage.content.loading.folder import ContentFolder
from statuspage.content.loading.toml_source import parse_toml
from statuspage.domain.catalog import Catalog, ContentError, EnvironmentMarks
from statuspage.domain.facts import IMPACT_STATES, Affected, NoticeKind, State
from statuspage.integrations.channels.registry import TYPES
from tests.support.content import whole_copy
from tests.support.instance import with_every_channel


@dataclass(frozen=True)
class Break:
    """``old`` becomes ``new`` in ``file``.

    The error is on the last line up to there that has ``at`` (else ``new``); ``at="^"`` is the file's first line.
    ``also`` counts further errors that the same change rightly causes.
    """

    file: str
    old: str
    new: str
    says: str
    at: str = ""
    key: str = ""
    also: int = 0


SPOKEN = ("ja", "en", "ja-simple")
"""The languages of the sample company."""

BREAKS = {
    "no value": Break("site.toml", 'time_zone = "Asia/Tokyo"', "time_zone =", "not valid TOML"),
    "an open bracket": Break("alerts.toml", "\n[[rule]]", "\n[[rule]", "not valid TOML", at="[[rule]"),
    "a key twice": Break(
        "ja/organisation.toml",
        'site_name = "Fitline"',
        'site_name = "Fitline"\nsite_name = "X"',
        "TOML",
        at='site_name = "X"',
    ),
    "an unknown key": Break(
        "site.toml", "notice_goal_minutes = 10", "notice_goal_minute = 10", "did you mean “notice_goal_minutes”?"
    ),
    "a missing key": Break(
        "site.toml", 'time_zone = "Asia/Tokyo"\n', "", "“time_zone” is missing", at="^", key="time_zone"
    ),
    "a wrong type": Break(
        "site.toml", "notice_goal_minutes = 10", 'notice_goal_minutes = "10"', "a number without quotation"
    ),
    "a number too small": Break("site.toml", "notice_goal_minutes = 10", "notice_goal_minutes = 0", "too small"),
    "an unknown zone": Break("site.toml", "Asia/Tokyo", "Asia/Tokio", "not a time zone", at='time_zone = "Asia/Tokio"'),
    "an unknown kind": Break("site.toml", '"slow",', '"slwo",', "did you mean “slow”?", at="incident_types ="),
    "a kind twice": Break(
        "site.toml", '"slow",', '"slow", "slow",', "“slow” is in this list twice", at="incident_types ="
    ),
    "no address": Break("site.toml", 'homepage = "https://', 'homepage = "', "is not a web address", at="homepage ="),
    "a service's unknown group": Break(
        "services.toml", 'id = "gate"\ngroup = "door"', 'id = "gate"\ngroup = "doors"', "“door”?", at='group = "doors"'
    ),
    "an id taken twice": Break("services.toml", 'id = "checkin"', 'id = "booking"', "already taken", also=7),
    "a former id that is one": Break(
        "services.toml",
        'id = "gate"\n',
        'id = "gate"\nformer_ids = ["lock"]\n',
        "a current service",
        at="former_ids =",
    ),
    "a former id of two": Break(
        "services.toml",
        'id = "gate"\ngroup = "door"\n\n[[service]]\n',
        'id = "gate"\ngroup = "door"\nformer_ids = ["way-in"]\n\n[[service]]\nformer_ids = ["way-in"]\n',
        "already listed at “gate”",
        at="former_ids =",
    ),
    "a day in quotation marks": Break(
        "services.toml", 'id = "gate"\n', 'id = "gate"\nretired = "2026-09-30"\n', "a day such as", at="retired ="
    ),
    "an id with a space": Break("services.toml", 'id = "pay"', 'id = "pay desk"', "is not an ID", also=6),
    "a kind's unknown service": Break(
        "incident_types.toml",
        '"booking:major", "desk',
        '"bookings:major", "desk',
        "did you mean “booking”?",
        at="services =",
    ),
    "a service without a state": Break(
        "incident_types.toml", '["checkout:major"]', '["checkout"]', "such as “checkout:major”"
    ),
    "an unknown state": Break("incident_types.toml", '"lock:major"', '"lock:majro"', "did you mean “major”?"),
    "a state no notice gives": Break(
        "incident_types.toml", 'state = "major"', 'state = "checking"', "“checking” is not known"
    ),
    "an unknown workaround": Break("incident_types.toml", '["cash", "other-card"', '["cahs", "other-card"', "“cash”?"),
    "events for programs to people": Break(
        "on_call.toml",
        'incident_channels = ["chat", "mail"]\n',
        'incident_channels = ["chat", "mail"]\nevent_channels = ["chat", "phone"]\n',
        "“chat” is read by people",
        at="event_channels =",
    ),
    "an unknown doing": Break("incident_types.toml", '"close-way"', '"close-ways"', "did you mean “close-way”?"),
    "an unknown cause": Break("incident_types.toml", '["device", ', '["devices", ', "did you mean “device”?"),
    "an answer too many": Break("incident_types.toml", '["free", ', '["checking", "free", ', "already has the answer"),
    "a text for a flag": Break("incident_types.toml", "required = true", 'required = "yes"', "true or false"),
    "an unknown type of channel": Break("channels.toml", 'type = "x"', 'type = "twitter"', "“twitter” is not known"),
    "a channel's unknown language": Break(
        "channels.toml", 'language = "en"', 'language = "it"', "choose one of: en, ja"
    ),
    "a channel's unknown medium": Break("channels.toml", 'medium = "x"', 'medium = "xx"', "did you mean “x”?"),
    "a channel that cannot rewrite": Break(
        "channels.toml", 'medium = "x"', 'medium = "x"\nwithdrawal = "edit"', "write “follow_up”", at="withdrawal ="
    ),
    "what another type of channel knows": Break(
        "channels.toml",
        'medium = "x"',
        'medium = "x"\nserver = "https://social.example"',
        "“server” is not known",
        at="server =",
    ),
    "an unknown notice": Break("channels.toml", '"monitoring"', '"monitor"', "did you mean “monitoring”?"),
    "a map without its title": Break(
        "alerts.toml", "[grouping]", '[source.own]\nid = "x"\n\n[grouping]', "“title” is missing", at="[source.own]"
    ),
    "a map of a monitor that is known": Break(
        "alerts.toml",
        "[grouping]",
        '[source.sentry]\nid = "x"\ntitle = "y"\n\n[grouping]',
        "has its own rules",
        at="[source.sentry]",
    ),
    "a place that is none": Break(
        "alerts.toml",
        "[grouping]",
        '[source.second]\nid = "a..b"\ntitle = "y"\n\n[grouping]',
        "not a path in a message",
        at='id = "a..b"',
    ),
    "a state without its end": Break(
        "alerts.toml",
        "[grouping]",
        '[source.third]\nid = "x"\ntitle = "y"\nstate = "z"\n\n[grouping]',
        "(its values when resolved)",
        at='state = "z"',
    ),
    "a joining that takes too long": Break(
        "alerts.toml", "within_minutes = 15", "within_minutes = 2000", "is too long"
    ),
    "a joining by nothing": Break(
        "alerts.toml", 'group_by = ["service"]', "group_by = []", "“incident_type”, “service” or both"
    ),
    "a joining by something else": Break("alerts.toml", '["service"]', '["services"]', "did you mean “service”?"),
    "an unknown monitor": Break("alerts.toml", 'source = "alertmanager"', 'source = "alertmanger"', "“alertmanager”?"),
    "a rule's unknown kind": Break(
        "alerts.toml", 'incident_type = "login"', 'incident_type = "logins"', "did you mean “login”?"
    ),
    "a rule without labels": Break(
        "alerts.toml", 'match = { service = "auth*" }\n', "", "[rule.3.match] is missing", at="[[rule]]"
    ),
    "an unknown way to count": Break("media.toml", 'length_unit = "x"', 'length_unit = "tweets"', "choose one of"),
    "giving up what is not said": Break(
        "media.toml", 'first = [\n  "apology"', 'first = [\n  "apologies"', "did you mean “apology”?"
    ),
    "a missing effect": Break(
        "ja/organisation.toml", "[services.booking.partial]", "[services.booking.partly]", "“partial”?"
    ),
    "a missing word": Break(
        "en/organisation.toml", 'desk_name = "', 'desk_names = "', "did you mean “desk_name”?", also=1
    ),
    "words for an unknown service": Break("en/organisation.toml", "[services.gate]", "[services.gates]", "“gate”?"),
    "a name with a mark for headlines": Break(
        "ja/organisation.toml", 'name = "入館ゲート"', 'name = "入館|ゲート"', "A name has no “|”"
    ),
    "an unknown number": Break(
        "en/organisation.toml", 'name = "Smart locks"', 'number = "many"\nname = "Smart locks"', "singular", at="number"
    ),
    "a template without its slot": Break(
        "en/phrases.toml", 'now = "{name} are slow"', 'now = "It is slow"', "the slot {name} once", at="It is slow"
    ),
    "a template missing": Break(
        "ja/phrases.toml", "[service_clauses.major]", "[service_clauses.mayor]", "“major”?", also=1
    ),
    "a person in one language": Break(
        "en/organisation.toml", "[audience_groups.umeda]", "[audience_groups.umada]", "mean “audience_groups.umeda”?"
    ),
    "an empty text": Break("ja/lists.toml", 'label = "停電"', 'label = ""', "This is empty"),
    "a choice without text": Break(
        "en/lists.toml", "[cause.power]\nlabel", "[cause.power]\nlable", "did you mean “label”?", at="lable", also=1
    ),
    "a phrase in one language": Break(
        "ja/phrases.toml", "[no_change]\ntext =", "[no_change]\ntxt =", "did you mean “no_change.text”?", at="txt ="
    ),
    "an unknown slot": Break("ja/phrases.toml", 'exact = "{start}から、', 'exact = "{strat}から、', "mean “start”?"),
    "a missing slot": Break("en/phrases.toml", "at about {eta}", "soon", "The slot {eta} is missing", at="known ="),
    "a slot too many": Break(
        "en/phrases.toml", 'text = "Next update', 'text = "{eta} Next update', "{eta} is not in ja"
    ),
    "a bracket alone": Break(
        "ja/phrases.toml", "{next_update}までに", "{next_update までに", "is unmatched here", at="unknown =", also=2
    ),
    "an unnamed kind": Break("ja/phrases.toml", 'name = "遅い"', 'name = ""', "This is empty"),
    "an answer not in words": Break(
        "en/phrases.toml", "answer.manual]\nlabel", "answer.manuel]\nlabel", "answer.manual.label”?", at="label", also=2
    ),
    "an unknown status": Break("en/phrases.toml", 'status = "reviewed"', 'status = "fine"', "draft, reviewed"),
    "a label in one language": Break(
        "en/desk.toml", "[problem.incident_type]\nmissing", "[problem.incident_type]\nmising", "missing”?", at="mis"
    ),
    "a missing mark": Break("ja/drill.toml", 'short_mark = "訓練"\n', "", "“short_mark” is missing", at="^"),
    "a mark for no machine": Break("en/drill.toml", '"Exercise"', '"Actual"', "choose one of: Exercise, Test"),
    "a bidi character": Break("ja/phrases.toml", "予約済み", "予約\u202e済み", "U+202E", at='text = "予約\u202e'),
    "a bidi character in a comment": Break("services.toml", "# What", "# \u2066What", "U+2066"),
    "a bidi character written as a code": Break("en/lists.toml", 'label = "', 'label = "\\u202e', "U+202E"),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the shipped content to break, with no layer below it."""
    monkeypatch.setattr(ContentFolder, "_layers", lambda self: [self.path])
    return whole_copy(tmp_path / "content")


def speaking(folder: Path, *languages: str, key: str = "languages") -> tuple[str, ...]:
    """Sets the languages of the site, or of the desk."""
    site = folder / "site.toml"
    lines = site.read_text(encoding="utf-8").splitlines(keepends=True)
    text = f"{key} = {json.dumps(languages)}\n"
    site.write_text("".join(text if line.startswith(f"{key} = ") else line for line in lines), encoding="utf-8")
    return languages


def text_of(folder: Path, file: str) -> str:
    return (folder / file).read_bytes().decode()


def apply(folder: Path, fault: Break) -> int:
    """Breaks the file and returns the line on which the error should be found."""
    path = folder / fault.file
    text = text_of(folder, fault.file)
    assert fault.old in text, f"{fault.file} has no {fault.old!r} to break"
    start = text.index(fault.old)
    broken = text[:start] + fault.new + text[start + len(fault.old) :]
    path.write_bytes(broken.encode())
    if fault.at == "^":
        return 1
    end = broken.index("\n", start + len(fault.new.rstrip("\n")))
    return broken.count("\n", 0, broken.rindex(fault.at or fault.new.strip("\n"), 0, end)) + 1


def faults_of(folder: Path) -> tuple[ContentError, ...]:
    """The errors in the folder."""
    catalog, faults = loading.read_content(folder)
    assert (catalog is None) == bool(faults)
    return faults


def is_found(fault: Break, line: int, faults: tuple[ContentError, ...]) -> bool:
    return any(f.file == fault.file and f.line == line and fault.says in f.message for f in faults)


@pytest.mark.slow
def test_the_shipped_content_has_no_faults(folder: Path):
    assert faults_of(folder) == ()


@pytest.mark.parametrize("name", BREAKS)
def test_a_fault_is_found_in_its_file_and_on_its_line(folder: Path, name: str):
    fault = BREAKS[name]
    line = apply(folder, fault)
    faults = faults_of(folder)
    assert is_found(fault, line, faults), f"expected line {line}: {faults}"
    assert len(faults) == 1 + fault.also, faults
    if fault.key:
        assert faults[0].key == fault.key


@pytest.mark.slow
def test_every_message_is_one_line_that_ends_like_a_sentence(folder: Path):
    for name in BREAKS:
        whole_copy(folder)
        apply(folder, BREAKS[name])
        for fault in faults_of(folder):
            assert fault.message[-1] in ".?…", fault
            assert "\n" not in fault.message


APART = ("a key twice", "an id taken twice", "an id with a space")
"""Changes whose consequences hide other errors."""


def test_faults_of_all_files_are_told_in_one_run(folder: Path):
    together = [fault for name, fault in BREAKS.items() if "valid TOML" not in fault.says and name not in APART]
    still_there = [(fault, apply(folder, fault)) for fault in together if fault.old in text_of(folder, fault.file)]
    faults = faults_of(folder)
    assert len(still_there) > 30
    for fault, line in still_there:
        near = [f.line for f in faults if f.file == fault.file and fault.says in f.message]
        assert any(abs(found - line) <= 2 for found in near), (fault, line, near)


def test_a_medium_the_program_asks_for_must_be_there(folder: Path):
    text = text_of(folder, "media.toml")
    start, end = text.index("[short]"), text.index("[colleagues]")
    (folder / "media.toml").write_text(text[:start] + text[end:], encoding="utf-8")
    assert [(f.file, f.key, f.message) for f in faults_of(folder)] == [
        ("media.toml", "short", "The table [short] is missing; copy it from the sample content.")
    ]


def test_files_that_cannot_be_read_do_not_hide_the_faults_of_the_others(folder: Path):
    (folder / "services.toml").write_text("[[service]\n", encoding="utf-8")
    (folder / "incident_types.toml").write_text("x = = 1\n", encoding="utf-8")
    (folder / "ja" / "lists.toml").write_bytes(b"[cause]\n# \xff\n")
    (folder / "en" / "organisation.toml").unlink()
    zone = apply(folder, BREAKS["an unknown zone"])
    apply(folder, BREAKS["a missing mark"])
    found = [(fault.file, fault.line) for fault in faults_of(folder)]
    assert found == [
        ("en/organisation.toml", 1),
        ("incident_types.toml", 1),
        ("ja/drill.toml", 1),
        ("ja/lists.toml", 2),
        ("services.toml", 1),
        ("site.toml", zone),
    ]


def test_with_a_broken_site_file_the_languages_are_read_all_the_same(folder: Path):
    (folder / "site.toml").write_text("languages = [\n", encoding="utf-8")
    line = apply(folder, BREAKS["an empty text"])
    assert [(f.file, f.line) for f in faults_of(folder)] == [("ja/lists.toml", line), ("site.toml", 1)]


def test_an_absent_folder_is_told_file_by_file(tmp_path: Path):
    faults = faults_of(tmp_path / "nowhere")
    assert {fault.file for fault in faults} >= {"site.toml", "services.toml"}
    assert all("missing" in fault.message for fault in faults)


@pytest.mark.slow
def test_a_new_language_is_told_everything_it_lacks(folder: Path):
    spoken = speaking(folder, *SPOKEN, "it")
    missing = {f"it/{name}.toml" for name in ("organisation", "phrases", "lists", "labels")} | {"it/drill.toml"}
    assert {fault.file for fault in faults_of(folder)} == missing
    shutil.copytree(folder / "en", folder / "it")
    assert faults_of(folder) == ()
    apply(folder, Break("it/phrases.toml", "[withdrawal_short]\n", "[other_name]\n", ""))
    assert {fault.file for fault in faults_of(folder)} == {f"{language}/phrases.toml" for language in spoken}


def test_a_language_only_the_page_speaks_needs_no_words_for_the_desk(folder: Path):
    spoken = speaking(folder, *SPOKEN, "it")
    shutil.copytree(folder / "en", folder / "it")
    (folder / "it" / "desk.toml").unlink()
    catalog, faults = loading.read_content(folder)
    assert catalog is not None, faults
    assert (catalog.languages, catalog.desk_languages) == (spoken, ("ja", "en"))
    assert "site.skip" in catalog.packs["it"].labels
    assert "desk.nav.home" not in catalog.packs["it"].labels


def test_the_desk_may_speak_a_language_the_page_does_not(folder: Path):
    speaking(folder, "ja")
    speaking(folder, "en", key="desk_languages")
    (folder / "ja" / "desk.toml").unlink()
    channels = folder / "channels.toml"
    channels.write_text(channels.read_text("utf-8").replace('language = "en"', 'language = "ja"'), "utf-8")
    catalog, faults = loading.read_content(folder)
    assert catalog is not None, faults
    assert (catalog.languages, catalog.desk_languages) == (("ja",), ("en",))


def test_a_sentence_the_program_needs_is_missed_even_when_no_language_has_it(folder: Path):
    for language in SPOKEN:
        apply(folder, Break(f"{language}/phrases.toml", "[no_change]\ntext", "[no_change]\nother", ""))
    found = {(fault.file, fault.key) for fault in faults_of(folder)}
    assert found == {(f"{language}/phrases.toml", "no_change.text") for language in SPOKEN}


def test_a_file_with_a_name_typed_wrong_is_told(folder: Path):
    (folder / "chanels.toml").write_text("", encoding="utf-8")
    (folder / "en" / "phrase.toml").write_text("", encoding="utf-8")
    assert [(fault.file, fault.message) for fault in faults_of(folder)] == [
        ("chanels.toml", "This file is not used; did you mean “channels.toml”?"),
        ("en/phrase.toml", "This file is not used; did you mean “phrases.toml”?"),
    ]


@pytest.mark.slow
def test_files_saved_on_windows_are_read(folder: Path):
    plain, _ = loading.read_content(folder)
    for path in folder.rglob("*.toml"):
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    catalog, faults = loading.read_content(folder)
    assert faults == ()
    assert plain is not None
    assert catalog is not None
    assert (catalog.packs, catalog.incident_types) == (plain.packs, plain.incident_types)
    line = apply(folder, BREAKS["an unknown doing"])
    assert [fault.line for fault in faults_of(folder)] == [line]


@pytest.mark.slow
def test_the_version_changes_with_any_byte(folder: Path):
    versions = [_version(folder), _version(folder)]
    with (folder / "media.toml").open("a", encoding="utf-8") as file:
        file.write("\n# nothing\n")
    versions.append(_version(folder))
    assert versions[0] == versions[1] != versions[2]


def _version(folder: Path) -> str:
    catalog, _ = loading.read_content(folder)
    assert catalog is not None
    return catalog.version


def test_the_catalog_keeps_the_order_of_the_files(catalog: Catalog):
    assert catalog.languages == SPOKEN
    assert catalog.groups == ("app", "desk", "pay", "door")
    assert list(catalog.services)[:3] == ["login", "booking", "checkin"]
    assert list(catalog.incident_types)[:2] == ["unreachable", "login"]
    assert catalog.site.incident_types[-1] == "other"


def test_the_catalog_holds_what_the_files_say(catalog: Catalog):
    booking = catalog.incident_types["booking"]
    assert booking.services == (Affected("booking", State.MAJOR), Affected("desk-booking", State.DEGRADED))
    assert booking.cadence == timedelta(minutes=30)
    assert catalog.incident_types["entry"].questions[0].is_required
    assert catalog.channels["x-ja"].notice_kinds[0] is NoticeKind.FIRST
    assert catalog.channels["x-ja"].price_per_link == pytest.approx(0.2)
    assert catalog.media["x"].limit == 280
    assert catalog.media["x"].drop_order[NoticeKind.FIRST][0] == "apology"
    assert catalog.alert_rules[0].match == {"service": "booking-api", "severity": "critical"}


def test_every_pack_holds_its_languages_words(catalog: Catalog):
    for pack in catalog.packs.values():
        assert set(pack.services["booking"].impact_clauses) == set(IMPACT_STATES)
        assert pack.phrases["incident_type.payment.question.retry.prompt"]
        assert pack.lists["cause"]["power"].text
        assert "name" not in pack.phrases


@pytest.mark.slow
def test_marks_are_in_the_database_of_a_drill_only(folder: Path):
    live, _ = loading.read_content(folder)
    drill, _ = loading.read_content(folder, with_marks=True)
    assert live is not None
    assert drill is not None
    assert live.packs["ja"].marks == EnvironmentMarks()
    assert drill.packs["ja"].marks.word == "訓練"
    assert drill.packs["en"].marks.machine == "Exercise"
    assert live.version == drill.version


WAYS_TO_WRITE = """\
# [not.a.table]
top = 1 # x = 2
"quoted key" = '''
k = "no key"
'''
a.b.c = [
  "x = 1", # y = 2
  { z = 3 },
]

[t] # [u]
k = '''
[no]
'''
[[list]]
k = 1
[[ list ]]
k = 2
[list.sub]
k = 3
[[list.inner]]
k = 4
[t.'x.y']
k = { a = 1, b = 2 }
"""


def test_keys_are_located_whatever_the_way_they_are_written():
    source, faults = parse_toml("x.toml", WAYS_TO_WRITE.encode())
    assert faults == ()
    assert dict(source.lines) == {
        ("top",): 2,
        ("quoted key",): 3,
        ("a", "b", "c"): 6,
        ("t",): 11,
        ("t", "k"): 12,
        ("list", 0): 15,
        ("list", 0, "k"): 16,
        ("list", 1): 17,
        ("list", 1, "k"): 18,
        ("list", 1, "sub"): 19,
        ("list", 1, "sub", "k"): 20,
        ("list", 1, "inner", 0): 21,
        ("list", 1, "inner", 0, "k"): 22,
        ("t", "x.y"): 23,
        ("t", "x.y", "k"): 24,
    }
    assert source.find_line(("t", "x.y", "k", "b")) == 24
    assert source.find_line(("nowhere",)) == 1


def test_templates_are_read_by_their_names(tmp_path: Path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("あ", encoding="utf-8")
    assert bundled.templates(tmp_path) == {"site/index.html": "あ"}


def test_the_table_of_each_other_type_of_channel_is_ready_to_be_used(tmp_path: Path) -> None:
    folder = whole_copy(tmp_path / "content")
    with_every_channel(folder)
    catalog, faults = loading.read_content(folder)
    assert faults == ()
    assert catalog is not None
    assert {spec.type for spec in catalog.channels.values()} == set(TYPES)
    assert all(f"{spec.medium}_nolink" in catalog.media for spec in catalog.channels.values() if spec.includes_link)
