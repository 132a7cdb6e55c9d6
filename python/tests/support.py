"""A real child with the server's side of the protocol, as small as it can be."""

from __future__ import annotations

import json
import math
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from raywright_runtime.contract import DATATYPES

RUNTIME = str(Path(__file__).resolve().parent.parent)
_BOOT = "import sys; sys.path[0] = sys.argv.pop(1); from raywright_runtime.child import main; main()"
_LETTERS = {"bool": "?", "int8": "b", "int16": "h", "int32": "i", "int64": "q", "uint8": "B", "uint16": "H", "uint32": "I", "uint64": "Q", "float16": "e", "float32": "f", "float64": "d"}
CONFINED = {"files": [], "network": False, "processes": False, "memoryBytes": 4 << 30, "openFiles": 512}


def shared_models() -> Optional[Path]:
    """The folder of models with expected answers, where there is one."""
    shared = os.environ.get("RAYWRIGHT_SHARED")
    path = Path(shared, "models") if shared else None
    return path if path is not None and path.is_dir() else None


def write_bytes(elements: Sequence[Optional[bytes]]) -> bytes:
    return b"".join(b"\xff\xff\xff\xff" if e is None else len(e).to_bytes(4, "little") + e for e in elements)


def read_bytes(data: bytes) -> List[Optional[bytes]]:
    elements: List[Optional[bytes]] = []
    while data:
        length = int.from_bytes(data[:4], "little")
        elements.append(None if length == 0xFFFFFFFF else data[4 : 4 + length])
        data = data[4:] if length == 0xFFFFFFFF else data[4 + length :]
    return elements


def write_tensor(kind: str, flat: Sequence[Any]) -> bytes:
    if kind in _LETTERS:
        return struct.pack(f"<{len(flat)}{_LETTERS[kind]}", *[math.nan if v is None else v for v in flat])
    if kind == "json":
        return write_bytes([json.dumps(v).encode() for v in flat])
    return write_bytes([v.encode() if isinstance(v, str) else v for v in flat])


def read_tensor(kind: str, data: bytes) -> List[Any]:
    if kind in _LETTERS:
        return list(struct.unpack(f"<{len(data) // struct.calcsize(_LETTERS[kind])}{_LETTERS[kind]}", data))
    elements = read_bytes(data)
    if kind == "json":
        return [None if e is None else json.loads(e) for e in elements]
    return [e.decode() if kind == "string" and e is not None else e for e in elements]


def flatten(value: Any, rank: int) -> Tuple[List[int], List[Any]]:
    shape, level = [], [value]
    for _ in range(rank):
        shape.append(len(level[0]) if level else 0)
        level = [e for v in level for e in v]
    return shape, level


