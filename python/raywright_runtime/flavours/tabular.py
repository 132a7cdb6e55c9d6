"""What models of tables have in common: rows from inputs, and which answer belongs to which output."""

from __future__ import annotations

import os
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ..contract import TensorSpec


def threads() -> int:
    """How many the server grants."""
    try:
        return max(1, int(os.environ.get("OMP_NUM_THREADS", "1")))
    except ValueError:
        return 1


def columns_of(spec: TensorSpec) -> Tuple[str, ...]:
    """Names of the columns that an input brings: its own where it is one column wide."""
    if spec.columns:
        return spec.columns
    width = spec.shape[-1] if len(spec.shape) > 1 else 1
    return (spec.name,) if width in (1, -1) else tuple(f"{spec.name}_{index}" for index in range(width))


def matrix(inputs: Mapping[str, Any], specs: Sequence[TensorSpec], order: Sequence[str], dtype: str) -> Any:
    """The inputs as one matrix of numbers, its columns in the order of the names, where they all are known."""
    import numpy

    if len(specs) == 1 and (not order or columns_of(specs[0]) == tuple(order) or set(columns_of(specs[0])) != set(order)):
        array = inputs[specs[0].name]
        return numpy.asarray(array, dtype=dtype).reshape(len(array), -1)
    rows = next(len(array) for array in inputs.values())
    columns: Dict[str, Any] = {}
    for spec in specs:
        names = columns_of(spec)
        array = inputs.get(spec.name)
        block = numpy.full((rows, len(names)), numpy.nan) if array is None else numpy.asarray(array, dtype=dtype).reshape(rows, -1)
        columns.update((name, block[:, index]) for index, name in enumerate(names))
    names = list(order) if set(order) == set(columns) else list(columns)
    return numpy.column_stack([columns[name] for name in names]).astype(dtype, copy=False)


def class_labels(classes: Sequence[Any]) -> Dict[str, List[str]]:
    return {"keys": [str(c).lower() if isinstance(c, bool) else str(c) for c in classes], "names": [str(c) for c in classes]}


def classification(classes: Sequence[Any], probabilities: bool) -> List[Dict[str, Any]]:
    """Outputs of a classifier whose classes are plain values."""
    kind = "string" if all(isinstance(c, str) for c in classes) else "bool" if all(isinstance(c, bool) for c in classes) else "int64"
    labels = class_labels(classes)
    outputs: List[Dict[str, Any]] = [{"name": "label", "type": kind, "shape": [-1], "labels": labels}]
    if probabilities:
        outputs.append({"name": "probabilities", "type": "float32", "shape": [-1, len(classes)], "labels": labels})
    return outputs


def regression(targets: int) -> List[Dict[str, Any]]:
    return [{"name": "prediction", "type": "float32", "shape": [-1] if targets == 1 else [-1, targets]}]


def features(count: int, names: Optional[Sequence[str]], nullable: bool) -> Dict[str, Any]:
    """The one input of a model that takes numbers alone."""
    spec: Dict[str, Any] = {"name": "features", "type": "float32", "shape": [-1, count]}
    if names:
        spec["columns"] = [str(name) for name in names]
    if nullable:
        spec["nullable"] = True
    return spec


def wants_probabilities(spec: TensorSpec, classes: int, outputs: int) -> bool:
    """Whether an output is the probabilities: by its name, else by a shape that fits nothing else."""
    if "prob" in spec.name.lower():
        return True
    return spec.is_float and outputs > 1 and len(spec.shape) > 1 and spec.shape[-1] == classes


def wants_scores(spec: TensorSpec) -> bool:
    name = spec.name.lower()
    return "score" in name or "decision" in name


def label_map(spec: TensorSpec, classes: Sequence[Any]) -> Optional[Dict[Any, Any]]:
    """From the model's classes to what the contract calls them; None where they are the same."""
    if spec.labels is None:
        return None
    if spec.type == "string":
        if all(isinstance(c, str) for c in classes):
            return None
        return dict(zip(spec.labels.keys, spec.labels.names))
    if all(isinstance(c, str) for c in classes):
        return dict(zip(spec.labels.names, spec.labels.keys))
    return None
