using Raywright.Cli.Homes;
using Raywright.Core.Errors;

namespace Raywright.Cli.Servers;

/// <summary>Lets one command at a time start a server on a home folder; the others then find it running.</summary>
internal static class StartLock
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public static async Task<Result<IDisposable>> TakeAsync(HomeFolder home, TimeProvider clock, CancellationToken cancellation)
    {
        if (home.Create() is { } problem)
            return problem;
        while (true)
        {
            try
            {
                return new FileStream(home.StartLock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(Pause, clock, cancellation).ConfigureAwait(false);
            }
        }
    }
}
