using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Raywright.Cli.CommandLine;
using Raywright.Cli.Models;
using Raywright.Cli.Output;
using Raywright.Cli.Servers;
using Raywright.Core.Cases;
using Raywright.Core.Conversion;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Probing;
using Raywright.Core.Scanning;
using Raywright.Core.Spec;
using Spectre.Console;

namespace Raywright.Cli.Commands;

/// <summary><c>model convert</c>: makes an ONNX twin of a Python model and shows how its answers and its speed differ; needs no server.</summary>
internal static class ConvertCommand
{
    internal sealed record Options(string? Path, string? Output, bool Trust, bool Force);

    private const string FileName = "model.onnx";
    private const string Environment = "dev";

    public static Command Create(CliHost host, RunCommand<Options>? run = null)
    {
        Argument<string?> path = Paths.Argument();
        Option<string?> output = new("--output") { Description = "Where the graph is written (default: model.onnx beside the model)", HelpName = "FILE" };
        Option<bool> force = new("--force") { Description = "Replace a file that exists, and write a graph that answers differently" };
        return new Verb("convert", "Make an ONNX twin of a Python model, and compare the two")
        {
            Details = "The model's library converts it in a confined process: scikit-learn by skl2onnx, XGBoost and LightGBM by onnxmltools, TorchScript by PyTorch. Both are asked the cases and compared row by row; exit status 3 where rows differ, and nothing is written. Works without a server.",
            Examples = [("model convert churn", "write churn/model.onnx where it answers the same")],
            Options = { output, CommonOptions.Trust, force },
            Arguments = { path },
        }.Runs(host, parse => new Options(parse.GetValue(path), parse.GetValue(output), parse.GetValue(CommonOptions.Trust), parse.GetValue(force)), run ?? RunAsync);
    }

    private static async Task<Result<ExitCode>> RunAsync(Options options, Session session, CancellationToken cancellation)
    {
        Result<LocalModel> loaded = Paths.Load(session, options.Path, Environment);
        if (!loaded.Ok)
            return loaded.Problems;
        LocalModel model = loaded.Value;
        Result<ScanReport> scanned = Check(model);
        if (!scanned.Ok)
            return scanned.Problems;
        Result<ImmutableArray<string>> vouched = new FileTrust(session, options.Trust).Of(model, own: true);
        if (!vouched.Ok)
            return vouched.Problems;
        string source = model.Artifact.Path;
        string beside = Path.Combine(Directory.Exists(Path.Combine(model.Folder.Folder, source)) ? "" : Path.GetDirectoryName(source) ?? "", FileName);
        string target = options.Output is { } named ? session.Host.FullPath(named) : Path.Combine(model.Folder.Folder, beside);
        if (File.Exists(target) && !options.Force)
            return new Problem(Catalogue.FileExists, $"{session.Host.Shown(target)} lies there already.");
        Result<string> program = ServerProgram.Find(session.Host);
        if (!program.Ok)
            return program.Problems;
        foreach (Problem warning in scanned.Value.Warnings)
            session.Problems.WriteWarning(warning);
        DirectoryInfo work = Directory.CreateTempSubdirectory("raywright-");
        try
        {
            Result<ConversionReport> converted;
            using (StepView view = new(session.Terminal, session.Clock, session.Problems))
            {
                ModelConverter converter = new(new ProbeClient(ProbeCommand.Of(program.Value), session.Home.Environments, session.Clock), view.Work);
                ConversionOrder order = new(new RevisionSource(PlannedRevision.Alone(model, Environment).Revision, model.Folder.Folder), SpecReader.Read(model.SpecText, model.SpecFile).Value, model.Cases);
                converted = await converter.RunAsync(order, work.FullName, FileName, cancellation).ConfigureAwait(false);
                view.Work(null);
            }
            return converted.Ok ? Finish(options, session, model, converted.Value, Path.Combine(work.FullName, FileName), target) : converted.Problems;
        }
        finally
        {
            work.Delete(recursive: true);
        }
    }

