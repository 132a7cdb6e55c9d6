"""PyTorch: TorchScript, or a module of the user's own with weights in safetensors."""

from __future__ import annotations

import os
from typing import Any, Dict, List

from ..errors import LoadError
from . import Description, Model, Source
from .tabular import threads
from .user_class import find_class, import_file
from .user_class import load as load_class


def load(source: Source) -> Model:
    import torch

    torch.set_num_threads(threads())
    device = "cuda" if torch.cuda.is_available() else "cpu"
    if source.artifact.endswith(".safetensors"):
        if source.code is None:
            raise LoadError("safetensors hold weights alone: name the code file with the module that they belong to")
        module_class = _module_class(source.code)
        if module_class is None:
            return load_class(source)
        from safetensors.torch import load_file

        module = module_class()
        module.load_state_dict(load_file(source.artifact))
        return TorchModel(module.to(device).eval(), device, source)
    if source.code is not None:
        # Operators and classes that a script refers to.
        code = import_file(source.code)
        if any(callable(getattr(c, "predict", None)) for c in vars(code).values() if isinstance(c, type) and c.__module__ == code.__name__):
            return load_class(source)
    try:
        module = torch.jit.load(source.artifact, map_location=device)
    except RuntimeError as e:
        raise LoadError(f"{os.path.basename(source.artifact)} is no TorchScript; save it by torch.jit.save, or as safetensors with a class in code ({e})") from e
    return TorchModel(module.eval(), device, source)


def _module_class(path: str) -> Any:
    """The one torch.nn.Module of the file; None where a class with predict is to be served instead."""
    import torch

    code = import_file(path)
    own = [c for c in vars(code).values() if isinstance(c, type) and c.__module__ == code.__name__]
    if any(callable(getattr(c, "predict", None)) for c in own):
        find_class(code)
        return None
    modules = [c for c in own if issubclass(c, torch.nn.Module)]
    named = [c for c in modules if c.__name__ == "Model"] or modules
    if not modules:
        raise LoadError(f"{os.path.basename(path)} has neither a torch.nn.Module nor a class with a method predict")
    # The last one is the whole that the others are layers of.
    return named[-1]


class TorchModel(Model):
    def __init__(self, module: Any, device: str, source: Source) -> None:
        if source.contract.passes_through:
            raise LoadError("tensors need a contract: write inputs and outputs")
        self._module = self.native = module
        self._device = device
        self._inputs = [spec.name for spec in source.contract.inputs]
        self._outputs = [spec.name for spec in source.contract.outputs]

    def predict(self, inputs: Any, parameters: Any) -> Dict[str, Any]:
        import torch

        with torch.inference_mode():
            answer = self._module(*[torch.from_numpy(inputs[name]).to(self._device) for name in self._inputs if name in inputs])
        if isinstance(answer, dict):
            return answer
        values: List[Any] = list(answer) if isinstance(answer, (tuple, list)) else [answer]
        return dict(zip(self._outputs, values))

    def describe(self) -> Description:
        return Description(None, ["A PyTorch module does not say what it takes and gives: write inputs and outputs."])
