"""Makes a converted graph keep a contract: names, types and ranks of its inputs and outputs.

It works on the message that a converter gives, and needs nothing but that: numbers of types and attributes are those of onnx.proto.
"""

from __future__ import annotations

from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

from .contract import Contract, TensorSpec
from .errors import ConversionError
from .flavours.tabular import wants_probabilities, wants_scores

_ELEMENTS = {"float32": 1, "uint8": 2, "int8": 3, "uint16": 4, "int16": 5, "int32": 6, "int64": 7, "string": 8, "bool": 9, "float16": 10, "float64": 11, "uint32": 12, "uint64": 13}
_TEXT = 8
_INT64 = 7
_ATTRIBUTE_INT = 2


def fit(model: Any, contract: Contract) -> None:
    """Changes the graph in place."""
    graph = model.graph
    before = _inputs(graph, contract.inputs)
    after = _outputs(graph, contract.outputs)
    # What it says about values in between is only a hint, by names that mean others now.
    del graph.value_info[:]
    # Nodes are kept in the order in which they can run.
    whole = type(model)()
    whole.CopyFrom(model)
    del graph.node[:]
    for node in (*before, *whole.graph.node, *after):
        graph.node.add().CopyFrom(node)


def _inputs(graph: Any, specs: Sequence[TensorSpec]) -> List[Any]:
    """Nodes before all others."""
    given = {value.name: value for value in graph.input}
    nodes: List[Any] = []
    if len(specs) == 1 and specs[0].columns and list(given) == list(specs[0].columns) and len(given) > 1:
        spec = specs[0]
        values = list(graph.input)
        source, steps = _cast(graph, spec.name, values[0].type.tensor_type.elem_type, _ELEMENTS[spec.type])
        sizes = _integers(graph, f"{spec.name}_sizes", [1] * len(values))
        nodes = [*steps, _node(graph, "Split", [source, sizes], [value.name for value in values], axis=1)]
        del graph.input[:]
        _declare(graph.input.add(), spec)
        return nodes
    for spec in specs:
        value = given.get(spec.name)
        if value is None:
            raise ConversionError(f"The graph has no input {spec.name}; it takes {', '.join(given)}.")
        tensor = value.type.tensor_type
        element, rank = tensor.elem_type, len(tensor.shape.dim)
        if element == _ELEMENTS[spec.type] and rank == len(spec.shape):
            continue
        inner = f"{spec.name}_inside"
        _rename(graph, spec.name, inner)
        source, steps = _cast(graph, spec.name, element, _ELEMENTS[spec.type])
        shape = [-1, *([1] * (rank - 1))] if len(spec.shape) == 1 else None
        nodes += steps + _shaped(graph, source, inner, shape if rank != len(spec.shape) else None)
        _declare(value, spec)
    return nodes


def _outputs(graph: Any, specs: Sequence[TensorSpec]) -> List[Any]:
    """Nodes after all others."""
    chosen = _matched(list(graph.output), specs)
    nodes: List[Any] = []
    # First out of the way: one output may be called what another is to be called.
    inner = {value.name: f"{value.name}_inside" for value in graph.output}
    for old, new in inner.items():
        _rename(graph, old, new)
    for spec, value in zip(specs, chosen):
        tensor = value.type.tensor_type
        source, element, rank = inner[value.name], tensor.elem_type, len(tensor.shape.dim)
        if (element == _TEXT) != (spec.type == "string"):
            raise ConversionError(f"{spec.name} is {'a text' if element == _TEXT else 'a number'} in the graph, and {spec.type} in the contract.")
        wanted = [size if size > 0 else -1 for size in spec.shape]
        reshaped = rank != len(spec.shape) and wanted.count(-1) <= 1
        cast, steps = _cast(graph, source, _ELEMENTS[spec.type], element)
        nodes += steps + _shaped(graph, cast, spec.name, wanted if reshaped else None)
    del graph.output[:]
    for spec in specs:
        _declare(graph.output.add(), spec)
    return nodes


