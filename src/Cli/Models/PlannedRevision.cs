using System.Collections.Immutable;
using System.Text.Json;
using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Raywright.Core.Artifacts;
using Raywright.Core.Contracts;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Planning;
using Raywright.Core.Spec;

namespace Raywright.Cli.Models;

/// <summary>The revision that a local model would become at a server.</summary>
/// <param name="Environment">Where, as far as the server tells.</param>
/// <param name="NewVersion">Whether its version does not exist there yet.</param>
internal sealed record PlannedRevision(EnvironmentConfig Environment, RevisionConfig Revision, bool NewVersion)
{
    /// <summary>With the number that the server would give, which only it knows.</summary>
    public static async Task<Result<PlannedRevision>> AtServerAsync(RaywrightClient client, LocalModel model, string environment, CancellationToken cancellation)
    {
        Result<Page<EnvironmentInfo>> environments = await client.EnvironmentsAsync(cancellation).ConfigureAwait(false);
        if (!environments.Ok)
            return environments.Problems;
        if (environments.Value.Items.FirstOrDefault(one => one.Name == environment) is not { } target)
            return new Problem(Catalogue.EnvironmentUnknown, $"There is no environment {environment}; there are {string.Join(", ", environments.Value.Items.Select(one => one.Name))}.");
        Result<ModelInfo> known = await client.ModelAsync(model.Name, cancellation).ConfigureAwait(false);
        if (!known.Ok && known.Problems[0].Definition.Exit != ExitCode.NotFound)
            return known.Problems;
        Result<Page<VersionInfo>> versions = known.Ok ? await client.VersionsAsync(model.Name, cancellation).ConfigureAwait(false) : new Page<VersionInfo>([]);
        if (!versions.Ok)
            return versions.Problems;
        EnvironmentConfig there = new(environment, target.Production, target.Compute);
        int? same = Same(model, versions.Value.Items);
        return new PlannedRevision(there, Render(model, there, same ?? (known.Ok ? known.Value.LatestVersion : 0) + 1), same is null);
    }

    /// <summary>Without a server: as the model's first version.</summary>
    public static PlannedRevision Alone(LocalModel model, string environment) => new(new(environment), Render(model, new(environment), 1), NewVersion: true);

    /// <summary>What serves at the endpoint now; null where nothing does.</summary>
    public static async Task<Result<CurrentEndpoint?>> ServingAsync(RaywrightClient client, string environment, string model, CancellationToken cancellation)
    {
        Result<EndpointInfo> endpoint = await client.EndpointAsync(environment, model, cancellation).ConfigureAwait(false);
        if (!endpoint.Ok)
            return endpoint.Problems[0].Definition.Exit == ExitCode.NotFound ? (CurrentEndpoint?)null : endpoint.Problems;
        Result<Page<RevisionInfo>> revisions = await client.RevisionsAsync(environment, model, cancellation).ConfigureAwait(false);
        if (!revisions.Ok)
            return revisions.Problems;
        RevisionConfig? serving = revisions.Value.Items.FirstOrDefault(revision => revision.Serving)?.Config.Deserialize(ClientJson.Lenient.RevisionConfig);
        return serving is null ? null : new CurrentEndpoint(serving);
    }

    /// <summary>Number of the version that exists with these files, this contract and this runtime.</summary>
    private static int? Same(LocalModel model, ImmutableArray<VersionInfo> known)
    {
        string runtime = VersionContent.RuntimeText(model.Artifact.Runtime, VersionContent.Python(model.Config, model.Artifact));
        string identity = RevisionRenderer.VersionIdentity(Digest(model), model.Config.Contract, runtime);
        return known.FirstOrDefault(version => RevisionRenderer.VersionIdentity(version.Digest, version.Contract, version.Runtime) == identity)?.Number;
    }

    private static RevisionConfig Render(LocalModel model, EnvironmentConfig environment, int number) =>
        RevisionRenderer.Render(model.Config, environment, number, Digest(model), model.Artifact.Runtime, model.Artifact.Path, VersionContent.Python(model.Config, model.Artifact));

    private static string Digest(LocalModel model) => FileSet.Digest(model.VersionFiles());
}
