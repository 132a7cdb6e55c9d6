using System.Text.Json;
using Raywright.Core.Artifacts;
using Raywright.Core.Errors;
using Raywright.Core.Scanning;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Core.Tests.Scanning;

/// <summary>Every file of the shared adversarial corpus gets the verdict that its author wrote down.</summary>
public sealed class AdversarialCorpusTests
{
    public static TheoryData<string, string, string> Expected
    {
        get
        {
            if (!SharedFiles.Present)
                return new() { { "absent", "benign", "" } };
            TheoryData<string, string, string> rows = [];
            using JsonDocument document = JsonDocument.Parse(File.ReadAllText(SharedFiles.Path("models", "adversarial", "expected.json")));
            foreach (JsonElement file in document.RootElement.GetProperty("files").EnumerateArray())
            {
                string globals = file.TryGetProperty("globals", out JsonElement names) ? string.Join(' ', names.EnumerateArray().Select(name => name.GetString())) : "";
                rows.Add(file.GetProperty("path").GetString()!, file.GetProperty("verdict").GetString()!, globals);
            }
            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Expected))]
    public void EveryFile_GetsItsVerdict(string path, string verdict, string globals)
    {
        ScanReport report = Scanned.At(SharedFiles.Path("models", "adversarial", path));
        ScanVerdict expected = Enum.Parse<ScanVerdict>(verdict, ignoreCase: true);
        ScanVerdict found = Path.GetExtension(path) == ".onnx" && report.Verdict == ScanVerdict.Benign ? OfTheGraph(path) : report.Verdict;
        Assert.True(found == expected || IsLeftToTheProbe(path), $"{expected} expected, {found} found: {string.Join("; ", report.Files[0].Findings)}");
        Assert.All(globals.Split(' ', StringSplitOptions.RemoveEmptyEntries), name => Assert.Contains(name, report.Files[0].Globals));
    }

    [Theory]
    [MemberData(nameof(Expected))]
    public void ARefusal_HasACodeThePlaceAndAReason(string path, string verdict, string globals)
    {
        ScanReport report = Scanned.At(SharedFiles.Path("models", "adversarial", path));
        Assert.Equal(report.Verdict >= ScanVerdict.Invalid, report.Refusals.Length > 0);
        Assert.All(report.Refusals.Concat(report.Warnings), problem =>
        {
            Assert.StartsWith(Path.GetFileName(path), problem.Field, StringComparison.Ordinal);
            Assert.StartsWith("RW11", problem.Code, StringComparison.Ordinal);
            Assert.NotEmpty(problem.Advice);
        });
        if (verdict == "benign")
            Assert.Empty(report.Warnings);
        _ = globals;
    }

    /// <summary>What a deploy sees besides the scan: the reader of the graph judges what the graph refers to.</summary>
    private static ScanVerdict OfTheGraph(string path)
    {
        Result<ArtifactDescription> read = ArtifactReader.Read(SharedFiles.Path("models", "adversarial"), path);
        if (read.Ok)
            return ScanVerdict.Benign;
        return read.Problems.Any(problem => problem.Definition == Catalogue.ExternalDataEscapes) ? ScanVerdict.Malicious : ScanVerdict.Invalid;
    }

    // Valid graphs that never end or take all memory are stopped by the limits of the probe child, not by reading.
    private static bool IsLeftToTheProbe(string path) => path is "onnx/memory_bomb.onnx" or "onnx/loop_forever.onnx";
}
