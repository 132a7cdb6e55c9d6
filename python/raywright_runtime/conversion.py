"""Turns a loaded model into an ONNX graph that keeps the model's contract, with the converter of its library."""

from __future__ import annotations

import importlib
import inspect
import os
import warnings
from typing import Any, Dict, List, Sequence, Tuple

from . import graph
from .contract import Contract, TensorSpec
from .errors import ConversionError, ConverterMissing
from .flavours import Model

FILE = "model.onnx"
"""Where the graph is written, in the scratch folder."""

_CONVERTERS: Dict[str, Tuple[str, ...]] = {
    "sklearn": ("skl2onnx",),
    "xgboost": ("onnxmltools",),
    "lightgbm": ("onnxmltools",),
    # PyTorch brings its exporter along, and that one needs the package of the format.
    "torch": ("torch", "onnx"),
}

_OPSETS = {"": 17, "ai.onnx.ml": 3}
"""What ONNX Runtime has known for long, and the converters too."""

_BOOSTER_OPSET = 15
"""The converters of boosters go no further."""

_SKLEARN_TYPES = {
    "float32": "FloatTensorType",
    "float64": "DoubleTensorType",
    "int64": "Int64TensorType",
    "int32": "Int32TensorType",
    "int16": "Int16TensorType",
    "int8": "Int8TensorType",
    "uint8": "UInt8TensorType",
    "bool": "BooleanTensorType",
    "string": "StringTensorType",
}


def check(flavour: str) -> None:
    """Raises where nothing converts such models, or the package that does is missing."""
    if flavour not in _CONVERTERS:
        raise ConversionError(f"There is no converter for models of the kind {flavour}: scikit-learn, XGBoost, LightGBM and TorchScript have one.")
    for name in _CONVERTERS[flavour]:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as e:
            # What a converter itself lacks has a name of its own.
            raise ConverterMissing((e.name or name).split(".")[0]) from e


def convert(flavour: str, model: Model, contract: Contract, folder: str) -> str:
    """Writes the graph into the folder; gives the converter's name and version."""
    if contract.passes_through:
        raise ConversionError("A graph needs to know its inputs and outputs: write them into the spec.")
    if model.native is None:
        raise ConversionError("A class of your own is no model that a converter knows.")
    path = os.path.join(folder, FILE)
    with warnings.catch_warnings():
        # Converters warn about their own past and about what comes of it; the rows that are compared say more.
        warnings.simplefilter("ignore")
        try:
            if flavour == "torch":
                _torch(model.native, contract, path)
            else:
                made = _sklearn(model.native, contract) if flavour == "sklearn" else _booster(flavour, model.native, contract)
                graph.fit(made, contract)
                with open(path, "wb") as file:
                    file.write(made.SerializeToString())
        except (ConversionError, ConverterMissing):
            raise
        except ModuleNotFoundError as e:
            raise ConverterMissing((e.name or "").split(".")[0]) from e
        except Exception as e:  # noqa: BLE001 - a converter raises what it likes
            raise ConversionError(f"{type(e).__name__}: {e}") from e
    name = _CONVERTERS[flavour][0]
    return f"{name} {getattr(importlib.import_module(name), '__version__', '')}".rstrip()


def _sklearn(estimator: Any, contract: Contract) -> Any:
    from skl2onnx import to_onnx

    # A search is its best estimator, which converters know more about.
    estimator = getattr(estimator, "best_estimator_", estimator)
    last = estimator.steps[-1][1] if getattr(estimator, "steps", None) else estimator
    # Without this option a classifier gives a list of maps, which no tensor is.
    options = {id(last): {"zipmap": False}} if hasattr(last, "classes_") and hasattr(last, "predict_proba") else None
    return to_onnx(estimator, initial_types=_initial_types(estimator, contract.inputs), options=options, target_opset=_OPSETS)


def _initial_types(estimator: Any, specs: Sequence[TensorSpec]) -> List[Tuple[str, Any]]:
    """What the graph takes: an input as it is, or each of its columns where the estimator chooses columns by name."""
    from skl2onnx.common import data_types

    def kind(spec: TensorSpec, width: int) -> Any:
        if spec.type not in _SKLEARN_TYPES:
            raise ConversionError(f"{spec.name} is {spec.type}, which skl2onnx does not take.")
        # Columns that are encoded give float32, and a graph cannot join that with float64.
        name = "float32" if spec.type == "float64" and len(specs) > 1 else spec.type
        return getattr(data_types, _SKLEARN_TYPES[name])([None, width])

    if len(specs) == 1 and specs[0].columns and _chooses_by_name(estimator):
        return [(column, kind(specs[0], 1)) for column in specs[0].columns]
    for spec in specs:
        if len(spec.shape) > 2 or (len(spec.shape) == 2 and spec.shape[1] < 0):
            raise ConversionError(f"{spec.name} has the shape {list(spec.shape)}; a table has rows of a known width.")
    return [(spec.name, kind(spec, spec.shape[1] if len(spec.shape) == 2 else 1)) for spec in specs]


def _chooses_by_name(estimator: Any) -> bool:
    for _, step in getattr(estimator, "steps", None) or [("", estimator)]:
        for _, _, columns in getattr(step, "transformers_", ()):
            if isinstance(columns, str) or (not isinstance(columns, (slice, int)) and any(isinstance(c, str) for c in columns)):
                return True
    return False


def _booster(flavour: str, booster: Any, contract: Contract) -> Any:
    import onnxmltools
    from onnxmltools.convert.common.data_types import FloatTensorType

    if len(contract.inputs) != 1 or len(contract.inputs[0].shape) != 2:
        raise ConversionError("A booster is converted with one input of all features, shape [-1, n].")
    spec = contract.inputs[0]
    count = booster.num_features() if flavour == "xgboost" else booster.num_feature()
    types = [(spec.name, FloatTensorType([None, count]))]
    if flavour == "lightgbm":
        return onnxmltools.convert_lightgbm(booster, initial_types=types, target_opset=_BOOSTER_OPSET, zipmap=False)
    names = tuple(booster.feature_names or ())
    if names and spec.columns and spec.columns != names and set(spec.columns) == set(names):
        raise ConversionError(f"The columns of {spec.name} stand in another order than the booster's own: {', '.join(names)}.")
    # It finds a feature by its number, which it reads from the name.
    booster.feature_names = None
    return onnxmltools.convert_xgboost(booster, initial_types=types, target_opset=_BOOSTER_OPSET)


def _torch(module: Any, contract: Contract, path: str) -> None:
    import torch

    # Two rows: an exporter takes a single one for a constant.
    examples = tuple(torch.zeros([2 if size < 0 else size for size in spec.shape], dtype=getattr(torch, spec.type)) for spec in contract.inputs)
    free = {spec.name: {axis: f"{spec.name}_{axis}" if axis else "batch" for axis, size in enumerate(spec.shape) if size < 0} for spec in (*contract.inputs, *contract.outputs)}
    # A script is a graph already; the newer exporter wants to trace Python.
    older = {"dynamo": False} if "dynamo" in inspect.signature(torch.onnx.export).parameters else {}
    torch.onnx.export(
        module.cpu(), examples, path,
        input_names=[spec.name for spec in contract.inputs],
        output_names=[spec.name for spec in contract.outputs],
        dynamic_axes=free, opset_version=_OPSETS[""], **older,
    )  # fmt: skip
