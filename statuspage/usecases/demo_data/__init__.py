"""Fills an instance with a believable year, so that every screen has something to show. Nothing is sent to anybody."""

from statuspage.usecases.demo_data.filling import DemoDataRefused, DemoResult, fill_instance, refusal

__all__ = ["DemoDataRefused", "DemoResult", "fill_instance", "refusal"]
