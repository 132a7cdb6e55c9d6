using System.Collections.Immutable;
using Raywright.Core.Artifacts;
using Raywright.Core.Artifacts.Python;
using Raywright.Core.Errors;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Core.Tests.Artifacts;

public sealed class LibraryVersionsTests
{
    [Theory]
    [InlineData("iris/v1/model.joblib", "joblib, scikit-learn==1.9.*")]
    [InlineData("churn/model.joblib", "joblib, pandas, scikit-learn==1.9.*")]
    [InlineData("boosters/xgboost-wine/model.json", "xgboost>=3.2")]
    [InlineData("boosters/xgboost-wine/model.ubj", "xgboost>=3.2")]
    [InlineData("boosters/lightgbm-diabetes/model.txt", "lightgbm")]
    public void AnArtifact_ShowsWhatItNeeds(string artifact, string requirements)
    {
        string path = SharedFiles.Path("models", artifact);
        Result<ArtifactDescription> description = ArtifactReader.Read(Path.GetDirectoryName(path)!, Path.GetFileName(path));
        Assert.Equal(requirements, string.Join(", ", description.Value.Python!.Libraries.Select(pair => LibraryVersions.Requirement(pair.Key, pair.Value))));
    }

    [Theory]
    [InlineData("1.9.1; --index-url=http://elsewhere", "scikit-learn")]
    [InlineData("1.9.1", "scikit-learn==1.9.*")]
    [InlineData("1.9.dev0", "scikit-learn==1.9.*")]
    [InlineData("", "scikit-learn")]
    public void AVersion_IsOnlyTakenWhereItReadsLikeOne(string version, string requirement) =>
        Assert.Equal(requirement, LibraryVersions.Requirement("scikit-learn", version));

    [Fact]
    public void AnotherVersion_IsAWarningThatNamesBoth()
    {
        ImmutableSortedDictionary<string, string> wrote = ImmutableSortedDictionary<string, string>.Empty.Add("joblib", "").Add("scikit-learn", "1.8.2").Add("xgboost", "3.2.0");
        Problem warning = Assert.Single(LibraryVersions.Mismatches(wrote, ImmutableSortedDictionary<string, string>.Empty.Add("joblib", "1.6.0").Add("scikit-learn", "1.9.1").Add("xgboost", "3.2.0")));
        Assert.Contains("scikit-learn 1.8.2 and runs with 1.9.1", warning.Detail, StringComparison.Ordinal);
    }
}
