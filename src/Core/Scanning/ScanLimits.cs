namespace Raywright.Core.Scanning;

/// <summary>Bounds of a scan, for each file by itself. A file that goes beyond one is refused, never half trusted.</summary>
public sealed record ScanLimits
{
    public static ScanLimits Default { get; } = new();

    /// <summary>Unpacked bytes that are always allowed, however small the file is.</summary>
    public long ExpansionAllowance { get; init; } = 32L << 20;

    /// <summary>How many times larger than the file its unpacked content may be, beyond the allowance. Weights stay below 10.</summary>
    public int LargestExpansion { get; init; } = 200;

    /// <summary>Unpacked bytes altogether.</summary>
    public long LargestUnpacked { get; init; } = 64L << 30;

    /// <summary>Bytes of a compressed archive inside an archive, which has to be held in memory to be read.</summary>
    public int LargestNestedArchive { get; init; } = 64 << 20;

    /// <summary>Bytes of a JSON or YAML document or of a list of requirements.</summary>
    public int LargestDocument { get; init; } = 32 << 20;

    /// <summary>Archives inside archives and compressed streams inside each other.</summary>
    public int DeepestNesting { get; init; } = 6;

    /// <summary>Entries of all archives in a file.</summary>
    public int MostEntries { get; init; } = 100_000;

    /// <summary>Empty entries from which on an archive is suspicious.</summary>
    public int CrowdedFrom { get; init; } = 1_000;
}
