from __future__ import annotations

import os
import sys
import tempfile
import types
import unittest
from pathlib import Path
from typing import Any, Dict, List
from unittest import mock

from raywright_runtime import conversion
from raywright_runtime.contract import Contract, TensorSpec
from raywright_runtime.errors import ConversionError, ConverterMissing

from .support import CONFINED, Child

DOUBLES = str(Path(__file__).resolve().parent / "doubles")


def needs(*modules: str) -> Any:
    missing = []
    for module in modules:
        try:
            __import__(module)
        except ImportError:
            missing.append(module)
    return unittest.skipIf(bool(missing), f"{', '.join(missing)} is not installed")


def field(name: str, kind: str, shape: List[int], **more: Any) -> Dict[str, Any]:
    return {"name": name, "type": kind, "shape": shape, **more}


@needs("sklearn", "joblib", "onnxruntime", "google.protobuf")
class ScikitLearn(unittest.TestCase):
    """With the double of skl2onnx, and the real scikit-learn and ONNX Runtime."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def convert(self, model: Any, contract: Dict[str, Any], path: List[str]) -> Dict[str, Any]:
        import joblib

        joblib.dump(model, os.path.join(self.folder, "model.joblib"))
        with Child(self.folder, flavour="sklearn", code=None, artifact="model.joblib", contract=contract, path=path, task="convert", confine=CONFINED) as child:
            event = child.event()
            child.output()
            graph = os.path.join(child.root, "scratch", conversion.FILE)
            if event["event"] == "converted":
                with open(graph, "rb") as file:
                    self.graph = file.read()
            else:
                self.assertFalse(os.path.exists(graph))
            return event

    def ask(self, **inputs: Any) -> Dict[str, Any]:
        import onnxruntime

        session = onnxruntime.InferenceSession(self.graph, providers=["CPUExecutionProvider"])
        names = [output.name for output in session.get_outputs()]
        return dict(zip(names, session.run(names, inputs)))

    def test_a_classifier_keeps_names_types_and_answers(self) -> None:
        import numpy
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        rows = numpy.random.default_rng(7).normal(size=(60, 3)).astype("float32")
        model = make_pipeline(StandardScaler(), LogisticRegression()).fit(rows, (rows[:, 0] > 0).astype("int64") + (rows[:, 1] > 0))
        contract = {"inputs": [field("features", "float32", [-1, 3])], "outputs": [field("klass", "int32", [-1, 1]), field("p", "float64", [-1, 3])]}
        event = self.convert(model, contract, [DOUBLES])
        self.assertEqual(("converted", "skl2onnx 0.0.double"), (event["event"], event.get("converter")), event)
        answer = self.ask(features=rows)
        self.assertEqual(((60, 1), "int32", "float64"), (answer["klass"].shape, str(answer["klass"].dtype), str(answer["p"].dtype)))
        self.assertEqual(model.predict(rows).tolist(), answer["klass"].ravel().tolist())
        self.assertLess(abs(model.predict_proba(rows) - answer["p"]).max(), 1e-5)

    def test_a_regression_with_one_value_a_row(self) -> None:
        import numpy
        from sklearn.linear_model import LinearRegression

        rows = numpy.random.default_rng(7).normal(size=(30, 2))
        model = LinearRegression().fit(rows, rows @ [2, 3] + 1)
        event = self.convert(model, {"inputs": [field("features", "float64", [-1, 2])], "outputs": [field("prediction", "float32", [-1])]}, [DOUBLES])
        self.assertEqual("converted", event["event"], event)
        answer = self.ask(features=rows)["prediction"]
        self.assertEqual((30,), answer.shape)
        self.assertLess(abs(model.predict(rows) - answer).max(), 1e-5)

    @needs("pandas")
    def test_columns_that_are_chosen_by_name(self) -> None:
        import numpy
        import pandas
        from sklearn.compose import ColumnTransformer
        from sklearn.linear_model import LinearRegression
        from sklearn.pipeline import make_pipeline

        rows = numpy.random.default_rng(7).normal(size=(30, 2)).astype("float32")
        table = pandas.DataFrame(rows, columns=["a", "b"])
        model = make_pipeline(ColumnTransformer([("keep", "passthrough", ["a", "b"])]), LinearRegression()).fit(table, rows @ [2, 3])
        output = [field("prediction", "float32", [-1])]
        for inputs, asked in (
            ([field("features", "float32", [-1, 2], columns=["a", "b"])], {"features": rows}),
            ([field("a", "float64", [-1]), field("b", "float32", [-1, 1])], {"a": rows[:, 0].astype("float64"), "b": rows[:, 1:]}),
        ):
            with self.subTest(inputs=[spec["name"] for spec in inputs]):
                event = self.convert(model, {"inputs": inputs, "outputs": output}, [DOUBLES])
                self.assertEqual("converted", event["event"], event)
                self.assertLess(abs(model.predict(table) - self.ask(**asked)["prediction"]).max(), 1e-5)

    def test_what_cannot_be_is_said(self) -> None:
        from sklearn.linear_model import LinearRegression
        from sklearn.tree import DecisionTreeRegressor

        regression = LinearRegression().fit([[0.0], [1.0]], [0, 1])
        one = [field("features", "float32", [-1, 1])]
        number = [field("prediction", "float32", [-1])]
        for model, outputs, path, kind, text in (
            (regression, number, [], "ConverterMissing", "skl2onnx"),
            (DecisionTreeRegressor().fit([[0.0], [1.0]], [0, 1]), number, [DOUBLES], "ConversionError", "DecisionTreeRegressor"),
            (regression, [*number, field("more", "float32", [-1])], [DOUBLES], "ConversionError", "gives nothing for more"),
            (regression, [field("prediction", "string", [-1])], [DOUBLES], "ConversionError", "a number in the graph, and string"),
            (regression, [], [DOUBLES], "ConversionError", "write them into the spec"),
        ):
            with self.subTest(text=text):
                event = self.convert(model, {"inputs": one if outputs else [], "outputs": outputs}, path)
                self.assertEqual(("failed", kind), (event["event"], event.get("kind")), event)
                self.assertIn(text, event["detail"])


class Others(unittest.TestCase):
    """Calls of converters that are not installed: by stand-ins that only look at what they are given."""

    CONTRACT = Contract((TensorSpec("features", "float32", (-1, 2)),), (TensorSpec("prediction", "float32", (-1,)),))

    def test_kinds_without_a_converter(self) -> None:
        for flavour in ("class", "huggingface", "mlflow", "onnx"):
            with self.subTest(flavour), self.assertRaises(ConversionError):
                conversion.check(flavour)

    def test_the_one_that_is_missing_is_named(self) -> None:
        for flavour, name in (("sklearn", "skl2onnx"), ("xgboost", "onnxmltools"), ("lightgbm", "onnxmltools"), ("torch", "torch")):
            with self.subTest(flavour), mock.patch.dict(sys.modules, {name: None}), self.assertRaisesRegex(ConverterMissing, name):
                conversion.check(flavour)

    def test_boosters_are_given_one_input_and_plain_names(self) -> None:
        calls: List[Any] = []
        types_module = types.SimpleNamespace(FloatTensorType=lambda shape: ("float", shape))
        tools = types.SimpleNamespace(convert_xgboost=lambda *a, **k: calls.append(("xgboost", a, k)), convert_lightgbm=lambda *a, **k: calls.append(("lightgbm", a, k)))
        modules = {"onnxmltools": tools, "onnxmltools.convert": mock.Mock(), "onnxmltools.convert.common": mock.Mock(), "onnxmltools.convert.common.data_types": types_module}
        xgboost = types.SimpleNamespace(num_features=lambda: 2, feature_names=["a", "b"])
        lightgbm = types.SimpleNamespace(num_feature=lambda: 2)
        with mock.patch.dict(sys.modules, modules):
            conversion._booster("xgboost", xgboost, self.CONTRACT)
            conversion._booster("lightgbm", lightgbm, self.CONTRACT)
            with self.assertRaises(ConversionError):
                conversion._booster("xgboost", types.SimpleNamespace(num_features=lambda: 2, feature_names=["a", "b"]), Contract((TensorSpec("features", "float32", (-1, 2), ("b", "a")),), self.CONTRACT.outputs))
        initial = [("features", ("float", [None, 2]))]
        self.assertIsNone(xgboost.feature_names)
        self.assertEqual(("xgboost", (xgboost,), {"initial_types": initial, "target_opset": 15}), calls[0])
        self.assertEqual(("lightgbm", (lightgbm,), {"initial_types": initial, "target_opset": 15, "zipmap": False}), calls[1])

    def test_a_script_is_exported_with_a_free_batch(self) -> None:
        calls: List[Any] = []

        def export(model: Any, args: Any, f: Any, *, input_names: Any, output_names: Any, dynamic_axes: Any, opset_version: Any, dynamo: bool = True) -> None:
            calls.append((args, f, input_names, output_names, dynamic_axes, dynamo))

        torch = types.SimpleNamespace(float32="float32", zeros=lambda shape, dtype: (shape, dtype), onnx=types.SimpleNamespace(export=export))
        module = types.SimpleNamespace(cpu=lambda: module)
        with mock.patch.dict(sys.modules, {"torch": torch}):
            conversion._torch(module, self.CONTRACT, "out.onnx")
        self.assertEqual([((([2, 2], "float32"),), "out.onnx", ["features"], ["prediction"], {"features": {0: "batch"}, "prediction": {0: "batch"}}, False)], calls)


if __name__ == "__main__":
    unittest.main()
