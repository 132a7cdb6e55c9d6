using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Xml;
using System.Xml.Linq;
using Raywright.Core.Engines;
using Raywright.Core.Errors;

namespace Raywright.Engine.Python;

/// <summary>What came of the unit tests of a model.</summary>
/// <param name="Failures">Names and messages of those that failed.</param>
/// <param name="Output">What they wrote last.</param>
public sealed record UnitTestReport(int Tests, int Skipped, ImmutableArray<string> Failures, double Seconds, string Output)
{
    /// <summary>Tests that ran and passed or failed.</summary>
    public int Executed => Tests - Skipped;
}

/// <summary>
/// Runs <c>tests.unit</c> beside the model's files (DESIGN 3): confined, without the server's environment, for five minutes at most.
/// </summary>
/// <param name="environments">Folder of Python environments.</param>
/// <param name="clock">For the deadline.</param>
public sealed class UnitTests(string environments, TimeProvider clock)
{
    private const string Boot = "import sys; sys.path[0] = sys.argv.pop(1); from raywright_runtime.unit_tests import main; main()";
    private const int MostOutput = 64 << 10;
    private const long Memory = 2L << 30;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <param name="python">How the model runs; null for one that needs no Python, whose tests take the current one.</param>
    /// <param name="folder">The model's files and its tests; nothing is written there.</param>
    /// <param name="command">The command.</param>
    /// <param name="tell">Hears what takes long, a sentence each.</param>
    /// <param name="cancellation">Ends them.</param>
    public async Task<Result<UnitTestReport>> RunAsync(PythonConfig? python, string folder, string command, Action<string> tell, CancellationToken cancellation)
    {
        Result<PythonInterpreter> interpreter = await new PackageEnvironments(environments, clock, tell)
            .EnsureAsync(python ?? new PythonConfig { Flavour = PythonFlavour.Class }, folder, cancellation).ConfigureAwait(false);
        if (!interpreter.Ok)
            return interpreter.Problems;
        DirectoryInfo scratch = Directory.CreateTempSubdirectory("raywright-");
        try
        {
            string report = Path.Combine(scratch.FullName, "report.xml");
            long start = clock.GetTimestamp();
            Result<string> output = await RunAsync(interpreter.Value, folder, scratch.FullName, report, command, cancellation).ConfigureAwait(false);
            return output.Ok ? Read(report, clock.GetElapsedTime(start), output.Value) : output.Problems;
        }
        finally
        {
            RunFolder.Remove(scratch.FullName);
        }
    }

    private async Task<Result<string>> RunAsync(PythonInterpreter interpreter, string folder, string scratch, string report, string command, CancellationToken cancellation)
    {
        ProcessStartInfo start = new(interpreter.Path, ["-c", Boot, Path.Combine(AppContext.BaseDirectory, "python")])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = scratch,
        };
        start.Environment.Clear();
        start.Environment["PATH"] = $"{Path.GetDirectoryName(interpreter.Path)}:/usr/bin:/bin";
        start.Environment["LANG"] = "C.UTF-8";
        start.Environment["HOME"] = start.Environment["TMPDIR"] = scratch;
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        start.Environment["RAYWRIGHT_TEST_REPORT"] = report;
        UnitTestOrder order = new(folder, scratch, command, new ChildConfinement(interpreter.Facts.Folders, Network: false, Processes: false, Memory, ChildConfinement.MostFiles));
        using Process child = Process.Start(start)!;
        using CancellationTokenSource overdue = new(Patience, clock);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(overdue.Token, cancellation);
        try
        {
            await child.StandardInput.WriteLineAsync(JsonSerializer.Serialize(order, PythonJson.Default.UnitTestOrder).AsMemory(), either.Token).ConfigureAwait(false);
            await child.StandardInput.FlushAsync(either.Token).ConfigureAwait(false);
            Task<string> complaints = TailAsync(child.StandardError, either.Token);
            string said = await TailAsync(child.StandardOutput, either.Token).ConfigureAwait(false) + await complaints.ConfigureAwait(false);
            await child.WaitForExitAsync(either.Token).ConfigureAwait(false);
            return said;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new Problem(Catalogue.UnitTestsFailed, string.Create(CultureInfo.InvariantCulture, $"`{command}` was still running after {Patience.TotalMinutes:0} minutes."), "tests.unit");
        }
        finally
        {
            // A command of the user's own may have started others.
            if (!child.HasExited)
                child.Kill(entireProcessTree: true);
        }
    }

    private static Result<UnitTestReport> Read(string report, TimeSpan time, string output)
    {
        if (!File.Exists(report))
            return new Problem(Catalogue.NoTestExecuted, $"The unit tests wrote no report. {Last(output)}", "tests.unit");
        try
        {
            using XmlReader reader = XmlReader.Create(report, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, MaxCharactersInDocument = 50 << 20 });
            XElement[] cases = [.. XDocument.Load(reader).Descendants("testcase")];
            return new UnitTestReport(
                cases.Length,
                cases.Count(one => one.Element("skipped") is not null),
                [.. cases.Select(Failure).OfType<string>()],
                time.TotalSeconds,
                output);
        }
        catch (XmlException e)
        {
            return new Problem(Catalogue.NoTestExecuted, $"The report of the unit tests is no JUnit XML: {e.Message}", "tests.unit");
        }
    }

    private static string? Failure(XElement test)
    {
        if ((test.Element("failure") ?? test.Element("error")) is not { } failed)
            return null;
        string name = $"{test.Attribute("classname")?.Value}.{test.Attribute("name")?.Value}".Trim('.');
        string message = failed.Attribute("message")?.Value is { Length: > 0 } text ? text : failed.Value.Trim();
        return $"{name}: {message.ReplaceLineEndings(" ")}";
    }

    /// <summary>Reads to the end and keeps the last of it.</summary>
    private static async Task<string> TailAsync(StreamReader reader, CancellationToken cancellation)
    {
        char[] portion = new char[8192];
        System.Text.StringBuilder tail = new();
        while (await reader.ReadAsync(portion, cancellation).ConfigureAwait(false) is var read and > 0)
        {
            tail.Append(portion, 0, read);
            if (tail.Length > 2 * MostOutput)
                tail.Remove(0, tail.Length - MostOutput);
        }
        return tail.ToString();
    }

    private static string Last(string output) =>
        string.Join(" ", output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).TakeLast(3));
}

internal sealed record UnitTestOrder(string Folder, string Scratch, string Command, ChildConfinement Confine);
