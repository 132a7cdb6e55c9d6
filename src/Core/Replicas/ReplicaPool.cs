namespace Raywright.Core.Replicas;

/// <summary>
/// Who can be asked now. A call takes the replica that has the fewest calls under way, or waits for the next that has room; a
/// replica that has left is never given out again, whoever still holds it.
/// </summary>
/// <param name="clock">For the time that calls wait.</param>
/// <param name="room">Calls that one replica takes at once.</param>
public sealed class ReplicaPool<TReplica>(TimeProvider clock, int room = 1)
    where TReplica : class
{
    private readonly Lock gate = new();
    private readonly List<Seat> seats = [];
    private readonly Queue<TaskCompletionSource<Seat>> waiting = new();

    public int Count
    {
        get
        {
            lock (gate)
                return seats.Count;
        }
    }

    /// <summary>Those who can be asked, as of now.</summary>
    public TReplica[] Replicas
    {
        get
        {
            lock (gate)
                return [.. seats.Select(seat => seat.Replica)];
        }
    }

    /// <summary>From now on it is asked, first for those who wait.</summary>
    public Seat Join(TReplica replica)
    {
        Seat seat = new(replica);
        lock (gate)
        {
            seats.Add(seat);
            Serve(seat);
        }
        return seat;
    }

    /// <summary>It is asked no more; calls that it works on go on.</summary>
    public void Leave(Seat seat)
    {
        lock (gate)
            seats.Remove(seat);
    }

    /// <summary>A replica with room, to be given back by <see cref="Release"/>; null where there is none in time.</summary>
    public ValueTask<Seat?> TakeAsync(TimeSpan timeout, CancellationToken cancellation)
    {
        TaskCompletionSource<Seat> wish;
        lock (gate)
        {
            Seat? least = null;
            foreach (Seat seat in seats)
            {
                if (seat.Busy < room && (least is null || seat.Busy < least.Busy))
                    least = seat;
            }
            if (least is not null)
            {
                least.Busy++;
                return ValueTask.FromResult<Seat?>(least);
            }
            wish = new(TaskCreationOptions.RunContinuationsAsynchronously);
            waiting.Enqueue(wish);
        }
        return WaitAsync(wish, timeout, cancellation);
    }

    public void Release(Seat seat)
    {
        lock (gate)
        {
            seat.Busy--;
            if (seats.Contains(seat))
                Serve(seat);
        }
    }

    /// <summary>Null where none came free in time. A wish that was granted just as its owner left goes to the next.</summary>
    private async ValueTask<Seat?> WaitAsync(TaskCompletionSource<Seat> wish, TimeSpan timeout, CancellationToken cancellation)
    {
        try
        {
            return await wish.Task.WaitAsync(timeout, clock, cancellation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            if (!wish.TrySetCanceled(CancellationToken.None))
                Release(await wish.Task.ConfigureAwait(false));
            return e is TimeoutException ? null : throw new OperationCanceledException(cancellation);
        }
    }

    /// <summary>Called under the gate.</summary>
    private void Serve(Seat seat)
    {
        while (seat.Busy < room && waiting.TryDequeue(out TaskCompletionSource<Seat>? wish))
        {
            if (wish.TrySetResult(seat))
                seat.Busy++;
        }
    }

    /// <summary>One replica for as long as it can be asked; when it is back it has another.</summary>
    public sealed class Seat(TReplica replica)
    {
        public TReplica Replica => replica;

        /// <summary>Calls under way; under the gate of the pool.</summary>
        internal int Busy { get; set; }
    }
}
