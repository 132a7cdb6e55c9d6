"""Tensors to Python values and back, as a contract says.

A codec belongs to one input or output and is made once. The way back is optimistic: what a model answers is packed as it is, and
looked at element by element only where that fails, to convert what can be and to say what cannot.
"""

from __future__ import annotations

import json
import math
import sys
from struct import error as StructError
from struct import pack, unpack_from
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple, Union

from .contract import TensorSpec
from .errors import OutputError, ProtocolError

Shape = Tuple[int, ...]
Encoded = Tuple[Shape, bytes]
Buffer = Union[bytes, bytearray]

NULL_LENGTH = 0xFFFFFFFF
_NULL = b"\xff\xff\xff\xff"

# struct's letter, numpy's name, bytes of an element
_FIXED: Dict[str, Tuple[str, str, int]] = {
    "bool": ("?", "?", 1),
    "int8": ("b", "<i1", 1),
    "int16": ("h", "<i2", 2),
    "int32": ("i", "<i4", 4),
    "int64": ("q", "<i8", 8),
    "uint8": ("B", "<u1", 1),
    "uint16": ("H", "<u2", 2),
    "uint32": ("I", "<u4", 4),
    "uint64": ("Q", "<u8", 8),
    "float16": ("e", "<f2", 2),
    "float32": ("f", "<f4", 4),
    "float64": ("d", "<f8", 8),
}
_SEQUENCES = frozenset((list, tuple))


class Decoder:
    """Reads one input."""

    def __init__(self, spec: TensorSpec, arrays: str) -> None:
        self.name = spec.name
        self.datatype = spec.datatype
        self._numpy = _import_numpy() if arrays == "numpy" else None
        self._read: Callable[[Shape, int, Buffer], Any]
        if spec.type in _FIXED:
            letter, dtype, self._width = _FIXED[spec.type]
            if self._numpy is not None:
                self._dtype = self._numpy.dtype(dtype)
                self._frombuffer = self._numpy.frombuffer
                self._read = self._read_array
            else:
                self._letter = letter
                self._read = self._read_nullable if spec.nullable and spec.is_float else self._read_plain
        else:
            self._width = 0
            self._elements = {"string": _texts, "bytes": _optional_bytes, "json": _documents}[spec.type]
            self._read = self._read_object_array if self._numpy is not None else self._read_elements

    def decode(self, shape: Shape, data: Buffer) -> Any:
        """The value that `data`, all of it, holds. An array is a view of `data`, which nobody else must change."""
        count = math.prod(shape)
        if self._width and count * self._width != len(data):
            raise ProtocolError(400, f"{self.name}: {len(data)} bytes are no {self.datatype} of shape {list(shape)}")
        return self._read(shape, count, data)

    def _read_array(self, shape: Shape, count: int, data: Buffer) -> Any:
        return self._frombuffer(data, self._dtype).reshape(shape)

    def _read_plain(self, shape: Shape, count: int, data: Buffer) -> Any:
        return nested(unpack_from(f"<{count}{self._letter}", data), shape)

    def _read_nullable(self, shape: Shape, count: int, data: Buffer) -> Any:
        # NaN is the only value that differs from itself.
        return nested([None if v != v else v for v in unpack_from(f"<{count}{self._letter}", data)], shape)

    def _read_elements(self, shape: Shape, count: int, data: Buffer) -> Any:
        return nested(self._elements(self.name, count, data), shape)

    def _read_object_array(self, shape: Shape, count: int, data: Buffer) -> Any:
        array = self._numpy.empty(count, dtype=object)
        for index, element in enumerate(self._elements(self.name, count, data)):
            array[index] = element
        return array.reshape(shape)


def nested(flat: Sequence[Any], shape: Shape) -> Any:
    """`flat` as lists in lists of this shape."""
    if len(shape) == 1:
        return list(flat)
    if not shape:
        return flat[0]
    step = math.prod(shape[1:])
    if len(shape) == 2:
        return [list(flat[at : at + step]) for at in range(0, shape[0] * step, step)] if step else [[] for _ in range(shape[0])]
    return [nested(flat[at * step : (at + 1) * step], shape[1:]) for at in range(shape[0])]


def _split(name: str, count: int, data: Buffer) -> List[Optional[Buffer]]:
    elements: List[Optional[Buffer]] = []
    at, end = 0, len(data)
    for _ in range(count):
        if at + 4 > end:
            raise ProtocolError(400, f"{name}: the data ends before its {count} elements do")
        length = int.from_bytes(data[at : at + 4], "little")
        at += 4
        if length == NULL_LENGTH:
            elements.append(None)
            continue
        if at + length > end:
            raise ProtocolError(400, f"{name}: an element goes beyond the end of the data")
        elements.append(data[at : at + length])
        at += length
    if at != end:
        raise ProtocolError(400, f"{name}: {end - at} bytes follow its {count} elements")
    return elements


