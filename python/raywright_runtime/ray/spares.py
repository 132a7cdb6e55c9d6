"""Processes that are ready for the next replica. Sent as source with the agent, before it."""

from __future__ import annotations

import threading
import time

import ray

SPARE_AFTER_S = 2.0
SPARE_EVERY_S = 5.0


class Nothing:
    """An actor that is not meant to run."""

    def ready(self) -> None:
        pass


class Spares:
    """A process that has started and that nobody uses, on every node where a replica has started: the next one starts in it.

    Starting Python and importing Ray is most of what a replica takes to start. Ray keeps a process that was started for an actor which
    was killed before it ran, as long as the node has a CPU free for it and the job of Serve's controller goes on, and gives it to the
    next actor. One that has run something it keeps for more of the same, which no replica is.
    """

    def __init__(self) -> None:
        self._waiting: dict = {}
        self._made: dict = {}

    def want(self, node: object) -> None:
        """Not at once, because it would get in the way of what starts now; and not all the time, because it takes seconds of a core."""
        if node is None or node in self._waiting:
            return
        since = time.monotonic() - self._made.get(node, -SPARE_EVERY_S)
        self._waiting[node] = timer = threading.Timer(max(SPARE_AFTER_S, SPARE_EVERY_S - since), self._make, (node,))
        timer.daemon = True
        timer.start()

    def _make(self, node: str) -> None:
        self._made[node] = time.monotonic()
        del self._waiting[node]
        from ray._private.state import jobs
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        mine = ray.get_runtime_context().get_job_id()
        if any(job["JobID"] == mine and job["IsDead"] for job in jobs()):
            return
        # The first may take a spare that is there; the one after it then makes the new one.
        for _ in range(2):
            actor = ray.remote(Nothing).options(num_cpus=0, scheduling_strategy=NodeAffinitySchedulingStrategy(node, soft=False)).remote()
            ran, _ = ray.wait([actor.ready.remote()], timeout=0.3)
            ray.kill(actor)
            if not ran:
                return
