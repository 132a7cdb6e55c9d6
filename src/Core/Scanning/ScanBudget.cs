namespace Raywright.Core.Scanning;

/// <summary>Counts the work on one file and says when its limits are reached; streams then simply end.</summary>
internal sealed class ScanBudget(ScanLimits limits, long fileLength, CancellationToken cancellation)
{
    private readonly long largestUnpacked = Math.Min(
        limits.LargestUnpacked,
        Math.Max(limits.ExpansionAllowance, fileLength > long.MaxValue / limits.LargestExpansion ? long.MaxValue : fileLength * limits.LargestExpansion));

    private long read;
    private long unpacked;

    public ScanLimits Limits => limits;

    public long Opcodes { get; set; }

    public int Entries { get; private set; }

    /// <summary>More came out of the file than it may hold.</summary>
    public bool Exhausted { get; private set; }

    public ScanWork Work => new(read, unpacked, Opcodes, Entries);

    public void Read(int bytes)
    {
        cancellation.ThrowIfCancellationRequested();
        read += bytes;
    }

    /// <summary>Counts bytes that came out of decompression for the first time; false where there may be no more.</summary>
    public bool Unpack(long bytes)
    {
        unpacked += bytes;
        Exhausted = Exhausted || unpacked > largestUnpacked;
        return !Exhausted;
    }

    /// <summary>Counts one archive entry; false where there may be no more.</summary>
    public bool Enter()
    {
        if (Entries >= limits.MostEntries)
            Exhausted = true;
        else
            Entries++;
        return !Exhausted;
    }
}
