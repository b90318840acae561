"""Generates host configuration from ``http_headers``: ``_headers``, and settings for nginx and Caddy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from statuspage.rendering.site import urls
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.hosting import http_headers
from statuspage.rendering.site.pages import language_choice

HEADERS = "_headers"
"""The file that Cloudflare Pages and Netlify read at the root of a site."""

_FEEDS = ("feed.rss", "feed.atom", "calendar.ics")
_PAGES = ("incidents", "services", "history", "subscribe", "reading")
_MARK = "# Made by: statuspage host config"


def headers_file(site: SiteContext) -> dict[str, bytes]:
    """``_headers`` for the site's languages; none for a drill, which is not published on a host."""
    if site.catalog.leading_pack.marks.word:
        return {}
    rules = [
        f"{path}\n" + "".join(f"  {name}: {value}\n" for name, value in headers.items())
        for path, headers in _rules(site)
    ]
    return {HEADERS: "\n".join(rules).encode()}


def _rules(site: SiteContext) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Each path with its headers. Hosts combine the headers of all matching rules, so each header is in one rule
    only."""
    yield "/*", http_headers.EVERYWHERE
    for path in ("/", "/404.html"):
        yield path, http_headers.UNFRAMED
    for path in ("/api/*", "/history/*"):
        yield path, http_headers.OPEN_TO_ALL_ORIGINS
    for feed in ("history.rss", "history.atom"):
        yield f"/{feed}", {"Content-Type": http_headers.type_of(feed), **http_headers.OPEN_TO_ALL_ORIGINS}
    for language in site.catalog.languages:
        yield f"/{language}/", http_headers.UNFRAMED
        yield from ((f"/{language}/{folder}/*", http_headers.UNFRAMED) for folder in _PAGES)
        for feed in _FEEDS:
            yield (
                f"/{language}/{feed}",
                {"Content-Type": http_headers.type_of(feed), **http_headers.OPEN_TO_ALL_ORIGINS},
            )


def nginx(name: str, folder: str, languages: Sequence[str]) -> str:
    """An nginx server block, to be included in ``http``. It needs gzip_static, which distribution packages include: the
    front pages have compressed copies, and nginx compresses everything else."""
    maps, root = _nginx_root(languages)
    readers = "|".join(extension[1:] for extension in http_headers.READ_BY_SCRIPTS)
    cached = "|".join(extension[1:] for extension in http_headers.LASTING)
    everywhere = "\n".join(
        f'    add_header {name} "{value}" always;' for name, value in http_headers.EVERYWHERE.items()
    )
    (frame_header, frame_value), (csp_header, csp_value) = http_headers.UNFRAMED.items()
    ((cors_header, cors_value),) = http_headers.OPEN_TO_ALL_ORIGINS.items()
    return f"""{_MARK} nginx
map $uri $statuspage_kept  {{ default "{http_headers.FRESH}"; "~\\.({cached})$" "{http_headers.CACHED_FOR_A_DAY}"; }}
map $uri $statuspage_who   {{ default ""; "~\\.({readers})$" "{cors_value}"; }}
map $uri $statuspage_frame {{ default ""; "~{http_headers.FRAMED}$" ""; "~\\.html$" "{frame_value}"; }}
map $uri $statuspage_by    {{ default ""; "~{http_headers.FRAMED}$" ""; "~\\.html$" "{csp_value}"; }}
{maps}
server {{
    listen 80;  # put your certificate here, and listen on 443
    server_name {name};
    root {folder};
    index index.html;
    error_page 404 /404.html;
    gzip_static on;
    gzip on;
    gzip_comp_level 5;
    gzip_min_length 256;
    gzip_types {_nginx_gzip_types()};
    gzip_vary on;
    etag on;
{_nginx_types()}    add_header Cache-Control $statuspage_kept always;
    add_header {cors_header} $statuspage_who always;
    add_header {frame_header} $statuspage_frame always;
    add_header {csp_header} $statuspage_by always;
{everywhere}
{root}    location ~ /\\.(?!well-known/security\\.txt$) {{ return 404; }}
    location / {{ try_files $uri $uri/ =404; }}
}}
"""


def _nginx_gzip_types() -> str:
    """What nginx compresses besides HTML."""
    types = [
        media_type.partition(";")[0]
        for extension, media_type in http_headers.TYPES.items()
        if extension not in (".html", *http_headers.LASTING)
    ]
    return " ".join(types)


def _nginx_types() -> str:
    """The media types of files, and those sent with a charset; nginx adds that of HTML itself."""
    types = [(media_type.partition(";")[0], extension[1:]) for extension, media_type in http_headers.TYPES.items()]
    with_charset = [media_type for media_type in http_headers.TYPES.values() if "charset" in media_type]
    charset_types = " ".join(dict.fromkeys(media_type.partition(";")[0] for media_type in with_charset))
    lines = "".join(f"        {media_type:<24} {extension};\n" for media_type, extension in types)
    return f"""    charset utf-8;
    charset_types {charset_types.replace("text/html ", "")};
    types {{
{lines}    }}
"""


def _nginx_root(languages: Sequence[str]) -> tuple[str, str]:
    """What redirects browsers from the root to their language: the part before the server block, and the part in it."""
    if len(languages) < 2:
        return "", ""
    other_languages = [
        (language, pattern)
        for language, pattern in language_choice.language_patterns(tuple(languages))
        if language != languages[0]
    ]
    range_pattern = language_choice.first_match_pattern(languages).replace(
        "(?:^|,)\\s*(", "(?:^|,)\\s*(?<statuspage_range>", 1
    )
    range_map = " ".join(
        f'"~*^{pattern}$" {language};' for language, pattern in language_choice.language_patterns(tuple(languages))
    )
    maps = f"""map $uri $statuspage_vary {{ default ""; "~^/(index\\.html)?$" "Accept-Language"; }}
