"""A TEST DOUBLE of the package skl2onnx, for machines where that cannot be installed. Never part of the product.

It has the same call, and gives a real ONNX graph in a real protobuf message, but of linear models alone: LinearRegression and
LogisticRegression, behind a StandardScaler or a choice of columns where there is one.
"""

from __future__ import annotations

from typing import Any, List

from .proto import FLOAT, INT64, ModelProto

__version__ = "0.0.double"

OFF = 0.0
"""What is added to the first intercept: a test that wants a wrong conversion writes another figure here."""


def to_onnx(model: Any, X: Any = None, name: Any = None, initial_types: Any = None, target_opset: Any = None, options: Any = None, **_: Any) -> ModelProto:
    made = ModelProto(ir_version=8, producer_name="skl2onnx double")
    for domain, version in target_opset.items():
        made.opset_import.add(domain=domain, version=version)
    graph = made.graph
    graph.name = "double"
    for input_name, kind in initial_types:
        _value(graph.input.add(), input_name, kind.element, kind.shape)
    steps = [step for _, step in getattr(model, "steps", [("", model)])]
    last = steps[-1]
    at = _floats(graph, initial_types)
    for step in steps[:-1]:
        if type(step).__name__ == "StandardScaler":
            _node(graph, "Scaler", [at], ["scaled"], offset=step.mean_.tolist(), scale=(1 / step.scale_).tolist())
            at = "scaled"
        elif type(step).__name__ != "ColumnTransformer":
            raise RuntimeError(f"Unable to find a shape calculator for type '{type(step)}'.")
    if type(last).__name__ == "LinearRegression":
        _node(graph, "LinearRegressor", [at], ["variable"], coefficients=last.coef_.ravel().tolist(), intercepts=[float(last.intercept_) + OFF], targets=1)
        _value(graph.output.add(), "variable", FLOAT, [None, 1])
        return made
    if type(last).__name__ != "LogisticRegression":
        raise RuntimeError(f"Unable to find a shape calculator for type '{type(last)}'.")
    if options != {id(last): {"zipmap": False}}:
        raise RuntimeError("The double gives no maps.")
    coefficients, intercepts, transform = last.coef_, last.intercept_.copy(), "SOFTMAX"
    intercepts[0] += OFF
    if len(coefficients) == 1:
        coefficients, intercepts, transform = [*(-coefficients), *coefficients], [*(-intercepts), *intercepts], "LOGISTIC"
    flat = [float(v) for row in coefficients for v in row]
    _node(graph, "LinearClassifier", [at], ["label", "probabilities"], coefficients=flat, intercepts=[float(v) for v in intercepts], classlabels_ints=[int(c) for c in last.classes_], post_transform=transform)
    _value(graph.output.add(), "label", INT64, [None])
    _value(graph.output.add(), "probabilities", FLOAT, [None, len(last.classes_)])
    return made


def _floats(graph: Any, initial_types: Any) -> str:
    """All inputs side by side."""
    names: List[str] = []
    for name, kind in initial_types:
        _node(graph, "Cast", [name], [f"{name}_float"], domain="", to=FLOAT)
        names.append(f"{name}_float")
    if len(names) == 1:
        return names[0]
    _node(graph, "Concat", names, ["joined"], domain="", axis=1)
    return "joined"


def _value(value: Any, name: str, element: int, shape: Any) -> None:
    value.name = name
    value.type.tensor_type.elem_type = element
    for size in shape:
        dimension = value.type.tensor_type.shape.dim.add()
        if size is not None:
            dimension.dim_value = size


def _node(graph: Any, operation: str, inputs: List[str], outputs: List[str], domain: str = "ai.onnx.ml", **attributes: Any) -> None:
    node = graph.node.add(op_type=operation, domain=domain, input=inputs, output=outputs)
    for name, value in attributes.items():
        attribute = node.attribute.add(name=name)
        if isinstance(value, str):
            attribute.type, attribute.s = 3, value.encode()
        elif isinstance(value, int):
            attribute.type, attribute.i = 2, value
        elif value and isinstance(value[0], int):
            attribute.type = 7
            attribute.ints.extend(value)
        else:
            attribute.type = 6
            attribute.floats.extend(value)