def request_bytes(contract: Optional[Mapping[str, Any]], inputs: Any, model: str = "model", headers: Sequence[str] = (), request_id: str = "request-1", parameters: Any = None) -> bytes:
    tensors, data = [], b""
    if contract is None:
        contract, inputs = {"inputs": [{"name": "inputs", "type": "json", "shape": [1]}]}, {"inputs": [inputs]}
    for spec in contract["inputs"]:
        if spec["name"] not in inputs:
            continue
        shape, flat = flatten(inputs[spec["name"]], len(spec["shape"]))
        part = write_tensor(spec["type"], flat)
        tensors.append({"name": spec["name"], "datatype": DATATYPES[spec["type"]], "shape": shape, "parameters": {"binary_data_size": len(part)}})
        data += part
    header = json.dumps({"id": request_id, **({"parameters": parameters} if parameters else {}), "inputs": tensors}).encode()
    lines = [
        f"POST /v2/models/{model}/infer HTTP/1.1",
        "host: replica",
        f"content-length: {len(header) + len(data)}",
        f"inference-header-content-length: {len(header)}",
        f"x-request-id: {request_id}",
        *headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + header + data


class Answer:
    """Status, fields and body of one answer; `outputs` are flat lists by name, with their shapes beside them."""

    def __init__(self, status: int, fields: Dict[str, str], body: bytes) -> None:
        self.status, self.fields, self.body = status, fields, body

    @property
    def document(self) -> Any:
        return json.loads(self.body[: int(self.fields.get("inference-header-content-length", len(self.body)))])

    def outputs(self, contract: Optional[Mapping[str, Any]]) -> Dict[str, Tuple[List[int], List[Any]]]:
        types = {"outputs": "json"} if contract is None else {spec["name"]: spec["type"] for spec in contract["outputs"]}
        at, outputs = int(self.fields["inference-header-content-length"]), {}
        for tensor in self.document["outputs"]:
            size = tensor["parameters"]["binary_data_size"]
            outputs[tensor["name"]] = (tensor["shape"], read_tensor(types[tensor["name"]], self.body[at : at + size]))
            at += size
        return outputs

    @property
    def value(self) -> Any:
        """Of a model without a contract."""
        return self.outputs(None)["outputs"][1][0]


class Connection:
    def __init__(self, path: str) -> None:
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(60)
        self.socket.connect(path)
        self._file = self.socket.makefile("rb")

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def send(self, data: bytes) -> None:
        self.socket.sendall(data)

    def read(self) -> Answer:
        status, fields = self.read_head()
        if fields.get("transfer-encoding") == "chunked":
            body = b"".join(self.read_chunks())
        else:
            body = self._file.read(int(fields["content-length"]))
        return Answer(status, fields, body)

    def read_head(self) -> Tuple[int, Dict[str, str]]:
        status = int(self._file.readline().split(b" ")[1])
        fields: Dict[str, str] = {}
        while True:
            line = self._file.readline().strip().decode()
            if not line:
                return status, fields
            name, _, value = line.partition(": ")
            fields[name] = value

    def read_chunks(self) -> Any:
        while True:
            size = int(self._file.readline(), 16)
            data = self._file.read(size)
            self._file.read(2)
            if size == 0:
                return
            yield data

    def ask(self, contract: Optional[Mapping[str, Any]], inputs: Any, **rest: Any) -> Answer:
        self.send(request_bytes(contract, inputs, **rest))
        return self.read()

    def close(self) -> None:
        # Both hold the descriptor.
        self._file.close()
        self.socket.close()


class Child:
    """A process that was started as the server starts it."""

    def __init__(self, folder: Any, flavour: str = "class", code: Optional[str] = "model.py", contract: Optional[Mapping[str, Any]] = None, path: Sequence[str] = (), **order: Any) -> None:
        self.root = tempfile.mkdtemp(prefix="rw-")
        scratch = os.path.join(self.root, "scratch")
        os.mkdir(scratch)
        self.socket_path = os.path.join(self.root, "serve.sock")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listening:
            listening.settimeout(60)
            listening.bind(os.path.join(self.root, "control.sock"))
            listening.listen(1)
            self.process = subprocess.Popen(
                [sys.executable, "-c", _BOOT, RUNTIME, listening.getsockname()],
                cwd=scratch,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": scratch, "TMPDIR": scratch, "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(path)},
            )
            self.control, _ = listening.accept()
        self.control.settimeout(120)
        document = {
            "task": "serve", "folder": str(folder), "artifact": "", "flavour": flavour, "code": code, "model": "model", "revision": "model-dev-1",
            "contract": contract or {"inputs": [], "outputs": []}, "arrays": "plain", "socket": self.socket_path, "scratch": scratch, "confine": None,
        }  # fmt: skip
        document.update(order)
        self._lines = self.control.makefile("rb")
        self.control.sendall(json.dumps(document).encode() + b"\n")

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: Any) -> None:
        self.hang_up()
        self.output()
        shutil.rmtree(self.root, ignore_errors=True)

    def event(self) -> Dict[str, Any]:
        return json.loads(self._lines.readline())

    def ready(self) -> Dict[str, Any]:
        event = self.event()
        if event["event"] != "ready":
            raise AssertionError(f"{event}\n{self.output()[1]}")
        return event

    def connect(self) -> Connection:
        return Connection(self.socket_path)

    def hang_up(self) -> None:
        self._lines.close()
        self.control.close()

    def output(self) -> Tuple[str, str]:
        """Waits for its end; what it wrote."""
        if self.process.stdout is None or self.process.stdout.closed:
            return "", ""
        out, err = self.process.communicate(timeout=60)
        return out.decode(), err.decode()


def write_model(folder: str, code: str, name: str = "model.py") -> str:
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(code)
    return folder
