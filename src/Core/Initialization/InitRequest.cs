using System.Collections.Immutable;
using Raywright.Core.Artifacts;
using Raywright.Core.Contracts;
using Raywright.Core.Errors;
using Raywright.Core.Probing;
using Raywright.Core.Scanning;
using Raywright.Core.Tensors;

namespace Raywright.Core.Initialization;

/// <summary>What <c>raywright init</c> was asked.</summary>
/// <param name="Path">The model's folder, or the model file itself.</param>
/// <param name="Source">Which file of the folder is the model; null chooses.</param>
/// <param name="Data">A CSV of rows that the model should answer; null where there is none.</param>
/// <param name="Target">The column of <paramref name="Data"/> that holds the truth.</param>
/// <param name="Model">The model's name; null derives it from the folder.</param>
/// <param name="Force">Whether a spec that exists may be replaced.</param>
/// <param name="Seed">Seed of everything that is drawn: sampled rows and made-up inputs.</param>
public sealed record InitRequest(
    string Path,
    string? Source = null,
    string? Data = null,
    string? Target = null,
    string? Model = null,
    bool Force = false,
    int Seed = 7);

/// <summary>
/// Asks the model itself, in a process of its own: one entry a body, its outputs or what went wrong. Whoever calls disposes
/// of the tensors. A problem of the whole means that no question could be asked.
/// </summary>
/// <param name="folder">The model's folder.</param>
/// <param name="artifact">The model.</param>
/// <param name="contract">The contract that the bodies keep.</param>
/// <param name="bodies">Request bodies in the neutral form.</param>
public delegate Task<Result<ImmutableArray<Result<Tensor[]>>>> ModelTrial(
    string folder, ArtifactDescription artifact, Contract contract, ImmutableArray<string> bodies, CancellationToken cancellation);

/// <summary>Whether a person vouches for a file that imports code which is on no list; the refusal where nobody does.</summary>
/// <param name="folder">The model's folder.</param>
/// <param name="file">The file, by its path relative to the folder, with the names that it imports.</param>
public delegate Problem? FileVoucher(string folder, ScannedFile file);

/// <summary>Loads a model in a process of its own and lets it say what it takes and gives.</summary>
public delegate Task<Result<ModelDescription>> ModelDescriber(string folder, ArtifactDescription artifact, CancellationToken cancellation);
