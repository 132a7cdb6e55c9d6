from __future__ import annotations

import importlib.util
import math
import unittest
from typing import Any, List

from raywright_runtime.contract import DATATYPES, TensorSpec
from raywright_runtime.errors import OutputError, ProtocolError
from raywright_runtime.values import Decoder, Encoder, nested

_HAS_NUMPY = importlib.util.find_spec("numpy") is not None
_EXAMPLES = {
    "bool": [True, False],
    "int8": [-128, 127],
    "int16": [-32768, 32767],
    "int32": [-(2**31), 2**31 - 1],
    "int64": [-(2**63), 2**63 - 1],
    "uint8": [0, 255],
    "uint16": [0, 65535],
    "uint32": [0, 2**32 - 1],
    "uint64": [0, 2**64 - 1],
    "float16": [0.5, -2.0],
    "float32": [1.5, -0.25],
    "float64": [0.1, 1e300],
    "string": ["Où 📦", ""],
    "bytes": [b"\x00\xff", b""],
    "json": [{"a": [1, None]}, "text"],
}


def spec(kind: str, *shape: int, nullable: bool = False) -> TensorSpec:
    return TensorSpec("x", kind, shape or (-1,), nullable=nullable)


class RoundTrips(unittest.TestCase):
    def test_every_type_has_an_example(self) -> None:
        self.assertEqual(set(DATATYPES), set(_EXAMPLES))

    def test_plain(self) -> None:
        for kind, values in _EXAMPLES.items():
            with self.subTest(kind):
                shape, data = Encoder(spec(kind)).encode(values)
                self.assertEqual((2,), shape)
                self.assertEqual(values, Decoder(spec(kind), "plain").decode(shape, data))

    @unittest.skipUnless(_HAS_NUMPY, "numpy is not installed")
    def test_numpy(self) -> None:
        for kind, values in _EXAMPLES.items():
            with self.subTest(kind):
                shape, data = Encoder(spec(kind, -1, 1)).encode([[v] for v in values])
                array = Decoder(spec(kind, -1, 1), "numpy").decode(shape, bytearray(data))
                self.assertEqual((2, 1), array.shape)
                self.assertEqual(values, array.ravel().tolist())
                self.assertEqual((shape, data), Encoder(spec(kind, -1, 1)).encode(array))
                array[0] = array[1]  # a model may change what it was given

    def test_nulls(self) -> None:
        for kind in ("string", "bytes", "json", "float32", "float64", "float16"):
            with self.subTest(kind):
                nullable = spec(kind, nullable=True)
                values = [_EXAMPLES[kind][0], None]
                shape, data = Encoder(nullable).encode(values)
                self.assertEqual(values, Decoder(nullable, "plain").decode(shape, data))

    def test_null_bytes_are_told_from_empty_ones(self) -> None:
        self.assertEqual(b"\xff\xff\xff\xff\x00\x00\x00\x00", Encoder(spec("string", nullable=True)).encode([None, ""])[1])

    def test_nothing(self) -> None:
        for kind in _EXAMPLES:
            self.assertEqual(((0,), b""), Encoder(spec(kind)).encode([]))
            self.assertEqual([], Decoder(spec(kind), "plain").decode((0,), b""))

    def test_nesting(self) -> None:
        self.assertEqual([[[1, 2], [3, 4]]], nested((1, 2, 3, 4), (1, 2, 2)))
        self.assertEqual([[], []], nested((), (2, 0)))


