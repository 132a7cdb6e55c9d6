using System.Collections.Immutable;
using Raywright.Core.Errors;
using Raywright.Core.Scanning;
using Raywright.Server.Operations;

namespace Raywright.Server.Deploying;

/// <summary>The steps that deploying and testing share.</summary>
internal static class PreparationSteps
{
    /// <summary>Source, scan, contract.</summary>
    public static async Task<Result<PreparedModel>> RunAsync(OperationRun run, DeployOrder order, ModelPreparation preparation, TrustedFiles trusted, CancellationToken cancellation)
    {
        Result<SourceFiles> files = await run.StepAsync(
            "source",
            () => preparation.FilesAsync(order.Request, cancellation),
            found => new($"{found.Request.Files.Length} file{(found.Request.Files.Length == 1 ? "" : "s")}, every digest right"));
        if (!files.Ok)
            return files.Problems;
        Result<ScanReport> scanned = await run.StepAsync(
            "scan",
            async () =>
            {
                Result<ScanReport> found = await Task.Run(() => Scan(files.Value, cancellation), cancellation);
                return found.Ok ? await trusted.CheckAsync(found.Value, order, run.Actor) : found;
            },
            report => new(report.Verdict == ScanVerdict.Benign ? "nothing speaks against loading it" : $"{Count(report.Warnings.Length, "warning")}", Warnings: report.Warnings));
        if (!scanned.Ok)
            return scanned.Problems;
        return await run.StepAsync(
            "contract",
            () => Task.Run(() => preparation.PrepareAsync(files.Value, order.Environment), cancellation),
            model => new($"{Count(model.Config.Contract.Inputs.Length, "input")}, {Count(model.Config.Contract.Outputs.Length, "output")}", Warnings: model.Artifact.Warnings));
    }

    public static Task<Result<TestOutcome>> TestAsync(OperationRun run, PreparedModel model, string folder, ModelTests tests, bool waits, CancellationToken cancellation) => run.StepAsync(
        "tests",
        () => tests.RunAsync(model, folder, run.Actor, waits, text => run.Progress("tests", text), cancellation),
        outcome => new(outcome.Summary, outcome.Figures, outcome.Warnings));

    private static Result<ScanReport> Scan(SourceFiles files, CancellationToken cancellation)
    {
        ScanReport report = ArtifactScanner.Scan(files.Folder, files.Request.Files.Select(file => file.Path), null, cancellation);
        ImmutableArray<Problem> refusals = report.Refusals;
        return refusals.IsEmpty ? report : refusals;
    }

    private static string Count(int number, string noun) => $"{number} {noun}{(number == 1 ? "" : "s")}";
}
