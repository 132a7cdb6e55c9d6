using Xunit;

namespace Raywright.EndToEnd.Harness;

/// <summary>A file system of a few megabytes on a folder; a test skips where it may not mount one.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private readonly Sandbox sandbox;
    private readonly string folder;

    private SmallDisk(Sandbox sandbox, string folder) => (this.sandbox, this.folder) = (sandbox, folder);

    public static async Task<SmallDisk> MountAsync(Sandbox sandbox, string folder, string size)
    {
        Directory.CreateDirectory(folder);
        Assert.SkipUnless(Environment.IsPrivilegedProcess && File.Exists("/bin/mount"), "Only root can mount a small disk.");
        Ended mounted = await sandbox.Start("/bin/mount", "-t", "tmpfs", "-o", $"size={size},mode=700", "tmpfs", folder).EndAsync();
        Assert.SkipUnless(mounted.Status == 0, $"No small disk can be mounted here: {mounted.Error.Trim()}");
        return new(sandbox, folder);
    }

    /// <summary>Writes the file <c>full</c> until nothing more goes.</summary>
    public async Task FillAsync()
    {
        await using FileStream stream = new(Path.Combine(folder, "full"), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        byte[] block = new byte[4096];
        try
        {
            while (true)
                stream.Write(block);
        }
        catch (IOException)
        {
            // Full, as it was meant to be.
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (int pid in sandbox.Running)
            Signals.Send(pid, Signals.Kill);
        (await sandbox.Start("/bin/umount", "--lazy", folder).EndAsync()).With(0);
    }
}
