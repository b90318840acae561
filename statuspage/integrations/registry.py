"""A registry that imports the module of an entry only when the entry is requested."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Generic, TypeVar, cast

T = TypeVar("T")


class Registry(Mapping[str, T], Generic[T]):
    """Entries by name. Each is the attribute ``attribute`` of a module of ``package``, listed in ``modules``."""

    def __init__(self, package: str, attribute: str, modules: Mapping[str, str]) -> None:
        self._package = package
        self._attribute = attribute
        self._modules = modules

    def __getitem__(self, name: str) -> T:
        module = import_module(f"{self._package}.{self._modules[name]}")
        return cast("T", getattr(module, self._attribute))

    def __contains__(self, name: object) -> bool:
        return name in self._modules

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)
