using Raywright.Core.Errors;
using Raywright.Ray.Configuration;
using Xunit;

namespace Raywright.Ray.Tests.Configuration;

public sealed class PipLinesTests
{
    [Fact]
    public void Comments_BlankLinesAndContinuations_AreGone() => Assert.Equal(
        ["numpy==2.3.1", "scikit-learn>=1.7,  <2", "package @ https://host/package-1.0.whl#sha256=ab", "--extra-index-url https://host/simple", "--find-links https://host/wheels", "rich-refiner"],
        PipLines.Read("# all\r\nnumpy==2.3.1  # pinned\n\n  scikit-learn>=1.7, \\\n<2\npackage @ https://host/package-1.0.whl#sha256=ab\n--extra-index-url https://host/simple\n--find-links https://host/wheels\nrich-refiner\n", "r.txt").Value);

    [Theory]
    [InlineData("-r other.txt")]
    [InlineData("-rother.txt")]
    [InlineData("--requirement=other.txt")]
    [InlineData("-c constraints.txt")]
    [InlineData("-e .")]
    [InlineData("--find-links wheels")]
    [InlineData("--find-links file:///wheels")]
    [InlineData("./package")]
    [InlineData("../package")]
    [InlineData("/packages/one.tar.gz")]
    [InlineData("wheels/one-1.0-py3-none-any.whl")]
    [InlineData("one @ file:///one.whl")]
    public void WhatNamesAFile_IsRefusedWithItsPlace(string line)
    {
        Problem problem = Assert.Single(PipLines.Read($"numpy\n\n{line}\n", "model/requirements.txt").Problems);
        Assert.Equal((Catalogue.RayRequirement, new SourceLocation("model/requirements.txt", 3, 1)), (problem.Definition, problem.Location));
        Assert.Contains(line, problem.Detail, StringComparison.Ordinal);
    }
}
