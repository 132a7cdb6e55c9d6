using System.Buffers;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Raywright.Core.Contracts;
using DataType = Raywright.Core.Tensors.DataType;
using Tensor = Raywright.Core.Tensors.Tensor;

namespace Raywright.Engine.Onnx;

/// <summary>Moves tensors in and out of ONNX Runtime: fixed-size ones without a copy on the way in.</summary>
internal static class OnnxValues
{
    /// <summary>Wraps a tensor. The memory stays pinned until <paramref name="pin"/> is disposed of, after the run.</summary>
    public static OrtValue Wrap(Tensor tensor, out MemoryHandle pin)
    {
        pin = default;
        if (tensor.Type == DataType.String)
        {
            OrtValue texts = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, tensor.Shape);
            for (int index = 0; index < tensor.Texts.Length; index++)
                texts.StringTensorSetElementAt((tensor.Texts[index] ?? "").AsSpan(), index);
            return texts;
        }
        pin = tensor.Memory.Pin();
        unsafe
        {
            return OrtValue.CreateTensorValueWithData(OrtMemoryInfo.DefaultInstance, ElementType(tensor.Type), tensor.Shape, (nint)pin.Pointer, tensor.Bytes.Length);
        }
    }

    /// <summary>Copies an output into a tensor of its own, in the form of the contract.</summary>
    public static Tensor Read(OrtValue value, OutputField declared)
    {
        if (!value.IsTensor)
            return OnnxMaps.Read(value, declared);
        OrtTensorTypeAndShapeInfo info = value.GetTensorTypeAndShape();
        if (info.ElementDataType == TensorElementType.String)
            return Tensor.OfTexts(info.Shape, value.GetStringTensorAsArray());
        Tensor tensor = Tensor.Rent(TypeOf(info.ElementDataType), info.Shape);
        value.GetTensorDataAsSpan<byte>().CopyTo(tensor.Bytes);
        return tensor;
    }

    public static TensorElementType ElementType(DataType type) => type switch
    {
        DataType.Bool => TensorElementType.Bool,
        DataType.Int8 => TensorElementType.Int8,
        DataType.Int16 => TensorElementType.Int16,
        DataType.Int32 => TensorElementType.Int32,
        DataType.Int64 => TensorElementType.Int64,
        DataType.UInt8 => TensorElementType.UInt8,
        DataType.UInt16 => TensorElementType.UInt16,
        DataType.UInt32 => TensorElementType.UInt32,
        DataType.UInt64 => TensorElementType.UInt64,
        DataType.Float16 => TensorElementType.Float16,
        DataType.Float32 => TensorElementType.Float,
        DataType.Float64 => TensorElementType.Double,
        _ => TensorElementType.String,
    };

    private static DataType TypeOf(TensorElementType type) => type switch
    {
        TensorElementType.Bool => DataType.Bool,
        TensorElementType.Int8 => DataType.Int8,
        TensorElementType.Int16 => DataType.Int16,
        TensorElementType.Int32 => DataType.Int32,
        TensorElementType.Int64 => DataType.Int64,
        TensorElementType.UInt8 => DataType.UInt8,
        TensorElementType.UInt16 => DataType.UInt16,
        TensorElementType.UInt32 => DataType.UInt32,
        TensorElementType.UInt64 => DataType.UInt64,
        TensorElementType.Float16 => DataType.Float16,
        TensorElementType.Float => DataType.Float32,
        TensorElementType.Double => DataType.Float64,
        _ => throw new NotSupportedException($"ONNX element type {type}"),
    };
}
