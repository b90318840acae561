"""Sends what is queued: an environment's worker, or a command that works through the queue itself."""

from statuspage.usecases.delivery import admin
from statuspage.usecases.delivery.admin import NoSuchDelivery
from statuspage.usecases.delivery.worker import drain, has_other_worker, run
from statuspage.usecases.delivery.worker_lock import hold_lock, lock_holder

__all__ = ["NoSuchDelivery", "admin", "drain", "has_other_worker", "hold_lock", "lock_holder", "run"]
