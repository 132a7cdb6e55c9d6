using System.Collections.Immutable;
using System.Net;
using System.Runtime.CompilerServices;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Replicas;
using Raywright.Core.Tensors;
using Raywright.Ray.Agent;

namespace Raywright.Ray.Replicas;

/// <summary>
/// The replicas of one revision in a cluster. Who is announced is asked once and then gets calls; who does not answer gets none from
/// that moment on, until it answers again. Where nobody can be reached directly, calls go through Serve's proxy.
/// </summary>
internal sealed class RayTarget : IStreamingTarget, IDisposable
{
    /// <summary>Calls on one replica at once: while the model works on one, the next travels and is decoded.</summary>
    private const int Room = 2;
    private const int MostStreams = 64;
    private const string Proxy = "Serve's proxy";

    /// <summary>How often a call goes to another replica because one broke off.</summary>
    private const int MostTries = 3;
    private readonly RevisionConfig revision;
    private readonly string token;
    private readonly HttpClient http;
    private readonly TimeProvider clock;
    private readonly ReplicaPool<RayReplica> pool;
    private readonly Lock gate = new();
    private readonly Dictionary<string, Known> known = new(StringComparer.Ordinal);
    private int streams;
    private int turn;

    /// <param name="revision">Whose replicas they are.</param>
    /// <param name="token">What they want to see.</param>
    /// <param name="http">For probes and logs; the caller's.</param>
    /// <param name="clock">For deadlines.</param>
    public RayTarget(RevisionConfig revision, string token, HttpClient http, TimeProvider clock)
    {
        (this.revision, this.token, this.http, this.clock) = (revision, token, http, clock);
        pool = new(clock, Room);
    }

    public int Concurrency => Math.Max(1, pool.Count) * Room;

    public int ReadyReplicas => pool.Count;

    /// <summary>Those that are reached without Serve's proxy.</summary>
    public int DirectReplicas => pool.Replicas.Count(replica => replica.IsDirect);

    /// <summary>Called where somebody asks and there is no replica at all.</summary>
    public Action Wake { get; set; } = () => { };

    public bool Streams { get; private set; }

    /// <summary>Why calls go through Serve's proxy; null where they do not.</summary>
    public string? Detour { get; private set; }

    /// <summary>Why nobody answers, for those who wait in vain.</summary>
    public Problem? Problem { get; set; }

    /// <summary>Whether a call may be sent again when a replica ended with it: libraries only compute, a person's class may do anything.</summary>
    private bool IsRepeatable => revision.Runtime == RuntimeKind.Onnx || revision.Python is { Flavour: PythonFlavour.Sklearn or PythonFlavour.Xgboost or PythonFlavour.Lightgbm };

    public async ValueTask<Result<Tensor[]>> InferAsync(InferenceCall call, CancellationToken cancellation)
    {
        long start = clock.GetTimestamp();
        for (int tries = 1; ; tries++)
        {
            TimeSpan left = call.Timeout - clock.GetElapsedTime(start);
            if (pool.Count == 0)
                Wake();
            ReplicaPool<RayReplica>.Seat? seat = left <= TimeSpan.Zero ? null : await pool.TakeAsync(left, cancellation).ConfigureAwait(false);
            if (seat is null)
                return Problem is { } reason ? new Problem(Catalogue.ReplicaStarting, reason.Detail, Fix: reason.Advice, RetryAfter: TimeSpan.FromSeconds(1)) : NobodyReady();
            try
            {
                (Result<Tensor[]> answer, bool leaving) = await seat.Replica.InferAsync(call with { Timeout = call.Timeout - clock.GetElapsedTime(start) }, cancellation).ConfigureAwait(false);
                if (leaving)
                    SetAside(seat.Replica);
                return answer;
            }
            catch (ReplicaGoneException)
            {
                // Nobody has worked on it: the next may.
                SetAside(seat.Replica);
            }
            catch (ReplicaBrokeOffException e)
            {
                SetAside(seat.Replica);
                if (e.HasAnswered || !IsRepeatable || tries >= MostTries)
                    return new Problem(Catalogue.ReplicaDied, $"Replica {seat.Replica.Name} ended while it worked on the request.", RetryAfter: TimeSpan.FromSeconds(1));
            }
            catch (TimeoutException e)
            {
                return new Problem(Catalogue.DeadlineExceeded, e.Message);
            }
            finally
            {
                pool.Release(seat);
            }
        }
    }

