"""Environments, assembled from settings and folders."""

from __future__ import annotations

import fcntl
import re
import shutil
import stat
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from statuspage import settings
from statuspage.integrations.channels.sandbox import Sandbox
from statuspage.settings import Settings
from statuspage.storage.engine import DatabaseBusy
from statuspage.usecases import bootstrap, instance, logging_setup, new_company
from statuspage.usecases.bootstrap import drill_environment, drill_id, live_environment, live_id
from statuspage.usecases.content import ContentFolders, active_content
from statuspage.usecases.environment import restore_guard, shared_status
from statuspage.usecases.new_company import NewCompany
from tests.support.content import DEMO, whole_copy
from tests.support.fakes.x_server import Account
from tests.support.instance import with_own_name
from tests.support.times import at

NOW = at("10:00")
SECRETS = Account().environ("x-ja")


@pytest.fixture(scope="module")
def filled(made_instance: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance that both environments have used."""
    home = Path(shutil.copytree(made_instance, tmp_path_factory.mktemp("environments") / "instance", symlinks=True))
    live_environment(settings.read_settings({}, home=str(home)), now=NOW)
    drill_environment(home, home / "content", now=NOW)
    return home


@pytest.fixture
def here(filled: Path) -> Settings:
    """Its settings in an environment without our variables."""
    return settings.read_settings({}, home=str(filled))


@pytest.mark.slow
def test_without_credentials_no_channel_is_ready_and_each_says_why(here: Settings) -> None:
    env = live_environment(here, now=NOW)
    assert (dict(env.senders.channels), dict(env.senders.unready_channels)) == (
        {},
        {"x-ja": "credentials", "x-en": "credentials"},
    )


def test_a_channel_is_ready_once_its_credentials_and_a_public_address_are_there(here: Settings) -> None:
    env = live_environment(replace(here, secrets=SECRETS, address="https://status.fitline.example"), now=NOW)
    assert (list(env.senders.channels), dict(env.senders.unready_channels)) == (["x-ja"], {"x-en": "credentials"})
    assert env.site.address == "https://status.fitline.example"


def test_a_post_needs_a_page_that_its_readers_can_reach(here: Settings) -> None:
    env = live_environment(replace(here, secrets=SECRETS), now=NOW, address="http://127.0.0.1:8001")
    assert env.senders.unready_channels["x-ja"] == "no_address"
    assert env.site.address == "http://127.0.0.1:8001"


def test_a_drill_has_every_channel_as_a_sandbox_and_lives_in_its_own_folder(filled: Path) -> None:
    env = drill_environment(filled, filled / "content", now=NOW)
    assert {type(channel) for channel in env.senders.channels.values()} == {Sandbox}
    assert env.home == filled / "drill"
    assert env.site_folder.root == filled / "drill" / "site"
    assert env.site.catalog.packs["ja"].marks.start == "【訓練】"


def test_the_live_environment_has_no_marks_and_refuses_those_of_drills(here: Settings) -> None:
    env = live_environment(here, now=NOW)
    assert env.site.catalog.packs["ja"].marks.start == ""
    assert {"【訓練】", "[DRILL]"} <= set(env.site.assets.forbidden_marks)


@pytest.mark.slow
def test_each_environment_signs_with_a_secret_of_its_own_that_only_its_owner_reads(
    filled: Path, here: Settings
) -> None:
    live, drill = live_environment(here, now=NOW), drill_environment(filled, filled / "content", now=NOW)
    assert live.secret != drill.secret
    assert live.secret == live_environment(here, now=NOW).secret
    for path in (filled / "secret", filled / "drill" / "secret"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_only_the_owner_reads_the_databases(filled: Path) -> None:
    for path in (filled / "environment.db", filled / "shared" / "accounts.db", filled / "drill" / "environment.db"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_nothing_secret_is_shown_when_an_environment_or_its_settings_are_printed(here: Settings) -> None:
    given = replace(here, secrets=SECRETS, address="https://status.fitline.example")
    env = live_environment(given, now=NOW)
    shown = f"{given!r} {env!r}"
    assert not any(value in shown for value in SECRETS.values())
    assert repr(env.secret) not in shown


def test_ids_have_twelve_characters_and_say_their_environment() -> None:
    assert all(re.fullmatch(r"[a-z0-9]{12}", live_id()) for _ in range(200))
    assert all(re.fullmatch(r"drill[a-z0-9]{7}", drill_id()) for _ in range(200))


def test_a_live_id_that_would_look_like_a_drills_is_thrown_away(monkeypatch: pytest.MonkeyPatch) -> None:
    letters = iter("drillaaaaaaa" + "abcdefghijkl")
    monkeypatch.setattr("statuspage.usecases.bootstrap.secrets_module.choice", lambda _: next(letters))
    assert live_id() == "abcdefghijkl"


@pytest.mark.slow
def test_broken_content_gives_way_to_the_last_that_passed_and_its_faults_are_kept(tmp_path: Path) -> None:
    home = tmp_path / "instance"
    new_company.create_demo(home)
    with_own_name(home / "content")
    here = settings.read_settings({}, home=str(home))
    before = live_environment(here, now=NOW)
    (home / "content" / "services.toml").write_text("[[service]]\nid = 3\n", "utf-8")
    env = live_environment(here, now=NOW)
    assert env.site.catalog == before.site.catalog
    assert any(fault.file == "services.toml" for fault in env.content.errors)


@pytest.mark.slow
def test_content_that_never_passed_is_refused_with_all_its_faults(tmp_path: Path) -> None:
    home = tmp_path / "instance"
    new_company.create_demo(home)
    (home / "content" / "site.toml").unlink()
    for file in (home / "content").glob("*/organisation.toml"):
        file.unlink()
    with pytest.raises(active_content.UnusableContent) as refused:
        live_environment(settings.read_settings({}, home=str(home)), now=NOW)
    assert any(fault.file == "site.toml" for fault in refused.value.content_errors)


@pytest.mark.slow
def test_an_own_sentence_that_is_wrong_gives_way_to_the_shipped_one(tmp_path: Path) -> None:
    home = tmp_path / "instance"
    new_company.create_demo(home)
    own = home / "content" / "ja" / "phrases.toml"
    own.write_text(
        '[no_change]\ntext = "まだ{oops}です。"\n[monitoring]\ntext = "また起きないか、様子を見ています。"\n', "utf-8"
    )
    env = live_environment(settings.read_settings({}, home=str(home)), now=NOW)
    assert {(error.file, error.key) for error in env.content.errors} == {("ja/phrases.toml", "no_change.text")}
    phrases = env.site.catalog.packs["ja"].phrases
    assert "oops" not in phrases["no_change.text"]
    assert phrases["monitoring.text"] == "また起きないか、様子を見ています。"


@pytest.mark.slow
def test_services_that_are_wrong_leave_the_companys_last_ones_in_use_and_never_anothers(tmp_path: Path) -> None:
    home = tmp_path / "instance"
    new = NewCompany("Acme", ("Payments API",), ("en",), "America/New_York", "fitness")
    new_company.create_company(home, new, now=NOW)
    here = settings.read_settings({}, home=str(home))
    live_environment(here, now=NOW)
    (home / "content" / "services.toml").write_text("[[service]]\nid = 3\n", "utf-8")
    env = live_environment(here, now=NOW)
    assert [words.name for words in env.site.catalog.packs["en"].services.values()] == ["Payments API"]
    assert {error.file for error in env.content.errors} == {"services.toml"}


@pytest.mark.slow
def test_the_long_check_runs_once_for_each_change(
    filled: Path, here: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("checked again")

    monkeypatch.setattr("statuspage.content.validation.check_wording", never)
    live_environment(here, now=NOW)
    drill_environment(filled, filled / "content", now=NOW)


def test_an_instance_is_never_filled_twice(filled: Path) -> None:
    with pytest.raises(instance.InstanceExists):
        new_company.create_demo(filled)


def test_every_file_of_the_demo_company_is_in_a_fresh_instance(tmp_path: Path) -> None:
    new_company.create_demo(tmp_path / "fresh")
    made = tmp_path / "fresh" / "content"
    names = {path.relative_to(DEMO) for path in DEMO.rglob("*") if path.is_file()}
    assert names == {path.relative_to(made) for path in made.rglob("*") if path.is_file()}


def test_where_it_is_served_is_known_only_while_it_is(filled: Path) -> None:
    assert instance.served_addresses(filled) == {}
    with instance.announce_addresses(filled, {"site": "http://127.0.0.1:8001"}):
        assert instance.served_addresses(filled) == {"site": "http://127.0.0.1:8001"}
    assert instance.served_addresses(filled) == {}


def test_who_keeps_the_lock_of_the_addresses_keeps_nobody_from_serving(filled: Path) -> None:
    (filled / "serving.json").write_text("{}", "utf-8")
    with (filled / "serving.json").open(encoding="utf-8") as kept:
        fcntl.flock(kept, fcntl.LOCK_SH)
        with instance.announce_addresses(filled, {"site": "http://127.0.0.1:8001"}):
            assert instance.served_addresses(filled) == {}


def test_settings_come_from_flags_before_the_environment() -> None:
    environ = {"STATUSPAGE_HOME": "/srv/a", "STATUSPAGE_ADDRESS": "https://status.example/"}
    assert settings.read_settings(environ, home="/srv/b").home == Path("/srv/b")
    assert settings.read_settings(environ).content == Path("/srv/a/content")
    assert settings.read_settings(environ).address == "https://status.example"


def test_without_a_folder_there_is_no_instance() -> None:
    with pytest.raises(settings.NoInstance):
        settings.read_settings({})


def test_a_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("s3cret\n", "utf-8")
    settings_read = settings.read_settings(
        {"STATUSPAGE_HOME": "/srv/a", "STATUSPAGE_X_JA_KEY_FILE": str(tmp_path / "key")}
    )
    assert settings_read.secrets["STATUSPAGE_X_JA_KEY"] == "s3cret"


def test_a_secret_file_that_cannot_be_read_is_named_by_its_variable(tmp_path: Path) -> None:
    environ = {"STATUSPAGE_HOME": "/srv/a", "STATUSPAGE_X_JA_KEY_FILE": str(tmp_path / "nothing")}
    with pytest.raises(settings.Unreadable, match="STATUSPAGE_X_JA_KEY_FILE"):
        settings.read_settings(environ)


@pytest.mark.parametrize(
    ("environ", "clean"),
    [
        ({"STATUSPAGE_ENVIRONMENT": "drill", "PATH": "/bin"}, True),
        ({"STATUSPAGE_ENVIRONMENT": "drill", "__CF_USER_TEXT_ENCODING": "0x0"}, True),
        ({"PATH": "/bin"}, False),
        ({"STATUSPAGE_ENVIRONMENT": "drill", **SECRETS}, False),
        ({"STATUSPAGE_ENVIRONMENT": "drill", "AWS_SECRET_ACCESS_KEY": "x"}, False),
    ],
)
def test_only_an_environment_without_anything_else_is_a_drills(environ: Mapping[str, str], clean: bool) -> None:
    assert settings.is_drill_environ(environ) is clean
    assert settings.is_drill_environ(settings.drill_environ(environ))


def test_the_summary_says_what_is_open_and_nothing_when_it_cannot_be_read(here: Settings, tmp_path: Path) -> None:
    env = live_environment(here, now=NOW)
    shared_status.write_status(env, now=NOW)
    assert shared_status.read_status(env.home / "summary.json") == shared_status.StatusSummary(NOW)
    (tmp_path / "broken.json").write_text("{", "utf-8")
    assert shared_status.read_status(tmp_path / "broken.json") is None
    assert shared_status.read_status(tmp_path / "nothing.json") is None


@pytest.mark.slow
def test_a_process_that_was_stopped_with_the_lock_of_a_file_holds_nobody_up(
    filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("statuspage.usecases.environment.file_lock.LOCK_TIMEOUT", 0.05)
    env = drill_environment(filled, filled / "content", now=NOW)
    later = NOW + timedelta(hours=1)
    number = restore_guard.last_sent_number(env.home) + 1
    with (env.home / "summary.lock").open("a") as summary, (env.home / "last-sent").open("a") as last_sent:
        fcntl.flock(summary, fcntl.LOCK_EX)
        fcntl.flock(last_sent, fcntl.LOCK_EX)
        shared_status.refresh_status(env, now=later)
        restore_guard.remember_sent(env.home, number)
    before = shared_status.read_status(env.home / "summary.json")
    assert before is None or before.written_at < later
    shared_status.refresh_status(env, now=later)
    restore_guard.remember_sent(env.home, number)
    after = shared_status.read_status(env.home / "summary.json")
    assert after is not None and after.written_at == later
    assert restore_guard.last_sent_number(env.home) == number


def test_content_broken_under_a_running_program_is_noticed_and_so_is_its_mending(tmp_path: Path) -> None:
    folder = tmp_path / "content"
    whole_copy(folder)
    today = active_content.ContentCheck(ContentFolders.of_live(folder.parent, folder), marks=False)
    assert today() == ()
    phrases = folder / "ja" / "phrases.toml"
    sound = phrases.read_text("utf-8")
    phrases.write_text(sound + "\noops = [\n", "utf-8")
    assert [fault.file for fault in today()] == ["ja/phrases.toml"]
    phrases.write_text(sound, "utf-8")
    assert today() == ()


@pytest.mark.slow
def test_changed_content_that_passes_is_taken_up_by_a_running_program_and_broken_content_is_not(tmp_path: Path) -> None:
    home = tmp_path / "instance"
    new_company.create_demo(home)
    whole_copy(home / "content")
    env = live_environment(settings.read_settings({}, home=str(home)), now=NOW)
    phrases = home / "content" / "ja" / "phrases.toml"
    sound, before = phrases.read_text("utf-8"), env.site.catalog.version
    assert not env.reload_content(NOW)
    better = sound.replace(
        'text = "再発しないか、経過を確認しています。"', 'text = "また起きないか、様子を見ています。"'
    )
    assert better != sound
    phrases.write_text(better, "utf-8")
    assert not env.reload_content(NOW)  # Somebody may still be saving the next file.
    assert env.reload_content(NOW)
    assert env.site.catalog.packs["ja"].phrases["monitoring.text"] == "また起きないか、様子を見ています。"
    taken = env.site.catalog.version
    assert taken != before
    phrases.write_text(better + "\noops = [\n", "utf-8")
    assert [env.reload_content(NOW), env.reload_content(NOW)] == [False, True]
    assert (env.site.catalog.version, [fault.file for fault in env.content.errors]) == (taken, ["ja/phrases.toml"])
    phrases.write_text(better, "utf-8")
    assert [env.reload_content(NOW), env.reload_content(NOW), env.reload_content(NOW)] == [False, True, False]
    assert (env.site.catalog.version, env.content.errors) == (taken, ())


def away(*_: object) -> None:
    raise DatabaseBusy("secrets")


def test_a_change_that_met_a_busy_database_is_taken_up_later(
    filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "token"
    file.write_text("first-token\n")
    environ = {"STATUSPAGE_X_JA_ACCESS_TOKEN_SECRET_FILE": str(file)}
    env = live_environment(settings.read_settings(environ, home=str(filled)), now=NOW)
    file.write_text("second-token\n")
    assert not env.reload_content(NOW)
    with monkeypatch.context() as busy:
        busy.setattr(bootstrap, "_load_live", away)
        for _ in range(2):
            with pytest.raises(DatabaseBusy):
                env.reload_content(NOW)
    assert [env.reload_content(NOW), env.reload_content(NOW)] == [True, False]
    env.databases.environment.close()
    env.databases.accounts.close()


def test_a_changed_file_of_credentials_is_taken_up_and_hidden_from_the_log(filled: Path, tmp_path: Path) -> None:
    names = ("CONSUMER_KEY", "CONSUMER_SECRET", "ACCESS_TOKEN", "ACCESS_TOKEN_SECRET")
    file = tmp_path / "token"
    file.write_text("first-token\n")
    environ = {f"STATUSPAGE_X_JA_{name}": "old-" + name for name in names[:3]}
    environ |= {"STATUSPAGE_X_JA_ACCESS_TOKEN_SECRET_FILE": str(file), "STATUSPAGE_ADDRESS": "http://127.0.0.1:1"}
    env = live_environment(settings.read_settings(environ, home=str(filled)), now=NOW)
    before = env.senders.channels["x-ja"]
    file.write_text("second-token\n")
    assert [env.reload_content(NOW), env.reload_content(NOW)] == [False, True]
    assert env.senders.channels["x-ja"] is not before
    assert logging_setup._secret_filter(None, "", {"event": "the second-token again"}) == {"event": "the *** again"}
    file.unlink()
    assert [env.reload_content(NOW), env.reload_content(NOW), env.reload_content(NOW)] == [False, False, False]
    assert "x-ja" in env.senders.channels
    env.databases.environment.close()
    env.databases.accounts.close()
