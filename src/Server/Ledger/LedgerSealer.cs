using Raywright.Server.Store;

namespace Raywright.Server.Ledger;

/// <summary>Seals ledger rows soon after they were written.</summary>
internal sealed partial class LedgerSealer(DbStore store, LedgerService ledger, ILogger<LedgerSealer> log) : BackgroundService
{
    private readonly SemaphoreSlim written = new(1, 1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        store.Written = Wake;
        try
        {
            while (true)
            {
                await written.WaitAsync(stoppingToken);
                await SealAsync(stoppingToken);
            }
        }
        finally
        {
            store.Written = null;
        }
    }

    private async Task SealAsync(CancellationToken cancellation)
    {
        try
        {
            while (await ledger.SealAsync(cancellation))
            {
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // A full disk, a database that is away: the next write tries again.
            LogFailed(e);
        }
    }

    private void Wake()
    {
        if (written.CurrentCount == 0)
            written.Release();
    }

    public override void Dispose()
    {
        written.Dispose();
        base.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Ledger rows could not be sealed")]
    private partial void LogFailed(Exception exception);
}
