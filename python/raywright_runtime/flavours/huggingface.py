"""Models of the Hugging Face format: a folder with config.json and safetensors, by a pipeline of transformers."""

from __future__ import annotations

import json
import os
from typing import Any, Dict, List

from ..errors import LoadError
from . import Description, Model, Source

_TASKS = {
    "ForSequenceClassification": "text-classification",
    "ForTokenClassification": "token-classification",
    "ForQuestionAnswering": "question-answering",
    "ForMaskedLM": "fill-mask",
    "ForCausalLM": "text-generation",
    "LMHeadModel": "text-generation",
    "ForConditionalGeneration": "text2text-generation",
    "ForImageClassification": "image-classification",
}


def task_of(config: Dict[str, Any]) -> str:
    """What the architecture was made for; features where it has no head."""
    for architecture in config.get("architectures") or ():
        for ending, task in _TASKS.items():
            if architecture.endswith(ending):
                return task
    return "feature-extraction"


def load(source: Source) -> Model:
    import torch
    import transformers

    with open(os.path.join(source.artifact, "config.json"), encoding="utf-8") as file:
        config = json.load(file)
    task = task_of(config)
    device = 0 if torch.cuda.is_available() else -1
    # Code that lies beside weights is the user's own file or none at all.
    pipeline = transformers.pipeline(task, model=source.artifact, tokenizer=source.artifact, device=device, trust_remote_code=False, model_kwargs={"use_safetensors": True})
    return HuggingFaceModel(pipeline, task, config, source)


class HuggingFaceModel(Model):
    def __init__(self, pipeline: Any, task: str, config: Dict[str, Any], source: Source) -> None:
        self.arrays = "plain"
        self._pipeline = pipeline
        self._task = task
        self._config = config
        self._contract = source.contract
        self._classes: List[str] = [name for _, name in sorted((int(key), name) for key, name in (config.get("id2label") or {}).items())]

    def predict(self, inputs: Any, parameters: Any) -> Any:
        if self._contract.passes_through:
            return self._pipeline(inputs, **parameters)
        if len(self._contract.inputs) != 1:
            raise LoadError("a pipeline takes one input")
        texts = inputs[self._contract.inputs[0].name]
        texts = [text[0] if isinstance(text, list) else text for text in texts]
        if self._task != "text-classification":
            answers = self._pipeline(texts, **parameters)
            return {spec.name: [self._part(spec.name, answer) for answer in answers] for spec in self._contract.outputs}
        scores = [{s["label"]: s["score"] for s in row} for row in self._pipeline(texts, top_k=None, **parameters)]
        labels = [max(row, key=row.__getitem__) for row in scores]
        return {
            spec.name: [[row[name] for name in self._classes] for row in scores] if spec.is_float else labels if spec.type == "string" else [self._classes.index(label) for label in labels]
            for spec in self._contract.outputs
        }

    @staticmethod
    def _part(name: str, answer: Any) -> Any:
        """One output of an answer: by its name, or by the end of what the pipeline calls it."""
        if isinstance(answer, list) and len(answer) == 1:
            answer = answer[0]
        if isinstance(answer, dict):
            return next((value for key, value in answer.items() if key == name or key.endswith(f"_{name}")), answer)
        return answer

    def describe(self) -> Description:
        texts = [{"name": "text", "type": "string", "shape": [-1]}]
        if self._task == "text-classification" and self._classes:
            labels = {"keys": self._classes, "names": self._classes}
            outputs: List[Dict[str, Any]] = [
                {"name": "label", "type": "string", "shape": [-1], "labels": labels},
                {"name": "probabilities", "type": "float32", "shape": [-1, len(self._classes)], "labels": labels},
            ]
        elif self._task in ("text-generation", "text2text-generation"):
            outputs = [{"name": "text", "type": "string", "shape": [-1]}]
        else:
            outputs = [{"name": "result", "type": "json", "shape": [-1]}]
        return Description({"inputs": texts, "outputs": outputs}, [f"Served as {self._task}, by its architecture."])
