"""Shared by the tests of the branding."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from statuspage.content.loading.loader import read_content
from statuspage.domain.catalog import Catalog
from tests.support.content import DEMO
from tests.support.times import at

LOGO = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 32">'
    b'<rect width="96" height="32" rx="8" fill="#00695c"/></svg>'
)


NOON = at("12:20")


LINK = '[[brand.link]]\naddress = "https://fitline.example/privacy"\n'


NAMES = 'name = { ja = "プライバシー", en = "Privacy", ja-simple = "プライバシー" }\n'


@pytest.fixture
def load_brand(tmp_path: Path) -> Callable[..., tuple[Catalog | None, list[str]]]:
    """Loads the sample content with this branding: the usable catalog, and the errors."""
    (tmp_path / "content").symlink_to(DEMO)

    def made(look: str, **files: bytes) -> tuple[Catalog | None, list[str]]:
        mine = tmp_path / "mine"
        mine.mkdir(exist_ok=True)
        for path in DEMO.iterdir():
            if not (mine / path.name).exists():
                (mine / path.name).symlink_to(path)
        (mine / "site.toml").unlink()
        plain = (DEMO / "site.toml").read_text("utf-8")
        (mine / "site.toml").write_text(f"{plain}\n[brand]\n{look}", "utf-8")
        for name, content in files.items():
            (mine / name.replace("_", ".")).write_bytes(content)
        catalog, faults = read_content(mine)
        return catalog, [f"{fault.file}:{fault.line}: {fault.key}: {fault.message}" for fault in faults]

    return made


BrandLoader = Callable[..., tuple[Catalog | None, list[str]]]