class Answers(unittest.TestCase):
    def fails(self, text: str, value: Any, kind: str, *shape: int) -> None:
        with self.assertRaises(OutputError) as raised:
            Encoder(spec(kind, *shape)).encode(value)
        self.assertEqual(text, str(raised.exception))

    def test_what_does_not_fit_is_named(self) -> None:
        self.fails("x: 'abc' is no int64", ["abc"], "int64")
        self.fails("x: 1.5 is no int64", [1.5], "int64")
        self.fails("x: 128 is no int8", [128], "int8")
        self.fails("x: -1 is no uint64", [-1], "uint64")
        self.fails("x: 2 is no bool", [2], "bool")
        self.fails("x: 1 is no string", [1], "string")
        self.fails("x: 'a' is no bytes", ["a"], "bytes")
        self.fails("x: None, where the contract allows no null", [None], "float32")
        self.fails("x: NaN, where the contract allows no null", [math.nan], "float32")
        self.fails("x: None, where the contract allows no null", [None], "string")
        self.fails("x: 1e+39 is no float32", [1e39], "float32")
        self.fails("x: shape [2, 3] is not [-1, 2]", [[1, 2, 3], [4, 5, 6]], "int64", -1, 2)
        self.fails("x: its rows differ in length", [[1, 2], [3]], "int64", -1, 2)

    def test_json_is_strict(self) -> None:
        with self.assertRaises(OutputError):
            Encoder(spec("json")).encode([math.nan])

    def test_a_last_dimension_of_one_may_be_missing_or_too_many(self) -> None:
        self.assertEqual((2, 1), Encoder(spec("int64", -1, 1)).encode([1, 2])[0])
        self.assertEqual((2,), Encoder(spec("int64", -1)).encode([[1], [2]])[0])
        self.assertEqual((2,), Encoder(spec("string", -1)).encode([["a"], ["b"]])[0])

    def test_a_single_value_is_a_batch_of_one(self) -> None:
        self.assertEqual((1,), Encoder(spec("float64")).encode(0.5)[0])
        self.assertEqual((1, 1), Encoder(spec("string", -1, 1)).encode("a")[0])

    def test_lists_are_values_of_json(self) -> None:
        shape, data = Encoder(spec("json")).encode([[1, 2], [3]])
        self.assertEqual((2,), shape)
        self.assertEqual([[1, 2], [3]], Decoder(spec("json"), "plain").decode(shape, data))

    def test_whole_floats_are_integers(self) -> None:
        self.assertEqual(Encoder(spec("int64")).encode([3]), Encoder(spec("int64")).encode([3.0]))

    @unittest.skipUnless(_HAS_NUMPY, "numpy is not installed")
    def test_arrays_are_converted_and_checked(self) -> None:
        import numpy

        self.assertEqual(Encoder(spec("float32")).encode([1.0])[1], Encoder(spec("float32")).encode(numpy.array([1.0]))[1])
        self.assertEqual(Encoder(spec("int8")).encode([3])[1], Encoder(spec("int8")).encode(numpy.array([3.0]))[1])
        self.assertEqual(Encoder(spec("int64")).encode([7])[1], Encoder(spec("int64")).encode([numpy.int32(7)])[1])
        self.fails("x: 300 is no uint8", numpy.array([1, 300]), "uint8")
        self.fails(f"x: {2**63} is no int64", numpy.array([2**63], dtype="uint64"), "int64")
        self.fails("x: nan is no int64", numpy.array([math.nan]), "int64")
        self.fails("x: NaN, where the contract allows no null", numpy.array([1.0, math.nan]), "float64")
        self.fails("x: 'a' is no float32", numpy.array(["a"]), "float32")
        self.fails("x: shape [1, 2] is not [-1, 3]", numpy.zeros((1, 2)), "float32", -1, 3)
        rows: List[Any] = [numpy.zeros(2), numpy.ones(2)]
        self.assertEqual((2, 2), Encoder(spec("float32", -1, 2)).encode(rows)[0])


class BrokenData(unittest.TestCase):
    def test_lengths_that_lie(self) -> None:
        for kind, data in (("int32", b"123"), ("string", b"\x05\x00\x00\x00abc"), ("string", b"\x00"), ("string", b"\x00\x00\x00\x00x"), ("json", b"\x01\x00\x00\x00{"), ("string", b"\x01\x00\x00\x00\xff")):
            with self.subTest(kind=kind, data=data), self.assertRaises(ProtocolError):
                Decoder(spec(kind), "plain").decode((1,), data)

    def test_one_element_cannot_be_two(self) -> None:
        with self.assertRaises(ProtocolError):
            Decoder(spec("json"), "plain").decode((1,), b"\x03\x00\x00\x001,2")


if __name__ == "__main__":
    unittest.main()
