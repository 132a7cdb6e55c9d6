using Xunit;

namespace Raywright.TestKit;

/// <summary>The Ray that tests use: a virtual environment with <c>ray[serve]</c>, named by <c>RAYWRIGHT_TEST_RAY</c>.</summary>
public static class RayHere
{
    public const string Variable = "RAYWRIGHT_TEST_RAY";

    /// <summary>Names the collection of tests that are not run beside each other: a Ray takes more than two cores while it starts.</summary>
    public const string OneAtATime = "Ray";

    /// <summary>Its folder; null where there is none.</summary>
    public static string? Environment { get; } = System.Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder ? Path.GetFullPath(folder) : null;

    /// <summary>Skips the test where there is no Ray. One that is named and not there is a mistake.</summary>
    public static void Needs()
    {
        if (Environment is null)
            Assert.Skip($"{Variable} names no virtual environment with Ray.");
        Assert.True(File.Exists(Path.Combine(Environment, "bin", "python")), $"{Variable} is {Environment}, which has no bin/python.");
    }
}
