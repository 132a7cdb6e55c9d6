using System.Globalization;
using System.Net.Sockets;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Replicas;
using Raywright.Core.Tensors;

namespace Raywright.Engine.Python;

/// <summary>One place in which a child runs: starts it, asks it, and starts it again when it ends.</summary>
internal sealed class PythonReplica(int number, RevisionSource source, PythonInterpreter interpreter, RunFolder run, ReplicaPool<PythonReplica> ready, ReplicaLog log, TimeProvider clock) : IAsyncDisposable
{
    private static readonly TimeSpan WatchPace = TimeSpan.FromMilliseconds(200);

    /// <summary>Code that cannot be interrupted may still come to an end by itself; then nothing has to be loaded again.</summary>
    private static readonly TimeSpan LeavePatience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(500);
    private readonly CancellationTokenSource closing = new();
    private readonly TaskCompletionSource<Problem?> firstStart = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task running = Task.CompletedTask;
    private PythonChild? child;
    private ReplicaConnection? connection;
    private ReplicaPool<PythonReplica>.Seat? seat;
    private int failures;

    public bool IsReady => connection is not null;

    /// <summary>Whether its model says that it streams; kept while it is started again.</summary>
    public bool Streams { get; private set; }

    /// <summary>Why it does not run; null where it does, or is just being started.</summary>
    public Problem? Problem { get; private set; }

    /// <summary>Whether it failed so often that the next start is not near.</summary>
    public bool Rests => failures > 2;

    /// <summary>Starts it; null once it is ready, else why it could not be started. It goes on trying.</summary>
    public Task<Problem?> StartAsync()
    {
        running = Task.Run(RunAsync);
        return firstStart.Task;
    }

    /// <summary>Asks it. Only whoever it was offered to may, one call at a time.</summary>
    /// <exception cref="ReplicaGoneException">It had ended while nobody asked it.</exception>
    public async ValueTask<Result<Tensor[]>> InferAsync(InferenceCall call, CancellationToken cancellation)
    {
        if (connection is not { } mine)
        {
            StepBack();
            throw new ReplicaGoneException("The replica had ended.", new ObjectDisposedException(nameof(ReplicaConnection)));
        }
        try
        {
            Result<Tensor[]> answer = await mine.InferAsync(call, cancellation).ConfigureAwait(false);
            failures = 0;
            return answer;
        }
        catch (TimeoutException e)
        {
            // Whatever it does, it does it for nobody, and it would do it for ever.
            End(mine, $"it did not answer {call.RequestId} by its deadline");
            return new Problem(Catalogue.DeadlineExceeded, e.Message);
        }
        catch (OperationCanceledException)
        {
            // Nobody waits for the answer; what matters is when the model is free again.
            if (await mine.LeaveAsync(LeavePatience).ConfigureAwait(false))
                Reconnect(mine);
            else
                End(mine, $"it did not let go of {call.RequestId}, which was cancelled");
            throw;
        }
        catch (ReplicaGoneException)
        {
            End(mine, null);
            throw;
        }
        catch (IOException)
        {
            End(mine, null);
            return Died();
        }
    }

