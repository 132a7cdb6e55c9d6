using System.IO.Compression;
using Raywright.Core.Errors;
using Raywright.Core.Scanning.Archives;
using Raywright.Core.Scanning.Compression;
using Raywright.Core.Scanning.Formats;
using Raywright.Core.Scanning.Pickles;

namespace Raywright.Core.Scanning;

/// <summary>Looks at one content, and at what is inside it.</summary>
internal static class ContentInspector
{
    private static readonly string[] Pickles = [".pkl", ".pickle", ".joblib", ".pk", ".pck", ".pcl", ".dill", ".cloudpickle", ".sav", ".dump"];
    private static readonly string[] Models = [.. Pickles, ".onnx", ".pt", ".pth", ".ckpt", ".bin", ".npy", ".npz", ".safetensors", ".keras", ".h5", ".hdf5", ".skops", ".mar", ".zip", ".whl", ".gz", ".xz", ".bz2", ".tar", ".tgz", ".ubj", ".pb", ".tflite", ".gguf"];
    private static readonly string[] Compressed = [".gz", ".gzip", ".z", ".zlib", ".bz2", ".xz", ".lzma", ".lz4", ".zst"];

    public static void Inspect(Content content, ScanNotes notes)
    {
        if (content.Depth > content.Budget.Limits.DeepestNesting)
        {
            notes.Add(content, ScanVerdict.Malicious, Catalogue.ScanOpaque, "archives are nested too deeply in it");
            return;
        }
        byte[] head = content.Head(ContentSniffer.HeadLength);
        if (content.Budget.Exhausted || (content.Broken && head.Length == 0))
            return;
        ContentKind kind = ContentSniffer.Recognise(head, content.Extension);
        bool pickle = Array.IndexOf(Pickles, content.Extension) >= 0;
        bool model = Array.IndexOf(Models, content.Extension) >= 0;
        switch (kind)
        {
            case ContentKind.Empty when model:
                notes.Add(content, ScanVerdict.Invalid, Catalogue.ArtifactEmpty, "it has 0 bytes");
                return;
            case ContentKind.LfsPointer:
                notes.Add(content, ScanVerdict.Invalid, Catalogue.ArtifactLfsPointer, "this is a Git LFS pointer, not the file itself");
                return;
            case ContentKind.WebPage when model:
                notes.Add(content, ScanVerdict.Invalid, Catalogue.ArtifactWebPage, "this is a web page, which is what a failed download looks like");
                return;
            case ContentKind.Zip or ContentKind.Tar:
                Archive(content, notes, kind);
                break;
            case ContentKind.NumpyArray:
                NumpyFile.Scan(content, notes);
                break;
            case ContentKind.Safetensors:
                SafetensorsFile.Scan(content, notes);
                break;
            case ContentKind.Unsupported:
                notes.Add(content, model ? ScanVerdict.Malicious : ScanVerdict.Suspicious, Catalogue.ScanOpaque, "it is compressed in a way that cannot be looked into");
                return;
            default:
                if (Decoder(kind, content) is { } decoder)
                {
                    if (Decompressed(content, notes, decoder, pickle))
                        return;
                    kind = ContentKind.Other;
                }
                break;
        }
        if (kind is ContentKind.Other or ContentKind.WebPage)
            Documents.Scan(content, notes);
        if (kind is not (ContentKind.Zip or ContentKind.NumpyArray or ContentKind.Safetensors))
            PickleScan.Scan(content, notes, expected: pickle && kind != ContentKind.Tar);
        if (kind is not (ContentKind.Zip or ContentKind.Empty))
            ZipScan.ScanAppended(content, notes);
    }

    private static void Archive(Content content, ScanNotes notes, ContentKind kind)
    {
        if (kind == ContentKind.Zip)
            ZipScan.Scan(content, notes);
        else
            TarScan.Scan(content, notes);
    }

    private static Func<Stream>? Decoder(ContentKind kind, Content content) => kind switch
    {
        ContentKind.Gzip => () => new CarefulStream(() => new GZipStream(content.Open(), CompressionMode.Decompress)),
        ContentKind.Zlib => () => new CarefulStream(() => new MembersStream(content.Open())),
        ContentKind.Bzip2 => () => new Bzip2Stream(content.Open()),
        ContentKind.Xz => () => new XzStream(content.Open()),
        ContentKind.Lzma => () => LzmaStream.Alone(content.Open()),
        ContentKind.Lz4 => () => new Lz4Stream(content.Open()),
        _ => null,
    };

    /// <summary>Looks at what a compressed stream holds; false where it is none after all.</summary>
    private static bool Decompressed(Content content, ScanNotes notes, Func<Stream> decoder, bool pickle)
    {
        string name = Array.IndexOf(Compressed, content.Extension) >= 0 ? Path.GetFileNameWithoutExtension(content.Name) : content.Name;
        string path = name == content.Name ? content.Path : $"{content.Path}!{name}";
        Content inner = content.Inner(path, name, null, decoder, unpacked: true);
        if (inner.Head(1).Length == 0 && inner.Broken)
            return false;
        Inspect(inner, notes);
        if (inner.Broken && pickle)
            notes.Add(content, ScanVerdict.Invalid, Catalogue.ScanArchiveBroken, "the compressed data is damaged");
        return true;
    }
}
