namespace Raywright.Core.Engines;

/// <summary>
/// Counts what is under way on something that may be closed: nobody enters after <see cref="CloseAsync"/>, which completes
/// when the last one has left. Lock-free.
/// </summary>
public sealed class InFlight
{
    private readonly TaskCompletionSource empty = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Those inside, plus one until it is closed: zero means closed and empty.</summary>
    private int holders = 1;
    private int closed;

    public int Count => Math.Max(0, Volatile.Read(ref holders) - 1 + Volatile.Read(ref closed));

    /// <summary>False where it is closed; each success is followed by one <see cref="Exit"/>.</summary>
    public bool TryEnter()
    {
        int now = Volatile.Read(ref holders);
        while (now > 0 && Volatile.Read(ref closed) == 0)
        {
            int seen = Interlocked.CompareExchange(ref holders, now + 1, now);
            if (seen == now)
                return true;
            now = seen;
        }
        return false;
    }

    public void Exit()
    {
        if (Interlocked.Decrement(ref holders) == 0)
            empty.TrySetResult();
    }

    public Task CloseAsync()
    {
        if (Interlocked.Exchange(ref closed, 1) == 0)
            Exit();
        return empty.Task;
    }
}
