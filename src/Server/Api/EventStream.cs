using System.Buffers;
using System.Net.ServerSentEvents;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Raywright.Server.Api;

/// <summary>Server-Sent Events of one type. An item without a value is a heartbeat: a remark that keeps the connection open.</summary>
internal sealed class EventStream<T>(IAsyncEnumerable<SseItem<T?>> items, JsonTypeInfo<T> type) : IResult where T : class
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        HttpResponse response = httpContext.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-cache,no-store";
        response.Headers["X-Accel-Buffering"] = "no";
        await response.StartAsync(httpContext.RequestAborted);
        // Watchers would hold up a server that stops; they come back to the next one.
        CancellationToken stopping = httpContext.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(httpContext.RequestAborted, stopping);
        try
        {
            await foreach (SseItem<T?> item in items.WithCancellation(over.Token))
            {
                Write(response.BodyWriter, item);
                await response.BodyWriter.FlushAsync(over.Token);
            }
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // The watcher has left, or the server does.
        }
    }

    private void Write(IBufferWriter<byte> into, SseItem<T?> item)
    {
        if (item.Data is not { } value)
        {
            into.Write(": still here\n\n"u8);
            return;
        }
        if (item.EventId is { } id)
            into.Write(System.Text.Encoding.UTF8.GetBytes($"id: {id}\n"));
        into.Write("data: "u8);
        into.Write(JsonSerializer.SerializeToUtf8Bytes(value, type));
        into.Write("\n\n"u8);
    }
}
