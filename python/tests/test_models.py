"""Every model of the shared folder answers its cases through a real, confined child."""

from __future__ import annotations

import importlib.util
import json
import unittest
from pathlib import Path
from typing import Any, Dict, List, Tuple

from .support import CONFINED, Answer, Child, flatten, shared_models

_FORMS = {"joblib": "sklearn", "xgboost_json": "xgboost", "xgboost_ubj": "xgboost", "lightgbm_text": "lightgbm", "python": "class"}
_LIBRARIES = {"sklearn": ("sklearn", "joblib", "pandas"), "xgboost": ("xgboost",), "lightgbm": ("lightgbm",), "class": ()}


def contract_of(signature: Dict[str, Any]) -> Dict[str, Any]:
    def field(tensor: Dict[str, Any]) -> Dict[str, Any]:
        spec = {"name": tensor["name"], "type": {"object": "json"}.get(tensor["dtype"], tensor["dtype"]), "shape": tensor["shape"]}
        spec.update({key: tensor[key] for key in ("columns", "nullable") if key in tensor})
        classes = tensor.get("classes")
        if classes:
            names = list(classes.values()) if isinstance(classes, dict) else classes
            spec["labels"] = {"keys": list(classes) if isinstance(classes, dict) else [str(i) for i in range(len(names))], "names": names}
        return spec

    return {kind: [field(tensor) for tensor in signature[kind]] for kind in ("inputs", "outputs")}


def forms() -> List[Tuple[Path, Dict[str, Any], str, str]]:
    root = shared_models()
    found = []
    for path in sorted(root.rglob("signature.json")) if root else []:
        signature = json.loads(path.read_text("utf-8"))
        found += [(path.parent, signature, form, artifact) for form, artifact in signature["artifacts"].items() if form in _FORMS]
    return found


@unittest.skipIf(shared_models() is None, "RAYWRIGHT_SHARED names no folder with models")
class SharedModels(unittest.TestCase):
    def test_each_answers_its_cases(self) -> None:
        for folder, signature, form, artifact in forms():
            flavour = _FORMS[form]
            with self.subTest(model=str(folder), form=form):
                for library in _LIBRARIES[flavour]:
                    if importlib.util.find_spec(library) is None:
                        self.skipTest(f"{library} is not installed")
                self.answers(folder, signature, flavour, artifact)

    def answers(self, folder: Path, signature: Dict[str, Any], flavour: str, artifact: str) -> None:
        contract = contract_of(signature)
        code = artifact if flavour == "class" else None
        wheels = [str(wheel) for wheel in folder.glob("wheels/*.whl")]
        with Child(folder, flavour, code, contract, path=wheels, artifact=artifact, confine=CONFINED) as child:
            child.ready()
            with child.connect() as connection:
                for line in (folder / "cases.jsonl").read_text("utf-8").splitlines():
                    case = json.loads(line)
                    try:
                        answer = connection.ask(contract, case["inputs"])
                    except (KeyError, TypeError):
                        continue  # A case for the server: its inputs do not fit the contract.
                    self.check(case["expected"], answer, contract, signature["tolerance"]["abs"])

    def check(self, expected: Dict[str, Any], answer: Answer, contract: Dict[str, Any], tolerance: float) -> None:
        if "error" in expected and "error" not in {spec["name"] for spec in contract["outputs"]}:
            if answer.status != 400:  # Refused before the model: an input is missing.
                self.assertEqual((422, expected["error"]), (answer.status, answer.document["error"]))
            return
        self.assertEqual(200, answer.status, answer.body)
        outputs = answer.outputs(contract)
        for spec in contract["outputs"]:
            shape, flat = flatten(expected[spec["name"]], len(spec["shape"]))
            actual_shape, actual = outputs[spec["name"]]
            self.assertEqual(shape, actual_shape)
            if spec["type"].startswith("float"):
                largest = max([1.0, *map(abs, flat)])
                for wanted, got in zip(flat, actual):
                    self.assertLessEqual(abs(wanted - got), max(tolerance, 1e-9) * largest)
            else:
                self.assertEqual(flat, actual)


if __name__ == "__main__":
    unittest.main()
