using System.Collections.Immutable;
using System.Text.Json;
using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Raywright.Gateway.Access;
using Raywright.Server.App.Shared;

namespace Raywright.Server.App.Operations;

/// <summary>What pages say of an operation.</summary>
internal static class OperationFacts
{
    /// <summary>The word of a state as the wire has it.</summary>
    public static string Word(OperationState state) => state switch
    {
        OperationState.WaitingForPerson => "waiting-for-person",
        _ => state.ToString().ToLowerInvariant(),
    };

    public static OperationState? State(string? word) =>
        Enum.GetValues<OperationState>().Where(state => Word(state) == word).Select(state => (OperationState?)state).FirstOrDefault();

    /// <summary>What a deploy came to; null of another kind, or where it has not succeeded.</summary>
    public static DeployResult? Deployed(Operation operation) =>
        operation is { Kind: "deploy", State: OperationState.Succeeded, Result: { ValueKind: JsonValueKind.Object } result } ? result.Deserialize(ClientJson.Lenient.DeployResult) : null;

    public static int? VersionOf(Operation operation) => Deployed(operation)?.Version;

    /// <summary>Where the page of the target is; null where it has none for this key.</summary>
    public static string? TargetPath(Operation operation, KeyEntry key) => operation.Kind.StartsWith("compute.", StringComparison.Ordinal)
        ? Room.Clusters.Path
        : operation.Target.Split('/') switch
        {
            [var environment, var model] when key.Reaches(environment, model) => $"/endpoints/{environment}/{model}",
            [var model] when key.Knows(model) => $"/models/{model}",
            _ => null,
        };

    /// <summary>What looks at the same in a terminal.</summary>
    public static string Command(Operation operation) => operation.Kind.StartsWith("compute.", StringComparison.Ordinal)
        ? $"raywright compute show {operation.Target}"
        : operation.Target.Split('/') is [var environment, var model]
            ? $"raywright history {model}{(environment == "dev" ? "" : $" -e {environment}")}"
            : "raywright ledger list";

    /// <summary>How long it took, or has taken until now.</summary>
    public static string Took(Operation operation, DateTimeOffset now) => Figures.Duration(operation.CreatedAt, operation.EndedAt ?? Core.Instants.Micros(now));

    /// <summary>What it is at: of one that runs its step, of one that failed why.</summary>
    public static string At(Operation operation) => operation switch
    {
        { Problem: { } problem } => $"{problem.Code}: {problem.Title}",
        { Ended: false } => Overview.EndpointLine.Progress(operation)[(operation.Kind.Length + 2)..],
        _ => Deployed(operation) is { } deployed ? $"{deployed.Model}:{deployed.Version}{(deployed.Unchanged ? ", unchanged" : "")}" : "",
    };

    /// <summary>Those that run first, then the newest.</summary>
    public static ImmutableArray<Operation> InOrder(IEnumerable<Operation> operations) =>
        [.. operations.OrderBy(operation => operation.Ended).ThenByDescending(operation => operation.Id, StringComparer.Ordinal)];
}
