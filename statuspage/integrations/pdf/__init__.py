"""Writes PDF files with WeasyPrint, which is an optional extra."""

from statuspage.integrations.pdf.writer import PdfUnavailable, write_pdf

__all__ = ["PdfUnavailable", "write_pdf"]
