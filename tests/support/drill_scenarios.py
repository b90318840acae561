"""A complete drill scenario, and how to read it."""

from __future__ import annotations

from statuspage.content.loading.drill_scenarios import ScenarioReader
from statuspage.content.loading.table_reader import Table
from statuspage.content.loading.toml_source import parse_toml
from statuspage.domain.catalog import ContentError
from statuspage.domain.drill_scenario import Scenario
from tests.support.content import STARTER

FILE = STARTER / "scenarios" / "booking-phone.toml"


READER = ScenarioReader(
    languages=("ja", "en"),
    incident_types=("booking", "payment"),
    services={"booking": ("booking",), "desk-booking": ("desk-booking",)},
    marks={"ja": "【訓練】", "en": "[DRILL]"},
    forbidden_phrases=("not a drill", "訓練ではありません"),
)


def read(text: str) -> tuple[Scenario, list[ContentError]]:
    """The scenario in this text, and every error in it."""
    source, letters = parse_toml("scenarios/booking-phone.toml", text.encode())
    faults = list(letters)
    return READER.read_scenario("booking-phone", Table(source, faults, (), source.table)), faults


WHOLE = FILE.read_text("utf-8")
