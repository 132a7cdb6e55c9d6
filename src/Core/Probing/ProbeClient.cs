using System.Collections.Immutable;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Raywright.Core.Bodies;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;

namespace Raywright.Core.Probing;

/// <summary>How the probe child is started: the server's own program.</summary>
public sealed record ProbeCommand(string FileName, ImmutableArray<string> Arguments)
{
    /// <summary>The arguments of <c>raywright-server</c> that make it a probe.</summary>
    public static ProbeCommand Of(string server) => server.EndsWith(".dll", StringComparison.Ordinal)
        ? new("dotnet", [server, "--role", "probe"])
        : new(server, ["--role", "probe"]);
}

/// <param name="LoadMilliseconds">Time to load the model.</param>
/// <param name="Answers">One a question: outputs or the problem.</param>
/// <param name="Versions">Of Python and of the libraries that the model uses; empty for one without Python.</param>
public sealed record ProbeReport(double LoadMilliseconds, ImmutableArray<ProbeAnswer> Answers, ImmutableSortedDictionary<string, string> Versions) : IDisposable
{
    public void Dispose()
    {
        foreach (Tensor tensor in Answers.Where(answer => answer.Outputs.Ok).SelectMany(answer => answer.Outputs.Value))
            tensor.Dispose();
    }
}

public sealed record ProbeAnswer(Result<Tensor[]> Outputs, double Milliseconds);

/// <summary>
/// Loads and asks a model in a process of its own, so that a model that crashes, hangs or eats memory does so there
/// (DESIGN 4, Embedded). The child ends with its standard input, and at the latest when it is overdue.
/// </summary>
/// <param name="command">How the child is started.</param>
/// <param name="environments">Folder in which Python environments are made.</param>
/// <param name="clock">For deadlines.</param>
public sealed class ProbeClient(ProbeCommand command, string environments, TimeProvider clock)
{
    private static readonly TimeSpan LoadTimeout = TimeSpan.FromSeconds(120);

