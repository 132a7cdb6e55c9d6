"""Estimators and pipelines of scikit-learn, saved by joblib, pickle or skops."""

from __future__ import annotations

import inspect
import os
import sys
import warnings
from typing import Any, Dict, List, Mapping, Optional, Sequence, Tuple

from ..contract import TensorSpec
from ..errors import LoadError
from . import Description, Model, Source
from .tabular import classification, columns_of, features, label_map, matrix, regression, wants_probabilities, wants_scores
from .user_class import import_file


def load(source: Source) -> Model:
    return Estimator(_read(source), source)


def _read(source: Source) -> Any:
    if source.folder not in sys.path:
        sys.path.insert(0, source.folder)
    if source.code is not None:
        _lend_to_main(import_file(source.code))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        if source.artifact.endswith(".skops"):
            import skops.io

            # What may be loaded was decided when the version was made; here the process is confined.
            estimator = skops.io.load(source.artifact, trusted=skops.io.get_untrusted_types(file=source.artifact))
        else:
            import joblib

            estimator = joblib.load(source.artifact)
    _report(caught)
    if not any(hasattr(estimator, method) for method in ("predict", "transform", "score_samples")):
        raise LoadError(f"{os.path.basename(source.artifact)} holds {type(estimator).__name__}, which has no predict")
    return estimator


def _lend_to_main(module: Any) -> None:
    """A pickle that a script wrote looks for the script's functions and classes in `__main__`."""
    main = sys.modules["__main__"]
    for name, value in vars(module).items():
        if (inspect.isclass(value) or inspect.isfunction(value)) and not hasattr(main, name):
            setattr(main, name, value)


def _report(caught: Sequence[warnings.WarningMessage]) -> None:
    """Each warning once; that of versions, which every estimator of a pipeline repeats, in one line."""
    told = set()
    for warning in caught:
        original = getattr(warning.message, "original_sklearn_version", None)
        if original is not None:
            text = f"The model was saved with scikit-learn {original} and is loaded with {warning.message.current_sklearn_version}: its answers may differ."
        else:
            text = f"{warning.category.__name__}: {warning.message}"
        if text not in told:
            told.add(text)
            print(text, file=sys.stderr)


