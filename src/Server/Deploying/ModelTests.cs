using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Raywright.Core;
using Raywright.Core.Api;
using Raywright.Core.Artifacts.Python;
using Raywright.Core.Cases;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Planning;
using Raywright.Core.Probing;
using Raywright.Core.Spec;
using Raywright.Core.Tensors;
using Raywright.Engine.Python;
using Raywright.Server.Environments;
using Raywright.Server.Models;
using Raywright.Statistics.Quality;

namespace Raywright.Server.Deploying;

/// <summary>What tests found.</summary>
/// <param name="Evidence">One entry a kind of test.</param>
/// <param name="Reused">Whether it was found before, under exactly these circumstances.</param>
/// <param name="Warnings">What differs without failing.</param>
/// <param name="Beside">Whether unit tests still run.</param>
public sealed record TestOutcome(ImmutableArray<EvidenceInfo> Evidence, bool Reused, ImmutableArray<Problem> Warnings, bool Beside = false)
{
    public string Summary
    {
        get
        {
            IEnumerable<string> parts = Evidence.Select(evidence => evidence.Summary).Concat(Beside ? ["unit tests run beside it"] : []);
            return parts.Any() ? string.Join("; ", parts) + (Reused ? " (tested before)" : "") : "the spec has no tests";
        }
    }

    public ImmutableSortedDictionary<string, double> Figures => Evidence.SelectMany(evidence => evidence.Figures).DistinctBy(pair => pair.Key).ToImmutableSortedDictionary(StringComparer.Ordinal);
}

/// <summary>Asks a version its cases in a process of its own and measures its quality over the labelled ones.</summary>
public sealed class ModelTests(ProbeClient probe, UnitTests units, TestsBeside beside, ModelService models, TimeProvider clock)
{
    private const string Unit = "unit";
    private const int MostShown = 5;
    private static readonly TimeSpan CaseTimeout = TimeSpan.FromSeconds(10);

