"""The agent: one small application of ours in a cluster, and the replicas that it deploys.

It is sent as source by a job and pickled by value, so it needs no package of ours in the cluster: standard library, Ray and what
Ray Serve brings along only. It is one text with `node_files.py`, `node_types.py` and `spares.py`, which come before it. It applies and removes revisions one at a
time, keeps the files that replicas load, and knows where replicas listen. Nothing in the cluster calls the server; the server asks
the agent (docs/reference/agent-protocol.md).
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import importlib.metadata
import json
import os
import platform
import re
import socket
import subprocess
import sys
import threading
import time
import traceback

import ray
from ray import serve

from .node_files import CHUNK, NodeFiles, node_folder
from .node_types import node_types
from .spares import Spares

PIECE = re.compile(r"[0-9a-f]{64}\Z")
REPORT_EVERY_S = 5.0
FORGET_AFTER_S = 30.0
OUTPOST_LIFE_S = 20.0
MOST_NODES = 200
DELETE_PATIENCE_S = 60.0


class Replica:
    """One replica of a revision. What answers comes with the runtime, which is a file like the model's."""

    async def __init__(self, order: str) -> None:
        self._order = json.loads(order)
        self._reported = 0.0
        self._served = None
        self._agent = None
        try:
            self._served = await asyncio.to_thread(self._load)
        except BaseException as e:
            await self._tell("failed", self._failure(e))
            raise

    def _load(self) -> object:
        order = self._order
        self._agent = serve.get_app_handle(order["agent"])
        files = NodeFiles(node_folder())
        runtime = files.fetch(self._agent, order["runtime"]["digest"], order["runtime"]["size"])
        # A file of a zip is imported by its name.
        package = os.path.join(node_folder(), f"runtime-{order['runtime']['digest'][:16]}.zip")
        if not os.path.exists(package):
            try:
                os.link(runtime, package)
            except FileExistsError:
                pass
        sys.path.insert(0, package)
        # Before anything is imported: libraries read them once.
        os.environ.update(order["variables"])
        from raywright_runtime.ray.packages import Wanted, ensure
        from raywright_runtime.ray.replica import Served

        order["folder"] = files.version(self._agent, order["version"], order["files"])
        added = ensure(Wanted.of(order, order["folder"]), node_folder())
        if added is not None:
            sys.path.insert(0, added)
        return Served(order, serve.get_replica_context().replica_id.unique_id, ray.util.get_node_ip_address())

    def _failure(self, exception: BaseException) -> dict:
        where = None
        try:
            from raywright_runtime.failures import where as find

            where = find(exception, self._order.get("folder", ""))
        except ImportError:
            pass
        text = "".join(traceback.format_exception(type(exception), exception, exception.__traceback__))
        return {"kind": type(exception).__name__, "detail": str(exception), "where": where, "trace": text[-4000:]}

    async def _tell(self, method: str, document: dict) -> None:
        """Whether anybody hears it is not this replica's business."""
        try:
            agent = self._agent or serve.get_app_handle(self._order["agent"])
            context = serve.get_replica_context()
            node = ray.get_runtime_context().get_node_id()
            document = {"revision": self._order["revision"], "replica": context.replica_id.unique_id, "node": node, **document}
            await asyncio.wait_for(getattr(agent, method).remote(document), 5)
        except Exception:
            pass

    async def check_health(self) -> None:
        # Not from the constructor: only now is the replica one that Serve counts. Again and again, because an agent forgets.
        now = time.monotonic()
        if now - self._reported >= REPORT_EVERY_S:
            self._reported = now
            asyncio.ensure_future(self._tell("report", self._served.announcement()))
        reason = await asyncio.to_thread(self._served.health)
        if reason is not None:
            raise RuntimeError(reason)

    def reconfigure(self, user_config: dict) -> None:
        """It says whose revision this is, for whoever reads Serve's state; nothing changes here."""

    async def __call__(self, request: object) -> object:
        return await self._served.forward(request)

    async def __del__(self) -> None:
        if self._served is None:
            return
        asyncio.ensure_future(self._tell("leaving", {}))
        await self._served.drain()


