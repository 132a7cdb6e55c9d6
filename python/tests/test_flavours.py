"""Models that are made here, and what they say about themselves."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import os
import pickle
import tempfile
import unittest
from typing import Any, Dict, List, Optional

from raywright_runtime import flavours
from raywright_runtime.contract import Contract
from raywright_runtime.flavours import huggingface, mlflow

from .support import Child


def needs(*libraries: str) -> Any:
    missing = [library for library in libraries if importlib.util.find_spec(library) is None]
    return unittest.skipIf(bool(missing), f"{', '.join(missing)} not installed")


class InFolder(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def load(self, flavour: str, artifact: str, contract: Optional[Dict[str, Any]] = None) -> flavours.Model:
        return flavours.load(flavour, flavours.Source(self.folder, os.path.join(self.folder, artifact), None, Contract.of(contract), "plain"))


@needs("sklearn", "pandas", "joblib")
class Sklearn(InFolder):
    def saved(self, estimator: Any, contract: Optional[Dict[str, Any]] = None) -> flavours.Model:
        with open(os.path.join(self.folder, "model.pkl"), "wb") as file:
            pickle.dump(estimator, file)
        return self.load("sklearn", "model.pkl", contract)

    def described(self, estimator: Any) -> Any:
        return self.saved(estimator).describe().contract

    def test_a_classifier_of_texts_as_integers(self) -> None:
        import numpy
        from sklearn.linear_model import LogisticRegression

        estimator = LogisticRegression().fit(numpy.array([[0.0], [1.0], [5.0], [6.0]]), ["no", "no", "yes", "yes"])
        contract = {
            "inputs": [{"name": "x", "type": "float32", "shape": [-1, 1]}],
            "outputs": [{"name": "label", "type": "int64", "shape": [-1], "labels": {"keys": ["0", "1"], "names": ["no", "yes"]}}, {"name": "p", "type": "float32", "shape": [-1, 2]}],
        }
        answer = self.saved(estimator, contract).predict({"x": numpy.array([[6.0], [0.0]], dtype="float32")}, {})
        self.assertEqual([1, 0], answer["label"])
        self.assertEqual((2, 2), answer["p"].shape)
        self.assertEqual(["no", "yes"], self.described(estimator)["outputs"][0]["labels"]["names"])

    def test_mixed_columns(self) -> None:
        import pandas
        from sklearn.compose import make_column_transformer
        from sklearn.ensemble import HistGradientBoostingRegressor
        from sklearn.impute import SimpleImputer
        from sklearn.linear_model import LinearRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import OneHotEncoder, StandardScaler

        frame = pandas.DataFrame({"plan": ["a", "b", "a"], "fee": [1.0, 2.0, 3.0], "hours": [1.0, None, 3.0]})
        columns = make_column_transformer((OneHotEncoder(), ["plan"]), (StandardScaler(), ["fee"]), (make_pipeline(SimpleImputer(), StandardScaler()), ["hours"]))
        linear = self.described(make_pipeline(columns, LinearRegression()).fit(frame, [1.0, 2.0, 3.0]))
        self.assertEqual([("plan", "string", False), ("fee", "float64", False), ("hours", "float64", True)], [(f["name"], f["type"], f.get("nullable", False)) for f in linear["inputs"]])
        self.assertEqual([{"name": "prediction", "type": "float32", "shape": [-1]}], linear["outputs"])
        boosted = self.described(make_pipeline(columns, HistGradientBoostingRegressor()).fit(frame, [1.0, 2.0, 3.0]))
        self.assertTrue(boosted["inputs"][1]["nullable"])

    def test_named_columns_in_the_order_of_training(self) -> None:
        import numpy
        import pandas
        from sklearn.linear_model import LinearRegression

        estimator = LinearRegression().fit(pandas.DataFrame({"a": [0.0, 1.0, 0.0], "b": [0.0, 0.0, 1.0]}), [0.0, 1.0, 10.0])
        self.assertEqual(["a", "b"], self.described(estimator)["inputs"][0]["columns"])
        contract = {"inputs": [{"name": "x", "type": "float64", "shape": [-1, 2], "columns": ["b", "a"]}], "outputs": [{"name": "y", "type": "float64", "shape": [-1]}]}
        answer = self.saved(estimator, contract).predict({"x": numpy.array([[1.0, 0.0]])}, {})
        self.assertAlmostEqual(10.0, answer["y"][0])

    def test_texts_outliers_several_targets(self) -> None:
        import numpy
        from sklearn.ensemble import IsolationForest
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LinearRegression, LogisticRegression
        from sklearn.pipeline import make_pipeline

        texts = self.described(make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(["good", "bad"], ["+", "-"]))
        self.assertEqual([{"name": "text", "type": "string", "shape": [-1]}], texts["inputs"])
        rows = numpy.arange(20.0).reshape(10, 2)
        self.assertEqual(["-1", "1"], self.described(IsolationForest(n_estimators=2).fit(rows))["outputs"][0]["labels"]["keys"])
        self.assertEqual([-1, 2], self.described(LinearRegression().fit(rows, rows))["outputs"][0]["shape"])

    def test_transformers_and_estimators_of_one_precision(self) -> None:
        import numpy
        from sklearn.cluster import KMeans
        from sklearn.decomposition import PCA

        rows = numpy.arange(20.0).reshape(10, 2)
        self.assertEqual("float64", self.described(KMeans(2, n_init=1).fit(rows))["inputs"][0]["type"])
        transformer = PCA(1).fit(rows)
        self.assertEqual([{"name": "transformed", "type": "float64", "shape": [-1, 1]}], self.described(transformer)["outputs"])
        contract = {"inputs": [{"name": "x", "type": "float64", "shape": [-1, 2]}], "outputs": [{"name": "transformed", "type": "float64", "shape": [-1, 1]}]}
        self.assertEqual((3, 1), self.saved(transformer, contract).predict({"x": rows[:3]}, {})["transformed"].shape)

    def test_another_version_is_told_once(self) -> None:
        import sklearn
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import MinMaxScaler, StandardScaler

        estimator = make_pipeline(StandardScaler(), MinMaxScaler()).fit([[1.0], [2.0]])
        with open(os.path.join(self.folder, "model.pkl"), "wb") as file:
            file.write(pickle.dumps(estimator, 0).replace(b"V" + sklearn.__version__.encode(), b"V0.99"))
        errors = io.StringIO()
        with contextlib.redirect_stderr(errors):
            self.load("sklearn", "model.pkl")
        self.assertEqual(1, errors.getvalue().count("saved with scikit-learn 0.99"))

    @needs("skops")
    def test_skops(self) -> None:
        import numpy
        import skops.io
        from sklearn.tree import DecisionTreeClassifier

        skops.io.dump(DecisionTreeClassifier().fit([[0.0], [1.0]], [0, 1]), os.path.join(self.folder, "model.skops"))
        contract = {"inputs": [{"name": "x", "type": "float32", "shape": [-1, 1]}], "outputs": [{"name": "y", "type": "int64", "shape": [-1]}]}
        self.assertEqual([1], self.load("sklearn", "model.skops", contract).predict({"x": numpy.ones((1, 1), "float32")}, {})["y"].tolist())

    def test_a_child_describes_it(self) -> None:
        from sklearn.linear_model import LinearRegression

        self.saved(LinearRegression().fit([[1.0], [2.0]], [1.0, 2.0]))
        with Child(self.folder, "sklearn", None, task="describe", artifact="model.pkl") as child:
            event = child.event()
            self.assertEqual("described", event["event"], event)
            self.assertIn("scikit-learn", event["versions"])
            self.assertEqual([-1, 1], event["contract"]["inputs"][0]["shape"])


class Boosters(InFolder):
    def rows(self) -> Any:
        import numpy

        generator = numpy.random.default_rng(0)
        rows = generator.random((60, 3))
        return rows, (rows[:, 0] > 0.5).astype(int)

    def check(self, flavour: str, artifact: str, classes: int, expected: List[float]) -> None:
        import numpy

        model = self.load(flavour, artifact, {"inputs": [{"name": "x", "type": "float32", "shape": [-1, 3]}], "outputs": [{"name": "label", "type": "int64", "shape": [-1]}, {"name": "probabilities", "type": "float32", "shape": [-1, classes]}]})
        answer = model.predict({"x": numpy.array([[0.9, 0.5, numpy.nan], [0.1, 0.5, 0.5]], "float32")}, {})
        self.assertEqual((2, classes), answer["probabilities"].shape)
        self.assertTrue(numpy.allclose(1, answer["probabilities"].sum(axis=1)))
        self.assertEqual(expected, answer["label"].tolist())
        self.assertEqual([-1, classes], model.describe().contract["outputs"][1]["shape"])

    @needs("xgboost")
    def test_xgboost(self) -> None:
        import xgboost

        rows, truth = self.rows()
        for objective, classes in (("binary:logistic", 2), ("binary:logitraw", 2), ("multi:softprob", 3), ("multi:softmax", 3)):
            with self.subTest(objective):
                parameters = {"objective": objective, "nthread": 1, **({"num_class": 3} if classes == 3 else {})}
                xgboost.train(parameters, xgboost.DMatrix(rows, truth), 3).save_model(os.path.join(self.folder, "model.ubj"))
                self.check("xgboost", "model.ubj", classes, [1, 0])

    @needs("lightgbm")
    def test_lightgbm(self) -> None:
        import lightgbm

        rows, truth = self.rows()
        for objective, classes in (("binary", 2), ("multiclass", 3)):
            with self.subTest(objective):
                parameters = {"objective": objective, "num_threads": 1, "verbose": -1, "min_data_in_leaf": 5, **({"num_class": 3} if classes == 3 else {})}
                lightgbm.train(parameters, lightgbm.Dataset(rows, truth), 5).save_model(os.path.join(self.folder, "model.txt"))
                self.check("lightgbm", "model.txt", classes, [1, 0])


class Mlflow(InFolder):
    _MLMODEL = "artifact_path: model\nflavors:\n  python_function:\n    env:\n      conda: conda.yaml\n    loader_module: mlflow.sklearn\n  sklearn:\n    code: null\n    pickled_model: model.pkl\n    serialization_format: pickle\nsignature:\n  inputs: '[{\"type\": \"double\"}]'\n"

    def test_the_file_is_read_without_a_library(self) -> None:
        document = mlflow._read_mappings(self._MLMODEL)
        self.assertEqual({"code": None, "pickled_model": "model.pkl", "serialization_format": "pickle"}, document["flavors"]["sklearn"])
        self.assertEqual("conda.yaml", document["flavors"]["python_function"]["env"]["conda"])

    @needs("sklearn", "joblib")
    def test_the_native_file_is_loaded(self) -> None:
        from sklearn.linear_model import LinearRegression

        with open(os.path.join(self.folder, "model.pkl"), "wb") as file:
            pickle.dump(LinearRegression().fit([[1.0], [2.0]], [1.0, 2.0]), file)
        with open(os.path.join(self.folder, "MLmodel"), "w", encoding="utf-8") as file:
            file.write(self._MLMODEL)
        self.assertEqual("Estimator", type(self.load("mlflow", "")).__name__)


class HuggingFace(unittest.TestCase):
    def test_the_task_is_what_the_architecture_was_made_for(self) -> None:
        for architecture, task in (("DistilBertForSequenceClassification", "text-classification"), ("GPT2LMHeadModel", "text-generation"), ("BertModel", "feature-extraction")):
            self.assertEqual(task, huggingface.task_of({"architectures": [architecture]}))


if __name__ == "__main__":
    unittest.main()
