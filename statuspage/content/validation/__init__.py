"""Renders all prepared texts in advance, so that errors show before an incident."""

from statuspage.content.validation.phrasebook import render_phrasebook
from statuspage.content.validation.sample_incidents import Trial, generate_sample_notices
from statuspage.content.validation.wording_check import check_wording

__all__ = ["Trial", "check_wording", "generate_sample_notices", "render_phrasebook"]
