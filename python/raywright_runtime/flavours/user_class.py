"""A class of the user's own."""

from __future__ import annotations

import importlib.util
import inspect
import os
import sys
from types import ModuleType
from typing import Any, Iterator, List, Optional

from ..errors import LoadError
from . import Description, Model, Source


def load(source: Source) -> Model:
    if source.code is None:
        raise LoadError("a class needs a code file")
    return UserClass(find_class(import_file(source.code)), source)


def import_file(path: str) -> ModuleType:
    """Imports the file under its own name, so that pickles and sibling modules find what they expect."""
    folder, name = os.path.dirname(path), os.path.splitext(os.path.basename(path))[0]
    if folder not in sys.path:
        sys.path.insert(0, folder)
    if name.isidentifier():
        module = importlib.import_module(name)
        if os.path.realpath(getattr(module, "__file__", None) or "") == os.path.realpath(path):
            return module
    # The name belongs to another module already, or is none.
    spec = importlib.util.spec_from_file_location(f"model_{abs(hash(path))}" if not name.isidentifier() else f"{name}_of_model", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def find_class(module: ModuleType) -> type:
    found: List[type] = [c for c in vars(module).values() if inspect.isclass(c) and c.__module__ == module.__name__ and callable(getattr(c, "predict", None))]
    found = list(dict.fromkeys(found))
    named = [c for c in found if c.__name__ == "Model"]
    file = os.path.basename(module.__file__ or module.__name__)
    if not found:
        raise LoadError(f"{file} has no class with a method predict")
    if len(found) > 1 and not named:
        raise LoadError(f"{file} has several classes with a method predict: {', '.join(c.__name__ for c in found)}; call the one to serve Model")
    return found[0] if len(found) == 1 else named[0]


class UserClass(Model):
    def __init__(self, cls: type, source: Source) -> None:
        self._instance = cls()
        self.arrays = source.arrays
        for name in ("predict", "stream"):
            if inspect.iscoroutinefunction(getattr(self._instance, name, None)) or inspect.isasyncgenfunction(getattr(self._instance, name, None)):
                raise LoadError(f"{cls.__name__}.{name} is async; make it an ordinary method or generator")
        load_folder = getattr(self._instance, "load", None)
        if load_folder is not None:
            load_folder(source.folder)
        warm_up = getattr(self._instance, "warm_up", None)
        if warm_up is not None:
            warm_up()
        self._predict = self._instance.predict
        self._predict_takes_parameters = _takes_parameters(self._predict)
        self._generates = inspect.isgeneratorfunction(self._predict)
        self._stream = getattr(self._instance, "stream", None)
        self.streams = self._generates or callable(self._stream)
        if callable(self._stream):
            positional = _positional(self._stream)
            self._streams_inputs_whole = positional == ["inputs"]
            self._stream_takes_parameters = self._streams_inputs_whole and _takes_parameters(self._stream)

    def predict(self, inputs: Any, parameters: Any) -> Any:
        if self._predict_takes_parameters:
            return self._predict(inputs, parameters=parameters)
        return self._predict(inputs)

    def stream(self, inputs: Any, parameters: Any) -> Iterator[Any]:
        if self._generates or not callable(self._stream):
            return super().stream(inputs, parameters)
        if self._streams_inputs_whole:
            values = self._stream(inputs, parameters=parameters) if self._stream_takes_parameters else self._stream(inputs)
        elif isinstance(inputs, dict):
            try:
                inspect.signature(self._stream).bind(**inputs)
            except TypeError as e:
                # The caller named the arguments, so it is the caller's mistake.
                raise ValueError(str(e)) from None
            values = self._stream(**inputs)
        else:
            raise ValueError("inputs are an object that names what the model takes")
        return iter(values)

    def health(self) -> Optional[str]:
        check = getattr(self._instance, "health", None)
        if check is None:
            return None
        answer = check()
        if answer is None or answer is True:
            return None
        return answer if isinstance(answer, str) else "the model says that it is unwell"

    def unload(self) -> None:
        unload = getattr(self._instance, "unload", None)
        if unload is not None:
            unload()

    def describe(self) -> Description:
        inputs, outputs = getattr(self._instance, "inputs", None), getattr(self._instance, "outputs", None)
        if _are_specs(inputs) and _are_specs(outputs):
            return Description({"inputs": inputs, "outputs": outputs})
        return Description(None)


def _positional(function: Any) -> List[str]:
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [name for name, p in inspect.signature(function).parameters.items() if p.kind in kinds and name != "parameters"]


def _takes_parameters(function: Any) -> bool:
    try:
        return "parameters" in inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False


def _are_specs(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and len(value) > 0 and all(isinstance(v, dict) and {"name", "type", "shape"} <= v.keys() for v in value)
