using System.Globalization;

namespace Raywright.TestKit.Ray;

/// <summary>IDs in the forms of Ray's, each once, the same in every run.</summary>
internal sealed class FakeIds
{
    private int last;

    /// <summary>Hexadecimal digits: 56 of a node or worker, 32 of an actor, 8 of a replica.</summary>
    public string Next(int length) => ((uint)Interlocked.Increment(ref last) * 2654435761u).ToString("x8", CultureInfo.InvariantCulture).PadRight(length, '0');

    public int NextNumber() => 1000 + Interlocked.Increment(ref last);
}
