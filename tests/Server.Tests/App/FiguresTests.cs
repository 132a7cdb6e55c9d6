using Raywright.Server.App.Shared;
using Xunit;

namespace Raywright.Server.Tests.App;

/// <summary>Figures as a person reads them.</summary>
public sealed class FiguresTests
{
    [Theory]
    [InlineData("cases", 60, "cases 60")]
    [InlineData("largestDifference", 0.000012, "largest difference 1.2E-05")]
    [InlineData("loadMs", 321.5, "load 321.5 ms")]
    [InlineData("p50Ms", 0.013, "p50 0.013 ms")]
    [InlineData("unitSeconds", 1.25, "unit 1.25 s")]
    public void AFigure_GoesByItsNameInWords(string name, double value, string words) => Assert.Equal(words, Figures.Named(name, value));
}
