"""Keeps what was read from the content, so that unchanged files are not read, merged and checked again."""

from statuspage.content.compiled.catalogs import Reading, load_content, load_drill_marks
from statuspage.content.compiled.kept_checks import KeptChecks
from statuspage.content.compiled.kept_values import Question, answer
from statuspage.content.compiled.lookups import Lookups
from statuspage.content.compiled.private_file import read_private_file, write_private_file
from statuspage.content.compiled.program import program_version

__all__ = [
    "KeptChecks",
    "Lookups",
    "Question",
    "Reading",
    "answer",
    "load_content",
    "load_drill_marks",
    "program_version",
    "read_private_file",
    "write_private_file",
]
