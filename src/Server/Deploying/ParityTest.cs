using System.Collections.Immutable;
using System.Text;
using Raywright.Core;
using Raywright.Core.Api;
using Raywright.Core.Artifacts;
using Raywright.Core.Cases;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Planning;
using Raywright.Core.Probing;

namespace Raywright.Server.Deploying;

/// <summary>
/// Asks the model's other form, which <c>tests.parity</c> names, what the version was asked. A difference is shown and refuses
/// nothing: what serves is judged by its cases.
/// </summary>
internal sealed class ParityTest(ProbeClient probe, TimeProvider clock, Action<string> tell)
{
    private const int MostShown = 5;

    /// <summary>The evidence; what differs, or why nothing could be compared, goes to the warnings.</summary>
    public async Task<EvidenceInfo> RunAsync(PreparedModel model, string twin, ProbeReport answers, TimeSpan patience, List<Problem> warnings, CancellationToken cancellation)
    {
        Result<ProbeReport> asked = await AskAsync(model, twin, patience, cancellation);
        if (!asked.Ok)
        {
            warnings.Add(new(Catalogue.ParityNotCompared, $"{twin} could not be asked: {asked.Problems[0].Detail} ({asked.Problems[0].Code})", "tests.parity", model.Files.Spec.Root.At("tests.parity")));
            return new("parity", false, $"{twin} could not be asked", 0, 0, ImmutableSortedDictionary<string, double>.Empty, clock.NowMicros());
        }
        using ProbeReport others = asked.Value;
        Parity parity = new(model.Config.Contract);
        foreach ((Case one, ProbeAnswer ours, ProbeAnswer theirs) in model.Cases.Zip(answers.Answers, others.Answers))
            parity.Add(ours.Outputs, theirs.Outputs, one.Tolerance);
        warnings.AddRange(parity.Differences.Take(MostShown).Select(row => Differs(model, twin, row)));
        if (parity.Differing > MostShown)
            warnings.Add(new(Catalogue.ParityDiffers, $"{parity.Differing - MostShown} more rows differ.", "tests.parity", model.Files.Spec.Root.At("tests.parity")));
        ImmutableSortedDictionary<string, double> figures = ImmutableSortedDictionary<string, double>.Empty
            .Add("parityRows", parity.Rows).Add("parityDiffering", parity.Differing).Add("parityLargestDifference", parity.Largest);
        return new("parity", parity.Differing == 0, parity.Summary, parity.Rows, parity.Differing, figures, clock.NowMicros());
    }

    private async Task<Result<ProbeReport>> AskAsync(PreparedModel model, string twin, TimeSpan patience, CancellationToken cancellation)
    {
        // It was sent as a file of the tests, and so scanned with all others.
        string folder = model.Files.Folder;
        Result<ArtifactDescription> read = ArtifactReader.Read(folder, twin);
        if (!read.Ok)
            return read.Problems;
        // With what is installed here: to compare is no reason to install anything.
        PythonConfig? python = VersionContent.Python(model.Config, read.Value) is { } asked ? asked with { Libraries = ImmutableSortedDictionary<string, string>.Empty } : null;
        RevisionConfig revision = model.Render(0) with { Runtime = read.Value.Runtime, Artifact = read.Value.Path, Python = python };
        return await probe.RunAsync(new RevisionSource(revision, folder), [.. model.Cases.Select(one => Encoding.UTF8.GetString(one.Body.Span))], patience, cancellation, tell);
    }

    private static Problem Differs(PreparedModel model, string twin, ParityRow row)
    {
        Case one = model.Cases[row.Question];
        string file = Path.Combine(Path.GetDirectoryName(model.Files.Request.SpecFile) ?? "", model.Config.Tests.Cases!);
        string where = row.Row == 0 ? one.Title : $"{one.Title}, row {row.Row + 1}";
        string what = row.Output.Length == 0
            ? $"{model.Artifact.Path} gives {row.One}, {twin} gives {row.Other}"
            : $"{row.Output} is {row.One} by {model.Artifact.Path} and {row.Other} by {twin}";
        return new(Catalogue.ParityDiffers, $"{where}: {what}.", "tests.parity", new(file, one.Line, 1));
    }
}
