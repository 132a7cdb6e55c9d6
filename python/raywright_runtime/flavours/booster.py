"""Boosted trees, whichever library grew them: what their figures mean."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Dict, List, Optional, Sequence, Tuple

from ..contract import TensorSpec
from . import Description, Model, Source
from .tabular import classification, features, matrix, regression, wants_probabilities


class BoosterModel(Model):
    """A booster. `classes` is 0 where it is no classifier."""

    dtype = "float32"

    def __init__(self, source: Source, classes: int, count: int, names: Optional[Sequence[str]]) -> None:
        self._contract = source.contract
        if source.contract.passes_through:
            self.arrays = "plain"
        self._classes = classes
        self._count = count
        self._names: Tuple[str, ...] = tuple(names or ())

    @abstractmethod
    def figures(self, rows: Any) -> Any:
        """Probabilities [n, classes] of a classifier, else predictions [n] or [n, k]. NaN is a missing value."""

    def predict(self, inputs: Any, parameters: Any) -> Any:
        if self._contract.passes_through:
            import numpy

            rows = inputs
            if isinstance(inputs, list) and inputs and isinstance(inputs[0], dict):
                rows = [[row.get(name) for name in self._names] for row in inputs]
            figures = self.figures(numpy.asarray(rows, dtype=self.dtype))
            return {"predictions": figures.argmax(1).tolist(), "probabilities": figures.tolist()} if self._classes else {"predictions": figures.tolist()}
        figures = self.figures(matrix(inputs, self._contract.inputs, self._names, self.dtype))
        return {spec.name: self._output(spec, figures) for spec in self._contract.outputs}

    def _output(self, spec: TensorSpec, figures: Any) -> Any:
        if not self._classes:
            return figures
        if wants_probabilities(spec, self._classes, len(self._contract.outputs)):
            return figures
        if spec.is_float and self._classes == 2:
            return figures[:, 1]
        label = figures.argmax(1)
        if spec.labels is None or len(spec.labels.keys) != self._classes:
            return label
        words = spec.labels.names if spec.type == "string" else spec.labels.keys
        return label if spec.type != "string" and words == tuple(range(self._classes)) else [words[index] for index in label.tolist()]

    def describe(self) -> Description:
        outputs: List[Dict[str, Any]] = classification(list(range(self._classes)), probabilities=True) if self._classes else regression(self.targets())
        return Description({"inputs": [features(self._count, self._names, nullable=True)], "outputs": outputs})

    def targets(self) -> int:
        """Values that a regression gives for a row."""
        import numpy

        shape = self.figures(numpy.zeros((1, self._count), dtype=self.dtype)).shape
        return 1 if len(shape) == 1 else int(shape[1])


def two_classes(probability: Any) -> Any:
    """[n] of class 1 as [n, 2]."""
    import numpy

    return numpy.column_stack([1 - probability, probability])


def softmax(margins: Any) -> Any:
    import numpy

    powers = numpy.exp(margins - margins.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def sigmoid(margin: Any) -> Any:
    import numpy

    return 1 / (1 + numpy.exp(-margin))
