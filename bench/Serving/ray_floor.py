"""Ray Serve as fast as it goes by its own means: HAProxy mode, one replica, ONNX Runtime by hand; no key, no checks, no log.

Arguments: port, model, and `batch` to join requests as Serve does it (up to 64, waiting 2 ms) or `plain`.
"""
import os
import socket
import sys
import tempfile
import time

port, model, batching = int(sys.argv[1]), sys.argv[2], sys.argv[3] == "batch"
sockets = [socket.socket() for _ in range(6)]
for one in sockets:
    one.bind(("127.0.0.1", 0))
free = [str(one.getsockname()[1]) for one in sockets]
for one in sockets:
    one.close()
os.environ.update(
    RAY_AUTH_MODE="disabled",
    RAY_USAGE_STATS_ENABLED="0",
    RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER="0",
    RAY_SERVE_ENABLE_HA_PROXY="1",
    RAY_SERVE_HAPROXY_METRICS_PORT=free[0],
    RAY_SERVE_HAPROXY_STATS_PORT=free[1],
    RAY_SERVE_FALLBACK_PROXY_HTTP_PORT=free[2],
    RAY_SERVE_FALLBACK_PROXY_GRPC_PORT=free[3],
    AUTOSCALER_METRIC_PORT=free[4],
    DASHBOARD_METRIC_PORT=free[5],
    OMP_NUM_THREADS="1",
)

import numpy  # noqa: E402
import ray  # noqa: E402
from ray import serve  # noqa: E402


class Iris:
    def __init__(self, path):
        import onnxruntime

        settings = onnxruntime.SessionOptions()
        settings.intra_op_num_threads = 1
        settings.inter_op_num_threads = 1
        settings.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self.session = onnxruntime.InferenceSession(path, settings, providers=["CPUExecutionProvider"])
        self.name = self.session.get_inputs()[0].name

    def run(self, rows):
        label, probabilities = self.session.run(None, {self.name: numpy.asarray(rows, dtype=numpy.float32)})
        return label.tolist(), probabilities.tolist()

    @serve.batch(max_batch_size=64, batch_wait_timeout_s=0.002)
    async def joined(self, rows):
        labels, probabilities = self.run(rows)
        return list(zip(labels, probabilities))

    async def __call__(self, request):
        rows = (await request.json())["inputs"][self.name]
        if batching:
            label, probabilities = await self.joined(rows[0])
            return {"outputs": {"label": [label], "probabilities": [probabilities]}}
        label, probabilities = self.run(rows)
        return {"outputs": {"label": label, "probabilities": probabilities}}


with tempfile.TemporaryDirectory(prefix="rf", dir="/tmp") as folder:
    ray.init(num_cpus=2, object_store_memory=100_000_000, include_dashboard=False, _temp_dir=folder, log_to_driver=False)
    serve.start(http_options={"host": "127.0.0.1", "port": port})
    serve.run(serve.deployment(num_replicas=1, max_ongoing_requests=128, ray_actor_options={"num_cpus": 1})(Iris).bind(os.path.abspath(model)), name="iris", route_prefix="/")
    while True:
        time.sleep(60)
