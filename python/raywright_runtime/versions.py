"""Which libraries a model runs on."""

from __future__ import annotations

import platform
import sys
from typing import Dict

_LIBRARIES = {
    "numpy": "numpy",
    "scipy": "scipy",
    "pandas": "pandas",
    "sklearn": "scikit-learn",
    "joblib": "joblib",
    "skops": "skops",
    "xgboost": "xgboost",
    "lightgbm": "lightgbm",
    "onnxruntime": "onnxruntime",
    "torch": "torch",
    "safetensors": "safetensors",
    "transformers": "transformers",
    "mlflow": "mlflow",
    "onnx": "onnx",
    "skl2onnx": "skl2onnx",
    "onnxmltools": "onnxmltools",
}


def loaded_versions() -> Dict[str, str]:
    """Of Python and of the libraries that were imported, by the names that they are installed under."""
    versions = {"python": platform.python_version()}
    for module, package in _LIBRARIES.items():
        version = getattr(sys.modules.get(module), "__version__", None)
        if isinstance(version, str):
            versions[package] = version
    return versions
