namespace Raywright.Server.Access;

/// <summary>Writes down now and then when keys were last used; requests themselves touch no database.</summary>
internal sealed partial class KeyUses(KeyService keys, TimeProvider clock, ILogger<KeyUses> log) : BackgroundService
{
    private static readonly TimeSpan Pace = TimeSpan.FromMinutes(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(Pace, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            await NoteAsync();
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await NoteAsync();
    }

    private async Task NoteAsync()
    {
        try
        {
            await keys.NoteUsesAsync();
        }
        catch (Exception e)
        {
            LogFailed(e);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The last uses of keys could not be written down")]
    private partial void LogFailed(Exception exception);
}
