"""The API for programs, on the use cases of the desk and the command line."""

from statuspage.web.api.app import create_api
from statuspage.web.api.registry import operations_of

__all__ = ["create_api", "operations_of"]
