"""How long other static site generators from PyPI take for as many pages as Hugo, with the same texts: Pelican, Nikola.

They are in an environment of their own (``.peers``, from ``bench/peers.txt``). Everything besides the pages is off:
feeds, indexes, tags, archives.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.costs import Cost, measured
from bench.figures import Figures
from bench.hugo import style

PROGRAMS = Path(__file__).parent.parent / ".peers" / "bin"
SIZES = (100, 1_000)
FIRST = datetime(2026, 7, 28, 12, 3, tzinfo=UTC)

_TEXT = """* What is affected: Booking classes and changing bookings, for some of you
* Since when: about 11:55
* Until when: we expect it to work again by 13:00

## July 28, 12:33 Update
Some of you cannot book classes.
We have been looking into it since about 11:55.
We expect it to work again by 13:00.

## July 28, 12:18 Update
Some of you cannot book classes.
We have been looking into it since about 11:55.

## July 28, 12:03 First report
Some of you cannot book classes.

Ask at the front desk: people there can book for you. The next update follows **by 12:30**.
"""

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><style>STYLE</style><title>{{ TITLE }}</title></head>
<body><main><h1>{{ TITLE }}</h1>{{ BODY }}</main></body></html>
"""

_PELICAN = """PATH = "content"
OUTPUT_PATH = "output"
THEME = "theme"
SITENAME = "Status"
SITEURL = "https://status.fitline.example"
TIMEZONE = "UTC"
ARTICLE_SAVE_AS = "incidents/{slug}/index.html"
DIRECT_TEMPLATES = []
AUTHOR_SAVE_AS = CATEGORY_SAVE_AS = TAG_SAVE_AS = ""
FEED_ALL_ATOM = CATEGORY_FEED_ATOM = TRANSLATION_FEED_ATOM = AUTHOR_FEED_ATOM = AUTHOR_FEED_RSS = None
"""

_NIKOLA = """BLOG_AUTHOR = BLOG_TITLE = BLOG_DESCRIPTION = "Status"
BLOG_EMAIL = "status@fitline.example"
SITE_URL = "https://status.fitline.example/"
DEFAULT_LANG = "en"
TRANSLATIONS = {"en": ""}
POSTS = (("posts/*.md", "incidents", "post.tmpl"),)
PAGES = ()
COMPILERS = {"markdown": [".md"]}
THEME = "plain"
GENERATE_RSS = GENERATE_ATOM = SHOW_SOURCELINK = COPY_SOURCES = False
DISABLED_PLUGINS = [
    "render_indexes", "classify_archive", "classify_authors", "classify_categories", "classify_indexes",
    "classify_page_index", "classify_sections", "classify_tags", "render_taxonomies", "render_galleries",
    "render_listings", "redirect", "robots", "sitemap", "copy_assets", "copy_files", "create_bundles",
]
"""


def report(folder: Path, figures: Figures, sizes: tuple[int, ...] = SIZES) -> None:
    """Prints what each peer needs for as many pages of about ``bench.hugo``'s size, if it is installed."""
    print("Static site generators from PyPI, plain pages of the same size")
    for name, build in (("Pelican", _pelican), ("Nikola", _nikola)):
        if not (PROGRAMS / name.lower()).exists():
            print(f"  {name}: not measured, it is not installed")
            continue
        for size in sizes:
            cost = build(folder / f"{name.lower()}-{size}", size)
            print(f"  {name:>7} {size:,} pages: {cost}")
            figures.add(f"{name}, {size:,} pages", cost.seconds, "s")


def _pelican(folder: Path, size: int) -> Cost:
    head = (
        "Title: Some members cannot book classes ({number})\nDate: {date}\nSlug: past{number:08d}\nAuthor: Status\n\n"
    )
    template = {"TITLE": "article.title", "BODY": "article.content"}
    _write(folder, {"pelicanconf.py": _PELICAN, "theme/templates/article.html": _page(template)})
    _write_texts(folder / "content", size, head)
    return _built(folder, ["pelican", "--quiet", "--settings", "pelicanconf.py"], "output/incidents/*/index.html", size)


def _nikola(folder: Path, size: int) -> Cost:
    head = "<!--\n.. title: {title}\n.. slug: past{number:08d}\n.. date: {date} UTC\n-->\n\n"
    theme = "themes/plain/"
    files = {
        "conf.py": _NIKOLA,
        f"{theme}plain.theme": "[Theme]\nengine = jinja\nparent = base-jinja\n",
        f"{theme}templates/post.tmpl": _page({"TITLE": "post.title()", "BODY": "post.text()"}),
    }
    _write(folder, files)
    _write_texts(folder / "posts", size, head)
    return _built(folder, ["nikola", "build", "--quiet"], "output/incidents/*/index.html", size)


def _page(names: Mapping[str, str]) -> str:
    text = _PAGE.replace("STYLE", style())
    for slot, name in names.items():
        text = text.replace(f"{{{{ {slot} }}}}", f"{{{{ {name} }}}}")
    return text


def _write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")


def _write_texts(folder: Path, size: int, head: str) -> None:
    texts = {}
    for number in range(size):
        date, title = FIRST - timedelta(hours=number), f"Some members cannot book classes ({number})"
        texts[f"past{number:08d}.md"] = head.format(number=number, date=f"{date:%Y-%m-%d %H:%M}", title=title) + _TEXT
    _write(folder, texts)


def _built(folder: Path, command: list[str], pages: str, size: int) -> Cost:
    cost = measured([str(PROGRAMS / command[0]), *command[1:]], folder=folder)
    found = list(folder.glob(pages))
    if len(found) != size:
        raise SystemExit(f"{command[0]} wrote {len(found)} of {size} pages")
    return cost.of(found)
