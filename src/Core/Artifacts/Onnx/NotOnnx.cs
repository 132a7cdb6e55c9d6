using Raywright.Core.Errors;

namespace Raywright.Core.Artifacts.Onnx;

/// <summary>Recognises what is commonly found under the name of a model that is none, by its first bytes.</summary>
internal static class NotOnnx
{
    public static Problem? Recognise(Stream stream, string name)
    {
        Span<byte> start = stackalloc byte[256];
        int read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        ReadOnlySpan<byte> head = start[..read];
        ReadOnlySpan<byte> text = head.TrimStart(" \t\r\n\uFEFF"u8);
        if (text.StartsWith("version https://git-lfs"u8))
            return new(Catalogue.ArtifactLfsPointer, $"{name} is a Git LFS pointer, not the model itself.", Field: "source");
        if (text.StartsWith("<"u8))
            return new(Catalogue.ArtifactWebPage, $"{name} is a web page, which is what a failed download looks like.", Field: "source");
        if (head.StartsWith("PK"u8))
            return new(Catalogue.ArtifactNotOnnx, $"{name} is a zip archive, not an ONNX model.", Field: "source");
        // Protocol 2 and later start with 0x80; older pickles with an opcode that ONNX's first field tag never equals.
        if (head is [0x80, <= 5, ..] or [(byte)'c', ..] or [(byte)'(', ..])
            return new(Catalogue.ArtifactIsPickle, $"{name} is a Python pickle, whatever its name says.", Field: "source");
        return null;
    }
}
