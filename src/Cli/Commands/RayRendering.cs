using System.Collections.Immutable;
using System.Text.Json;
using Raywright.Cli.CommandLine;
using Raywright.Cli.Models;
using Raywright.Cli.Output;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Planning;
using Raywright.Ray.Configuration;
using Spectre.Console;

namespace Raywright.Cli.Commands;

/// <summary><c>render --ray</c>: the revision as an application of Ray Serve.</summary>
internal static class RayRendering
{
    public static Result<ExitCode> Write(Session session, LocalModel model, PlannedRevision planned, bool explain)
    {
        Result<ImmutableArray<string>> pip = Requirements(session, model, planned.Revision.Python);
        ServeSettings settings = new()
        {
            // A compute that is a cluster has its Serve running: where that listens is not for an application to say.
            Http = planned.Environment.Compute == "embedded" ? ServeAddress.Local : null,
            Pip = pip.Ok ? pip.Value : [],
            Origins = model.Config.Origins,
        };
        ImmutableArray<Problem> problems = [.. pip.Problems, .. ServeChecks.Of(planned.Revision, settings)];
        if (!problems.IsEmpty)
            return problems;
        ServeConfiguration configuration = ServeConfiguration.Of(planned.Revision, settings);
        ImmutableArray<string> notes = Planner.Notes(model.Config, planned.Environment with { Compute = "Ray" });
        if (explain && session.Json)
            session.Terminal.WriteJson(ServeExplanation.Of(configuration, notes), CliJson.Default.ServeExplanation);
        else if (session.Json)
            session.Terminal.WriteJson(ServeExplanation.Element(configuration.Document));
        else
            session.Terminal.Write(configuration.Document.ToYaml(explain));
        if (!explain || session.Json)
            return ExitCode.Ok;
        foreach (string note in notes)
            session.Terminal.Note($"[yellow]note:[/] {Markup.Escape(note)}");
        session.Terminal.Note($"[yellow]note:[/] {Markup.Escape("A deploy also sends the package with Raywright's runtime and names it as `working_dir`; by hand, name a place where the nodes find `raywright_runtime`.")}");
        return ExitCode.Ok;
    }

    private static Result<ImmutableArray<string>> Requirements(Session session, LocalModel model, PythonConfig? python)
    {
        if (python?.Requirements is not { } file)
            return ImmutableArray<string>.Empty;
        string path = Path.Combine(model.Folder.Folder, file);
        return PipLines.Read(File.ReadAllText(path), session.Host.Shown(path));
    }
}

/// <summary>What <c>render --ray --explain --json</c> prints.</summary>
/// <param name="Application">Name of the application: the revision's ID.</param>
/// <param name="Lines">Each value of the configuration, in its order.</param>
/// <param name="Notes">What the spec says and has no effect there yet.</param>
internal sealed record ServeExplanation(string Application, ImmutableArray<ServeExplainedLine> Lines, ImmutableArray<string> Notes)
{
    public static ServeExplanation Of(ServeConfiguration configuration, ImmutableArray<string> notes) => new(
        configuration.ApplicationName,
        [.. configuration.Document.Lines().Select(line => new ServeExplainedLine(line.Path, Element(line.Value), line.Why.Text, line.Why.Source.Kind, line.Why.Source.Words, line.Why.Source.Location?.ToString()))],
        notes);

    public static JsonElement Element(ServeNode node)
    {
        using JsonDocument document = JsonDocument.Parse(node.ToJson());
        return document.RootElement.Clone();
    }
}

/// <param name="Key">Dotted, items of lists by number.</param>
/// <param name="Source">Who decided, for a program.</param>
/// <param name="Origin">The same in words.</param>
/// <param name="Location"><c>file:line:column</c>, where it is written in a file.</param>
internal sealed record ServeExplainedLine(string Key, JsonElement Value, string Reason, ServeSourceKind Source, string Origin, string? Location);
