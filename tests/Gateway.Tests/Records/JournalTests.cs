using System.Text.Json;
using Raywright.Gateway.Records;
using Raywright.Gateway.Tests.Hosting;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Gateway.Tests.Records;

public sealed class JournalTests
{
    private const string Body = """{"inputs":{"features":[[1,2],[3,4]]}}""";

    [Fact]
    public async Task Request_LeavesOneRecordAndOneLine()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Publish(new FakeTarget());
        using HttpClient client = host.Client();
        using HttpResponseMessage answer = await client.AskAsync(Body);
        await Eventually.TrueAsync(() => host.LogLines().Length == 1, "the request was taken down");
        JsonElement line = JsonElement.Parse(host.LogLines()[0]);
        Assert.Equal(
            ["time", "level", "requestId", "traceId", "environment", "model", "version", "revision", "status", "ms", "rows", "key"],
            line.EnumerateObject().Select(property => property.Name));
        Assert.Equal(answer.Header("x-request-id"), line.GetProperty("requestId").GetString());
        Assert.Equal(host.Key.Id, line.GetProperty("key").GetString());
        Assert.Equal(2, line.GetProperty("rows").GetInt32());
        Assert.Equal(200, line.GetProperty("status").GetInt32());
        ServedRecord record = Assert.Single(host.Store.Newest(10, _ => true));
        Assert.Equal(answer.Header("x-request-id"), record.RequestId);
        Assert.Equal("iris-dev-1-0123abcd", record.Revision);
        Assert.Equal(Body, System.Text.Encoding.UTF8.GetString(record.Sample.Span));
        Assert.Equal(Body.Length, record.RequestBytes);
        Assert.Equal(answer.Content.Headers.ContentLength, record.AnswerBytes);
        Assert.Equal(line.GetProperty("time").GetDateTime(), DateTime.UnixEpoch.AddMicroseconds(record.AtMicros));
    }

    [Fact]
    public async Task NeitherLogNorRecords_HoldTheKey()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        host.Publish(new FakeTarget());
        using HttpClient client = host.Client();
        using (await client.AskAsync(Body))
        {
        }
        using (await client.AskAsync("[]"))
        {
        }
        await Eventually.TrueAsync(() => host.LogLines().Length == 2, "both requests were taken down");
        Assert.All(host.LogLines(), line => Assert.DoesNotContain(host.Key.Text[13..], line, StringComparison.Ordinal));
        Assert.All(host.Store.Newest(10, _ => true), record => Assert.DoesNotContain(host.Key.Text[13..], record.ToString(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task RefusedRequest_IsInTheLogWithItsCodeAndCounted()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        using HttpClient client = host.Client(withKey: false);
        using (await client.AskAsync(Body))
        {
        }
        await Eventually.TrueAsync(() => host.LogLines().Length == 1, "the request was taken down");
        JsonElement line = JsonElement.Parse(host.LogLines()[0]);
        Assert.Equal("RW4001", line.GetProperty("code").GetString());
        Assert.Equal("warning", line.GetProperty("level").GetString());
        Assert.Equal(1, host.Journal.Refused(4));
        Assert.Empty(host.Store.Newest(10, _ => true));
    }

    [Fact]
    public async Task DiskThatIsFull_CostsRecordsAndNoAnswers()
    {
        using BrokenStream log = new();
        using TemporaryFolder folder = new();
        // A file where the folder should be: no segment can be begun.
        using RecordStore store = new(folder.Write("records", "in the way"));
        using RequestJournal journal = new(store, log, 0, TimeProvider.System);
        await using GatewayHost host = await GatewayHost.StartAsync();
        Gateway.Pipeline.GatewayPipeline pipeline = new(host.Routes, host.Keys, journal, Gateway.Pipeline.GatewayOptions.Default, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<Gateway.Pipeline.GatewayPipeline>.Instance);
        host.Publish(new FakeTarget());
        for (int turn = 0; turn < 5; turn++)
        {
            Microsoft.AspNetCore.Http.DefaultHttpContext http = new();
            http.Request.Path = "/serve/dev/predict/iris";
            http.Request.Method = "POST";
            http.Request.Headers["x-api-key"] = host.Key.Text;
            http.Request.Body = new MemoryStream(System.Text.Encoding.UTF8.GetBytes(Body));
            await pipeline.HandleAsync(http);
            Assert.Equal(200, http.Response.StatusCode);
        }
        journal.Flush();
        Assert.Equal(5, journal.Dropped);
        pipeline.Dispose();
    }

    private sealed class BrokenStream : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            if (!buffer.IsEmpty)
                throw new IOException("No space left on device");
        }
    }
}
