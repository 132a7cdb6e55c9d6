using System.Runtime.InteropServices;

namespace Raywright.Server.Blobs;

/// <summary>Two calls of the system that the platform library lacks.</summary>
internal static partial class Posix
{
    private const int ReadOnlyDirectory = 0x10000;

    /// <summary>Gives a file a second name; false where the file system cannot, and then it is copied.</summary>
    public static bool TryLink(string existing, string name) => !OperatingSystem.IsWindows() && Link(existing, name) == 0;

    /// <summary>Makes the names in a folder last through a loss of power.</summary>
    public static void FlushFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
            return;
        int handle = Open(folder, OperatingSystem.IsLinux() ? ReadOnlyDirectory : 0);
        if (handle < 0)
            return;
        _ = Flush(handle);
        _ = Close(handle);
    }

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string name);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync")]
    private static partial int Flush(int handle);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int handle);
}