map $http_accept_language $statuspage_asked {{ default ""; "~*{range_pattern}" $statuspage_range; }}
map $statuspage_asked $statuspage_spoken {{ default ""; {range_map} }}
"""
    redirects = "".join(
        f"        if ($statuspage_spoken = {language}) {{ return 302 {language}/; }}\n"
        for language, _ in other_languages
    )
    root = f"""    add_header Vary $statuspage_vary always;
    location = / {{
{redirects}        try_files /index.html =404;
    }}
"""
    return maps, root


def caddy(name: str, folder: str, languages: Sequence[str]) -> str:
    """A site for Caddy's ``Caddyfile``; Caddy obtains its own certificate."""
    readers = " ".join(f"*{extension}" for extension in http_headers.READ_BY_SCRIPTS)
    cached = " ".join(f"*{extension}" for extension in http_headers.LASTING)
    unframed = "\n".join(f'        header {key} "{value}"' for key, value in http_headers.UNFRAMED.items())
    return f"""{_MARK} caddy
{name} {{
    root * {folder}
    @hidden {{
        path */.*
        not path /{urls.SECURITY_TXT}
    }}
    respond @hidden 404
    @pages {{
        path */ *.html
        not path *{http_headers.FRAMED}
    }}
    @open path {readers}
    @kept path {cached}
    @fresh not path {cached}
{_caddy_root(languages)}    header @kept Cache-Control "{http_headers.CACHED_FOR_A_DAY}"
    header @fresh Cache-Control "{http_headers.FRESH}"
{_caddy_headers()}
    encode gzip
    file_server {{
        precompressed gzip
    }}
    handle_errors {{
        rewrite * /404.html
{unframed}
        encode gzip
        file_server {{
            precompressed gzip
        }}
    }}
}}
"""


def _caddy_headers() -> str:
    lines = [f'    header {key} "{value}"' for key, value in http_headers.EVERYWHERE.items()]
    lines += [f'    header @pages {key} "{value}"' for key, value in http_headers.UNFRAMED.items()]
    lines += [f'    header @open {key} "{value}"' for key, value in http_headers.OPEN_TO_ALL_ORIGINS.items()]
    types = http_headers.TYPES.items()
    lines += [f"    @{extension[1:]} path *{extension}" for extension, _ in types]
    # Deferred, because its file server would set its own type, without the charset.
    lines += [
        f'    header @{extension[1:]} {{\n        Content-Type "{media_type}"\n        defer\n    }}'
        for extension, media_type in types
    ]
    return "\n".join(lines)


def _caddy_root(languages: Sequence[str]) -> str:
    """What redirects browsers from the root to their language."""
    if len(languages) < 2:
        return ""
    language_map = "".join(
        f'        "~(?i)^{pattern}$" {language}\n'
        for language, pattern in language_choice.language_patterns(tuple(languages))
    )
    return f"""    map {{header.Accept-Language}} {{statuspage_asked}} {{
        "~(?i){language_choice.first_match_pattern(languages)}" "${{1}}"
        default none
    }}
    map {{statuspage_asked}} {{statuspage_spoken}} {{
{language_map}        default {languages[0]}
    }}
    @root path /
    header @root +Vary Accept-Language
    @elsewhere {{
        path /
        not vars {{statuspage_spoken}} {languages[0]}
    }}
    redir @elsewhere {{statuspage_spoken}}/ 302
"""
