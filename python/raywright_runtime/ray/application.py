"""A revision as an application that is declared to Serve: by the server where jobs are not allowed, or by `serve deploy`.

Its package, the `working_dir`, holds this runtime and the version's files. Nothing announces its replicas, so that they are asked
through Serve's proxy alone, and listen on the loopback of their node.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import sys
from typing import Any, Dict

from ray import serve

from ..errors import LoadError
from ..failures import where
from .node_files import node_folder
from .packages import Wanted, ensure
from .replica import Served

PACKAGE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
"""Where Ray has unpacked the package on this node."""


class Replica:
    """One replica of a revision."""

    async def __init__(self, order: Dict[str, Any]) -> None:
        self._served = None
        folder = os.path.join(PACKAGE, order["files"])
        try:
            self._served = await asyncio.to_thread(self._load, {**order, "folder": folder})
        except Exception as e:
            # The last line of a trace is what Serve shows of it: it names the line of the user's file.
            place = where(e, folder)
            if isinstance(e, LoadError) and place is None:
                raise
            raise LoadError(f"{type(e).__name__}: {e}{f' ({place})' if place else ''}") from e

    @staticmethod
    def _load(order: Dict[str, Any]) -> Served:
        found = digest(order["folder"])
        if found != order["version"]:
            raise LoadError(f"the package holds the version {found[:12]}, and not {order['version'][:12]}")
        added = ensure(Wanted.of(order, order["folder"]), node_folder())
        if added is not None:
            sys.path.insert(0, added)
        return Served(order, serve.get_replica_context().replica_id.unique_id, "127.0.0.1")

    async def check_health(self) -> None:
        reason = await asyncio.to_thread(self._served.health)
        if reason is not None:
            raise RuntimeError(reason)

    def reconfigure(self, user_config: Dict[str, Any]) -> None:
        """It says whose revision this is, for whoever reads Serve's state; nothing changes here."""

    async def __call__(self, request: Any) -> Any:
        return await self._served.forward(request)

    async def __del__(self) -> None:
        if self._served is not None:
            await self._served.drain()


def digest(folder: str) -> str:
    """Of a version's files: SHA-256 over the sorted lines `path NUL size NUL sha256 LF`."""
    paths = [os.path.join(root, name) for root, _, names in os.walk(folder) for name in names]
    whole = hashlib.sha256()
    for path, name in sorted((os.path.relpath(path, folder).replace(os.sep, "/"), path) for path in paths):
        with open(name, "rb") as file:
            content = hashlib.file_digest(file, "sha256").hexdigest()
        whole.update(f"{path}\0{os.path.getsize(name)}\0{content}\n".encode())
    return whole.hexdigest()


def build(args: Dict[str, Any]) -> serve.Application:
    """What Serve calls with the `args` of the declared application: `order` says what each replica loads."""
    return serve.deployment(name="model")(Replica).bind(args["order"])
