using System.IO.Compression;
using Raywright.Core.Scanning;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Core.Tests.Scanning;

/// <summary>Scans bytes and finds the test files of this folder.</summary>
internal static class Scanned
{
    public static ScannedFile Bytes(byte[] bytes, string name, ScanLimits? limits = null) =>
        ArtifactScanner.Scan([new ScanSource(name, () => new MemoryStream(bytes, writable: false))], limits).Files[0];

    /// <summary>A file or a folder.</summary>
    public static ScanReport At(string path) => ArtifactScanner.Scan(path, cancellation: TestContext.Current.CancellationToken);

    public static ScannedFile Text(string text, string name) => Bytes(System.Text.Encoding.UTF8.GetBytes(text), name);

    /// <summary>Pickles and archives that were written for these tests and that the shared corpus does not have, by name.</summary>
    public static IReadOnlyDictionary<string, byte[]> Hostile { get; } = File.ReadLines(Beside("hostile.txt"))
        .Select(line => line.Split(' '))
        .ToDictionary(parts => parts[0], parts => Convert.FromBase64String(parts[1]), StringComparer.Ordinal);

    /// <summary>Models of scikit-learn 1.9, pandas 3.1 and NumPy 2.4, in all protocols and compressions, by file name.</summary>
    public static IReadOnlyDictionary<string, byte[]> Benign { get; } = Unpack(Beside("benign-models.zip"));

    public static string Beside(string name) => RepositoryRoot.Combine("tests", "Core.Tests", "Scanning", name);

    private static Dictionary<string, byte[]> Unpack(string path)
    {
        using ZipArchive archive = ZipFile.OpenRead(path);
        return archive.Entries.ToDictionary(entry => entry.FullName, entry =>
        {
            using Stream stream = entry.Open();
            using MemoryStream bytes = new();
            stream.CopyTo(bytes);
            return bytes.ToArray();
        }, StringComparer.Ordinal);
    }
}