class Estimator(Model):
    def __init__(self, estimator: Any, source: Source) -> None:
        self._estimator = self.native = estimator
        self._contract = source.contract
        if source.contract.passes_through:
            self.arrays = "plain"
        self._classes = _classes(estimator)
        self._names: Tuple[str, ...] = tuple(str(n) for n in getattr(estimator, "feature_names_in_", ()))
        self._takes_texts = _takes_texts(estimator)
        self._plan = [(spec, self._method(spec), label_map(spec, self._classes)) for spec in source.contract.outputs]
        specs = source.contract.inputs
        self._takes_frame = bool(self._names) or not all(spec.is_numeric for spec in specs)

    def predict(self, inputs: Any, parameters: Any) -> Any:
        if self._contract.passes_through:
            return self._predict_json(inputs)
        rows = self._rows(inputs)
        answered: Dict[str, Any] = {}
        outputs: Dict[str, Any] = {}
        for spec, method, mapping in self._plan:
            if method not in answered:
                answered[method] = _dense(getattr(self._estimator, method)(rows))
            value = answered[method]
            if mapping is not None and method == "predict":
                value = [mapping.get(v, v) for v in value.ravel().tolist()]
            outputs[spec.name] = value
        return outputs

    def _rows(self, inputs: Mapping[str, Any]) -> Any:
        specs = self._contract.inputs
        if self._takes_texts:
            return ["" if text is None else text for text in next(iter(inputs.values())).ravel().tolist()]
        if not self._takes_frame:
            if len(specs) == 1:
                array = inputs[specs[0].name]
                return array if array.ndim == 2 else array.reshape(len(array), -1)
            return matrix(inputs, specs, (), "float64")
        return self._frame(inputs, specs)

    def _frame(self, inputs: Mapping[str, Any], specs: Sequence[TensorSpec]) -> Any:
        import pandas

        if len(specs) == 1:
            array = inputs[specs[0].name]
            array = array.reshape(len(array), -1)
            columns = columns_of(specs[0])
            if set(columns) == set(self._names):
                frame = pandas.DataFrame(array, columns=list(columns))
                return frame if columns == self._names else frame[list(self._names)]
            return pandas.DataFrame(array, columns=list(self._names) if self._names and len(self._names) == array.shape[1] else None)
        rows = next(len(array) for array in inputs.values())
        values: Dict[str, Any] = {}
        for spec in specs:
            array = inputs.get(spec.name)
            columns = columns_of(spec)
            block = None if array is None else array.reshape(rows, -1)
            for index, column in enumerate(columns):
                values[column] = [None] * rows if block is None else block[:, index]
        if self._names and set(self._names) <= set(values):
            values = {name: values[name] for name in self._names}
        return pandas.DataFrame(values)

    def _predict_json(self, inputs: Any) -> Any:
        """Without a contract: rows, or columns by name; the answers by the methods' names."""
        rows = inputs
        if self._takes_texts:
            rows = [inputs] if isinstance(inputs, str) else inputs
        elif isinstance(inputs, dict) or (isinstance(inputs, list) and inputs and isinstance(inputs[0], dict)):
            import pandas

            rows = pandas.DataFrame(inputs if isinstance(inputs, list) or any(isinstance(v, list) for v in inputs.values()) else [inputs])
        elif self._names:
            import pandas

            rows = pandas.DataFrame(inputs, columns=list(self._names))
        outputs = {"predictions": _dense(getattr(self._estimator, self._main_method())(rows)).tolist()}
        if hasattr(self._estimator, "predict_proba"):
            outputs["probabilities"] = _dense(self._estimator.predict_proba(rows)).tolist()
        return outputs

    def _method(self, spec: TensorSpec) -> str:
        has = lambda name: hasattr(self._estimator, name)  # noqa: E731
        if has("predict_proba") and wants_probabilities(spec, len(self._classes), len(self._contract.outputs)):
            return "predict_proba"
        if wants_scores(spec):
            for method in ("decision_function", "score_samples"):
                if has(method):
                    return method
        return self._main_method()

    def describe(self) -> Description:
        notes: List[str] = []
        inputs = self._inputs(notes)
        outputs = self._outputs(notes)
        return Description({"inputs": inputs, "outputs": outputs} if inputs and outputs else None, notes)

    def _inputs(self, notes: List[str]) -> Optional[List[Dict[str, Any]]]:
        if self._takes_texts:
            return [{"name": "text", "type": "string", "shape": [-1]}]
        steps = _steps(self._estimator)
        nullable = _takes_missing(steps)
        transformer = _column_transformer(self._estimator)
        if transformer is not None and self._names:
            columns = _column_types(transformer, self._names, steps[steps.index(transformer) + 1 :])
            if any(kind == "string" for kind, _ in columns.values()):
                return [{"name": name, "type": kind, "shape": [-1], **({"nullable": True} if empty else {})} for name, (kind, empty) in columns.items()]
            nullable = any(empty for _, empty in columns.values())
        count = getattr(self._estimator, "n_features_in_", None)
        if count is None:
            notes.append(f"{type(self._estimator).__name__} does not say how many features it takes: write inputs.")
            return None
        field = features(int(count), self._names, nullable)
        # Some estimators take only the precision that they were trained with.
        if self._tried("float32", int(count)) is None and self._tried("float64", int(count)) is not None:
            field["type"] = "float64"
        return [field]

    def _tried(self, precision: str, count: int) -> Any:
        """What it makes of one row of zeros; None where it does not take them."""
        import numpy

        row: Any = numpy.zeros((1, count), precision)
        if self._names:
            import pandas

            row = pandas.DataFrame(row, columns=list(self._names))
        try:
            return _dense(getattr(self._estimator, self._main_method())(row))
        except Exception:  # noqa: BLE001 - whatever it raises, it does not take this row
            return None

    def _main_method(self) -> str:
        return next((name for name in ("predict", "transform") if hasattr(self._estimator, name)), "score_samples")

    def _outputs(self, notes: List[str]) -> Optional[List[Dict[str, Any]]]:
        estimator = self._estimator
        if self._classes:
            return classification(self._classes, hasattr(estimator, "predict_proba"))
        if isinstance(getattr(estimator, "classes_", None), list):
            notes.append(f"{type(estimator).__name__} has several targets: write outputs.")
            return None
        last = _last(estimator)
        if _type_of(last) == "outlier_detector":
            return [
                {"name": "label", "type": "int64", "shape": [-1], "labels": {"keys": ["-1", "1"], "names": ["anomaly", "normal"]}},
                {"name": "scores", "type": "float32", "shape": [-1]},
            ]
        if _type_of(last) == "clusterer" or hasattr(last, "cluster_centers_"):
            return [{"name": "label", "type": "int64", "shape": [-1]}]
        transformed = None if hasattr(estimator, "predict") else self._tried("float64", int(getattr(estimator, "n_features_in_", 0)))
        if getattr(transformed, "ndim", 0) == 2:
            return [{"name": "transformed", "type": "float64", "shape": [-1, int(transformed.shape[1])]}]
        if not hasattr(estimator, "predict"):
            notes.append(f"{type(estimator).__name__} does not predict: write outputs.")
            return None
        targets = _targets(last)
        if targets is None:
            notes.append("How many values it predicts for a row is taken to be one.")
        return regression(targets or 1)


