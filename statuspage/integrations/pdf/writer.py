"""HTML as a PDF by WeasyPrint. Nothing is fetched: the HTML carries its style and its images."""

from __future__ import annotations


class PdfUnavailable(Exception):
    """WeasyPrint, or a library that it needs, is not installed."""


def write_pdf(html: str) -> bytes:
    """The document as PDF. Raises PdfUnavailable."""
    try:
        import weasyprint
    except (ImportError, OSError) as error:  # OSError: Pango is not installed
        raise PdfUnavailable(str(error)) from error
    fetcher = weasyprint.URLFetcher(allowed_protocols={"data"})
    return bytes(weasyprint.HTML(string=html, url_fetcher=fetcher).write_pdf() or b"")
