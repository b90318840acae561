"""What the front of the delivery imports when it is first asked for: the worker, with everything that it does."""

from statuspage.usecases.delivery.worker import run

__all__ = ["run"]
