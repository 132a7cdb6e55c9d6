"""What a model takes and gives: names, types and shapes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

DATATYPES: Dict[str, str] = {
    "bool": "BOOL",
    "int8": "INT8",
    "int16": "INT16",
    "int32": "INT32",
    "int64": "INT64",
    "uint8": "UINT8",
    "uint16": "UINT16",
    "uint32": "UINT32",
    "uint64": "UINT64",
    "float16": "FP16",
    "float32": "FP32",
    "float64": "FP64",
    "string": "BYTES",
    "bytes": "BYTES",
    "json": "BYTES",
}
"""Names of the contract's types in the Open Inference Protocol."""


@dataclass(frozen=True)
class Labels:
    """Classes of an output: the values that stand for them, and what people call them."""

    keys: Tuple[Any, ...]
    names: Tuple[str, ...]


@dataclass(frozen=True)
class TensorSpec:
    """One input or output. A dimension of -1 may have any size; the first is the batch."""

    name: str
    type: str
    shape: Tuple[int, ...]
    columns: Tuple[str, ...] = ()
    nullable: bool = False
    optional: bool = False
    labels: Optional[Labels] = None

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> TensorSpec:
        if entry["type"] not in DATATYPES:
            raise ValueError(f"{entry['name']}: there is no type {entry['type']}")
        labels = entry.get("labels")
        return cls(
            name=entry["name"],
            type=entry["type"],
            shape=tuple(entry["shape"]),
            columns=tuple(entry.get("columns") or ()),
            nullable=bool(entry.get("nullable")),
            optional=bool(entry.get("optional")),
            labels=Labels(tuple(_key(key, entry["type"]) for key in labels["keys"]), tuple(labels["names"])) if labels else None,
        )

    @property
    def datatype(self) -> str:
        return DATATYPES[self.type]

    @property
    def is_float(self) -> bool:
        return self.type.startswith("float")

    @property
    def is_integer(self) -> bool:
        return self.type.startswith(("int", "uint"))

    @property
    def is_numeric(self) -> bool:
        return self.is_float or self.is_integer or self.type == "bool"


PASSED_THROUGH_INPUT = TensorSpec("inputs", "json", (1,), nullable=True)
PASSED_THROUGH_OUTPUT = TensorSpec("outputs", "json", (1,), nullable=True)


@dataclass(frozen=True)
class Contract:
    """Inputs and outputs; without any, JSON passes through."""

    inputs: Tuple[TensorSpec, ...] = ()
    outputs: Tuple[TensorSpec, ...] = ()

    @classmethod
    def of(cls, document: Optional[Mapping[str, Sequence[Mapping[str, Any]]]]) -> Contract:
        if not document:
            return cls()
        return cls(_specs(document.get("inputs") or ()), _specs(document.get("outputs") or ()))

    @property
    def passes_through(self) -> bool:
        return not self.inputs and not self.outputs


def _key(key: Any, kind: str) -> Any:
    """A label's key as a value of the output's type; it travels as a text."""
    if not isinstance(key, str):
        return key
    try:
        return key == "true" if kind == "bool" else int(key) if kind.startswith(("int", "uint")) else key
    except ValueError:
        return key


def _specs(entries: Sequence[Mapping[str, Any]]) -> Tuple[TensorSpec, ...]:
    specs: List[TensorSpec] = [TensorSpec.of(entry) for entry in entries]
    return tuple(specs)
