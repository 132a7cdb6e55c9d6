using Raywright.Core.Cases;

namespace Raywright.Core.Conversion;

/// <summary>What came of a conversion: how well the graph answers, and how fast.</summary>
/// <param name="Converter">Name and version of the package that made the graph.</param>
/// <param name="Parity">The source's answers and the graph's, row by row.</param>
/// <param name="Speed">Null where no question was answered by both.</param>
public sealed record ConversionReport(string Converter, Parity Parity, ConversionSpeed? Speed);

/// <summary>Median time of one question in a trial run, asked one after the other.</summary>
/// <param name="SourceMilliseconds">Of the source.</param>
/// <param name="GraphMilliseconds">Of the graph.</param>
/// <param name="Questions">How many each was asked.</param>
public sealed record ConversionSpeed(double SourceMilliseconds, double GraphMilliseconds, int Questions)
{
    /// <summary>How many times as fast the graph is.</summary>
    public double Factor => SourceMilliseconds / GraphMilliseconds;
}
