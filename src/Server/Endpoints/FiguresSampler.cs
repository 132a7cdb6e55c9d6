using Raywright.Gateway.Telemetry;

namespace Raywright.Server.Endpoints;

/// <summary>Keeps the history of figures going. Mostly there is nothing to do; a step is taken over within a second of its end.</summary>
internal sealed class FiguresSampler(FiguresHistory history, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(Pace, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            history.Advance();
    }
}
