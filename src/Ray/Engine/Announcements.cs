using System.Collections.Concurrent;
using System.Collections.Immutable;
using Raywright.Ray.Agent;
using Raywright.Ray.Dashboard;

namespace Raywright.Ray.Engine;

/// <summary>Who has announced itself, by the agent's account, and is there by Serve's.</summary>
internal sealed class Announcements(TimeProvider clock)
{
    /// <summary>Serve lists a replica a moment after it announced itself.</summary>
    private static readonly TimeSpan ListingDelay = TimeSpan.FromSeconds(10);

    /// <summary>A list may be older than what the agent says; two in a row are not.</summary>
    private const int MostMisses = 2;
    private readonly ConcurrentDictionary<string, Entry> entries = new(StringComparer.Ordinal);

    public void Hear(AgentState state)
    {
        foreach (AnnouncedReplica replica in state.Replicas)
        {
            entries.AddOrUpdate(
                replica.Replica,
                _ => new(replica, clock.GetTimestamp(), 0),
                // One that Serve stops may be heard as if it were not: nobody comes back from there.
                (_, known) => known with { Replica = replica with { Leaving = replica.Leaving || known.Replica.Leaving } });
        }
    }

    /// <summary>Who announced itself and is not in Serve's list any more is gone.</summary>
    public void Compare(IReadOnlyDictionary<string, ApplicationDetails> applications)
    {
        Dictionary<string, ReplicaState> listed = applications.Values.SelectMany(application => application.Deployments.Values).SelectMany(deployment => deployment.Replicas)
            .Where(replica => replica.ReplicaId is not null).GroupBy(replica => replica.ReplicaId!, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.First().State, StringComparer.Ordinal);
        foreach ((string id, Entry entry) in entries)
        {
            if (listed.TryGetValue(id, out ReplicaState state))
                entries.TryUpdate(id, entry with { Misses = 0, Replica = entry.Replica with { Leaving = entry.Replica.Leaving || state == ReplicaState.Stopping } }, entry);
            else if (clock.GetElapsedTime(entry.At) > ListingDelay && entry.Misses + 1 >= MostMisses)
                entries.TryRemove(KeyValuePair.Create(id, entry));
            else
                entries.TryUpdate(id, entry with { Misses = entry.Misses + 1 }, entry);
        }
    }

    public ImmutableArray<AnnouncedReplica> Of(string revision) => [.. entries.Values.Where(entry => entry.Replica.Revision == revision).Select(entry => entry.Replica)];

    /// <param name="At">When it was first heard of, by the clock's timestamps.</param>
    /// <param name="Misses">In how many lists in a row it was not.</param>
    private sealed record Entry(AnnouncedReplica Replica, long At, int Misses);
}
