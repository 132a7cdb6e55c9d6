using System.Text.Json;
using Raywright.Cli.CommandLine;
using Raywright.Core.Api;
using Raywright.Core.Errors;

namespace Raywright.Cli.Homes;

/// <summary>The folder of the local server, as the command line sees it, and of the profile.</summary>
internal sealed class HomeFolder(string path)
{
    /// <summary>What the log needs to say that there is no space for the rest.</summary>
    private const int LittleSpace = 1 << 16;
    private const int NoSpace = 28;
    private const int QuotaExceeded = 122;

    public string Path => path;

    /// <summary>Whether a command without <c>--home</c> means this folder.</summary>
    public bool IsDefault(CliHost host) => path == DefaultPath(host);

    public static string DefaultPath(CliHost host) => host.FullPath(
        host.Variable("RAYWRIGHT_HOME") ?? System.IO.Path.Combine(host.Variable("HOME") ?? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".raywright"));

    public string ServerLog => System.IO.Path.Combine(path, "logs", "server.log");

    public string Environments => System.IO.Path.Combine(path, "environments");

    /// <summary>One line a file that somebody here has vouched for: digest and name.</summary>
    private string TrustedFiles => System.IO.Path.Combine(path, "trusted.txt");

    /// <summary>Held by a command while it starts a server here, so that two do not start two.</summary>
    public string StartLock => System.IO.Path.Combine(path, "start.lock");

    public string QueryKeyFile => System.IO.Path.Combine(path, "query.key");

    private string ProfileFile => System.IO.Path.Combine(path, "profile.json");

    /// <summary>Makes the folder, for its owner alone; null where that worked.</summary>
    public Problem? Create()
    {
        try
        {
            if (!Directory.Exists(path) && !OperatingSystem.IsWindows())
                Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(ServerLog)!);
            Try(System.IO.Path.Combine(path, $".writable-{Environment.ProcessId}"));
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Unwritable(path, e);
        }
    }

    private static Problem Unwritable(string path, Exception e) => e is IOException { HResult: NoSpace or QuotaExceeded }
        ? new(Catalogue.DiskFull, $"{path} cannot be written: its disk is full.")
        : new(Catalogue.HomeNotWritable, $"{path} cannot be written: {e.Message}");

    /// <summary>Writes a little: a full disk lets one make a file, and put nothing into it.</summary>
    private static void Try(string file)
    {
        try
        {
            File.WriteAllBytes(file, new byte[LittleSpace]);
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>What the server that runs here announced; null where none did. It may have died since.</summary>
    public ServerInfo? ReadServer()
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

    /// <summary>The owner's key of the server here.</summary>
    public string? ReadAdminKey() => ReadSecret(System.IO.Path.Combine(path, "admin.key"));

    public static string? ReadSecret(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim() is { Length: > 0 } key ? key : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Whether somebody here has vouched for the file with this digest.</summary>
    public bool IsTrusted(string digest) => File.Exists(TrustedFiles) && File.ReadLines(TrustedFiles).Any(line => line.StartsWith(digest, StringComparison.Ordinal));

    /// <summary>Remembers that somebody vouches for a file; null where that worked.</summary>
    public Problem? Trust(string digest, string name)
    {
        if (Create() is { } problem)
            return problem;
        try
        {
            File.AppendAllText(TrustedFiles, $"{digest} {name}\n");
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Unwritable(TrustedFiles, e);
        }
    }

    public Result<Profile> ReadProfile()
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(ProfileFile), ProfileJson.Default.Profile) ?? Profile.Empty;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Profile.Empty;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return new Problem(Catalogue.ProfileDamaged, $"{ProfileFile} cannot be read: {e.Message}");
        }
    }

    public Problem? WriteProfile(Profile profile) =>
        Create() ?? WriteSecret(ProfileFile, JsonSerializer.Serialize(profile, ProfileJson.Default.Profile));

    /// <summary>Writes a file that only its owner can read, whole or not at all.</summary>
    public static Problem? WriteSecret(string file, string text)
    {
        string beside = $"{file}.{Environment.ProcessId}.new";
        try
        {
            File.Delete(beside);
            FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            using (FileStream stream = new(beside, options))
                stream.Write(System.Text.Encoding.UTF8.GetBytes(text + "\n"));
            File.Move(beside, file, overwrite: true);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Unwritable(file, e);
        }
    }
}
