using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;
using Raywright.Core.Errors;

namespace Raywright.Core.Api.Client;

/// <content>Streams of events that survive dropped connections and restarts of the server.</content>
public sealed partial class RaywrightClient
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    /// <summary>A connection on which nothing comes for so long is opened anew: a peer that vanished without a word looks the same.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(45);

    /// <summary>The operation now and after each change, until it has ended. Ends with one problem where it cannot be followed.</summary>
    public IAsyncEnumerable<Result<Operation>> FollowOperationAsync(string id, FollowOptions options, CancellationToken cancellation) =>
        FollowAsync(Path(Routes.OperationEvents, ("id", id)), ClientJson.Lenient.Operation, operation => operation.Ended, options, cancellation);

    /// <summary>Log lines as they come, until cancelled.</summary>
    public IAsyncEnumerable<Result<LogLine>> FollowLogsAsync(string environment, string model, FollowOptions options, CancellationToken cancellation) =>
        FollowAsync($"{Endpoint(Routes.Logs, environment, model)}?follow=true", ClientJson.Lenient.LogLine, _ => false, options, cancellation);

    private async IAsyncEnumerable<Result<T>> FollowAsync<T>(
        string path, JsonTypeInfo<T> type, Func<T, bool> isLast, FollowOptions options, [EnumeratorCancellation] CancellationToken cancellation)
    {
        string? last = null;
        TimeSpan pause = FirstPause;
        long contact = clock.GetTimestamp();
        bool away = false;
        while (true)
        {
            await foreach (Result<Event> item in ConnectionAsync(path, last, cancellation).ConfigureAwait(false))
            {
                if (!item.Ok)
                {
                    yield return item.Problems;
                    yield break;
                }
                if (away)
                    options.Connected?.Invoke(true);
                (away, contact) = (false, clock.GetTimestamp());
                if (item.Value.Data is not { Length: > 0 } data)
                    continue;
                pause = FirstPause;
                Result<T> value = Read(data, type);
                yield return value;
                if (!value.Ok || isLast(value.Value))
                    yield break;
                last = item.Value.Id ?? last;
            }
            if (!away)
                contact = clock.GetTimestamp();
            if (clock.GetElapsedTime(contact) > options.Patience)
            {
                yield return new Problem(Catalogue.ConnectionLost, $"{Address} did not come back within {options.Patience.TotalSeconds:0} s.");
                yield break;
            }
            if (!away)
                options.Connected?.Invoke(false);
            away = true;
            await Task.Delay(pause, clock, cancellation).ConfigureAwait(false);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    /// <summary>
    /// The events of one connection; it just ends when the connection does. The first item says that it stands; an answer that
    /// another try would not change is a problem.
    /// </summary>
    private async IAsyncEnumerable<Result<Event>> ConnectionAsync(
        string path, string? last, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (last is not null)
            request.Headers.TryAddWithoutValidation("Last-Event-ID", last);
        using HttpResponseMessage? response = await OpenAsync(request, cancellation).ConfigureAwait(false);
        if (response is null || (int)response.StatusCode is 502 or 503 or 504)
            yield break;
        if (!response.IsSuccessStatusCode)
        {
            yield return ProblemReader.Read(response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false));
            yield break;
        }
        yield return new Event(null, null);
        using CancellationTokenSource silence = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using ITimer timer = clock.CreateTimer(_ => silence.Cancel(), null, LongestSilence, Timeout.InfiniteTimeSpan);
        // A heartbeat is a remark and no event, so it is the bytes that are listened for.
        using Stream stream = new CountingStream(
            await response.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false), 0, new Heard(() => timer.Change(LongestSilence, Timeout.InfiniteTimeSpan)));
        IAsyncEnumerator<SseItem<byte[]>> events = SseParser.Create(stream, (_, data) => data.ToArray())
            .EnumerateAsync(silence.Token).GetAsyncEnumerator(silence.Token);
        await using (events.ConfigureAwait(false))
        {
            while (await NextAsync(events, cancellation).ConfigureAwait(false))
                yield return new Event(events.Current.EventId, events.Current.Data);
        }
    }

    private async Task<HttpResponseMessage?> OpenAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        using CancellationTokenSource overdue = new(ConnectTimeout * 3, clock);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(overdue.Token, cancellation);
        try
        {
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token).ConfigureAwait(false);
        }
        catch (HttpRequestException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>The read itself is ended, and not only left alone: events that are still being read cannot be disposed of.</summary>
    private static async Task<bool> NextAsync<T>(IAsyncEnumerator<SseItem<T>> events, CancellationToken cancellation)
    {
        try
        {
            return await events.MoveNextAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    private sealed class Heard(Action listener) : IProgress<long>
    {
        public void Report(long value) => listener();
    }

    private readonly record struct Event(string? Id, byte[]? Data);
}
