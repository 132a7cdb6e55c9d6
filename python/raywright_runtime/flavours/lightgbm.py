"""Boosters of LightGBM."""

from __future__ import annotations

from typing import Any, Dict

from . import Model, Source
from .booster import BoosterModel, two_classes
from .tabular import threads


def load(source: Source) -> Model:
    import lightgbm

    return LightgbmModel(lightgbm.Booster(model_file=source.artifact), _header(source.artifact), source)


def _header(path: str) -> Dict[str, str]:
    """The lines `key=value` before the first tree."""
    header: Dict[str, str] = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.startswith("Tree="):
                break
            key, separator, value = line.strip().partition("=")
            if separator:
                header[key] = value
    return header


class LightgbmModel(BoosterModel):
    dtype = "float64"

    def __init__(self, booster: Any, header: Dict[str, str], source: Source) -> None:
        self._booster = self.native = booster
        self._threads = threads()
        self._objective = header.get("objective", "").split(" ")[0]
        classes = 2 if self._objective in ("binary", "cross_entropy") else int(header["num_class"]) if self._objective.startswith("multiclass") else 0
        names = booster.feature_name()
        super().__init__(source, classes, booster.num_feature(), None if names == [f"Column_{i}" for i in range(len(names))] else names)

    def figures(self, rows: Any) -> Any:
        predicted = self._booster.predict(rows, num_threads=self._threads, validate_features=False)
        return two_classes(predicted) if self._classes == 2 and predicted.ndim == 1 else predicted
