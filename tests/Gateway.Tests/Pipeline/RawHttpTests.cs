using System.Net.Sockets;
using System.Text;
using Raywright.Gateway.Tests.Hosting;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Gateway.Tests.Pipeline;

/// <summary>What no HTTP library sends.</summary>
public sealed class RawHttpTests : IAsyncLifetime
{
    private const string Body = """{"inputs":{"features":[[1,2]]}}""";
    private readonly FakeTarget target = new();
    private GatewayHost host = null!;

    public async ValueTask InitializeAsync()
    {
        host = await GatewayHost.StartAsync();
        host.Publish(target);
    }

    public ValueTask DisposeAsync() => host.DisposeAsync();

    [Theory]
    [InlineData("Transfer-Encoding: chunked\r\n", "zz\r\n{}\r\n0\r\n\r\n", 400)]
    [InlineData("Transfer-Encoding: chunked\r\n", "-1\r\n", 400)]
    [InlineData("Content-Length: -5\r\n", "", 400)]
    [InlineData("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n", 400)]
    [InlineData("Content-Length: 99999999999\r\n", "", 413)]
    [InlineData("Content-Length: 0\r\n", "", 400)]
    public async Task BrokenFraming_IsTheCallersFault(string header, string body, int status)
    {
        string answer = await ExchangeAsync(Head("POST", header) + body);
        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Empty(host.Logs.Lines);
    }

    [Fact]
    public async Task ChunkedBody_ArrivingByteByByte_IsReadWhole()
    {
        StringBuilder chunks = new();
        foreach (char character in Body)
            chunks.Append("1\r\n").Append(character).Append("\r\n");
        string answer = await ExchangeAsync(Head("POST", "Transfer-Encoding: chunked\r\n") + chunks + "0\r\n\r\n", pieces: 7);
        Assert.StartsWith("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        Assert.Contains("[3]", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PipelinedRequests_AreAnsweredInOrder()
    {
        string one = Head("POST", $"Content-Length: {Body.Length}\r\n", close: false) + Body;
        string refused = Head("POST", "Content-Length: 2\r\n", close: false) + "[]";
        string last = Head("POST", $"Content-Length: {Body.Length}\r\n") + Body;
        string answers = await ExchangeAsync(one + refused + one + last);
        Assert.Equal(["200", "400", "200", "200"], answers.Split("HTTP/1.1 ", StringSplitOptions.RemoveEmptyEntries).Select(answer => answer[..3]));
    }

    [Fact]
    public async Task CallerThatGoesAwayInTheMiddle_CancelsItsRunAndIsNoError()
    {
        TaskCompletionSource never = new(TaskCreationOptions.RunContinuationsAsynchronously);
        target.Wait = never.Task.WaitAsync;
        using (TcpClient tcp = await ConnectAsync())
        {
            await tcp.GetStream().WriteAsync(Encoding.ASCII.GetBytes(Head("POST", $"Content-Length: {Body.Length}\r\n") + Body), TestContext.Current.CancellationToken);
            await Eventually.TrueAsync(() => target.Running == 1, "the run began");
        }
        await Eventually.TrueAsync(() => target.Running == 0, "the run was cancelled");
        await Eventually.TrueAsync(() => host.LogLines().Any(line => line.Contains("\"code\":\"RW2208\"", StringComparison.Ordinal)), "the log says so");
        Assert.Empty(host.Logs.Lines);
    }

    [Fact]
    public async Task BodyCutOff_IsNoError()
    {
        using (TcpClient tcp = await ConnectAsync())
            await tcp.GetStream().WriteAsync(Encoding.ASCII.GetBytes(Head("POST", "Content-Length: 1000\r\n") + "{\"inp"), TestContext.Current.CancellationToken);
        await Eventually.TrueAsync(() => host.LogLines().Length == 1, "the request was taken down");
        Assert.Empty(host.Logs.Lines);
    }

    [Theory]
    [InlineData("/serve/")]
    [InlineData("/serve//")]
    [InlineData("/serve/dev")]
    [InlineData("/serve/dev/predict/%00")]
    [InlineData("/serve/dev/predict/%2e%2e%2firis")]
    [InlineData("/serve/%F0%9F%98%80/predict/iris")]
    [InlineData("/serve/dev/predict/iris%0d%0aX-Evil:1")]
    public async Task OddPaths_AreNotFoundAndStayInTheirPlace(string path)
    {
        string answer = await ExchangeAsync(Head("POST", $"Content-Length: {Body.Length}\r\n", path: path) + Body);
        Assert.Matches("^HTTP/1.1 (404|400) ", answer);
        Assert.DoesNotContain("\r\nX-Evil", answer, StringComparison.Ordinal);
        Assert.All(host.LogLines(), line => System.Text.Json.JsonElement.Parse(line));
    }

    private string Head(string method, string headers, bool close = true, string path = "/serve/dev/predict/iris") =>
        $"{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {host.Key.Text}\r\nContent-Type: application/json\r\n{headers}{(close ? "Connection: close\r\n" : "")}\r\n";

    private async Task<TcpClient> ConnectAsync()
    {
        TcpClient tcp = new() { NoDelay = true };
        await tcp.ConnectAsync(host.Address, TestContext.Current.CancellationToken);
        return tcp;
    }

    private async Task<string> ExchangeAsync(string request, int pieces = 1)
    {
        using TcpClient tcp = await ConnectAsync();
        foreach (byte[] piece in Encoding.ASCII.GetBytes(request).Chunk(Math.Max(1, request.Length / pieces)))
            await tcp.GetStream().WriteAsync(piece, TestContext.Current.CancellationToken);
        using StreamReader reader = new(tcp.GetStream(), Encoding.ASCII);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }
}
