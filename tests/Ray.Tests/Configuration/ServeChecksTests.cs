using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Ray.Configuration;
using Xunit;

namespace Raywright.Ray.Tests.Configuration;

public sealed class ServeChecksTests
{
    [Theory]
    [InlineData("$HOME")]
    [InlineData("a${B}c")]
    [InlineData("x$_y")]
    [InlineData("$1")]
    public void AValueThatRayWouldReplace_IsRefusedWithItsPlace(string value)
    {
        (RevisionConfig revision, ServeSettings settings) = Revisions.Of($"{Revisions.Small}variables: {{ GOOD: x, BAD: \"{value}\" }}\n");
        Problem problem = Assert.Single(ServeChecks.Of(revision, settings));
        Assert.Equal((Catalogue.RayVariable, "variables.BAD", 5), (problem.Definition, problem.Field, problem.Location!.Value.Line));
    }

    [Theory]
    [InlineData("5 $")]
    [InlineData("$ 5")]
    [InlineData("$$")]
    [InlineData("$-")]
    public void ASignAlone_StaysWhatItIs(string value)
    {
        (RevisionConfig revision, ServeSettings settings) = Revisions.Of($"{Revisions.Small}variables: {{ GOOD: \"{value}\" }}\n");
        Assert.Empty(ServeChecks.Of(revision, settings));
    }

    [Theory]
    [InlineData(0.25, true)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(1.5, false)]
    public void AnOlderRevision_MayAskForAPartOfSeveralGpus(double gpus, bool fine)
    {
        (RevisionConfig revision, ServeSettings settings) = Revisions.Of(Revisions.Small);
        Assert.Equal(fine, ServeChecks.Of(revision with { Resources = revision.Resources with { Gpus = gpus } }, settings).IsEmpty);
    }
}