def _texts(name: str, count: int, data: Buffer) -> List[Optional[str]]:
    try:
        return [None if e is None else e.decode() for e in _split(name, count, data)]
    except UnicodeDecodeError as e:
        raise ProtocolError(400, f"{name}: a text is no UTF-8: {e.reason}") from None


def _optional_bytes(name: str, count: int, data: Buffer) -> List[Optional[bytes]]:
    return [None if e is None else bytes(e) for e in _split(name, count, data)]


def _documents(name: str, count: int, data: Buffer) -> List[Any]:
    elements = _split(name, count, data)
    try:
        # One call of the parser for all of them.
        values = json.loads(b"[" + b",".join(b"null" if e is None else e for e in elements) + b"]")
    except ValueError as e:
        raise ProtocolError(400, f"{name}: an element is no JSON: {e}") from None
    if len(values) != count:
        raise ProtocolError(400, f"{name}: an element is no JSON value")
    return values


class Encoder:
    """Writes one output."""

    def __init__(self, spec: TensorSpec) -> None:
        self.name = spec.name
        self.spec = spec
        self._rank = len(spec.shape)
        self._fixed = _FIXED.get(spec.type)
        self._refuses_nan = spec.is_float and not spec.nullable
        self._dtype: Any = None

    def encode(self, value: Any) -> Encoded:
        """Shape and bytes; OutputError where the value does not fit."""
        array = _as_array(value)
        if array is None:
            return self._encode_plain(value)
        if self._fixed is None:
            return self._encode_plain(array.tolist())
        return self._encode_array(array)

    def _encode_array(self, array: Any) -> Encoded:
        numpy = sys.modules["numpy"]
        if self._dtype is None:
            self._dtype = numpy.dtype(self._fixed[1])
        if array.dtype is not self._dtype and array.dtype != self._dtype:
            array = self._converted(array, numpy)
        shape = self._fitted(array.shape)
        # A sum of squares is NaN exactly where an element is, and takes a quarter of the time of isnan on a row.
        if self._refuses_nan and (square := numpy.vdot(array, array)) != square:
            raise OutputError(f"{self.name}: NaN, where the contract allows no null")
        return shape, array.tobytes()

    def _converted(self, array: Any, numpy: Any) -> Any:
        kind = array.dtype.kind
        if kind not in "biuf":
            # Objects and texts: element by element, with a word on the one that does not fit.
            flat = self._packed(array.ravel().tolist())
            return numpy.frombuffer(flat, self._dtype).reshape(array.shape)
        if self.spec.is_float:
            with numpy.errstate(over="ignore"):
                return array.astype(self._dtype)
        with numpy.errstate(invalid="ignore"):
            converted = array.astype(self._dtype)
        differs = converted != array
        if differs.any():
            raise self._misfit(array[differs].ravel()[0].item())
        # An unsigned 2**63 and a signed -2**63 compare equal only after a detour through float64.
        if kind in "iu" and ((converted < 0) != (array < 0)).any():
            raise self._misfit(array[(converted < 0) != (array < 0)].ravel()[0].item())
        return converted

    def _encode_plain(self, value: Any) -> Encoded:
        flat, shape = self._flattened(value)
        if self._fixed is None:
            return shape, self._joined(flat)
        return shape, self._packed(flat)

    def _flattened(self, value: Any) -> Tuple[Sequence[Any], Shape]:
        """Elements in order and their shape, not deeper than the contract: an element of JSON may be a list."""
        level: List[Any] = [value]
        dims: List[int] = []
        for _ in range(self._rank):
            # Types and lengths as sets: no Python code runs for each element.
            if not _SEQUENCES.issuperset(map(type, level)):
                level = [_listed(v) for v in level]
                if not _SEQUENCES.issuperset(map(type, level)):
                    break
            lengths = set(map(len, level))
            if len(lengths) > 1:
                raise OutputError(f"{self.name}: its rows differ in length")
            length = lengths.pop() if lengths else 0
            dims.append(length)
            level = [e for v in level for e in v] if len(level) != 1 else level[0]
        if self.spec.type != "json" and len(dims) == self._rank and level and type(level[0]) in _SEQUENCES and all(type(v) in _SEQUENCES and len(v) == 1 for v in level):
            level, dims = [v[0] for v in level], [*dims, 1]
        return level, self._fitted(tuple(dims))

    def _fitted(self, shape: Shape) -> Shape:
        """The shape as the contract has it. A last dimension of 1 may be missing or too many; a single value is a batch of one."""
        declared = self.spec.shape
        if len(shape) == self._rank and shape[1:] == declared[1:] and declared[:1] == (-1,):
            return shape
        if shape == () and self._rank and all(d in (-1, 1) for d in declared):
            return (1,) * self._rank
        if len(shape) == self._rank - 1 and declared[-1] in (-1, 1):
            shape = (*shape, 1)
        elif len(shape) == self._rank + 1 and shape[-1] == 1:
            shape = shape[:-1]
        if len(shape) != self._rank or any(d != -1 and d != s for s, d in zip(shape, declared)):
            raise OutputError(f"{self.name}: shape {list(shape)} is not {list(declared)}")
        return shape

    def _packed(self, flat: Sequence[Any]) -> bytes:
        letter = self._fixed[0]
        try:
            if letter != "?":
                packed = pack(f"<{len(flat)}{letter}", *flat)
                # The sum is NaN if an element is; of infinities too, hence the second look.
                if not self._refuses_nan or (total := sum(flat)) == total or not any(v != v for v in flat):
                    return packed
        except (StructError, TypeError, OverflowError, ValueError):
            pass
        return pack(f"<{len(flat)}{letter}", *[self._element(v) for v in flat])

    def _element(self, value: Any) -> Any:
        """One number as the contract wants it."""
        if value is None or (isinstance(value, float) and math.isnan(value)):
            if not self.spec.is_float or not self.spec.nullable:
                raise OutputError(f"{self.name}: {'None' if value is None else 'NaN'}, where the contract allows no null")
            return math.nan
        if hasattr(value, "item") and not isinstance(value, (int, float)):
            value = value.item()
        if not isinstance(value, (bool, int, float)):
            raise self._misfit(value)
        try:
            number = bool(value) if self.spec.type == "bool" else float(value) if self.spec.is_float else int(value)
            if not self.spec.is_float and number != value:
                raise self._misfit(value)
            pack(f"<{self._fixed[0]}", number)
        except (StructError, OverflowError):
            raise self._misfit(value) from None
        return number

    def _joined(self, flat: Sequence[Any]) -> bytes:
        parts: List[bytes] = []
        for value in flat:
            if value is None and self.spec.type != "json":
                if not self.spec.nullable:
                    raise OutputError(f"{self.name}: None, where the contract allows no null")
                parts.append(_NULL)
                continue
            element = self._blob(value)
            parts.append(len(element).to_bytes(4, "little"))
            parts.append(element)
        return b"".join(parts)

    def _blob(self, value: Any) -> bytes:
        if self.spec.type == "json":
            return dump_json(value, self.name)
        if self.spec.type == "string":
            if isinstance(value, str):
                # A lone surrogate is what JSON input may have brought; it cannot travel as UTF-8.
                return value.encode("utf-8", "replace")
        elif isinstance(value, (bytes, bytearray, memoryview)):
            return bytes(value)
        raise self._misfit(value)

    def _misfit(self, value: Any) -> OutputError:
        return OutputError(f"{self.name}: {_shown(value)} is no {self.spec.type}")


