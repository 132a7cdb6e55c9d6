using System.Runtime.InteropServices;

namespace Raywright.Engine.Probing;

/// <summary>Limits that a child puts on itself before it touches a model. Linux only; elsewhere its parent's deadline is the limit.</summary>
internal static partial class ChildLimits
{
    /// <summary>Linux counts private writable memory here, unlike the address space, of which the runtime reserves far more than it uses.</summary>
    private const int DataResource = 2;

    public static void Apply(long memoryBytes)
    {
        if (!OperatingSystem.IsLinux())
            return;
        Limit limit = new() { Soft = (ulong)memoryBytes, Hard = (ulong)memoryBytes };
        _ = SetLimit(DataResource, in limit);
    }

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, in Limit limit);

    private struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }
}