    /// <summary>While packages are installed; loading has its own time again afterwards.</summary>
    private static readonly TimeSpan InstallTimeout = TimeSpan.FromMinutes(16);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);
    /// <summary>Room for the runtime itself, beside what the model may use.</summary>
    private const long RuntimeBytes = 1L << 30;

    /// <summary>Folder in which Python environments are made.</summary>
    public string Environments => environments;

    /// <summary>Asks a model in a trial.</summary>
    /// <param name="source">The model.</param>
    /// <param name="bodies">Questions in the neutral form; none means one made-up row.</param>
    /// <param name="runTimeout">Longest that an answer may take.</param>
    /// <param name="cancellation">Ends the trial.</param>
    /// <param name="tell">Hears what takes long, a sentence each.</param>
    public Task<Result<ProbeReport>> RunAsync(RevisionSource source, ImmutableArray<string> bodies, TimeSpan runTimeout, CancellationToken cancellation, Action<string>? tell = null) =>
        RunAsync(
            scratch => new(source.Folder, source.Revision, bodies, runTimeout.TotalSeconds, source.Revision.Resources.MemoryBytes + RuntimeBytes, scratch, environments),
            (child, noise, errors) => ConverseAsync(child, Math.Max(1, bodies.Length), runTimeout, noise, errors, tell, cancellation),
            cancellation);

    /// <summary>Loads a model in a trial and lets it say what it takes and gives.</summary>
    public Task<Result<ModelDescription>> DescribeAsync(RevisionSource source, CancellationToken cancellation, Action<string>? tell = null) =>
        RunAsync<ModelDescription>(
            scratch => new(source.Folder, source.Revision, [], 0, source.Revision.Resources.MemoryBytes + RuntimeBytes, scratch, environments, Describe: true),
            async (child, noise, errors) =>
            {
                Result<ProbeLine> line = await ReadAsync(child, LoadTimeout, "Loading", noise, errors, tell, cancellation).ConfigureAwait(false);
                return !line.Ok ? line.Problems : line.Value.Description is { } description ? description : ProblemOf(line.Value);
            },
            cancellation);

    /// <summary>Loads a Python model in a trial and lets its library's converter write it as a graph.</summary>
    /// <param name="source">The model.</param>
    /// <param name="target">Full path of the file to be written.</param>
    /// <param name="cancellation">Ends the child.</param>
    /// <param name="tell">Hears what takes long, a sentence each.</param>
    public Task<Result<ModelConversion>> ConvertAsync(RevisionSource source, string target, CancellationToken cancellation, Action<string>? tell = null) =>
        RunAsync<ModelConversion>(
            scratch => new(source.Folder, source.Revision, [], 0, source.Revision.Resources.MemoryBytes + RuntimeBytes, scratch, environments, ConvertTo: target),
            async (child, noise, errors) =>
            {
                Result<ProbeLine> line = await ReadAsync(child, LoadTimeout, "Converting", noise, errors, tell, cancellation).ConfigureAwait(false);
                return !line.Ok ? line.Problems : line.Value.Conversion is { } conversion ? conversion : ProblemOf(line.Value);
            },
            cancellation);

    private async Task<Result<T>> RunAsync<T>(Func<string, ProbeRequest> ask, Func<Process, StringBuilder, Task, Task<Result<T>>> converse, CancellationToken cancellation)
    {
        DirectoryInfo scratch = Directory.CreateTempSubdirectory("raywright-");
        ProbeRequest request = ask(scratch.FullName);
        using Process? child = Start();
        if (child is null)
            return new Problem(Catalogue.ProbeUnavailable, $"{command.FileName} cannot be started.");
        StringBuilder noise = new();
        Task errors = CollectAsync(child.StandardError, noise);
        try
        {
            await child.StandardInput.WriteLineAsync(JsonSerializer.Serialize(request, ProbeJson.Default.ProbeRequest)).ConfigureAwait(false);
            await child.StandardInput.FlushAsync(cancellation).ConfigureAwait(false);
            return await converse(child, noise, errors).ConfigureAwait(false);
        }
        catch (IOException)
        {
            await errors.ConfigureAwait(false);
            return Died(child, noise);
        }
        finally
        {
            // Not the tree: .NET stops each process of it before it kills them, and one whose parent dies in between stays stopped
            // for ever. What the child starts ends with it.
            if (!child.HasExited)
                child.Kill();
            await child.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
            Remove(scratch);
        }
    }

    /// <summary>What the child started ends with it, but a moment later, and may still write.</summary>
    private static void Remove(DirectoryInfo scratch)
    {
        try
        {
            scratch.Delete(recursive: true);
        }
        catch (IOException)
        {
            // The system clears its folder for temporary files.
        }
    }

    private async Task<Result<ProbeReport>> ConverseAsync(Process child, int questions, TimeSpan runTimeout, StringBuilder noise, Task errors, Action<string>? tell, CancellationToken cancellation)
    {
        double load = 0;
        ImmutableSortedDictionary<string, string> versions = ImmutableSortedDictionary<string, string>.Empty;
        ImmutableArray<ProbeAnswer>.Builder answers = ImmutableArray.CreateBuilder<ProbeAnswer>(questions);
        for (int expected = -1; expected < questions; expected++)
        {
            Result<ProbeLine> read = await ReadAsync(child, expected < 0 ? LoadTimeout : runTimeout, expected < 0 ? "Loading" : $"Question {expected + 1}", noise, errors, tell, cancellation).ConfigureAwait(false);
            if (!read.Ok)
                return read.Problems;
            ProbeLine line = read.Value;
            if (expected < 0 && line.Code is not null)
                return ProblemOf(line);
            if (expected < 0)
            {
                (load, versions) = (line.Milliseconds, line.Versions ?? versions);
                continue;
            }
            answers.Add(new(Outputs(line), line.Milliseconds));
            // A model that did not end once is not waited for as many times as there are questions.
            if (line.Code == Catalogue.DeadlineExceeded.Code)
                answers.AddRange(Enumerable.Repeat(answers[^1], questions - answers.Count));
            if (answers.Count == questions)
                break;
        }
        return new ProbeReport(load, answers.ToImmutable(), versions);
    }

    /// <summary>The next line that is not about progress.</summary>
    private async Task<Result<ProbeLine>> ReadAsync(Process child, TimeSpan timeout, string what, StringBuilder noise, Task errors, Action<string>? tell, CancellationToken cancellation)
    {
        TimeSpan patience = timeout + Grace;
        using CancellationTokenSource overdue = new(patience, clock);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(overdue.Token, cancellation);
        try
        {
            while (await child.StandardOutput.ReadLineAsync(either.Token).ConfigureAwait(false) is { } text)
            {
                if (Parse(text) is not { } line)
                    return new Problem(Catalogue.ProbeDied, $"The trial run answered something else: {(text.Length <= 200 ? text : text[..200])}");
                if (line.Progress is null)
                    return line;
                patience = (line.Installs ? InstallTimeout : timeout) + Grace;
                overdue.CancelAfter(patience);
                tell?.Invoke(line.Progress);
            }
        }
        catch (OperationCanceledException) when (overdue.IsCancellationRequested)
        {
            return new Problem(Catalogue.ProbeTimeout, $"{what} was still running after {patience.TotalSeconds:0} s.");
        }
        await errors.ConfigureAwait(false);
        return Died(child, noise);
    }

    /// <summary>Null where the child wrote something else: another program, or a model that prints.</summary>
    private static ProbeLine? Parse(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, ProbeJson.Default.ProbeLine);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static Result<Tensor[]> Outputs(ProbeLine line) => line.Code is not null
        ? ProblemOf(line)
        : line.Outputs.Select(tensor => BinaryTensors.Read(tensor.Type, tensor.Shape, tensor.Data) ?? throw new InvalidDataException("The probe sent a broken tensor.")).ToArray();

    private static Problem ProblemOf(ProbeLine line) =>
        new(Catalogue.Find(line.Code!) ?? Catalogue.Internal, line.Detail ?? "", line.Field);

    private static Problem Died(Process child, StringBuilder noise)
    {
        child.WaitForExit();
        // A child that the kernel or a memory limit ended has status 128 + signal.
        string how = child.ExitCode > 128 ? $"by signal {child.ExitCode - 128}" : $"with status {child.ExitCode}";
        string words = noise.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault("");
        return new(Catalogue.ProbeDied, $"The trial run ended {how}. {words}".Trim());
    }

    private Process? Start()
    {
        ProcessStartInfo start = new(command.FileName, command.Arguments)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        ChildVariables.Restrict(start);
        start.Environment["DOTNET_gcServer"] = "0";
        start.Environment["DOTNET_TieredPGO"] = "0";
        try
        {
            return Process.Start(start);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    /// <summary>Keeps the start of what the child complains about; the rest is read and dropped, so that it cannot block.</summary>
    private static async Task CollectAsync(StreamReader errors, StringBuilder noise)
    {
        char[] buffer = new char[4096];
        while (await errors.ReadAsync(buffer).ConfigureAwait(false) is var read and > 0)
            noise.Append(buffer, 0, Math.Min(read, Math.Max(0, 8192 - noise.Length)));
    }
}