    public async IAsyncEnumerable<Result<byte[]>> StreamAsync(InferenceCall call, [EnumeratorCancellation] CancellationToken cancellation)
    {
        try
        {
            RayReplica[] ready = pool.Replicas;
            if (Interlocked.Increment(ref streams) > MostStreams * Math.Max(1, ready.Length))
            {
                yield return new Problem(Catalogue.Overloaded, $"{MostStreams * Math.Max(1, ready.Length)} streams are open already.", RetryAfter: TimeSpan.FromSeconds(1));
                yield break;
            }
            RayReplica? replica = ready.Length > 0 ? ready[(int)((uint)Interlocked.Increment(ref turn) % ready.Length)] : await WaitedForAsync(call.Timeout, cancellation).ConfigureAwait(false);
            if (replica is null || await OpenAsync(replica, call, cancellation).ConfigureAwait(false) is not { } values)
            {
                yield return NobodyReady();
                yield break;
            }
            await using (values.ConfigureAwait(false))
            {
                while (await NextAsync(values).ConfigureAwait(false) is { } value)
                    yield return value;
            }
        }
        finally
        {
            Interlocked.Decrement(ref streams);
        }
    }

    /// <summary>Makes those who are announced the known ones, and asks whom it does not know yet whether it is there.</summary>
    /// <returns>Completes when all of them have been asked.</returns>
    public Task AnnounceAsync(IReadOnlyCollection<AnnouncedReplica> announced, CancellationToken cancellation)
    {
        List<Known> ask = [];
        lock (gate)
        {
            // The proxy is nobody's announcement.
            foreach (Known gone in known.Values.Where(one => one.Replica.IsDirect && announced.All(replica => replica.Replica != one.Replica.Name)).ToArray())
                Forget(gone);
            foreach (AnnouncedReplica replica in announced)
            {
                if (!known.TryGetValue(replica.Replica, out Known? found) && !replica.Leaving && IPAddress.TryParse(replica.Address, out IPAddress? address))
                    known[replica.Replica] = found = new(Make(replica.Replica, new IPEndPoint(address, replica.Port), new ReplicaDoor(token, replica.Replica)));
                if (found is null)
                    continue;
                Streams |= replica.Streams;
                if (replica.Leaving)
                    StepBack(found);
                else if (found.Seats.Count == 0)
                    ask.Add(found);
            }
        }
        return Task.WhenAll(ask.Select(one => AskAsync(one, cancellation)));
    }

    /// <summary>Opens the way through Serve's proxy while nobody can be reached directly.</summary>
    /// <param name="proxy">Serve's address.</param>
    /// <param name="why">In words.</param>
    /// <param name="replicas">How many stand behind it, each with its room.</param>
    /// <param name="cancellation">Ends the question whether the way leads there.</param>
    /// <returns>Why it does not; null where it does.</returns>
    public async Task<string?> DetourAsync(EndPoint proxy, string why, int replicas, CancellationToken cancellation)
    {
        Known? found;
        lock (gate)
        {
            Detour = why;
            if (!known.TryGetValue(Proxy, out found))
                known[Proxy] = found = new(Make(Proxy, proxy, new ReplicaDoor(token, null, $"/{revision.Id}")));
            if (found.Seats.Count > 0)
            {
                Seat(found, replicas);
                return null;
            }
        }
        // A proxy hears of an application a moment after its replicas run; what it says before that is no answer of ours.
        await AskAsync(found, cancellation).ConfigureAwait(false);
        lock (gate)
        {
            if (found.Seats.Count > 0)
                Seat(found, replicas);
            return found.Reason;
        }
    }

    /// <summary>Closes the way through Serve's proxy, where it was open.</summary>
    public void EndDetour()
    {
        lock (gate)
        {
            Detour = null;
            if (known.TryGetValue(Proxy, out Known? found))
                Forget(found);
        }
    }

