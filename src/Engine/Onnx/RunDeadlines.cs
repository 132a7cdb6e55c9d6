using Microsoft.ML.OnnxRuntime;

namespace Raywright.Engine.Onnx;

/// <summary>
/// Stops runs that pass their deadline. One watch for all: a run only writes two fields, because a timer a run would cost
/// more than a small model does.
/// </summary>
internal sealed class RunDeadlines : IDisposable
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(50);
    private readonly TimeProvider clock;
    private readonly ITimer timer;
    private readonly Lock gate = new();
    private readonly List<Run> all = [];
    private readonly System.Collections.Concurrent.ConcurrentBag<Run> idle = [];

    public RunDeadlines(TimeProvider clock)
    {
        this.clock = clock;
        timer = clock.CreateTimer(_ => Sweep(), null, Pace, Pace);
    }

    /// <summary>A run's options, for one run at a time; given back with <see cref="Return"/>.</summary>
    public Run Rent(TimeSpan timeout)
    {
        if (!idle.TryTake(out Run? run))
        {
            run = new Run();
            lock (gate)
                all.Add(run);
        }
        run.Start(clock.GetTimestamp() + (long)(timeout.TotalSeconds * clock.TimestampFrequency));
        return run;
    }

    public void Return(Run run)
    {
        if (run.End())
            idle.Add(run);
        else
            Discard(run);
    }

    public void Dispose()
    {
        timer.Dispose();
        lock (gate)
        {
            foreach (Run run in all)
                run.Options.Dispose();
            all.Clear();
        }
    }

    private void Discard(Run run)
    {
        lock (gate)
            all.Remove(run);
        run.Options.Dispose();
    }

    private void Sweep()
    {
        long now = clock.GetTimestamp();
        lock (gate)
        {
            foreach (Run run in all)
                run.StopIfDue(now);
        }
    }

    /// <summary>One slot of the watch.</summary>
    internal sealed class Run
    {
        private readonly Lock gate = new();
        private long deadline = long.MaxValue;

        public RunOptions Options { get; } = new();

        public bool Stopped { get; private set; }

        public void Start(long at)
        {
            lock (gate)
                deadline = at;
        }

        /// <summary>Ends the run; false where it was stopped, and its options must not be used again.</summary>
        public bool End()
        {
            lock (gate)
                deadline = long.MaxValue;
            return !Stopped;
        }

        public void Stop()
        {
            lock (gate)
            {
                if (deadline == long.MaxValue)
                    return;
                Stopped = true;
                Options.Terminate = true;
            }
        }

        public void StopIfDue(long now)
        {
            if (Volatile.Read(ref deadline) <= now)
                Stop();
        }
    }
}
