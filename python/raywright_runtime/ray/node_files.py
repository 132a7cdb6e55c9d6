"""Files of ours on a node of the cluster. Sent as source with the agent, before it."""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile

import ray

CHUNK = 4 << 20


def node_folder() -> str:
    """Where this node keeps files of ours: it goes with the node's session."""
    try:
        session = ray._private.worker._global_node.get_session_dir_path()
    except AttributeError:
        session = tempfile.gettempdir()
    folder = os.path.join(session, "raywright")
    os.makedirs(folder, mode=0o700, exist_ok=True)
    return folder


class NodeFiles:
    """Files by their SHA-256, shared by everything of ours on a node."""

    def __init__(self, folder: str) -> None:
        self._folder = os.path.join(folder, "files")
        os.makedirs(self._folder, mode=0o700, exist_ok=True)

    def path(self, digest: str) -> str:
        return os.path.join(self._folder, digest)

    def has(self, digest: str) -> bool:
        return os.path.exists(self.path(digest))

    def size(self, digest: str) -> int:
        """Bytes that are here, of a whole file or of the beginning of one."""
        for path in (self.path(digest), self.path(digest) + ".part"):
            if os.path.exists(path):
                return os.path.getsize(path)
        return 0

    def append(self, digest: str, offset: int, data: bytes, total: int) -> str:
        """Adds a piece; empty where all is well, else what is wrong."""
        if self.has(digest):
            return ""
        part = self.path(digest) + ".part"
        with open(part, "ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            # Another may have finished it meanwhile: then what is open here is the whole file under its old name.
            if self.has(digest):
                return ""
            have = os.fstat(file.fileno()).st_size
            if have != offset:
                return "offset"
            file.write(data)
            file.flush()
            if have + len(data) < total:
                return ""
            if have + len(data) > total or self._digest(part) != digest:
                os.unlink(part)
                return "digest"
            os.fsync(file.fileno())
            os.rename(part, self.path(digest))
        return ""

    @staticmethod
    def _digest(path: str) -> str:
        with open(path, "rb") as file:
            digest = hashlib.sha256()
            while data := file.read(1 << 20):
                digest.update(data)
            return digest.hexdigest()

    def fetch(self, agent: object, digest: str, total: int) -> str:
        """Path of a file, which the agent sends in pieces where this node does not have it."""
        with open(self.path(digest) + ".lock", "w") as lock:
            # One replica of a node fetches, the others wait for it.
            fcntl.flock(lock, fcntl.LOCK_EX)
            while not self.has(digest):
                offset = self.size(digest)
                piece = agent.piece.remote(digest, offset).result(timeout_s=60)
                if piece is None:
                    raise FileNotFoundError(f"the agent does not have the file {digest[:12]} yet")
                wrong = self.append(digest, offset, piece, total)
                if wrong == "digest":
                    raise OSError(f"the file {digest[:12]} arrived damaged")
        return self.path(digest)

    def version(self, agent: object, digest: str, files: list) -> str:
        """Folder of a version: its files under their names, as hard links."""
        folder = os.path.join(os.path.dirname(self._folder), "versions", digest)
        if os.path.isdir(folder):
            return folder
        os.makedirs(os.path.dirname(folder), mode=0o700, exist_ok=True)
        made = tempfile.mkdtemp(dir=os.path.dirname(folder))
        for file in files:
            target = os.path.join(made, file["path"])
            os.makedirs(os.path.dirname(target), exist_ok=True)
            source = self.fetch(agent, file["digest"], file["size"])
            if os.path.commonpath([made, os.path.realpath(os.path.dirname(target))]) != os.path.realpath(made):
                raise ValueError(f"{file['path']} is outside of its version")
            os.link(source, target)
        try:
            os.rename(made, folder)
        except OSError:
            # Another replica of this node was faster.
            if not os.path.isdir(folder):
                raise
        return folder
