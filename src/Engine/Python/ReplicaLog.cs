using System.Collections.Immutable;
using System.Text;
using Raywright.Core;
using Raywright.Core.Engines;

namespace Raywright.Engine.Python;

/// <summary>
/// The latest lines that the replicas of a revision wrote. A replica that floods its output is not cut off but slowed down: its
/// pipe is read only as fast as a person could ever want, and its own writing waits.
/// </summary>
internal sealed class ReplicaLog(TimeProvider clock)
{
    private const int MostLines = 2000;
    private const int LongestLine = 4000;

    /// <summary>Characters that are read at once, and in how long at most: 1 MB/s.</summary>
    private const int Portion = 16 << 10;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(16);
    private const char RequestMark = '\x1e';
    private const char RequestEnd = '\x1f';
    private readonly Queue<ReplicaLogLine> lines = new();
    private readonly Lock gate = new();

    public void Add(string stream, string text, string? requestId = null)
    {
        lock (gate)
        {
            if (lines.Count == MostLines)
                lines.Dequeue();
            lines.Enqueue(new ReplicaLogLine(clock.NowMicros(), stream, text, requestId));
        }
    }

    public ImmutableArray<ReplicaLogLine> Lines()
    {
        lock (gate)
            return [.. lines];
    }

    /// <summary>The last thing that was said on standard error; null where nothing was.</summary>
    public string? LastWords()
    {
        lock (gate)
            return lines.LastOrDefault(line => line.Stream == "stderr" && !string.IsNullOrWhiteSpace(line.Text))?.Text;
    }

    /// <summary>Reads a stream of a child to its end.</summary>
    public async Task ReadAsync(StreamReader reader, string stream)
    {
        char[] portion = new char[Portion];
        StringBuilder line = new();
        while (true)
        {
            long start = clock.GetTimestamp();
            int read = await reader.ReadBlockOrLessAsync(portion).ConfigureAwait(false);
            if (read == 0)
                break;
            Split(portion.AsSpan(0, read), line, stream);
            if (read == Portion && clock.GetElapsedTime(start) < Pace)
                await Task.Delay(Pace, clock).ConfigureAwait(false);
        }
        if (line.Length > 0)
            AddLine(line.ToString(), stream);
    }

    private void Split(ReadOnlySpan<char> text, StringBuilder line, string stream)
    {
        while (text.IndexOf('\n') is var end and >= 0)
        {
            Append(line, text[..end]);
            AddLine(line.ToString().TrimEnd('\r'), stream);
            line.Clear();
            text = text[(end + 1)..];
        }
        Append(line, text);
    }

    private static void Append(StringBuilder line, ReadOnlySpan<char> text) =>
        line.Append(text[..Math.Min(text.Length, Math.Max(0, LongestLine - line.Length))]);

    private void AddLine(string line, string stream)
    {
        if (line is [RequestMark, ..] && line.IndexOf(RequestEnd) is var end and > 0)
            Add(stream, line[(end + 1)..], line[1..end]);
        else
            Add(stream, line);
    }
}

internal static class ReaderExtensions
{
    extension(StreamReader reader)
    {
        /// <summary>What is there, as soon as something is; 0 at the end, also where the other side was killed.</summary>
        public async ValueTask<int> ReadBlockOrLessAsync(Memory<char> buffer)
        {
            try
            {
                return await reader.ReadAsync(buffer, CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException)
            {
                return 0;
            }
        }
    }
}
