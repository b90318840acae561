"""Adds the company's logo and colour to its pages, without any request to another server."""

from __future__ import annotations

import base64
from functools import lru_cache

from statuspage.domain import Brand, Logo
from statuspage.rendering.site import contrast


@lru_cache(maxsize=8)
def brand_css(accent: str, accent_dark: str, stylesheet: str) -> str:
    """The CSS rules that replace our accent colour by the company's; "" if it has none."""
    if not accent:
        return ""
    ground_colours = contrast.grounds(stylesheet)
    light_rule, dark_rule = _rule(accent, ground_colours.light[0]), _rule(accent_dark, ground_colours.dark[0])
    return f"{light_rule}@media screen and (prefers-color-scheme:dark){{{dark_rule}}}"


def _rule(accent: str, ground: str) -> str:
    return f":root{{--act:{accent};--act-tint:{contrast.tint(accent, ground)}}}"


def logo_data_urls(brand: Brand) -> tuple[str, str] | None:
    """The logo as a data URL, and the logo for dark mode ("" if none); None without a logo."""
    if brand.logo is None:
        return None
    return _logo_data(brand.logo), _logo_data(brand.logo_dark) if brand.logo_dark else ""


def _logo_data(logo: Logo) -> str:
    return f"data:{logo.type};base64,{base64.b64encode(logo.content).decode()}"
