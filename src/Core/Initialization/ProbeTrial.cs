using System.Collections.Immutable;
using Raywright.Core.Artifacts;
using Raywright.Core.Contracts;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Probing;
using Raywright.Core.Spec;
using Raywright.Core.Tensors;

namespace Raywright.Core.Initialization;

/// <summary>The trial of <c>init</c>: the same probe child that a deploy uses.</summary>
public static class ProbeTrial
{
    private static readonly TimeSpan RunTimeout = TimeSpan.FromSeconds(30);

    /// <param name="probe">The child.</param>
    /// <param name="tell">Hears what takes long, a sentence each.</param>
    public static ModelTrial With(ProbeClient probe, Action<string>? tell = null) => async (folder, artifact, contract, bodies, cancellation) =>
    {
        Result<ProbeReport> report = await probe.RunAsync(Source(folder, artifact, contract), bodies, RunTimeout, cancellation, tell).ConfigureAwait(false);
        return report.Ok ? report.Value.Answers.Select(answer => answer.Outputs).ToImmutableArray() : (Result<ImmutableArray<Result<Tensor[]>>>)report.Problems;
    };

    public static ModelDescriber DescribeWith(ProbeClient probe, Action<string>? tell = null) => (folder, artifact, cancellation) =>
        probe.DescribeAsync(Source(folder, artifact, Contract.None), cancellation, tell);

    private static RevisionSource Source(string folder, ArtifactDescription artifact, Contract contract) => new(
        new RevisionConfig
        {
            Id = "init",
            Model = "init",
            Environment = "init",
            Version = 0,
            Digest = "",
            Runtime = artifact.Runtime,
            Python = artifact.Python,
            Artifact = artifact.Path,
            Contract = contract,
            Resources = new ResourcesConfig(1, 2L << 30),
            Batching = new BatchingConfig(1, TimeSpan.Zero),
        },
        folder);
}
