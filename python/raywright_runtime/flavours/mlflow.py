"""Models of MLflow: by its own loader where that is installed, else the file inside by the library that wrote it."""

from __future__ import annotations

import dataclasses
import importlib
import importlib.util
import os
from typing import Any, Dict, List, Optional, Tuple

from ..errors import LoadError
from . import Description, Model, Source
from .tabular import columns_of

_TYPES = {"boolean": "bool", "integer": "int32", "long": "int64", "float": "float32", "double": "float64", "string": "string", "binary": "bytes"}
_NATIVE: Tuple[Tuple[str, str, Tuple[str, ...]], ...] = (
    ("sklearn", "sklearn", ("pickled_model",)),
    ("xgboost", "xgboost", ("data", "model_data")),
    ("lightgbm", "lightgbm", ("data", "model_data")),
    ("onnx", "onnx", ("data",)),
)


def load(source: Source) -> Model:
    document = read_mlmodel(os.path.join(source.artifact, "MLmodel"))
    flavours = document.get("flavors") or {}
    for section, flavour, keys in _NATIVE:
        # The library's own methods know more than MLflow's one: probabilities beside labels.
        file = next((flavours[section][key] for key in keys if flavours.get(section, {}).get(key)), None)
        if file is not None:
            path = os.path.join(source.artifact, file)
            module = importlib.import_module(f".{flavour}", __package__)
            return module.load(dataclasses.replace(source, artifact=path))
    if importlib.util.find_spec("mlflow") is not None:
        import mlflow.pyfunc

        return PyfuncModel(mlflow.pyfunc.load_model(source.artifact), source)
    raise LoadError(f"the model has the flavours {', '.join(flavours) or 'none'}: install mlflow to load it")


def read_mlmodel(path: str) -> Dict[str, Any]:
    """MLmodel is YAML of mappings in mappings, with scalars; anything else in it is not needed here and is left out."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    try:
        import yaml
    except ImportError:
        return _read_mappings(text)
    return yaml.safe_load(text)


def _read_mappings(text: str) -> Dict[str, Any]:
    root: Dict[str, Any] = {}
    open_: List[Tuple[int, Dict[str, Any]]] = [(-1, root)]
    for line in text.splitlines():
        body = line.lstrip(" ")
        key, separator, value = body.partition(":")
        if not separator or body.startswith(("#", "-")) or (value and not value.startswith(" ")):
            continue
        indent = len(line) - len(body)
        while open_[-1][0] >= indent:
            open_.pop()
        value = value.strip()
        if value:
            open_[-1][1][key] = None if value in ("null", "~") else value.strip("'\"")
        else:
            inner: Dict[str, Any] = {}
            open_[-1][1][key] = inner
            open_.append((indent, inner))
    return root


class PyfuncModel(Model):
    def __init__(self, pyfunc: Any, source: Source) -> None:
        self._pyfunc = pyfunc
        self._contract = source.contract
        if source.contract.passes_through:
            self.arrays = "plain"

    def predict(self, inputs: Any, parameters: Any) -> Any:
        if self._contract.passes_through:
            answer = self._pyfunc.predict(inputs)
            return answer.to_dict("records") if hasattr(answer, "to_dict") else answer
        answer = self._pyfunc.predict(self._data(inputs))
        names = [spec.name for spec in self._contract.outputs]
        if isinstance(answer, dict):
            return answer
        if hasattr(answer, "columns") and set(names) <= set(map(str, answer.columns)):
            return {name: answer[name].to_numpy() for name in names}
        if len(names) != 1:
            raise TypeError(f"the model gives one {type(answer).__name__} for the outputs {', '.join(names)}")
        return {names[0]: answer.to_numpy() if hasattr(answer, "to_numpy") else answer}

    def _data(self, inputs: Dict[str, Any]) -> Any:
        specs = self._contract.inputs
        schema = self._pyfunc.metadata.get_input_schema()
        if len(specs) == 1 and (schema is None or schema.is_tensor_spec()):
            return inputs[specs[0].name]
        if schema is not None and schema.is_tensor_spec():
            return dict(inputs)
        import pandas

        columns: Dict[str, Any] = {}
        for spec in specs:
            if spec.name in inputs:
                block = inputs[spec.name].reshape(len(inputs[spec.name]), -1)
                columns.update((name, block[:, index]) for index, name in enumerate(columns_of(spec)))
        frame = pandas.DataFrame(columns)
        if schema is not None and schema.has_input_names() and set(schema.input_names()) == set(frame.columns):
            kinds = dict(zip(schema.input_names(), schema.pandas_types()))
            frame = frame[schema.input_names()].astype({name: kind for name, kind in kinds.items() if frame[name].dtype != object})
        return frame

    def describe(self) -> Description:
        inputs, outputs = _fields(self._pyfunc.metadata.get_input_schema(), "features"), _fields(self._pyfunc.metadata.get_output_schema(), "prediction")
        if inputs is None or outputs is None:
            return Description(None, ["The model has no signature: write inputs and outputs, or log it with one."])
        return Description({"inputs": inputs, "outputs": outputs})


def _fields(schema: Any, unnamed: str) -> Optional[List[Dict[str, Any]]]:
    if schema is None:
        return None
    if schema.is_tensor_spec():
        return [{"name": spec.name or unnamed, "type": {"str": "string", "object": "string"}.get(spec.type.name, spec.type.name), "shape": list(spec.shape)} for spec in schema.inputs]
    fields: List[Dict[str, Any]] = []
    for spec in schema.inputs:
        kind = _TYPES.get(getattr(spec.type, "name", ""), "json")
        fields.append({"name": spec.name or unnamed, "type": kind, "shape": [-1], **({} if spec.required else {"optional": True})})
    return fields
