"""Kinds of artifacts: each module knows how one is loaded, called and described."""

from __future__ import annotations

import importlib
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any, Dict, Iterator, List, Mapping, Optional

from ..contract import Contract

MODULES: Dict[str, str] = {
    "class": "user_class",
    "sklearn": "sklearn",
    "xgboost": "xgboost",
    "lightgbm": "lightgbm",
    "torch": "torch",
    "huggingface": "huggingface",
    "mlflow": "mlflow",
    "onnx": "onnx",
}


@dataclass(frozen=True)
class Source:
    """What to load: paths are absolute, `code` is None where the flavour needs none."""

    folder: str
    artifact: str
    code: Optional[str]
    contract: Contract
    arrays: str


@dataclass
class Description:
    """What a model takes and gives, as far as it says so, and remarks for a person."""

    contract: Optional[Mapping[str, Any]]
    notes: List[str] = field(default_factory=list)


class Model(ABC):
    """A loaded model."""

    arrays: str = "numpy"
    """What `predict` wants its inputs to be: `plain` or `numpy`."""

    streams: bool = False

    native: Any = None
    """The library's own object, where there is one: what a converter takes."""

    @abstractmethod
    def predict(self, inputs: Any, parameters: Any) -> Any:
        """Answers by name; a generator of them streams."""

    def stream(self, inputs: Any, parameters: Any) -> Iterator[Any]:
        """Called where `streams`, and the caller wants a stream."""
        answer = self.predict(inputs, parameters)
        return answer if hasattr(answer, "__next__") else iter((answer,))

    def health(self) -> Optional[str]:
        """Why the model is unwell; None where it is not."""
        return None

    def unload(self) -> None:
        """Before an orderly end."""

    @abstractmethod
    def describe(self) -> Description: ...


def load(flavour: str, source: Source) -> Model:
    module = importlib.import_module(f"{__name__}.{MODULES[flavour]}")
    return module.load(source)
