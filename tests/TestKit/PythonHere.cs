using System.Diagnostics;
using Xunit;

namespace Raywright.TestKit;

/// <summary>The Python that tests use: of the active virtual environment, else the first in the PATH.</summary>
public static class PythonHere
{
    private static readonly Lazy<string?> Program = new(Find);

    public static string? Path => Program.Value;

    /// <summary>Skips the test where there is no Python, or where a module is missing in it.</summary>
    public static void Needs(params string[] modules)
    {
        Skip.Unless(Program.Value is not null, "There is no python3 here.");
        foreach (string module in modules)
            Skip.Unless(Has(module), $"{module} is not installed in {Program.Value}.");
    }

    public static bool Has(string module)
    {
        using Process process = Process.Start(new ProcessStartInfo(Program.Value!, ["-c", $"import {module}"]) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    private static string? Find()
    {
        string? active = Environment.GetEnvironmentVariable("VIRTUAL_ENV");
        IEnumerable<string> places = (active is null ? [] : new[] { System.IO.Path.Combine(active, "bin") }).Concat((Environment.GetEnvironmentVariable("PATH") ?? "").Split(System.IO.Path.PathSeparator));
        return places.Select(place => System.IO.Path.Combine(place, "python3")).FirstOrDefault(File.Exists);
    }

    private static class Skip
    {
        public static void Unless(bool condition, string reason)
        {
            if (condition)
                return;
            // A run that says it is complete must not leave out what it could have installed.
            Assert.False(Environment.GetEnvironmentVariable("CI") == "true" && SharedFiles.Present, reason);
            Assert.Skip(reason);
        }
    }
}