    /// <summary>What can be said before anything runs: what the scan found, or what stands in the way.</summary>
    private static Result<ScanReport> Check(LocalModel model)
    {
        if (model.Artifact.Runtime != RuntimeKind.Python)
            return new Problem(Catalogue.ConversionFailed, $"{model.Artifact.Path} is a graph already.", "source", Fix: "Name a folder whose spec has a Python model as its source.");
        if (model.Config.Contract.PassThrough)
            return new Problem(Catalogue.ConversionFailed, "A graph needs to know its inputs and outputs, and the spec passes JSON through.", "contract", Fix: "Write `inputs` and `outputs` into the spec.");
        // Read before it is loaded, even in a child that could do little.
        ScanReport scanned = ArtifactScanner.Scan(model.Folder.Folder, model.Files.Select(file => file.Path));
        return scanned.Refusals.IsEmpty ? scanned : scanned.Refusals;
    }

    private static Result<ExitCode> Finish(Options options, Session session, LocalModel model, ConversionReport report, string made, string target)
    {
        bool differs = report.Parity.Differing > 0;
        bool writes = !differs || options.Force;
        if (writes && Place(made, target) is { } problem)
            return problem;
        if (session.Json)
            session.Terminal.WriteJson(ConvertDocument.Of(model.Name, model.Artifact.Path, writes ? target : null, report), CliJson.Default.ConvertDocument);
        else
            Write(session, model, report, writes ? target : null);
        if (writes)
            return ExitCode.Ok;
        Problem refused = new(Catalogue.ParityDiffers, $"{report.Parity.Summary}; {session.Host.Shown(target)} was not written.", Fix: "Look at the rows. Where the differences do not matter, give these cases a `tolerance`, or write the graph with `--force`.");
        if (!session.Json)
            return refused;
        // The document is out already, and there is only one.
        session.Problems.Write([refused]);
        return refused.Definition.Exit;
    }

    /// <summary>Whole or not at all: it was made on another disk, perhaps.</summary>
    private static Problem? Place(string made, string target)
    {
        string draft = $"{target}.{System.Environment.ProcessId}.tmp";
        try
        {
            File.Copy(made, draft, overwrite: true);
            File.Move(draft, target, overwrite: true);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            File.Delete(draft);
            return new(Catalogue.FolderNotWritable, $"{target} cannot be written: {e.Message}");
        }
    }

    private static void Write(Session session, LocalModel model, ConversionReport report, string? written)
    {
        Terminal terminal = session.Terminal;
        TableView table = new(terminal, session.Clock, "row", "output", model.Artifact.Path, FileName, "difference", "result");
        foreach (ParityRow row in report.Parity.Shown)
            table.Add(Title(model, row), row.Output, row.One, row.Other, row.Difference is { } difference ? Parity.Number(difference) : "", row.Agrees ? "agrees" : "differs");
        table.Write("");
        Parity parity = report.Parity;
        terminal.WriteLine();
        terminal.WriteLine($"{parity.Rows - parity.Differing} of {parity.Rows} rows agree, largest difference {Parity.Number(parity.Largest)}; made by {report.Converter}.");
        if (report.Speed is { } speed)
            terminal.WriteLine(Words(speed));
        if (written is null)
            return;
        terminal.WriteLine($"{session.Host.Shown(written)} is written. To serve it, write into {model.SpecFile}:");
        string line = Path.GetRelativePath(model.Folder.Folder, written).Replace('\\', '/');
        terminal.WriteLine($"  source: {(line.StartsWith("..", StringComparison.Ordinal) ? FileName : line)}");
        if (model.Config.Tests.Cases is not null)
            terminal.WriteLine($"  tests: {{ …, parity: {model.Artifact.Path} }}");
    }

    private static string Words(ConversionSpeed speed) => string.Create(
        CultureInfo.InvariantCulture,
        $"{speed.Factor.ToString(speed.Factor < 10 ? "0.0" : "0", CultureInfo.InvariantCulture)} × as fast: {speed.GraphMilliseconds:0.00#} ms a question instead of {speed.SourceMilliseconds:0.00#} ms (median of {speed.Questions}).");

    private static string Title(LocalModel model, ParityRow row)
    {
        string question = model.Cases.IsEmpty ? string.Create(CultureInfo.InvariantCulture, $"made-up {row.Question + 1}") : model.Cases[row.Question].Title;
        return row.Row == 0 ? question : string.Create(CultureInfo.InvariantCulture, $"{question}, row {row.Row + 1}");
    }
}
