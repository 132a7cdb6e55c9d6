using System.Collections.Immutable;
using System.Text.Json;

namespace Raywright.Core.Api;

/// <summary>Asks for a model folder to become the running revision of an endpoint. The files' blobs are uploaded before.</summary>
/// <param name="Spec">Text of <c>raywright.yaml</c>.</param>
/// <param name="SpecFile">Its name, for locations in problems.</param>
/// <param name="Files">Every file the spec names: artifact, code, cases, data. Paths relative to the spec with <c>/</c>.</param>
/// <param name="Note">Why, in the user's words; goes into the ledger.</param>
/// <param name="Trust">Digests of files whose own code the owner of the server vouches for; goes into the ledger.</param>
public sealed record DeployRequest(string Spec, string SpecFile, ImmutableArray<FileReference> Files, string? Note = null, ImmutableArray<string> Trust = default)
{
    public ImmutableArray<string> Trust { get; init; } = Trust.IsDefault ? [] : Trust;
}

/// <param name="Path">Relative to the spec's folder, with <c>/</c>.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Sha256">Lower-case hex; the name of the blob.</param>
public sealed record FileReference(string Path, long Size, string Sha256);

/// <param name="Unchanged">True where exactly this revision was running already.</param>
/// <param name="Question">The real question asked before any client could, and its answer.</param>
public sealed record DeployResult(
    string Model,
    string Environment,
    int Version,
    string Revision,
    bool Unchanged,
    SampleExchange? Question);

/// <summary>A request body and the answer the replica gave, both in the neutral form, ready to be pasted.</summary>
public sealed record SampleExchange(JsonElement Request, JsonElement? Answer, double Milliseconds);

/// <summary>Asks what a deploy would change, without changing it; answered with a <see cref="Planning.EndpointPlan"/>.</summary>
/// <param name="Spec">Text of the spec.</param>
public sealed record PlanRequest(string Spec, string SpecFile, ImmutableArray<FileReference> Files);
