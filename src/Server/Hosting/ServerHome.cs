using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Raywright.Core.Api;
using Raywright.Core.Errors;

namespace Raywright.Server.Hosting;

/// <summary>
/// The home folder of a server, held for it alone while it runs. It belongs to its owner and nobody else can read it: it holds keys.
/// </summary>
public sealed class ServerHome : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly TimeSpan DyingPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan DyingPause = TimeSpan.FromMilliseconds(50);
    private readonly FileStream held;

    private ServerHome(string path, FileStream held) => (Path, this.held) = (path, held);

    public string Path { get; }

    public string Database => System.IO.Path.Combine(Path, "raywright.db");

    public string Blobs => System.IO.Path.Combine(Path, "blobs");

    public string Versions => System.IO.Path.Combine(Path, "versions");

    /// <summary>Python environments of models.</summary>
    public string Environments => System.IO.Path.Combine(Path, "environments");

    public string Records => System.IO.Path.Combine(Path, "records");

    public string RequestLog => System.IO.Path.Combine(Path, "logs", "requests.log");

    /// <summary>Keys with which the app's cookies are sealed.</summary>
    public string AppKeys => System.IO.Path.Combine(Path, "app-keys");

    /// <summary>The owner's key, for commands on this machine.</summary>
    public string OwnerKey => System.IO.Path.Combine(Path, "admin.key");

    private string Announcement => System.IO.Path.Combine(Path, "server.json");

    /// <summary>Makes the folder where it is missing, and takes it.</summary>
    public static async Task<Result<ServerHome>> TakeAsync(string path, TimeProvider clock, CancellationToken cancellation)
    {
        long start = clock.GetTimestamp();
        while (true)
        {
            Result<ServerHome> taken = Take(path);
            // A server that was killed holds its home until the last of its threads is gone, which a busy machine may take its time over.
            if (taken.Ok || taken.Problems[0].Definition != Catalogue.HomeInUse || clock.GetElapsedTime(start) > DyingPatience || Announced(path) is { } holder && Runs(holder.Pid))
                return taken;
            await Task.Delay(DyingPause, clock, cancellation);
        }
    }

    private static Result<ServerHome> Take(string path)
    {
        string lockFile = System.IO.Path.Combine(path, "server.lock");
        try
        {
            if (!Directory.Exists(path) && !OperatingSystem.IsWindows())
                Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
            Directory.CreateDirectory(System.IO.Path.Combine(path, "logs"));
            FileStream stream;
            try
            {
                stream = new FileStream(lockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (Store.StoreFailure.Of(e) is null && File.Exists(lockFile))
            {
                return InUse(path);
            }
            try
            {
                stream.SetLength(0);
                stream.Write(Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
                stream.Flush();
                return new ServerHome(path, stream);
            }
            catch
            {
                stream.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Store.StoreFailure.Of(e) ?? new Problem(Catalogue.HomeNotWritable, $"{path} cannot be written: {e.Message}");
        }
    }

    /// <summary>Tells commands on this machine where the server is.</summary>
    public void Announce(ServerInfo info) => Replace(Announcement, JsonSerializer.SerializeToUtf8Bytes(info, ApiJson.Default.ServerInfo));

    public void Withdraw() => File.Delete(Announcement);

    /// <summary>The owner's key; null where there is none.</summary>
    public string? ReadOwnerKey() => File.Exists(OwnerKey) ? File.ReadAllText(OwnerKey).Trim() : null;

    public void WriteOwnerKey(string key) => Replace(OwnerKey, Encoding.ASCII.GetBytes(key + "\n"));

    public void Dispose() => held.Dispose();

    private static Problem InUse(string path)
    {
        string owner = Announced(path) is { } info ? string.Create(CultureInfo.InvariantCulture, $", the process {info.Pid} at {info.Url}") : "";
        return new(Catalogue.HomeInUse, $"Another server runs on {path}{owner}.");
    }

    /// <summary>What the server on a home said of itself; null where it is just starting, and has not said anything.</summary>
    private static ServerInfo? Announced(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(System.IO.Path.Combine(path, "server.json")), ApiJson.Default.ServerInfo);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Whether a process runs; one that was killed and is not quite gone does not.</summary>
    private static bool Runs(int pid)
    {
        try
        {
            using Process process = Process.GetProcessById(pid);
            string stat = OperatingSystem.IsLinux() ? File.ReadAllText($"/proc/{pid}/stat") : ") R";
            return stat[(stat.LastIndexOf(')') + 1)..].TrimStart() is not ['Z' or 'X', ..];
        }
        catch (Exception e) when (e is ArgumentException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Whole or not at all, for the owner's eyes.</summary>
    private static void Replace(string file, byte[] content)
    {
        string beside = file + ".new";
        File.Delete(beside);
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        using (FileStream stream = new(beside, options))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }
        File.Move(beside, file, overwrite: true);
    }
}
