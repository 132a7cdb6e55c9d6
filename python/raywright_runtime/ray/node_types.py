"""Nodes that the cluster's autoscaler could start. Sent as source with the agent, before it."""

from __future__ import annotations

import os

import ray


def node_types() -> dict:
    """What each type has, and how many of it there may be; none where that is not known here."""
    path = _configuration()
    types = [] if path is None else _read(path)
    return {"autoscales": path is not None or _are_named(), "types": types}


def _configuration() -> object:
    """The file that the autoscaler of this node was started with. Ray tells it nobody else."""
    for process in os.listdir("/proc"):
        if not process.isdigit():
            continue
        try:
            with open(f"/proc/{process}/cmdline", "rb") as file:
                words = file.read().decode("utf-8", "replace").split("\0")
        except OSError:
            # It has ended.
            continue
        if any(word.endswith("/monitor.py") for word in words):
            for word in words:
                if word.startswith("--autoscaling-config="):
                    return word.partition("=")[2]
    return None


def _read(path: str) -> list:
    import yaml

    try:
        with open(path) as file:
            configuration = yaml.safe_load(file)
    except OSError:
        # It is another user's.
        return []
    return [
        {"name": name, "resources": {key: float(value) for key, value in kind.get("resources", {}).items()}, "most": int(kind.get("max_workers", configuration.get("max_workers", 0)))}
        for name, kind in configuration.get("available_node_types", {}).items()
    ]


def _are_named() -> bool:
    """An operator, as on Kubernetes, gives nodes a type; Ray alone calls each after itself."""
    from ray.autoscaler.v2.sdk import get_cluster_status

    status = get_cluster_status(ray.get_runtime_context().gcs_address)
    return any(not node.ray_node_type_name.startswith("node_") for node in [*status.active_nodes, *status.idle_nodes])