class Outpost:
    """Listens on one node for a moment, so that the server can try whether it gets there."""

    def open(self, packages: list) -> dict:
        listening = socket.create_server((ray.util.get_node_ip_address(), 0))
        threading.Thread(target=self._greet, args=(listening,), daemon=True).start()
        address, port = listening.getsockname()[:2]
        found = {name: version_of(name) for name in packages}
        return {"address": address, "port": port, "python": platform.python_version(), "ray": ray.__version__, "packages": {name: version for name, version in found.items() if version}}

    @staticmethod
    def _greet(listening: socket.socket) -> None:
        while True:
            connection, _ = listening.accept()
            connection.sendall(b"raywright\n")
            connection.close()


def version_of(package: str) -> object:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


class Agent:
    """What the server talks to."""

    def __init__(self, settings: str) -> None:
        self._settings = json.loads(settings)
        self._digest = bytes.fromhex(self._settings["tokenDigest"])
        self._files = NodeFiles(node_folder())
        self._applying = threading.Lock()
        self._generation = f"{os.getpid()}-{time.time_ns()}"
        self._sequence = 0
        self._changed = asyncio.Event()
        self._replicas: dict = {}
        self._failures: dict = {}
        self._missing: dict = {}
        self._spares = Spares()
        self._met: dict = {}

    # What replicas say and ask.

    def report(self, document: dict) -> None:
        document["heard"] = time.monotonic()
        known = self._replicas.get(document["replica"])
        self._replicas[document["replica"]] = document
        if known is None:
            self._spares.want(document.get("node"))
        if known is None or any(known.get(key) != value for key, value in document.items() if key != "heard"):
            self._change()

    def leaving(self, document: dict) -> None:
        if document["replica"] in self._replicas:
            self._replicas[document["replica"]]["leaving"] = True
            self._change()

    def failed(self, document: dict) -> None:
        self._failures[document["revision"]] = {**document, "times": self._failures.get(document["revision"], {}).get("times", 0) + 1}
        self._change()

    def piece(self, digest: str, offset: int) -> object:
        if PIECE.match(digest) is None:
            return None
        if not self._files.has(digest):
            if digest not in self._missing:
                self._missing[digest] = True
                self._change()
            return None
        with open(self._files.path(digest), "rb") as file:
            file.seek(offset)
            return file.read(CHUNK)

    def _change(self) -> None:
        self._sequence += 1
        self._changed.set()
        self._changed = asyncio.Event()

    # What the server asks.

    async def __call__(self, request: object) -> object:
        from starlette.responses import JSONResponse

        token = request.headers.get("x-raywright-token", "")
        if not hmac.compare_digest(hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest(), self._digest):
            return JSONResponse({"error": "this is not the token of this agent"}, 401)
        status, document = await self._answer(request.method, [part for part in request.url.path.split("/") if part], request)
        return JSONResponse(document, status)

    async def _answer(self, method: str, path: list, request: object) -> tuple:
        if path and path[0] == self._settings["application"]:
            path = path[1:]
        query = request.query_params
        if (method, path) == ("GET", ["state"]):
            return 200, await self._state(query.get("generation"), int(query.get("after", -1)), min(30.0, float(query.get("wait", 0))))
        if len(path) == 2 and path[0] == "files" and PIECE.match(path[1]):
            if method == "GET":
                return 200, self._file(path[1])
            if method == "PUT":
                return await self._receive(path[1], int(query["offset"]), int(query["size"]), await request.body())
        if len(path) == 2 and path[0] == "applications":
            if method == "PUT":
                return await asyncio.to_thread(self._apply, path[1], json.loads(await request.body()))
            if method == "DELETE":
                return await asyncio.to_thread(self._delete, path[1])
        if (method, path) == ("POST", ["preflight"]):
            return await asyncio.to_thread(self._preflight, json.loads(await request.body()))
        if (method, path) == ("GET", ["node-types"]):
            return 200, await asyncio.to_thread(node_types)
        if (method, path) == ("POST", ["reach"]):
            return 200, {"nodes": await asyncio.to_thread(self._reach, json.loads(await request.body())["packages"])}
        return 404, {"error": f"there is no {method} /{'/'.join(path)}"}

    async def _state(self, generation: object, after: int, wait: float) -> dict:
        changed = self._changed
        if generation == self._generation and after >= self._sequence and wait > 0:
            try:
                await asyncio.wait_for(changed.wait(), wait)
            except asyncio.TimeoutError:
                pass
        now = time.monotonic()
        # One that was killed says nothing; one that lives says something every few seconds.
        self._replicas = {name: replica for name, replica in self._replicas.items() if now - replica["heard"] < FORGET_AFTER_S}
        return {
            "agent": self._settings["version"],
            "generation": self._generation,
            "sequence": self._sequence,
            "ray": ray.__version__,
            "python": platform.python_version(),
            "replicas": [{key: value for key, value in replica.items() if key not in ("heard", "node")} for replica in self._replicas.values()],
            "failures": list(self._failures.values()),
            "missing": list(self._missing),
        }

    def _file(self, digest: str) -> dict:
        return {"size": self._files.size(digest), "complete": self._files.has(digest)}

    async def _receive(self, digest: str, offset: int, total: int, data: bytes) -> tuple:
        wrong = await asyncio.to_thread(self._files.append, digest, offset, data, total)
        if self._files.has(digest):
            self._missing.pop(digest, None)
        return {"": 200, "offset": 409, "digest": 422}[wrong], self._file(digest)

    def _apply(self, name: str, order: dict) -> tuple:
        """`serve.run_many` is not safe to call twice at once."""
        from ray.serve.api import RunTarget, run_many

        missing = self._lacks(order["order"])
        if missing:
            return 424, missing
        order["order"]["agent"] = self._settings["application"]
        self._failures.pop(name, None)
        try:
            with self._applying:
                deployment = serve.deployment(name=order["deployment"], **order["options"])(Replica)
                # Without it the same order again would replace every replica.
                deployment = deployment.options(version=order["version"], _internal=True)
                target = RunTarget(deployment.bind(json.dumps(order["order"])), name=name, route_prefix=order["route"], external_scaler_enabled=True)
                run_many([target], wait_for_ingress_deployment_creation=False, wait_for_applications_running=False)
        except Exception as e:
            return 400, {"error": str(e), "kind": type(e).__name__}
        return 200, {}

    def _lacks(self, order: dict) -> object:
        missing = [file["digest"] for file in [order["runtime"], *order["files"]] if not self._files.has(file["digest"])]
        return {"error": "files are missing", "missing": missing} if missing else None

    def _preflight(self, order: dict) -> tuple:
        """What the cluster's Python lacks of what a version needs, and whether that could be had. The runtime knows."""
        missing = self._lacks(order)
        if missing:
            return 424, missing
        # What this Python has does not change while it runs; what a model wants is told by these, and by its files where it names some.
        asked = json.dumps([order["runtime"]["digest"], order.get("libraries"), order["version"] if order.get("requirements") or order.get("wheels") else None])
        if asked in self._met:
            return 200, self._met[asked]
        folder = self._files.version(None, order["version"], order["files"])
        boot = "import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); runpy.run_module(sys.argv.pop(1), run_name='__main__')"
        command = [sys.executable, "-c", boot, self._files.path(order["runtime"]["digest"]), "raywright_runtime.ray.packages", json.dumps(order), folder]
        done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            return 400, {"error": (done.stderr.strip().splitlines() or ["it said nothing"])[-1], "kind": "PreflightError"}
        answer = json.loads(done.stdout)
        if not answer["unmet"]:
            self._met[asked] = answer
        return 200, answer

    def _reach(self, packages: list) -> list:
        """A listener on every node for a moment, and what of the packages is there."""
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        posts = {}
        for node in [node["NodeID"] for node in ray.nodes() if node["Alive"]][:MOST_NODES]:
            strategy = NodeAffinitySchedulingStrategy(node, soft=False)
            posts[node] = ray.remote(Outpost).options(num_cpus=0, scheduling_strategy=strategy).remote()
        opened = {node: post.open.remote(packages) for node, post in posts.items()}
        found = []
        for node, answer in opened.items():
            try:
                found.append({"node": node, **ray.get(answer, timeout=60)})
            except Exception as e:
                found.append({"node": node, "problem": f"{type(e).__name__}: {e}"[:300]})
        for post in posts.values():
            threading.Timer(OUTPOST_LIFE_S, ray.kill, (post,)).start()
        return found

    def _delete(self, name: str) -> tuple:
        with self._applying:
            nodes = self._nodes(name)
            # serve.delete sends this too, and does not wait until it has arrived: only then is the application being deleted.
            ray.get(serve.context._get_global_client()._controller.delete_apps.remote([name]))
        self._failures.pop(name, None)
        if None in nodes.values():
            threading.Thread(target=self._end_unplaced, args=(name, nodes), daemon=True).start()
        return 200, {}

    def _nodes(self, name: str) -> dict:
        """The node of each replica's actor of an application; None where it has not got one."""
        replicas = [replica for deployment in self._application(name).get("deployments", {}).values() for replica in deployment["replicas"]]
        return {replica["actor_name"]: replica.get("node_id") for replica in replicas}

    def _application(self, name: str) -> dict:
        return serve.context._get_global_client().get_serve_details()["applications"].get(name, {})

    def _end_unplaced(self, name: str, nodes: dict) -> None:
        """Ends the actors of a deleted application that have never got a node.

        Serve waits for such a one as long as for one that has requests to answer, and until then refuses to scale an application
        of the same name. One that ends before Serve stops it is replaced by another: hence again and again.
        Replicas of an application that is being deleted are not listed, but their actors have names.
        """
        placed = {actor for actor, node in nodes.items() if node}
        deployments = tuple({actor.rpartition("#")[0] + "#" for actor in nodes})
        end = time.monotonic() + DELETE_PATIENCE_S
        while self._application(name).get("status") == "DELETING" and time.monotonic() < end:
            named = {actor["name"] for actor in ray.util.list_named_actors(all_namespaces=True) if actor["namespace"] == "serve"}
            for actor in {actor for actor in named if actor.startswith(deployments)} - placed:
                try:
                    ray.kill(ray.get_actor(actor, namespace="serve"))
                except ValueError:
                    pass
            time.sleep(0.1)


def install(settings: dict) -> None:
    """Puts the agent into the cluster, or a new one in the place of an old one."""
    ray.init(address="auto", log_to_driver=False)
    # These count only where Serve does not run yet.
    serve.start(proxy_location=settings["proxyLocation"], http_options={"host": settings["host"], "port": settings["port"]})
    deployment = serve.deployment(
        name="agent",
        num_replicas=1,
        max_ongoing_requests=1000,
        health_check_period_s=1,
        max_surge_percent=100,
        graceful_shutdown_wait_loop_s=0.5,
        graceful_shutdown_timeout_s=60,
        # Beside the autoscaler, and where files stay when other nodes come and go.
        ray_actor_options={"num_cpus": 0, "resources": {"node:__internal_head__": 0.001}},
    )(Agent)
    serve.run(
        deployment.bind(json.dumps(settings)), name=settings["application"], route_prefix=f"/{settings['application']}", blocking=False
    )
