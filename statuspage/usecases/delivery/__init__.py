"""Sends what is queued: an environment's worker, or a command that works through the queue itself."""

from typing import TYPE_CHECKING

from statuspage.usecases.delivery import admin
from statuspage.usecases.delivery.admin import NoSuchDelivery
from statuspage.usecases.delivery.draining import drain, has_other_worker
from statuspage.usecases.delivery.worker_lock import hold_lock, lock_holder

if TYPE_CHECKING:
    from statuspage.usecases.delivery.on_use import *
else:

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(name)
        from statuspage.usecases.delivery import on_use

        return getattr(on_use, name)


__all__ = ["NoSuchDelivery", "admin", "drain", "has_other_worker", "hold_lock", "lock_holder", "run"]
