using Raywright.Core.Scanning;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Core.Tests.Scanning;

/// <summary>Real models are never flagged.</summary>
public sealed class BenignModelTests
{
    public static TheoryData<string> Names => [.. Scanned.Benign.Keys];

    public static TheoryData<string> Shared
    {
        get
        {
            if (!SharedFiles.Present)
                return ["absent"];
            string root = SharedFiles.Path("models");
            return [.. Directory.EnumerateDirectories(root).Select(folder => Path.GetFileName(folder)!).Where(name => name != "adversarial").Order(StringComparer.Ordinal)];
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void AModel_IsBenign(string name)
    {
        ScannedFile file = Scanned.Bytes(Scanned.Benign[name], name);
        Assert.Empty(file.Findings);
        Assert.NotEmpty(file.Globals);
    }

    [Fact]
    public void AnArchiveOfModels_IsBenign() =>
        Assert.Empty(Scanned.At(Scanned.Beside("benign-models.zip")).Files[0].Findings);

    [Theory]
    [MemberData(nameof(Shared))]
    public void EveryFileOfASharedModel_IsBenign(string folder) =>
        Assert.All(Scanned.At(SharedFiles.Path("models", folder)).Files, file => Assert.Empty(file.Findings));

    [Fact]
    public void ModelsOfTheRegistries_AreBenign() =>
        Assert.All(Scanned.At(SharedFiles.Path("registries")).Files, file => Assert.Empty(file.Findings));
}