    /// <summary>The outcome where every test passed, else what failed. Either way the evidence is kept.</summary>
    /// <param name="model">What is tested.</param>
    /// <param name="folder">Files of its version.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="waits">Whether unit tests count, or only run beside: in <c>dev</c> a person is trying things out (DESIGN 5).</param>
    /// <param name="tell">Hears what takes long, a sentence each.</param>
    /// <param name="cancellation">Ends the tests.</param>
    public async Task<Result<TestOutcome>> RunAsync(PreparedModel model, string folder, string actor, bool waits, Action<string> tell, CancellationToken cancellation)
    {
        TestsConfig tests = model.Config.Tests;
        if (tests is { Cases: null, Quality: null, Unit: null })
            return new TestOutcome([], false, []);
        if (tests.Cases is not null && model.Cases.IsEmpty)
            return new Problem(Catalogue.NoTestExecuted, $"{tests.Cases} has no case.", "tests.cases", model.Files.Spec.Root.At("tests.cases"));
        ImmutableArray<EvidenceInfo> known = await models.PassedAsync(model.EvidenceIdentity);
        if (!known.IsEmpty && (tests.Unit is null || known.Any(evidence => evidence.Kind == Unit)))
            return new TestOutcome(known, true, []);
        List<Problem> problems = [], warnings = [];
        List<EvidenceInfo> evidence = [];
        using CancellationTokenSource given = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task<Result<EvidenceInfo>>? unit = tests.Unit is { } command && waits ? UnitAsync(model, command, tell, given.Token) : null;
        if (tests.Cases is not null && await CasesAsync(model, folder, evidence, problems, warnings, tell, cancellation) is { } failed)
        {
            await given.CancelAsync();
            if (unit is not null)
                await ((Task)unit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return failed;
        }
        if (unit is not null)
        {
            Result<EvidenceInfo> ran = await unit;
            if (ran.Ok)
                evidence.Add(ran.Value);
            problems.AddRange(ran.Ok ? UnitFailures(model, ran.Value) : [.. ran.Problems.Select(problem => problem with { Location = model.Files.Spec.Root.At("tests.unit") })]);
        }
        await models.AddEvidenceAsync(model.Draft, model.EvidenceIdentity, evidence, actor);
        if (problems.Count > 0)
            return problems.ToImmutableArray();
        if (tests.Unit is not null && !waits)
            beside.Start(model.EvidenceIdentity, model.Config.Model, stop => UnitBesideAsync(model, tests.Unit, actor, stop));
        return new TestOutcome([.. evidence], false, [.. warnings], Beside: tests.Unit is not null && !waits);
    }

    /// <summary>Asks the cases; a problem where they could not be asked at all.</summary>
    private async Task<Problem?> CasesAsync(PreparedModel model, string folder, List<EvidenceInfo> evidence, List<Problem> problems, List<Problem> warnings, Action<string> tell, CancellationToken cancellation)
    {
        RevisionSource source = new(Here(model.Render(0)), folder);
        Result<ProbeReport> report = await probe.RunAsync(source, [.. model.Cases.Select(one => Encoding.UTF8.GetString(one.Body.Span))], CaseTimeout, cancellation, tell);
        if (!report.Ok)
            return report.Problems[0];
        using ProbeReport answers = report.Value;
        warnings.AddRange(LibraryVersions.Mismatches(source.Revision.Python?.Libraries ?? ImmutableSortedDictionary<string, string>.Empty, answers.Versions));
        // A run that was ended says nothing about the other cases.
        if (answers.Answers.FirstOrDefault(answer => !answer.Outputs.Ok && answer.Outputs.Problems[0].Definition == Catalogue.DeadlineExceeded) is { } late)
            return new Problem(Catalogue.ProbeTimeout, $"{model.Cases[answers.Answers.IndexOf(late)].Title}: {late.Outputs.Problems[0].Detail}");
        evidence.Add(Cases(model, answers, problems, warnings));
        if (model.Config.Tests.Quality is { } quality)
            evidence.Add(Quality(model, quality, answers, problems));
        if (model.Config.Tests.Parity is { } twin)
            evidence.Add(await new ParityTest(probe, clock, tell).RunAsync(model, twin, answers, CaseTimeout, warnings, cancellation));
        return null;
    }

    private async Task<Problem?> UnitBesideAsync(PreparedModel model, string command, string actor, CancellationToken cancellation)
    {
        Result<EvidenceInfo> ran = await UnitAsync(model, command, _ => { }, cancellation);
        // One that could not run is evidence against the version as well.
        EvidenceInfo evidence = ran.Ok ? ran.Value : new(Unit, false, ran.Problems[0].Detail, 0, 0, Figures(), clock.NowMicros());
        await models.AddEvidenceAsync(model.Draft, model.EvidenceIdentity, [evidence], actor);
        return ran.Ok ? null : ran.Problems[0];
    }

    private async Task<Result<EvidenceInfo>> UnitAsync(PreparedModel model, string command, Action<string> tell, CancellationToken cancellation)
    {
        Result<UnitTestReport> run = await units.RunAsync(VersionContent.Python(model.Config, model.Artifact), model.Files.Folder, command, tell, cancellation);
        if (!run.Ok)
            return run.Problems;
        UnitTestReport report = run.Value;
        // A run that executed no test is no evidence.
        if (report.Executed == 0)
            return new Problem(Catalogue.NoTestExecuted, $"`{command}` executed no test{(report.Skipped > 0 ? $"; {report.Skipped} were skipped" : "")}.", "tests.unit");
        int failures = report.Failures.Length;
        string summary = failures > 0
            ? $"{failures} of {report.Executed} unit tests failed: {string.Join("; ", report.Failures.Take(MostShown))}"
            : $"{report.Executed} unit test{(report.Executed == 1 ? "" : "s")} passed{(report.Skipped > 0 ? $", {report.Skipped} skipped" : "")}";
        return new EvidenceInfo(Unit, failures == 0, summary, report.Executed, failures, Figures(("unitTests", report.Executed), ("unitSkipped", report.Skipped), ("unitSeconds", Math.Round(report.Seconds, 2))), clock.NowMicros());
    }

    private static IEnumerable<Problem> UnitFailures(PreparedModel model, EvidenceInfo unit) =>
        unit.Passed ? [] : [new Problem(Catalogue.UnitTestsFailed, $"{unit.Summary}.", "tests.unit", model.Files.Spec.Root.At("tests.unit"))];

    private EvidenceInfo Cases(PreparedModel model, ProbeReport report, List<Problem> problems, List<Problem> warnings)
    {
        CaseComparer comparer = new(model.Config.Contract);
        int failed = 0, differing = 0;
        double largest = 0;
        foreach ((Case one, ProbeAnswer answer) in model.Cases.Zip(report.Answers))
        {
            CaseOutcome outcome = answer.Outputs.Ok ? comparer.Compare(one, answer.Outputs.Value) : CaseComparer.Compare(one, answer.Outputs.Problems[0]);
            largest = Math.Max(largest, double.IsFinite(outcome.Largest) ? outcome.Largest : 0);
            if (outcome.Passed && outcome.Difference is null)
                continue;
            (failed, differing) = outcome.Passed ? (failed, differing + 1) : (failed + 1, differing);
            List<Problem> list = outcome.Passed ? warnings : problems;
            if ((outcome.Passed ? differing : failed) <= MostShown)
                list.Add(Differs(model, one, outcome, answer));
        }
        if (failed > MostShown)
            problems.Add(new(Catalogue.CasesFailed, $"{failed - MostShown} more cases failed.", "tests.cases"));
        int count = model.Cases.Length;
        double[] times = [.. report.Answers.Select(answer => answer.Milliseconds).Order()];
        string summary = failed > 0 ? $"{failed} of {count} cases failed" : $"{count} case{(count == 1 ? "" : "s")} passed{(differing > 0 ? $", {differing} recorded answers differ" : "")}";
        return new("cases", failed == 0, summary, count, failed, Figures(("cases", count), ("failed", failed), ("differing", differing), ("largestDifference", largest), ("loadMs", Math.Round(report.LoadMilliseconds, 1)), ("p50Ms", Math.Round(times[times.Length / 2], 3))), clock.NowMicros());
    }

    private static Problem Differs(PreparedModel model, Case one, CaseOutcome outcome, ProbeAnswer answer)
    {
        string file = Path.Combine(Path.GetDirectoryName(model.Files.Request.SpecFile) ?? "", model.Config.Tests.Cases!);
        // What the model itself did wrong has a code and a cure of its own.
        Problem? own = answer.Outputs.Ok ? null : answer.Outputs.Problems[0];
        return new(own?.Definition ?? Catalogue.CasesFailed, $"{one.Title}: {outcome.Difference}.", own?.Field ?? "tests.cases", new(file, one.Line, 1));
    }

    private EvidenceInfo Quality(PreparedModel model, QualityConfig quality, ProbeReport report, List<Problem> problems)
    {
        Predictions predictions = new(model.Config.Contract);
        List<string> predicted = [], truth = [];
        foreach ((Case one, ProbeAnswer answer) in model.Cases.Zip(report.Answers))
        {
            if (one.Label is not { } label || !answer.Outputs.Ok)
                continue;
            ImmutableArray<ImmutableArray<string>> rows = predictions.Of(answer.Outputs.Value);
            foreach ((ImmutableArray<string> said, ImmutableArray<string> right) in rows.Zip(predictions.Truth(label, rows.Length)))
            {
                predicted.AddRange(said.Take(right.Length));
                truth.AddRange(right.Take(said.Length));
            }
        }
        if (truth.Count == 0)
        {
            problems.Add(new(Catalogue.NoTestExecuted, $"No case has a label, so {quality.Metric} cannot be measured.", "tests.quality", model.Files.Spec.Root.At("tests.quality")));
            return new("quality", false, "no labelled case", 0, 0, ImmutableSortedDictionary<string, double>.Empty, clock.NowMicros());
        }
        double value = Measure(quality.Metric, predicted, truth);
        bool passed = (quality.AtLeast is not { } least || value >= least) && (quality.AtMost is not { } most || value <= most);
        string bar = quality.AtLeast is { } low ? $"at least {low}" : $"at most {quality.AtMost}";
        string summary = string.Create(CultureInfo.InvariantCulture, $"{quality.Metric} {value:0.####}, wanted {bar}");
        if (!passed)
            problems.Add(new(Catalogue.QualityMissed, string.Create(CultureInfo.InvariantCulture, $"{quality.Metric} is {value:0.####} over {truth.Count} labelled rows; {bar} is wanted."), "tests.quality", model.Files.Spec.Root.At("tests.quality")));
        return new("quality", passed, summary, truth.Count, passed ? 0 : 1, Figures((quality.Metric, Math.Round(value, 6)), ("labelled", truth.Count)), clock.NowMicros());
    }

    private static double Measure(string metric, List<string> predicted, List<string> truth) => metric switch
    {
        "accuracy" => QualityMetrics.Accuracy([.. predicted.Select(Plain)], [.. truth.Select(Plain)]),
        "f1" => QualityMetrics.MacroF1([.. predicted.Select(Plain)], [.. truth.Select(Plain)]),
        "rmse" => QualityMetrics.RootMeanSquaredError([.. predicted.Select(Number)], [.. truth.Select(Number)]),
        "mae" => QualityMetrics.MeanAbsoluteError([.. predicted.Select(Number)], [.. truth.Select(Number)]),
        "r2" => QualityMetrics.RSquared([.. predicted.Select(Number)], [.. truth.Select(Number)]),
        _ => throw new ArgumentOutOfRangeException(nameof(metric), metric, "The spec's reader knows no such metric."),
    };

    /// <summary>A class that is a number is the same class as <c>1</c> and as <c>1.0</c>.</summary>
    private static string Plain(string text) => Number(text) is var number && double.IsNaN(number) ? text : number.ToString("R", CultureInfo.InvariantCulture);

    private static double Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : double.NaN;

    private static ImmutableSortedDictionary<string, double> Figures(params ReadOnlySpan<(string Name, double Value)> figures)
    {
        ImmutableSortedDictionary<string, double>.Builder all = ImmutableSortedDictionary.CreateBuilder<string, double>(StringComparer.Ordinal);
        foreach ((string name, double value) in figures)
            all[name] = value;
        return all.ToImmutable();
    }

    /// <summary>Tests run on the server's machine, which need not have the GPUs of the compute that the model is for.</summary>
    private static RevisionConfig Here(RevisionConfig revision) =>
        revision.Compute == ComputeInfo.Embedded ? revision : revision with { Resources = revision.Resources with { Gpus = 0 } };
}
