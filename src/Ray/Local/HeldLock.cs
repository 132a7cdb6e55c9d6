namespace Raywright.Ray.Local;

/// <summary>One process at a time; the system lets go of the lock of one that dies.</summary>
internal static class HeldLock
{
    /// <summary>Linux says so where another process holds it; a full disk or a missing right has another number.</summary>
    private const int WouldBlock = 11;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(200);

    /// <param name="file">Stays there, empty.</param>
    /// <param name="wait">Heard once where another process has it.</param>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static async Task<FileStream> TakeAsync(string file, Action wait, TimeProvider clock, CancellationToken cancellation)
    {
        for (bool told = false; ; told = true)
        {
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (e.HResult == WouldBlock)
            {
                if (!told)
                    wait();
            }
            await Task.Delay(Pace, clock, cancellation).ConfigureAwait(false);
        }
    }
}
