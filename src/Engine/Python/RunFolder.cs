using System.Diagnostics;
using System.Globalization;

namespace Raywright.Engine.Python;

/// <summary>
/// Where children of one server have their sockets and their scratch space: a folder for this user alone, short enough for the
/// names of sockets. One server has it at a time, and whoever takes it over ends what an earlier one left.
/// </summary>
internal sealed class RunFolder : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private int made;

    public RunFolder(string path)
    {
        Path = path;
        ReapLeftovers();
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(Path);
        else
            Directory.CreateDirectory(Path, OwnerOnly);
    }

    public string Path { get; }

    /// <summary>
    /// The one of a server. Its home, which is long and keeps others out, says where it is: the next server finds the same, and nobody
    /// else can take a name that only the home knows.
    /// </summary>
    public static RunFolder Of(string home)
    {
        string note = System.IO.Path.Combine(home, "children");
        string? last = File.Exists(note) ? File.ReadAllText(note) : null;
        if (last is not null && Directory.Exists(last))
            return new(last);
        string path = Directory.CreateTempSubdirectory("raywright-").FullName;
        Directory.CreateDirectory(home);
        File.WriteAllText(note, path);
        return new(path);
    }

    /// <summary>A folder for one child.</summary>
    public string Next()
    {
        string folder = System.IO.Path.Combine(Path, Interlocked.Increment(ref made).ToString(CultureInfo.InvariantCulture));
        Directory.CreateDirectory(System.IO.Path.Combine(folder, "scratch"));
        return folder;
    }

    public void Dispose() => Remove(Path);

    /// <summary>Remembers who works in a child's folder, for whoever comes after a crash of ours.</summary>
    public static void Note(string folder, Process child) =>
        File.WriteAllText(System.IO.Path.Combine(folder, "process"), string.Create(CultureInfo.InvariantCulture, $"{child.Id} {child.StartTime.Ticks}"));

    public static void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Gone already.
        }
    }

    /// <summary>A process number is used again, so only one that started at the noted moment is ours.</summary>
    private void ReapLeftovers()
    {
        if (!Directory.Exists(Path))
            return;
        foreach (string note in Directory.EnumerateFiles(Path, "process", SearchOption.AllDirectories))
        {
            string[] parts = File.ReadAllText(note).Split(' ');
            if (parts.Length == 2 && int.TryParse(parts[0], CultureInfo.InvariantCulture, out int id) && long.TryParse(parts[1], CultureInfo.InvariantCulture, out long started))
                End(id, started);
        }
        Directory.Delete(Path, recursive: true);
    }

    private static void End(int id, long started)
    {
        try
        {
            using Process left = Process.GetProcessById(id);
            if (left.StartTime.Ticks == started)
                left.Kill();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            // It has ended by itself, as it should.
        }
    }
}
