using System.Collections.Concurrent;
using System.Globalization;
using Raywright.Server.Tests.Hosting;

namespace Raywright.Server.Tests.Computes;

/// <summary>Callers that ask one model without a pause, and keep what was not as it should be.</summary>
internal sealed class RayLoad : IAsyncDisposable
{
    private readonly CancellationTokenSource stopping = new();
    private readonly ConcurrentQueue<string> wrong = new();
    private readonly Task[] callers;
    private long answers;

    /// <param name="server">Who is asked.</param>
    /// <param name="right">Whether an answer to <c>x = 1</c> is one that the model may give now.</param>
    /// <param name="callers">How many ask at once.</param>
    public RayLoad(TestServer server, Func<double, bool> right, int callers = 4)
    {
        this.callers = [.. Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            while (!stopping.IsCancellationRequested)
            {
                string answer = await server.AskAsync("adder", "[[1.0]]");
                Interlocked.Increment(ref answers);
                if (!double.TryParse(answer.Split([':', '}', ']', '[', ','], StringSplitOptions.RemoveEmptyEntries).LastOrDefault(part => char.IsAsciiDigit(part[0])), CultureInfo.InvariantCulture, out double value) || !right(value))
                    wrong.Enqueue(answer);
            }
        }))];
    }

    public long Answers => Volatile.Read(ref answers);

    /// <summary>What was no right answer.</summary>
    public IReadOnlyCollection<string> Wrong => wrong;

    public async Task StopAsync()
    {
        await stopping.CancelAsync();
        await Task.WhenAll(callers);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        stopping.Dispose();
    }
}
