"""Of the double: messages with the numbers of onnx.proto, as far as a linear model needs them."""

from __future__ import annotations

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

FLOAT = 1
INT64 = 7

_PACKAGE = "onnx_double"
_MESSAGES = {
    "AttributeProto": "1 name string, 2 f float, 3 i int64, 4 s bytes, 6 g GraphProto, 7 floats float*, 8 ints int64*, 9 strings bytes*, 11 graphs GraphProto*, 20 type int32",
    "ValueInfoProto": "1 name string, 2 type TypeProto",
    "NodeProto": "1 input string*, 2 output string*, 3 name string, 4 op_type string, 5 attribute AttributeProto*, 7 domain string",
    "TensorProto": "1 dims int64*, 2 data_type int32, 7 int64_data int64*, 8 name string, 9 raw_data bytes",
    "GraphProto": "1 node NodeProto*, 2 name string, 5 initializer TensorProto*, 11 input ValueInfoProto*, 12 output ValueInfoProto*, 13 value_info ValueInfoProto*",
    "Dimension": "1 dim_value int64, 2 dim_param string",
    "TensorShapeProto": "1 dim Dimension*",
    "Tensor": "1 elem_type int32, 2 shape TensorShapeProto",
    "TypeProto": "1 tensor_type Tensor",
    "OperatorSetIdProto": "1 domain string, 2 version int64",
    "ModelProto": "1 ir_version int64, 2 producer_name string, 7 graph GraphProto, 8 opset_import OperatorSetIdProto*",
}
_SCALARS = {"string": 9, "bytes": 12, "int64": 3, "int32": 5, "float": 2}


def _file() -> descriptor_pb2.FileDescriptorProto:
    file = descriptor_pb2.FileDescriptorProto(name="onnx_double.proto", package=_PACKAGE, syntax="proto2")
    for name, fields in _MESSAGES.items():
        message = file.message_type.add(name=name)
        for text in fields.split(", "):
            number, label, kind = text.split(" ")
            field = message.field.add(name=label, number=int(number), label=3 if kind.endswith("*") else 1)
            kind = kind.rstrip("*")
            if kind in _SCALARS:
                field.type = _SCALARS[kind]
            else:
                field.type, field.type_name = 11, f".{_PACKAGE}.{kind}"
    return file


_POOL = descriptor_pool.DescriptorPool()
_POOL.Add(_file())
ModelProto = message_factory.GetMessageClass(_POOL.FindMessageTypeByName(f"{_PACKAGE}.ModelProto"))
