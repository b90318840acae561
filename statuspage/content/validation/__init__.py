"""Tries out all prepared words before they are needed: fail before, not during."""

from statuspage.content.validation.phrasebook import render_phrasebook
from statuspage.content.validation.sample_incidents import Trial, generate_sample_notices
from statuspage.content.validation.wording_check import check_wording

__all__ = ["Trial", "check_wording", "generate_sample_notices", "render_phrasebook"]
