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
public sealed record ProbeReport(double LoadMilliseconds, ImmutableArray<ProbeAnswer> Answers) : IDisposable
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
public sealed class ProbeClient(ProbeCommand command, TimeProvider clock)
{
    private static readonly TimeSpan LoadTimeout = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);
    private static readonly string[] PassedOn = ["PATH", "DOTNET_ROOT", "DOTNET_ROLL_FORWARD", "LD_LIBRARY_PATH", "TMPDIR", "LANG"];

    /// <summary>Room for the runtime itself, beside what the model may use.</summary>
    private const long RuntimeBytes = 1L << 30;

    public async Task<Result<ProbeReport>> RunAsync(RevisionSource source, ImmutableArray<string> bodies, TimeSpan runTimeout, CancellationToken cancellation)
    {
        ProbeRequest request = new(source.Folder, source.Revision, bodies, runTimeout.TotalSeconds, source.Revision.Resources.MemoryBytes + RuntimeBytes);
        using Process? child = Start();
        if (child is null)
            return new Problem(Catalogue.ProbeUnavailable, $"{command.FileName} cannot be started.");
        StringBuilder noise = new();
        Task errors = CollectAsync(child.StandardError, noise);
        try
        {
            await child.StandardInput.WriteLineAsync(JsonSerializer.Serialize(request, ProbeJson.Default.ProbeRequest)).ConfigureAwait(false);
            await child.StandardInput.FlushAsync(cancellation).ConfigureAwait(false);
            return await ConverseAsync(child, Math.Max(1, bodies.Length), runTimeout, noise, errors, cancellation).ConfigureAwait(false);
        }
        catch (IOException)
        {
            await errors.ConfigureAwait(false);
            return Died(child, noise);
        }
        finally
        {
            if (!child.HasExited)
                child.Kill(entireProcessTree: true);
            await child.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    private async Task<Result<ProbeReport>> ConverseAsync(Process child, int questions, TimeSpan runTimeout, StringBuilder noise, Task errors, CancellationToken cancellation)
    {
        double load = 0;
        ImmutableArray<ProbeAnswer>.Builder answers = ImmutableArray.CreateBuilder<ProbeAnswer>(questions);
        for (int expected = -1; expected < questions; expected++)
        {
            TimeSpan patience = (expected < 0 ? LoadTimeout : runTimeout) + Grace;
            using CancellationTokenSource overdue = new(patience, clock);
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(overdue.Token, cancellation);
            string? text;
            try
            {
                text = await child.StandardOutput.ReadLineAsync(either.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (overdue.IsCancellationRequested)
            {
                return new Problem(Catalogue.ProbeTimeout, $"{(expected < 0 ? "Loading" : $"Question {expected + 1}")} was still running after {patience.TotalSeconds:0} s.");
            }
            if (text is null)
            {
                await errors.ConfigureAwait(false);
                return Died(child, noise);
            }
            if (Parse(text) is not { } line)
                return new Problem(Catalogue.ProbeDied, $"The trial run answered something else: {(text.Length <= 200 ? text : text[..200])}");
            if (expected < 0 && line.Code is not null)
                return ProblemOf(line);
            if (expected < 0)
            {
                load = line.Milliseconds;
                continue;
            }
            answers.Add(new(Outputs(line), line.Milliseconds));
            // A model that did not end once is not waited for as many times as there are questions.
            if (line.Code == Catalogue.DeadlineExceeded.Code)
                answers.AddRange(Enumerable.Repeat(answers[^1], questions - answers.Count));
            if (answers.Count == questions)
                break;
        }
        return new ProbeReport(load, answers.ToImmutable());
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
        start.Environment.Clear();
        foreach (string name in PassedOn)
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
                start.Environment[name] = value;
        }
        start.Environment["HOME"] = Path.GetTempPath();
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