def dump_json(value: Any, name: str) -> bytes:
    """JSON, strictly: NaN has no place in it."""
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_jsonable).encode("utf-8", "replace")
    except (TypeError, ValueError, RecursionError) as e:
        raise OutputError(f"{name}: no JSON: {e}") from None


def _jsonable(value: Any) -> Any:
    """Arrays, data frames and the numbers of numpy, by the methods that they share."""
    if hasattr(value, "tolist"):
        return value.tolist()
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if isinstance(value, (set, frozenset)):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _as_array(value: Any) -> Any:
    """The value as an array of numpy, where it is one or offers to be; None for plain values."""
    kind = type(value)
    if kind is list or kind is dict or kind is str:
        # Rows of arrays are joined by numpy; anything else is as fast without it.
        if kind is not list or not value or isinstance(value[0], (list, str, int, float)) or not hasattr(value[0], "__array__"):
            return None
        numpy = sys.modules.get("numpy")
        if numpy is None:
            return None
        try:
            return numpy.asarray(value)
        except ValueError:
            return None  # ragged: the plain way has the words for it
    if not hasattr(value, "__array__"):
        return None
    if hasattr(value, "detach"):
        # A tensor of PyTorch, which may need gradients or live on another device.
        value = value.detach().cpu()
    numpy = _import_numpy()
    return value if isinstance(value, numpy.ndarray) else numpy.asarray(value)


def _listed(value: Any) -> Any:
    """A list, where the value is a sequence in another form."""
    if hasattr(value, "tolist"):
        return value.tolist()
    return list(value) if isinstance(value, (list, tuple, range)) else value


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _import_numpy() -> Any:
    import numpy

    return numpy
