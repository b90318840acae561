"""Rows of the API: tokens, and requests with their answers."""

from statuspage.storage.api import requests, tokens
from statuspage.storage.api.requests import KeptRequest
from statuspage.storage.api.tokens import ApiToken

__all__ = ["ApiToken", "KeptRequest", "requests", "tokens"]
