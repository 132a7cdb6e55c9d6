using Raywright.Core.Scaling;
using Raywright.Gateway.Routing;

namespace Raywright.Server.Endpoints;

/// <summary>Watches how much the gateway has inside for each revision and says how many replicas it is to have, within its endpoint's bounds.</summary>
internal sealed class ReplicaScaler(EndpointReconciler reconciler, TimeProvider clock) : IHostedService, IDisposable
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(250);
    private readonly CancellationTokenSource stopping = new();
    private readonly Dictionary<string, ReplicaPolicy> policies = new(StringComparer.Ordinal);
    private readonly long start = clock.GetTimestamp();
    private Task watching = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        watching = WatchAsync();
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await stopping.CancelAsync();
        await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => stopping.Dispose();

    private async Task WatchAsync()
    {
        using PeriodicTimer timer = new(Pace, clock);
        while (await timer.WaitForNextTickAsync(stopping.Token))
        {
            IReadOnlyCollection<ScaledRevision> scaled = reconciler.Scaled;
            foreach (string gone in policies.Keys.Where(id => scaled.All(one => one.Id != id)).ToArray())
                policies.Remove(gone);
            foreach (ScaledRevision one in scaled)
            {
                if (reconciler.RouteOf(one.Id) is not { } route)
                    continue;
                if (!policies.TryGetValue(one.Id, out ReplicaPolicy? policy))
                    policies[one.Id] = policy = ReplicaPolicy.Of(route.Config);
                int wanted = policy.Decide(clock.GetElapsedTime(start), route.UnderWay, one.Replicas, one.Min, one.Max);
                if (wanted != one.Replicas)
                    await reconciler.ScaleAsync(one.Id, wanted);
            }
        }
    }
}

/// <summary>A revision whose number of replicas follows its load.</summary>
/// <param name="Id">Of the revision.</param>
/// <param name="Min">Fewest; 0 lets the last one go.</param>
/// <param name="Max">Most.</param>
/// <param name="Replicas">Wanted now.</param>
internal sealed record ScaledRevision(string Id, int Min, int Max, int Replicas);