    /// <summary>Asks it for a stream, beside what it is asked otherwise.</summary>
    /// <exception cref="ReplicaGoneException">It is not there.</exception>
    public ReplicaStream OpenStream()
    {
        if (child is not { } mine || !IsReady)
            throw new ReplicaGoneException("The replica had ended.", new ObjectDisposedException(nameof(PythonReplica)));
        try
        {
            return new ReplicaStream(Dial(mine), source.Revision.Model, source.Revision.Contract);
        }
        catch (SocketException e)
        {
            throw new ReplicaGoneException("The replica had ended.", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync().ConfigureAwait(false);
        child?.Kill();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Interlocked.Exchange(ref connection, null)?.Dispose();
        closing.Dispose();
    }

    private Problem Died() => new(Catalogue.ReplicaDied, $"Replica {number} ended while it worked on the request.", RetryAfter: TimeSpan.FromSeconds(1));

    private void End(ReplicaConnection broken, string? why)
    {
        if (why is not null)
            log.Add("engine", $"replica {number} is ended: {why}");
        // One that is back already has a connection of its own.
        if (Interlocked.CompareExchange(ref connection, null, broken) == broken)
        {
            StepBack();
            broken.Dispose();
        }
        child?.Kill();
    }

    private void StepBack()
    {
        if (Interlocked.Exchange(ref seat, null) is { } left)
            ready.Leave(left);
    }

    /// <summary>A connection on which a call was cancelled is of no more use; the next call has another one.</summary>
    private void Reconnect(ReplicaConnection used)
    {
        used.Dispose();
        ReplicaConnection? fresh = null;
        try
        {
            fresh = Connect(child!);
        }
        catch (SocketException)
        {
            child?.Kill();
        }
        // It may have died and be back already, with a connection of its own.
        if (Interlocked.CompareExchange(ref connection, fresh, used) != used)
            fresh?.Dispose();
    }

    private async Task RunAsync()
    {
        while (!closing.IsCancellationRequested)
        {
            try
            {
                Problem? problem = await LiveAsync().ConfigureAwait(false);
                if (closing.IsCancellationRequested)
                    return;
                Problem = problem;
                firstStart.TrySetResult(problem);
                TimeSpan pause = Pause(failures++);
                if (pause > TimeSpan.Zero)
                    await Task.Delay(pause, clock, closing.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (closing.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // A full disk, no more processes: said, and tried again later.
                Problem = new Problem(Catalogue.PythonModelFailed, e.Message);
                log.Add("engine", $"replica {number} cannot be started: {e.Message}");
                firstStart.TrySetResult(Problem);
                failures = Math.Max(failures, 3);
                await Task.Delay(Pause(failures), clock, closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>From a start to the end that it comes to; why it ended.</summary>
    private async Task<Problem?> LiveAsync()
    {
        long start = clock.GetTimestamp();
        Result<PythonChild> started = await PythonChild.StartAsync(source, "serve", interpreter, run, log, closing.Token).ConfigureAwait(false);
        if (!started.Ok)
        {
            log.Add("engine", $"replica {number} does not start: {started.Problems[0].Detail}");
            return started.Problems[0];
        }
        await using PythonChild mine = child = started.Value;
        Streams = mine.Ready.Streams;
        try
        {
            connection = Connect(mine);
        }
        catch (SocketException e)
        {
            return new Problem(Catalogue.PythonModelFailed, $"The model was loaded, but does not listen: {e.Message}");
        }
        Problem = null;
        log.Add("engine", string.Create(CultureInfo.InvariantCulture,
            $"replica {number} ready after {clock.GetElapsedTime(start).TotalMilliseconds:0} ms, process {mine.Id}, {mine.Ready.VersionsText}; confined: {string.Join(", ", mine.Ready.Confined ?? [])}"));
        firstStart.TrySetResult(null);
        seat = ready.Join(this);
        string? ended;
        try
        {
            ended = await WatchAsync(mine).ConfigureAwait(false);
        }
        finally
        {
            StepBack();
        }
        Interlocked.Exchange(ref connection, null)?.Dispose();
        if (!closing.IsCancellationRequested)
            log.Add("engine", $"replica {number} ended {ended ?? mine.End}; it is started again");
        return new Problem(Catalogue.ReplicaDied, $"Replica {number} ended {ended ?? mine.End}.");
    }

    /// <summary>Waits for its end, which is brought about where it takes too much memory.</summary>
    private async Task<string?> WatchAsync(PythonChild mine)
    {
        long most = source.Revision.Resources.MemoryBytes;
        while (await Task.WhenAny(mine.Exited, Task.Delay(WatchPace, clock, closing.Token)).ConfigureAwait(false) != mine.Exited)
        {
            closing.Token.ThrowIfCancellationRequested();
            if (mine.ResidentBytes is var held && held <= most)
                continue;
            mine.Kill();
            await mine.Exited.ConfigureAwait(false);
            return string.Create(CultureInfo.InvariantCulture, $"because it held {held >> 20} MiB, and `resources.memory` allows {most >> 20}");
        }
        return null;
    }

    private ReplicaConnection Connect(PythonChild to) => new(Dial(to), source.Revision.Model, source.Revision.Contract, clock);

    private static Socket Dial(PythonChild to)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(to.SocketPath));
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The first end after a success costs no pause; a model that dies at once is not started again and again.</summary>
    private static TimeSpan Pause(int failures) => failures == 0
        ? TimeSpan.Zero
        : TimeSpan.FromSeconds(Math.Min(LongestPause.TotalSeconds, FirstPause.TotalSeconds * Math.Pow(2, Math.Min(failures - 1, 10))));
}