    /// <summary>Whether one of the announced cannot be reached, and why.</summary>
    public string? Unreached
    {
        get
        {
            lock (gate)
                return known.Values.Where(one => one.Replica.IsDirect && one.Seats.Count == 0).Select(one => one.Reason).FirstOrDefault(reason => reason is not null);
        }
    }

    /// <summary>What the replicas have written since the last time.</summary>
    public async Task<IReadOnlyList<ReplicaLogLine>> LogAsync(CancellationToken cancellation)
    {
        RayReplica[] asked;
        lock (gate)
            asked = [.. known.Values.Select(one => one.Replica).Where(replica => replica.IsDirect)];
        IReadOnlyList<ReplicaLogLine>[] lines = await Task.WhenAll(asked.Select(replica => replica.LogAsync(http, cancellation))).ConfigureAwait(false);
        return [.. lines.SelectMany(some => some).OrderBy(line => line.AtMicros)];
    }

    public void Dispose()
    {
        lock (gate)
        {
            foreach (Known one in known.Values.ToArray())
                Forget(one);
        }
    }

    private static Problem NobodyReady() => new(Catalogue.ReplicaStarting, "No replica is ready in the cluster.", RetryAfter: TimeSpan.FromSeconds(1));

    private RayReplica Make(string name, EndPoint endPoint, ReplicaDoor door) => new(name, endPoint, door, revision.Model, revision.Contract, clock);

    private async Task AskAsync(Known one, CancellationToken cancellation)
    {
        string? against = await one.Replica.ProbeAsync(http, cancellation).ConfigureAwait(false);
        lock (gate)
        {
            one.Reason = against;
            Streams |= one.Replica.Streams;
            if (against is null && one.Seats.Count == 0 && known.ContainsValue(one))
                Seat(one, 1);
        }
    }

    /// <summary>It gets no more calls until it has been asked again.</summary>
    private void SetAside(RayReplica replica)
    {
        lock (gate)
        {
            if (known.TryGetValue(replica.Name, out Known? found) && found.Replica == replica)
                StepBack(found);
        }
    }

    private void StepBack(Known one)
    {
        one.Seats.ForEach(pool.Leave);
        one.Seats.Clear();
    }

    /// <summary>Under the gate.</summary>
    private void Seat(Known one, int seats)
    {
        while (one.Seats.Count < seats)
            one.Seats.Add(pool.Join(one.Replica));
        for (; one.Seats.Count > seats; one.Seats.RemoveAt(seats))
            pool.Leave(one.Seats[seats]);
    }

    private void Forget(Known one)
    {
        StepBack(one);
        known.Remove(one.Replica.Name);
        one.Replica.Dispose();
    }

    private async Task<RayReplica?> WaitedForAsync(TimeSpan timeout, CancellationToken cancellation)
    {
        Wake();
        if (await pool.TakeAsync(timeout, cancellation).ConfigureAwait(false) is not { } seat)
            return null;
        pool.Release(seat);
        return seat.Replica;
    }

    private async Task<IAsyncEnumerator<Result<byte[]>>?> OpenAsync(RayReplica replica, InferenceCall call, CancellationToken cancellation)
    {
        try
        {
            return (await replica.OpenStreamAsync(cancellation).ConfigureAwait(false)).AskAsync(call, cancellation).GetAsyncEnumerator(cancellation);
        }
        catch (ReplicaGoneException)
        {
            SetAside(replica);
            return null;
        }
    }

    private static async Task<Result<byte[]>?> NextAsync(IAsyncEnumerator<Result<byte[]>> values)
    {
        try
        {
            return await values.MoveNextAsync().ConfigureAwait(false) ? values.Current : (Result<byte[]>?)null;
        }
        catch (IOException)
        {
            return new Problem(Catalogue.ReplicaDied, "The replica ended in the middle of the stream.", RetryAfter: TimeSpan.FromSeconds(1));
        }
    }

    /// <summary>A replica that was announced.</summary>
    private sealed class Known(RayReplica replica)
    {
        public RayReplica Replica => replica;

        /// <summary>None while it gets no calls.</summary>
        public List<ReplicaPool<RayReplica>.Seat> Seats { get; } = [];

        /// <summary>Why it could not be reached the last time.</summary>
        public string? Reason { get; set; }
    }
}
