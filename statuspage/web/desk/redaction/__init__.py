"""The pages for redacting personal data."""
