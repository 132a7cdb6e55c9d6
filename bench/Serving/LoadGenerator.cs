using System.Net;
using System.Net.Sockets;
using System.Text;
using HdrHistogram;

namespace Raywright.Bench.Serving;

/// <summary>One request, sent again and again over keep-alive connections of plain HTTP/1.1 to loopback.</summary>
/// <param name="Host">A loopback address; anything else is refused.</param>
/// <param name="Bytes">The whole request, head and body.</param>
internal sealed record LoadRequest(IPEndPoint Host, byte[] Bytes)
{
    public static LoadRequest Post(Uri url, string body, params (string Name, string Value)[] headers)
    {
        if (!IPAddress.TryParse(url.Host, out IPAddress? address) || !IPAddress.IsLoopback(address))
            throw new ArgumentException($"{url} is not a loopback address.", nameof(url));
        StringBuilder head = new($"POST {url.PathAndQuery} HTTP/1.1\r\nHost: {url.Authority}\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n");
        foreach ((string name, string value) in headers)
            head.Append($"{name}: {value}\r\n");
        return new(new IPEndPoint(address, url.Port), Encoding.UTF8.GetBytes($"{head}\r\n{body}"));
    }
}

/// <param name="Requests">Answered with status 200.</param>
/// <param name="Errors">Any other answer, or none.</param>
/// <param name="Latency">Microseconds from the intended start.</param>
internal sealed record LoadResult(long Requests, long Errors, TimeSpan Elapsed, LongHistogram Latency)
{
    public double PerSecond => Requests / Elapsed.TotalSeconds;

    public double Milliseconds(double percentile) => Latency.GetValueAtPercentile(percentile) / 1000.0;
}

/// <summary>Sends load in a closed loop (as fast as answers come) or an open one (at a rate, whatever the answers do).</summary>
internal static class LoadGenerator
{
    private const long LongestMicros = 60_000_000;

    public static Task<LoadResult> ClosedAsync(LoadRequest request, int connections, TimeSpan duration) =>
        RunAsync(request, connections, duration, interval: null);

    /// <summary>Latency counts from the moment a request was due, so a stalled server cannot hide behind unsent requests.</summary>
    public static Task<LoadResult> OpenAsync(LoadRequest request, int connections, TimeSpan duration, double perSecond) =>
        RunAsync(request, connections, duration, interval: TimeSpan.FromSeconds(1 / perSecond));

    private static async Task<LoadResult> RunAsync(LoadRequest request, int connections, TimeSpan duration, TimeSpan? interval)
    {
        TimeProvider clock = TimeProvider.System;
        long start = clock.GetTimestamp();
        long due = -1;
        Task<(LongHistogram Latency, long Errors)>[] lanes = [.. Enumerable.Range(0, connections).Select(_ => Task.Run(LaneAsync))];
        (LongHistogram Latency, long Errors)[] results = await Task.WhenAll(lanes);
        TimeSpan elapsed = clock.GetElapsedTime(start);
        LongHistogram all = new(LongestMicros, 3);
        foreach ((LongHistogram latency, _) in results)
            all.Add(latency);
        return new(all.TotalCount, results.Sum(result => result.Errors), elapsed, all);

        async Task<(LongHistogram, long)> LaneAsync()
        {
            using Connection connection = await Connection.OpenAsync(request.Host);
            LongHistogram latency = new(LongestMicros, 3);
            long errors = 0;
            while (clock.GetElapsedTime(start) < duration)
            {
                TimeSpan intended = clock.GetElapsedTime(start);
                if (interval is { } gap)
                {
                    intended = gap * Interlocked.Increment(ref due);
                    if (intended > duration)
                        break;
                    while (clock.GetElapsedTime(start) < intended)
                        await Task.Yield();
                }
                if (await connection.ExchangeAsync(request.Bytes) == 200)
                    latency.RecordValue(Math.Clamp((long)(clock.GetElapsedTime(start) - intended).TotalMicroseconds, 1, LongestMicros));
                else
                    errors++;
            }
            return (latency, errors);
        }
    }
}
