"""Of the double: the types of inputs."""

from __future__ import annotations

from typing import Any


class _TensorType:
    element = 0

    def __init__(self, shape: Any) -> None:
        self.shape = shape


class FloatTensorType(_TensorType):
    element = 1


class Int32TensorType(_TensorType):
    element = 6


class Int64TensorType(_TensorType):
    element = 7


class StringTensorType(_TensorType):
    element = 8


class BooleanTensorType(_TensorType):
    element = 9


class DoubleTensorType(_TensorType):
    element = 11
