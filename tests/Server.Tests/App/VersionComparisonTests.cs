using System.Collections.Immutable;
using Raywright.Core.Api;
using Raywright.Core.Contracts;
using Raywright.Core.Tensors;
using Raywright.Server.App.Models;
using Xunit;

namespace Raywright.Server.Tests.App;

/// <summary>What the app says of two versions.</summary>
public sealed class VersionComparisonTests
{
    private static readonly InputField X = new("x", DataType.Float32, [-1, 4], Columns: ["a", "b", "c", "d"], Min: 0, Max: 20);
    private static readonly OutputField Label = new("label", DataType.Int64, [-1], LabelSet.List(["no", "yes"]));

    [Fact]
    public void TheSame_DiffersInNothing()
    {
        VersionComparison same = VersionComparison.Of(Version(1), Version(2));
        Assert.True(same.SameContent);
        Assert.All(same.Figures, figure => Assert.Equal(0, figure.Direction));
    }

    [Fact]
    public void Runtime_Contract_AndFiles_AreCompared()
    {
        VersionInfo after = Version(2) with
        {
            Runtime = "python",
            Contract = new([X with { Max = 10, Nullable = true }, new InputField("z", DataType.String, [-1])], []),
            Files = [new("model.onnx", 2048, new string('b', 64)), new("more.txt", 1, new string('c', 64))],
        };
        VersionComparison changed = VersionComparison.Of(Version(1), after);
        Assert.Equal([new("runtime", "onnx", "python")], changed.Runtime);
        Assert.Equal(
            [
                new("input x, values", "0 to 20", "0 to 10"),
                new("input x, more", "columns a, b, c, d", "columns a, b, c, d; may be null"),
                new("input z", "", "string rows"),
                new("output label", "int64 rows; no, yes", ""),
            ],
            changed.Contract);
        Assert.Equal(
            [new("model.onnx", "1 KiB, aaaaaaaaaaaa", "2 KiB, bbbbbbbbbbbb"), new("more.txt", "", "1 B, cccccccccccc")],
            changed.Files);
    }

    [Fact]
    public void OfFigures_TheNewestCounts_AndItsDirectionIsSaid()
    {
        VersionInfo before = Version(1) with { Evidence = [Quality(0.5, 1), Quality(0.9, 2)] };
        VersionInfo after = Version(2) with { Evidence = [Quality(0.85, 3)] };
        FigureChange accuracy = VersionComparison.Of(before, after).Figures.Single(figure => figure.What == "quality, accuracy");
        Assert.Equal((0.9, 0.85, -1, "▼ 0.05"), (accuracy.Before, accuracy.After, accuracy.Direction, accuracy.Change));
        FigureChange alone = VersionComparison.Of(before, after with { Evidence = [] }).Figures.Single(figure => figure.What == "quality, accuracy");
        Assert.Equal((null, ""), (alone.Direction, alone.Change));
    }

    private static EvidenceInfo Quality(double accuracy, long at) =>
        new("quality", true, "", 60, 0, ImmutableSortedDictionary<string, double>.Empty.Add("accuracy", accuracy), at);

    private static VersionInfo Version(int number) => new(
        "iris", number, new string('a', 64), "onnx", 1024, new Contract([X], [Label]), [new("model.onnx", 1024, new string('a', 64))], [Quality(0.9, 1)], [], 0, "owner");
}