def _matched(values: List[Any], specs: Sequence[TensorSpec]) -> List[Any]:
    """The graph's output for each of the contract's: by name, else by what it is, else the next one."""
    found: Dict[str, Any] = {}
    for alike in (lambda spec, value: value.name == spec.name, lambda spec, value: _role(value) == _role_of(spec, len(specs)), lambda spec, value: True):
        for spec in specs:
            value = next((value for value in values if spec.name not in found and alike(spec, value)), None)
            if value is not None:
                found[spec.name] = value
                values.remove(value)
    missing = [spec.name for spec in specs if spec.name not in found]
    if missing:
        raise ConversionError(f"The graph gives nothing for {', '.join(missing)}.")
    return [found[spec.name] for spec in specs]


def _role(value: Any) -> str:
    name = value.name.lower()
    if "prob" in name:
        return "probabilities"
    if "score" in name:
        return "scores"
    return "label" if "label" in name or value.type.tensor_type.elem_type in (_TEXT, _INT64) else "value"


def _role_of(spec: TensorSpec, outputs: int) -> str:
    if wants_scores(spec):
        return "scores"
    if wants_probabilities(spec, spec.shape[-1] if len(spec.shape) > 1 else 0, outputs):
        return "probabilities"
    return "label" if not spec.is_float else "value"


def _rename(graph: Any, old: str, new: str) -> None:
    """Where nodes use or give it, also in the bodies of loops and branches."""
    for node in graph.node:
        for names in (node.input, node.output):
            for index, name in enumerate(names):
                if name == old:
                    names[index] = new
        for inner in _bodies(node):
            _rename(inner, old, new)


def _bodies(node: Any) -> Iterator[Any]:
    for attribute in node.attribute:
        if attribute.HasField("g"):
            yield attribute.g
        yield from attribute.graphs


def _cast(graph: Any, source: str, wanted: int, element: int) -> Tuple[str, List[Any]]:
    """The name to go on with, and the node that gives it, where one is needed."""
    if wanted == element:
        return source, []
    if _TEXT in (wanted, element):
        raise ConversionError(f"{source} is a text on one side of the graph and a number on the other.")
    return f"{source}_cast", [_node(graph, "Cast", [source], [f"{source}_cast"], to=wanted)]


def _shaped(graph: Any, source: str, target: str, shape: Optional[List[int]]) -> List[Any]:
    if shape is None:
        return [_node(graph, "Identity", [source], [target])]
    return [_node(graph, "Reshape", [source, _integers(graph, f"{target}_shape", shape)], [target])]


def _node(graph: Any, operation: str, inputs: Sequence[str], outputs: Sequence[str], **attributes: int) -> Any:
    node = type(graph)().node.add()
    node.op_type = operation
    node.name = f"contract_{outputs[0]}"
    node.input.extend(inputs)
    node.output.extend(outputs)
    for name, value in attributes.items():
        attribute = node.attribute.add()
        attribute.name, attribute.type, attribute.i = name, _ATTRIBUTE_INT, value
    return node


def _integers(graph: Any, name: str, values: Sequence[int]) -> str:
    tensor = graph.initializer.add()
    tensor.name, tensor.data_type = name, _INT64
    tensor.dims.append(len(values))
    tensor.int64_data.extend(values)
    return name


def _declare(value: Any, spec: TensorSpec) -> None:
    value.Clear()
    value.name = spec.name
    tensor = value.type.tensor_type
    tensor.elem_type = _ELEMENTS[spec.type]
    tensor.shape.SetInParent()
    for axis, size in enumerate(spec.shape):
        dimension = tensor.shape.dim.add()
        if size < 0:
            dimension.dim_param = "batch" if axis == 0 else f"{spec.name}_{axis}"
        else:
            dimension.dim_value = size
