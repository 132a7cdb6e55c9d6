using System.Diagnostics;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Engine.Tests.Python;

/// <summary>The tests of <c>python/raywright_runtime</c> are Python's own; here they are run.</summary>
public sealed class RuntimePackageTests
{
    [Fact]
    public async Task ItsUnitTests_Pass()
    {
        PythonHere.Needs();
        ProcessStartInfo start = new(PythonHere.Path!, ["-m", "unittest", "discover", "-s", "python/tests", "-t", "python"])
        {
            WorkingDirectory = RepositoryRoot.Path,
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        if (SharedFiles.Present)
            start.Environment["RAYWRIGHT_SHARED"] = SharedFiles.Path("");
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        using Process python = Process.Start(start)!;
        Task<string> output = python.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        string said = await python.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken) + await output;
        await python.WaitForExitAsync(TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper!.WriteLine(said);
        Assert.True(python.ExitCode == 0, said);
        Assert.DoesNotContain("Ran 0 tests", said, StringComparison.Ordinal);
    }
}
