using System.Collections.Concurrent;
using System.Collections.Immutable;
using Raywright.Core.Api;

namespace Raywright.Server.Operations;

/// <summary>Operations that have been acknowledged and have not ended.</summary>
public sealed class LiveOperations
{
    private readonly ConcurrentDictionary<string, OperationRun> runs = new(StringComparer.Ordinal);
    private long changes;

    /// <summary>How often one began or ended: whoever shows operations need not read them anew while it stays.</summary>
    public long Changes => Interlocked.Read(ref changes);

    /// <summary>Whether nothing is being done.</summary>
    public bool IsIdle => runs.IsEmpty;

    internal OperationRun? Find(string id) => runs.GetValueOrDefault(id);

    internal void Add(OperationRun run)
    {
        runs[run.Id] = run;
        Interlocked.Increment(ref changes);
    }

    internal void Remove(OperationRun run)
    {
        runs.TryRemove(run.Id, out _);
        Interlocked.Increment(ref changes);
    }

    /// <summary>All of them, oldest first.</summary>
    public ImmutableArray<Operation> All => [.. runs.Select(pair => pair.Value.Current).Where(operation => !operation.Ended).OrderBy(operation => operation.Id, StringComparer.Ordinal)];

    /// <summary>The oldest one on a target; null where there is none.</summary>
    public Operation? On(string target) =>
        runs.Where(pair => pair.Value.Target == target).Select(pair => pair.Value.Current).Where(operation => !operation.Ended).MinBy(operation => operation.Id, StringComparer.Ordinal);
}
