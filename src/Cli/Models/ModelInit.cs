using System.Collections.Immutable;
using Raywright.Cli.CommandLine;
using Raywright.Cli.Output;
using Raywright.Cli.Servers;
using Raywright.Core.Errors;
using Raywright.Core.Initialization;
using Raywright.Core.Probing;
using Raywright.Core.Scanning;
using Spectre.Console;

namespace Raywright.Cli.Models;

/// <summary>Writes the spec and the cases of a model. Without the server program it does so without asking the model.</summary>
internal static class ModelInit
{
    public static async Task<Result<InitDocument>> WriteAsync(Session session, InitRequest request, FileTrust trust, CancellationToken cancellation)
    {
        Result<string> program = ServerProgram.Find(session.Host);
        ProbeClient? probe = program.Ok ? new ProbeClient(ProbeCommand.Of(program.Value), session.Home.Environments, session.Clock) : null;
        using StepView view = new(session.Terminal, session.Clock, session.Problems);
        view.Work("reading the model");
        Problem? Vouch(string folder, ScannedFile file)
        {
            // A question stands still.
            view.Work(null);
            Problem? refusal = trust.Check(folder, file);
            view.Work("reading the model");
            return refusal;
        }
        Initializer initializer = new(probe is null ? null : ProbeTrial.With(probe, view.Progress), probe is null ? null : ProbeTrial.DescribeWith(probe, view.Progress), Vouch);
        Result<InitResult> result = await initializer.RunAsync(request, cancellation).ConfigureAwait(false);
        view.Work(null);
        if (!result.Ok)
            return result.Problems;
        Result<ImmutableArray<string>> written = result.Value.Write(request.Force);
        if (!written.Ok)
            return written.Problems;
        foreach (Problem warning in result.Value.Warnings)
            session.Problems.WriteWarning(warning);
        if (probe is null)
            session.Problems.WriteWarning(program.Problems[0]);
        return new InitDocument(
            result.Value.Model,
            Path.Combine(result.Value.Folder, Core.Spec.SpecReader.FileName),
            [.. written.Value.Select(file => Path.Combine(result.Value.Folder, file))],
            result.Value.CaseCount,
            result.Value.Notes);
    }

    /// <summary>What was written, for people.</summary>
    public static void Report(Session session, InitDocument written)
    {
        foreach (string file in written.Files)
            session.Terminal.Note($"  [green]wrote[/] {Markup.Escape(session.Host.Shown(file))}");
        foreach (string note in written.Notes)
            session.Terminal.Note($"  [grey]•[/] {Markup.Escape(note)}");
    }
}
