using System.Collections.Immutable;
using System.Text;
using Raywright.Core.Artifacts;
using Raywright.Core.Bodies;
using Raywright.Core.Cases;
using Raywright.Core.Contracts;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Probing;
using Raywright.Core.Spec;

namespace Raywright.Core.Conversion;

/// <summary>A model that is to become a graph.</summary>
/// <param name="Source">Its files and how they run.</param>
/// <param name="Spec">Its spec, which the graph has to keep as well.</param>
/// <param name="Cases">What both are asked; without any, made-up questions.</param>
public sealed record ConversionOrder(RevisionSource Source, SpecDocument Spec, ImmutableArray<Case> Cases);

/// <summary>
/// Lets a model's library write it as an ONNX graph, in a confined child, and compares the two: their answers row by row, and the time
/// that these take. Nothing beside the model is written.
/// </summary>
/// <param name="probe">Runs both.</param>
/// <param name="tell">Hears what is being done.</param>
public sealed class ModelConverter(ProbeClient probe, Action<string> tell)
{
    private const int MadeUp = 20;
    private const int Seed = 7;
    private const int Rounds = 3;
    private const int MostTimed = 220;
    private const int WarmUps = 20;

    /// <summary>Questions travel as one line of text.</summary>
    private const int MostTimedBytes = 8 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <param name="order">What is converted.</param>
    /// <param name="folder">An empty folder for the graph.</param>
    /// <param name="name">Its name there.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<Result<ConversionReport>> RunAsync(ConversionOrder order, string folder, string name, CancellationToken cancellation)
    {
        tell("converting");
        Result<ModelConversion> made = await probe.ConvertAsync(Unpinned(order.Source), Path.Combine(folder, name), cancellation, tell).ConfigureAwait(false);
        if (!made.Ok)
            return made.Problems;
        Result<RevisionSource> graph = Graph(order, folder, name, made.Value.Converter);
        if (!graph.Ok)
            return graph.Problems;
        Contract contract = order.Source.Revision.Contract;
        ImmutableArray<string> bodies = Bodies(order, contract);
        tell("asking both");
        Result<ProbeReport> one = await probe.RunAsync(order.Source, bodies, Patience, cancellation, tell).ConfigureAwait(false);
        if (!one.Ok)
            return one.Problems;
        using ProbeReport source = one.Value;
        Result<ProbeReport> other = await probe.RunAsync(graph.Value, bodies, Patience, cancellation).ConfigureAwait(false);
        if (!other.Ok)
            return NotKept(made.Value.Converter, other.Problems);
        using ProbeReport twin = other.Value;
        Parity parity = new(contract);
        List<string> answered = [];
        foreach ((int index, (ProbeAnswer ours, ProbeAnswer theirs)) in source.Answers.Zip(twin.Answers).Index())
        {
            parity.Add(ours.Outputs, theirs.Outputs, order.Cases.IsEmpty ? null : order.Cases[index].Tolerance);
            if (ours.Outputs.Ok && theirs.Outputs.Ok)
                answered.Add(bodies[index]);
        }
        Result<ConversionSpeed?> speed = await MeasureAsync(order.Source, graph.Value, answered, cancellation).ConfigureAwait(false);
        return speed.Ok ? new ConversionReport(made.Value.Converter, parity, speed.Value) : speed.Problems;
    }

    /// <summary>
    /// The converter lies in the environment in use, or among the requirements that a person wrote. An environment of exactly what wrote
    /// the file would not have it.
    /// </summary>
    private static RevisionSource Unpinned(RevisionSource source) =>
        source with { Revision = source.Revision with { Python = source.Revision.Python! with { Libraries = ImmutableSortedDictionary<string, string>.Empty } } };

    /// <summary>The graph as a spec with another <c>source</c> would have it.</summary>
    private static Result<RevisionSource> Graph(ConversionOrder order, string folder, string name, string converter)
    {
        Result<ArtifactDescription> read = ArtifactReader.Read(folder, name);
        if (!read.Ok)
            return NotKept(converter, read.Problems);
        Result<ModelConfig> kept = SpecResolver.Resolve(order.Spec, new EnvironmentConfig(order.Source.Revision.Environment), read.Value.Contract);
        if (!kept.Ok)
            return NotKept(converter, kept.Problems);
        return new RevisionSource(order.Source.Revision with { Runtime = read.Value.Runtime, Artifact = name, Python = null, Contract = kept.Value.Contract }, folder);
    }

    private static ImmutableArray<Problem> NotKept(string converter, ImmutableArray<Problem> problems) =>
        [.. problems.Select(problem => new Problem(Catalogue.ConversionFailed, $"What {converter} made cannot be served: {problem.Detail} ({problem.Code})", problem.Field))];

    private static ImmutableArray<string> Bodies(ConversionOrder order, Contract contract)
    {
        if (!order.Cases.IsEmpty)
            return [.. order.Cases.Select(one => Encoding.UTF8.GetString(one.Body.Span))];
        Random random = new(Seed);
        return [.. Enumerable.Range(0, MadeUp).Select(index => Encoding.UTF8.GetString(SampleInputs.Body(contract, index == 0 ? null : random))).Distinct()];
    }

    /// <summary>Both in turn, so that what else the machine does hits both.</summary>
    private async Task<Result<ConversionSpeed?>> MeasureAsync(RevisionSource source, RevisionSource graph, List<string> bodies, CancellationToken cancellation)
    {
        if (bodies.Count == 0)
            return (ConversionSpeed?)null;
        long longest = bodies.Max(body => body.Length);
        int count = (int)Math.Clamp(MostTimedBytes / longest, WarmUps + 1, MostTimed);
        ImmutableArray<string> asked = [.. Enumerable.Range(0, count).Select(index => bodies[index % bodies.Count])];
        List<double> ours = [], theirs = [];
        for (int round = 1; round <= Rounds; round++)
        {
            tell($"measuring, round {round} of {Rounds}");
            foreach ((RevisionSource one, List<double> times) in new[] { (source, ours), (graph, theirs) })
            {
                Result<ProbeReport> report = await probe.RunAsync(one, asked, Patience, cancellation).ConfigureAwait(false);
                if (!report.Ok)
                    return report.Problems;
                using ProbeReport answers = report.Value;
                times.AddRange(answers.Answers.Skip(WarmUps).Select(answer => answer.Milliseconds));
            }
        }
        return new ConversionSpeed(Median(ours), Median(theirs), ours.Count);
    }

    private static double Median(List<double> times)
    {
        times.Sort();
        return times[times.Count / 2];
    }
}
