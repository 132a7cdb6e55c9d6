"""Takes from this process what a model does not need."""

from __future__ import annotations

import os
import resource
from dataclasses import dataclass
from typing import Any, List, Mapping, Optional, Sequence, Tuple


@dataclass(frozen=True)
class Limits:
    """What the server asks for."""

    files: Tuple[str, ...]
    network: bool
    processes: bool
    memory_bytes: Optional[int]
    open_files: Optional[int]

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Limits:
        return cls(
            files=tuple(document.get("files") or ()),
            network=bool(document.get("network")),
            processes=bool(document.get("processes")),
            memory_bytes=document.get("memoryBytes"),
            open_files=document.get("openFiles"),
        )


def confine(limits: Limits, readable: Sequence[str], writable: Sequence[str]) -> List[str]:
    return []
