using Raywright.Core.Errors;

namespace Raywright.Server.Deploying;

/// <summary>
/// Unit tests that a deploy does not wait for. They end with the server; since they have left no evidence then, whoever deploys the
/// same again has them run again.
/// </summary>
public sealed partial class TestsBeside(ILogger<TestsBeside> log) : IHostedService, IDisposable
{
    private readonly Dictionary<string, Task> running = new(StringComparer.Ordinal);
    private readonly Lock gate = new();
    private readonly CancellationTokenSource over = new();

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await over.CancelAsync();
        Task[] left;
        lock (gate)
            left = [.. running.Values];
        await Task.WhenAll(left).WaitAsync(cancellationToken);
    }

    /// <summary>Starts work, unless the same runs already.</summary>
    /// <param name="identity">Of what is tested, and with what.</param>
    /// <param name="model">For the log.</param>
    /// <param name="work">Keeps its own evidence; what it returns went wrong before there was any.</param>
    public void Start(string identity, string model, Func<CancellationToken, Task<Problem?>> work)
    {
        lock (gate)
        {
            if (!running.ContainsKey(identity))
                running[identity] = Task.Run(() => RunAsync(identity, model, work));
        }
    }

    public void Dispose() => over.Dispose();

    private async Task RunAsync(string identity, string model, Func<CancellationToken, Task<Problem?>> work)
    {
        try
        {
            if (await work(over.Token) is { } problem)
                LogFailed(model, problem.Detail);
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // The server ends.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            LogFailed(model, e.Message);
        }
        finally
        {
            lock (gate)
                running.Remove(identity);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The unit tests of {Model} did not run to their end: {Reason}")]
    private partial void LogFailed(string model, string reason);
}
