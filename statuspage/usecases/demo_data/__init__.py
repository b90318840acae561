"""Fills an instance with a believable year, so that every screen has something to show. Nothing is sent to anybody."""

from statuspage.usecases.demo_data.filling import DemoDataRefused, fill_instance

__all__ = ["DemoDataRefused", "fill_instance"]
