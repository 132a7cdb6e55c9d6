"""ONNX graphs, by ONNX Runtime: where they run beside Python rather than inside the server."""

from __future__ import annotations

from typing import Any, Dict

from ..errors import LoadError
from . import Description, Model, Source
from .tabular import threads


def load(source: Source) -> Model:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads()
    options.inter_op_num_threads = 1
    # Threads that spin between calls take the processor from the other replicas.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return OnnxModel(onnxruntime.InferenceSession(source.artifact, options, providers=onnxruntime.get_available_providers()), source)


class OnnxModel(Model):
    def __init__(self, session: Any, source: Source) -> None:
        if source.contract.passes_through:
            raise LoadError("an ONNX graph has a contract: its inputs and outputs")
        self._session = session
        self._ranks = {tensor.name: len(tensor.shape) for tensor in session.get_inputs()}
        given = {tensor.name for tensor in session.get_outputs()}
        self._outputs = [spec.name for spec in source.contract.outputs]
        unknown = [name for name in self._outputs if name not in given]
        if unknown:
            raise LoadError(f"the graph has no output {', '.join(unknown)}; it gives {', '.join(sorted(given))}")

    def predict(self, inputs: Any, parameters: Any) -> Dict[str, Any]:
        fed = {name: array[..., None] if array.ndim == self._ranks.get(name, array.ndim) - 1 else array for name, array in inputs.items()}
        return dict(zip(self._outputs, self._session.run(self._outputs, fed)))

    def describe(self) -> Description:
        return Description(None, ["The graph itself says what it takes and gives."])
