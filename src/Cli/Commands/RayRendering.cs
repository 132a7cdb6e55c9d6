using System.Collections.Immutable;
using System.Text.Json;
using Raywright.Cli.CommandLine;
using Raywright.Cli.Models;
using Raywright.Cli.Output;
using Raywright.Cli.Servers;
using Raywright.Core.Api;
using Raywright.Core.Artifacts;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Planning;
using Raywright.Ray.Configuration;
using Spectre.Console;

namespace Raywright.Cli.Commands;

/// <summary><c>render --ray</c>: the revision as an application of Ray Serve.</summary>
internal static class RayRendering
{
    public static Result<ExitCode> Write(Session session, LocalModel model, PlannedRevision planned, RenderCommand.Options options)
    {
        bool explain = options.Explain;
        Result<string?> package = options.Package is { } folder ? Package(session, model, planned.Revision, session.Host.FullPath(folder)) : (string?)null;
        ServeSettings settings = new()
        {
            // A compute that is a cluster has its Serve running: where that listens is not for an application to say.
            Http = planned.Environment.Compute == "embedded" ? ServeAddress.Local : null,
            WorkingDirectory = package.Ok ? package.Value : null,
            Origins = model.Config.Origins,
        };
        ImmutableArray<Problem> problems = [.. package.Problems, .. ServeChecks.Of(planned.Revision, settings)];
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
        if (options.Package is null)
            session.Terminal.Note($"[yellow]note:[/] {Markup.Escape("The nodes need a package with Raywright's runtime and the version's files, as `working_dir`: `--package FOLDER` writes it.")}");
        return ExitCode.Ok;
    }

    /// <summary>Writes the package and gives its address.</summary>
    private static Result<string?> Package(Session session, LocalModel model, RevisionConfig revision, string folder)
    {
        Result<string> program = ServerProgram.Find(session.Host);
        if (!program.Ok)
            return program.Problems;
        // What a server gives its clusters lies beside it.
        string runtime = Path.Combine(Path.GetDirectoryName(program.Value)!, "python");
        if (!Directory.Exists(Path.Combine(runtime, "raywright_runtime")))
            return new Problem(Catalogue.ServerProgramMissing, $"{runtime} has no raywright_runtime.");
        Result<ImmutableArray<FileReference>> own = FileSet.Read(runtime, Directory.EnumerateFiles(Path.Combine(runtime, "raywright_runtime"), "*.py", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(runtime, path)));
        if (!own.Ok)
            return own.Problems;
        Result<ReplicaPackage> package = ReplicaPackage.Of(Files(runtime, own.Value), Files(model.Folder.Folder, model.VersionFiles()));
        if (!package.Ok)
            return package.Problems;
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, package.Value.Name);
        using (FileStream file = File.Create(path))
            package.Value.WriteTo(file);
        return $"file://{path}";
    }

    private static IEnumerable<PackageFile> Files(string folder, ImmutableArray<FileReference> files) =>
        files.Select(file => new PackageFile(file, () => File.OpenRead(Path.Combine(folder, file.Path))));
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
