using System.Collections.Concurrent;
using System.Collections.Immutable;
using Raywright.Core.Api;

namespace Raywright.Server.Operations;

/// <summary>Operations that have been acknowledged and have not ended.</summary>
public sealed class LiveOperations
{
    private readonly ConcurrentDictionary<string, OperationRun> runs = new(StringComparer.Ordinal);

    internal OperationRun? Find(string id) => runs.GetValueOrDefault(id);

    internal void Add(OperationRun run) => runs[run.Id] = run;

    internal void Remove(OperationRun run) => runs.TryRemove(run.Id, out _);

    /// <summary>All of them, oldest first.</summary>
    public ImmutableArray<Operation> All => [.. runs.Values.Select(run => run.Current).Where(operation => !operation.Ended).OrderBy(operation => operation.Id, StringComparer.Ordinal)];

    /// <summary>The oldest one on a target; null where there is none.</summary>
    public Operation? On(string target) =>
        runs.Values.Where(run => run.Target == target).Select(run => run.Current).Where(operation => !operation.Ended).MinBy(operation => operation.Id, StringComparer.Ordinal);
}
