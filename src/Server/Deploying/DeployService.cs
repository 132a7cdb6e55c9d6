using System.Collections.Immutable;
using System.Text.Json;
using Raywright.Core.Api;
using Raywright.Core.Artifacts;
using Raywright.Core.Errors;
using Raywright.Core.Planning;
using Raywright.Core.Spec;
using Raywright.Gateway.Access;
using Raywright.Server.Api;
using Raywright.Server.Blobs;
using Raywright.Server.Endpoints;
using Raywright.Server.Environments;
using Raywright.Server.Models;
using Raywright.Server.Operations;

namespace Raywright.Server.Deploying;

/// <summary>Takes orders to deploy or to test, once everything is there that can be checked without running anything.</summary>
public sealed class DeployService(EnvironmentService environments, BlobStore blobs, ModelPreparation preparation, ModelService models, EndpointService endpoints, OperationService operations)
{
    private const int MostFiles = 1000;
    private const int LongestNote = 2000;
    private const int LongestSpecName = 1000;

    /// <param name="kind"><c>deploy</c> or <c>test</c>.</param>
    /// <param name="environment">Where.</param>
    /// <param name="model">Which model the address names.</param>
    /// <param name="request">What is sent.</param>
    /// <param name="caller">Who asks.</param>
    /// <param name="once">Where the caller may repeat the call.</param>
    public async Task<Result<Operation>> BeginAsync(string kind, string environment, string model, DeployRequest request, KeyEntry caller, Func<string, Result<OnceOnly?>> once)
    {
        if (request.Note is { } note && (note.Length > LongestNote || note.Contains('\0')))
            return new Problem(Catalogue.RequestInvalid, $"A note has at most {LongestNote} characters.", "note");
        if (request.Trust.Length > MostFiles)
            return new Problem(Catalogue.RequestInvalid, $"An order vouches for at most {MostFiles} files.", "trust");
        ImmutableArray<Problem> objections = await ObjectionsAsync(environment, model, request.Spec, request.SpecFile, request.Files);
        if (!objections.IsEmpty)
            return objections;
        string order = JsonSerializer.Serialize(new DeployOrder(environment, model, request), DeployJson.Default.DeployOrder);
        Result<OnceOnly?> only = once(order);
        return only.Ok ? await operations.BeginAsync(kind, $"{environment}/{model}", order, caller.Name, only.Value, request.Note) : only.Problems;
    }

    /// <summary>What a deploy would change.</summary>
    public async Task<Result<EndpointPlan>> PlanAsync(string environment, string model, PlanRequest request, CancellationToken cancellation)
    {
        ImmutableArray<Problem> objections = await ObjectionsAsync(environment, model, request.Spec, request.SpecFile, request.Files);
        if (!objections.IsEmpty)
            return objections;
        Result<SourceFiles> files = await preparation.FilesAsync(new DeployRequest(request.Spec, request.SpecFile, request.Files), cancellation);
        if (!files.Ok)
            return files.Problems;
        Result<PreparedModel> prepared = await preparation.PrepareAsync(files.Value, environment);
        if (!prepared.Ok)
            return prepared.Problems;
        (int number, bool isNew) = await models.NumberAsync(prepared.Value.Draft);
        (Core.Engines.RevisionConfig Revision, ScalingConfig Scaling)? current = await endpoints.CurrentAsync(environment, model);
        return Planner.Plan(
            prepared.Value.Config, prepared.Value.Environment, prepared.Value.Render(number), isNew,
            current is { } serving ? new CurrentEndpoint(serving.Revision, serving.Scaling) : null);
    }

    /// <summary>Digests of the files of acknowledged orders that have not ended: they are worked off after a restart.</summary>
    public async Task<IEnumerable<string>> UnfinishedBlobsAsync() => (await operations.UnfinishedAsync("deploy", "test"))
        .SelectMany(order => JsonSerializer.Deserialize(order, DeployJson.Default.DeployOrder)!.Request.Files).Select(file => file.Sha256);

    private async Task<ImmutableArray<Problem>> ObjectionsAsync(string environment, string model, string spec, string specFile, ImmutableArray<FileReference> files)
    {
        Result<EnvironmentConfig> found = await environments.FindAsync(environment);
        if (!found.Ok)
            return found.Problems;
        if (files.IsDefault || files.Length > MostFiles)
            return [new(Catalogue.RequestInvalid, $"A deploy names at most {MostFiles} files.", "files")];
        if (files.Any(file => file is null))
            return [new(Catalogue.RequestInvalid, "`null` is no file.", "files")];
        if (specFile.Length > LongestSpecName || specFile.Any(char.IsControl))
            return [new(Catalogue.RequestInvalid, $"The spec's name has at most {LongestSpecName} characters, on one line.", "specFile")];
        Result<SpecDocument> read = SpecReader.Read(spec, specFile);
        List<Problem> problems = [.. read.Problems];
        if (read.Ok && read.Value.Model != model)
            problems.Add(new(Catalogue.ModelNameDiffers, $"The address says {model}, the spec {read.Value.Model}.", "model", read.Value.Root.At("model")));
        foreach (FileReference file in files)
        {
            if (!FileSet.IsSafePath(file.Path))
                problems.Add(new(Catalogue.FileNotAllowed, $"{file.Path} is not a plain path below the folder.", "files"));
            else if (!BlobStore.IsDigest(file.Sha256))
                problems.Add(new(Catalogue.RequestInvalid, $"{file.Path} has no SHA-256 in lower-case hex.", "files"));
            else if (!blobs.Has(file.Sha256))
                problems.Add(new(Catalogue.BlobMissing, $"{file.Path} ({file.Sha256[..12]}…) was not uploaded.", "files"));
            else if (blobs.SizeOf(file.Sha256) is var size && size != file.Size)
                problems.Add(new(Catalogue.RequestInvalid, $"{file.Path} has {size} bytes, not {file.Size}.", "files"));
        }
        foreach (IGrouping<string, FileReference> twice in files.GroupBy(file => file.Path, StringComparer.OrdinalIgnoreCase).Where(group => group.Count() > 1))
            problems.Add(new(Catalogue.FileNotAllowed, $"{string.Join(" and ", twice.Select(file => file.Path))} are the same file to some systems.", "files"));
        HashSet<string> folders = [.. files.SelectMany(file => Above(file.Path))];
        foreach (FileReference file in files.Where(file => folders.Contains(file.Path)))
            problems.Add(new(Catalogue.FileNotAllowed, $"{file.Path} is a file and a folder at once.", "files"));
        return [.. problems];
    }

    /// <summary>The folders in which a file lies.</summary>
    private static IEnumerable<string> Above(string path) => path.Index().Where(one => one.Item == '/').Select(one => path[..one.Index]);
}