def _classes(estimator: Any) -> List[Any]:
    """Plain values; empty where it is no classifier, or one of several targets."""
    classes = getattr(estimator, "classes_", None)
    if classes is None or isinstance(classes, list):
        return []
    plain = classes.tolist()
    if all(isinstance(c, float) and c.is_integer() for c in plain):
        return [int(c) for c in plain]
    return plain


def _steps(estimator: Any) -> List[Any]:
    estimator = getattr(estimator, "best_estimator_", estimator)
    steps = getattr(estimator, "steps", None)
    return [step for _, step in steps if step not in (None, "passthrough")] if steps else [estimator]


def _last(estimator: Any) -> Any:
    return _steps(estimator)[-1]


def _takes_texts(estimator: Any) -> bool:
    first = _steps(estimator)[0]
    if hasattr(first, "transformer_list"):
        first = _steps(first.transformer_list[0][1])[0]
    return hasattr(first, "build_analyzer") or type(first).__name__ == "HashingVectorizer"


def _column_transformer(estimator: Any) -> Any:
    return next((step for step in _steps(estimator) if hasattr(step, "transformers_")), None)


def _column_types(transformer: Any, names: Sequence[str], later: Sequence[Any]) -> Dict[str, Tuple[str, bool]]:
    """Type of each column, and whether it may be empty, by what it is sent to."""
    types: Dict[str, Tuple[str, bool]] = {name: ("float64", _takes_missing(later)) for name in names}
    for _, step, columns in transformer.transformers_:
        if isinstance(step, str):
            continue
        steps = _steps(step)
        imputes = _takes_missing([*steps, *later])
        encoder = next((s for s in steps if hasattr(s, "categories_")), None)
        reads_text = any(hasattr(s, "build_analyzer") for s in steps)
        for index, name in enumerate(_column_names(columns, names)):
            text = reads_text or (encoder is not None and index < len(encoder.categories_) and _is_text(encoder.categories_[index]))
            types[name] = ("string", False) if text else ("float64", imputes)
    return types


def _column_names(columns: Any, names: Sequence[str]) -> List[str]:
    if isinstance(columns, str):
        return [columns]
    if isinstance(columns, slice):
        return list(names[columns])
    listed = list(columns)
    if listed and all(isinstance(c, bool) or type(c).__name__ in ("bool_", "bool") for c in listed):
        return [name for name, chosen in zip(names, listed) if chosen]
    return [c if isinstance(c, str) else names[c] for c in listed]


def _is_text(categories: Any) -> bool:
    return any(isinstance(c, str) for c in categories.tolist())


def _takes_missing(steps: Sequence[Any]) -> bool:
    """Whether a missing value is dealt with before a step that stumbles over it. A scaler just hands it on."""
    for step in steps:
        name = type(step).__name__
        if name.endswith("Imputer") or name.startswith(("HistGradientBoosting", "XGB", "LGBM")):
            return True
        if not _hands_on_missing(step):
            return False
    return False


def _hands_on_missing(step: Any) -> bool:
    try:
        return bool(step.__sklearn_tags__().input_tags.allow_nan)
    except (AttributeError, TypeError):
        return False


def _type_of(estimator: Any) -> Optional[str]:
    try:
        return estimator.__sklearn_tags__().estimator_type
    except (AttributeError, TypeError):
        return getattr(estimator, "_estimator_type", None)


def _targets(estimator: Any) -> Optional[int]:
    for name in ("n_outputs_", "_n_outputs"):
        if isinstance(getattr(estimator, name, None), int):
            return getattr(estimator, name)
    estimators = getattr(estimator, "estimators_", None)
    if type(estimator).__name__ == "MultiOutputRegressor":
        return len(estimators)
    coefficients = getattr(estimator, "coef_", None)
    if coefficients is not None and hasattr(coefficients, "ndim"):
        return coefficients.shape[0] if coefficients.ndim == 2 else 1
    return 1 if hasattr(estimator, "feature_importances_") else None


def _dense(value: Any) -> Any:
    if isinstance(value, list):
        import numpy

        return numpy.stack(value, axis=1)
    return value.toarray() if hasattr(value, "toarray") else value
