"""Boosters of XGBoost."""

from __future__ import annotations

import json
from typing import Any

from . import Model, Source
from .booster import BoosterModel, sigmoid, softmax, two_classes
from .tabular import threads


def load(source: Source) -> Model:
    import xgboost

    booster = xgboost.Booster({"nthread": threads()})
    booster.load_model(source.artifact)
    return XgboostModel(booster, source)


class XgboostModel(BoosterModel):
    def __init__(self, booster: Any, source: Source) -> None:
        learner = json.loads(booster.save_config())["learner"]
        self._booster = self.native = booster
        self._objective: str = learner["objective"]["name"]
        # A linear booster has no prediction in place.
        self._in_place = learner["gradient_booster"]["name"] != "gblinear"
        classes = int(learner["learner_model_param"]["num_class"]) if self._objective.startswith("multi:") else 2 if self._objective.startswith("binary:") else 0
        names = booster.feature_names
        super().__init__(source, classes, booster.num_features(), None if names is None or names == [f"f{i}" for i in range(len(names))] else names)

    def figures(self, rows: Any) -> Any:
        if self._objective == "multi:softmax":
            return softmax(self._predict(rows, margin=True).reshape(len(rows), self._classes))
        if self._objective == "binary:logitraw":
            return two_classes(sigmoid(self._predict(rows, margin=True)))
        predicted = self._predict(rows, margin=False)
        return two_classes(predicted) if self._classes == 2 and predicted.ndim == 1 else predicted

    def _predict(self, rows: Any, margin: bool) -> Any:
        if self._in_place:
            return self._booster.inplace_predict(rows, predict_type="margin" if margin else "value", validate_features=False)
        import xgboost

        return self._booster.predict(xgboost.DMatrix(rows), output_margin=margin, validate_features=False)
