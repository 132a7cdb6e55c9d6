using System.Text.Json;
using Raywright.Gateway.Routing;
using Raywright.Gateway.Tests.Hosting;
using Xunit;

namespace Raywright.Gateway.Tests.Pipeline;

public sealed class PredictTests : IAsyncLifetime
{
    private const string Body = """{"inputs":{"features":[[1,2],[3,4]]}}""";
    private readonly FakeTarget target = new();
    private GatewayHost host = null!;
    private HttpClient client = null!;

    public async ValueTask InitializeAsync()
    {
        host = await GatewayHost.StartAsync();
        host.Publish(target);
        client = host.Client();
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Answer_HasOutputsAndTheHeadersOfEveryAnswer()
    {
        using HttpResponseMessage answer = await client.AskAsync(Body);
        Assert.Equal("""{"outputs":{"sum":[3,7]}}""", await answer.TextAsync());
        Assert.Equal(200, answer.Status);
        Assert.Equal("application/json", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal("iris:1", answer.Header("x-raywright-version"));
        Assert.Equal("iris-dev-1-0123abcd", answer.Header("x-raywright-revision"));
        Assert.Matches("^[0-9a-f]{32}$", answer.Header("x-request-id"));
        Assert.Matches("^00-[0-9a-f]{32}-[0-9a-f]{16}-01$", answer.Header("traceparent"));
    }

    [Theory]
    [InlineData("abc-123_x.y:z", true)]
    [InlineData("has space", false)]
    [InlineData("quote\"", false)]
    [InlineData("", false)]
    public async Task RequestId_IsTakenOverWhereItIsSane(string id, bool kept)
    {
        client.DefaultRequestHeaders.TryAddWithoutValidation("x-request-id", id);
        using HttpResponseMessage answer = await client.AskAsync(Body);
        Assert.Equal(kept, answer.Header("x-request-id") == id);
    }

    [Theory]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "00-0af7651916cd43dd8448eb211c80319c-", "-01")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00", "00-0af7651916cd43dd8448eb211c80319c-", "-00")]
    [InlineData("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-comes", "00-0af7651916cd43dd8448eb211c80319c-", "-01")]
    public async Task Trace_GoesOnWithASpanOfOurs(string given, string start, string end)
    {
        client.DefaultRequestHeaders.TryAddWithoutValidation("traceparent", given);
        using HttpResponseMessage answer = await client.AskAsync(Body);
        string trace = answer.Header("traceparent")!;
        Assert.StartsWith(start, trace, StringComparison.Ordinal);
        Assert.EndsWith(end, trace, StringComparison.Ordinal);
        Assert.DoesNotContain("b7ad6b7169203331", trace, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("00-00000000000000000000000000000000-b7ad6b7169203331-01")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01")]
    [InlineData("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01")]
    [InlineData("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more")]
    [InlineData("00-0af7651916cd43dd8448eb21-c80319c-b7ad6b7169203331-01")]
    [InlineData("nonsense")]
    public async Task BrokenTrace_IsReplaced(string given)
    {
        client.DefaultRequestHeaders.TryAddWithoutValidation("traceparent", given);
        using HttpResponseMessage answer = await client.AskAsync(Body);
        Assert.Matches("^00-[0-9a-f]{32}-[0-9a-f]{16}-01$", answer.Header("traceparent"));
        Assert.DoesNotContain("0af7651916cd43dd", answer.Header("traceparent")!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Problem_IsProblemDetailsWithEveryField()
    {
        using HttpResponseMessage answer = await client.AskAsync("""{"inputs":{"features":[["x",2]]}}""");
        Assert.Equal(400, answer.Status);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.ToString());
        JsonElement problem = await answer.JsonAsync();
        Assert.Equal("RW1207", problem.GetProperty("code").GetString());
        Assert.Equal(answer.Header("x-request-id"), problem.GetProperty("requestId").GetString());
        Assert.False(problem.GetProperty("retryable").GetBoolean());
        Assert.StartsWith("inputs.features", problem.GetProperty("field").GetString(), StringComparison.Ordinal);
        Assert.Equal("iris:1", answer.Header("x-raywright-version"));
        Assert.NotNull(answer.Header("x-raywright-revision"));
    }

    [Fact]
    public async Task ModelThatThrows_Is500WithACodeAndWithoutItsSecrets()
    {
        using HttpResponseMessage answer = await client.AskAsync("""{"inputs":{"features":[[14,0]]}}""");
        Assert.Equal(500, answer.Status);
        string text = await answer.TextAsync();
        Assert.DoesNotContain("secret", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", text, StringComparison.Ordinal);
        string line = Assert.Single(host.Logs.Lines);
        Assert.Contains("secret of the model", line, StringComparison.Ordinal);
        Assert.Contains(answer.Header("x-request-id")!, line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnswerThatIsNotANumber_IsTheModelsFault()
    {
        using HttpResponseMessage answer = await client.AskAsync("""{"inputs":{"features":[[1,1],[15,0]]}}""");
        Assert.Equal(500, answer.Status);
        Assert.Equal("RW1302", await answer.CodeAsync());
    }

    [Theory]
    [InlineData("application/json; charset=utf-8", 200)]
    [InlineData("APPLICATION/JSON", 200)]
    [InlineData("application/jsonp", 415)]
    [InlineData("text/plain", 415)]
    [InlineData("multipart/form-data; boundary=x", 415)]
    public async Task MediaType_MustBeJson(string type, int status)
    {
        using ByteArrayContent content = new(System.Text.Encoding.UTF8.GetBytes(Body));
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        using HttpResponseMessage answer = await client.PostAsync(new Uri("predict/iris", UriKind.Relative), content, TestContext.Current.CancellationToken);
        Assert.Equal(status, answer.Status);
    }

    [Theory]
    [InlineData("predict/iris", "POST")]
    [InlineData("v2/models/iris/infer", "POST")]
    [InlineData("v2/models/iris", "GET")]
    [InlineData("openapi.json", "GET")]
    public async Task OtherMethod_Is405AndSaysWhichOne(string path, string allowed)
    {
        using HttpRequestMessage request = new(HttpMethod.Delete, path);
        using HttpResponseMessage answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(405, answer.Status);
        Assert.Equal(allowed, answer.Content.Headers.Allow.Single());
    }

    [Theory]
    [InlineData("predict/")]
    [InlineData("predict")]
    [InlineData("predict/iris/more")]
    [InlineData("predict/iris:x")]
    [InlineData("predict/iris:99999999999")]
    [InlineData("v3/models/iris")]
    [InlineData("v2/models/")]
    [InlineData("v2/models/iris/versions/x")]
    [InlineData("v2/models/iris/infer/more")]
    [InlineData("")]
    [InlineData("../")]
    public async Task UnknownAddress_Is404(string path)
    {
        using HttpResponseMessage answer = await client.PostJsonAsync(path, Body);
        Assert.Equal(404, answer.Status);
    }

    [Fact]
    public async Task LargeBody_TravelsWholeAndATooLargeOneIs413()
    {
        string rows = string.Join(',', Enumerable.Repeat($"[{new string('0', 0)}1,{string.Join(',', Enumerable.Repeat("0.12345678", 50))}]", 900));
        using HttpResponseMessage fits = await client.AskAsync($$$"""{"inputs":{"features":[{{{rows}}}]}}""");
        Assert.Equal(200, fits.Status);
        string tooLarge = new(' ', (int)GatewayHost.BodyLimit + 1);
        using HttpResponseMessage refused = await client.AskAsync(tooLarge);
        Assert.Equal(413, refused.Status);
        // Chunked: nobody says beforehand how large it is.
        using StreamContent chunks = new(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(tooLarge)));
        chunks.Headers.ContentType = new("application/json");
        using HttpRequestMessage request = new(HttpMethod.Post, "predict/iris") { Content = chunks, Headers = { TransferEncodingChunked = true } };
        using HttpResponseMessage chunked = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(413, chunked.Status);
        using HttpResponseMessage after = await client.AskAsync(Body);
        Assert.Equal(200, after.Status);
    }

    [Fact]
    public async Task DeepBody_Is400()
    {
        using HttpResponseMessage answer = await client.AskAsync($$"""{"inputs":{{new string('[', 100_000)}}""");
        Assert.Equal(400, answer.Status);
    }

    [Fact]
    public async Task TooManyRows_Is413()
    {
        using HttpResponseMessage answer = await client.AskAsync($$$"""{"inputs":{"features":[{{{string.Join(',', Enumerable.Repeat("[1]", 1001))}}}]}}""");
        Assert.Equal(413, answer.Status);
    }

    [Fact]
    public async Task NoRevision_Is503WithRetryAfter()
    {
        host.Publish(new EndpointRoute("dev", "iris", []));
        using HttpResponseMessage answer = await client.AskAsync(Body);
        Assert.Equal(503, answer.Status);
        Assert.Equal(TimeSpan.FromSeconds(1), answer.Headers.RetryAfter!.Delta);
        JsonElement problem = await answer.JsonAsync();
        Assert.True(problem.GetProperty("retryable").GetBoolean());
        Assert.Equal(1000, problem.GetProperty("retryAfterMs").GetInt64());
    }

    [Fact]
    public async Task Weights_SplitTheTrafficAndAPinChooses()
    {
        RevisionRoute old = new(Revisions.Of(1), target, TimeProvider.System);
        RevisionRoute next = new(Revisions.Of(2), new FakeTarget(), TimeProvider.System);
        host.Publish(new EndpointRoute("dev", "iris", [new WeightedRevision(old, 90), new WeightedRevision(next, 10)]));
        int canary = 0;
        for (int turn = 0; turn < 200; turn++)
        {
            using HttpResponseMessage answer = await client.AskAsync(Body);
            canary += answer.Header("x-raywright-version") == "iris:2" ? 1 : 0;
        }
        Assert.InRange(canary, 18, 22);
        using HttpResponseMessage pinned = await client.PostJsonAsync("predict/iris:2", Body);
        Assert.Equal("iris:2", pinned.Header("x-raywright-version"));
        using HttpResponseMessage gone = await client.PostJsonAsync("predict/iris:3", Body);
        Assert.Equal(404, gone.Status);
        Assert.Equal("RW2207", await gone.CodeAsync());
    }

    [Fact]
    public async Task JoinedAnswers_EqualSingleOnes()
    {
        string[] bodies = [.. Enumerable.Range(100, 40).Select(index => $$$"""{"inputs":{"features":[[{{{index}}}.5,2],[{{{index}}},4]]}}""")];
        List<string> alone = [];
        foreach (string body in bodies)
        {
            using HttpResponseMessage answer = await client.AskAsync(body);
            alone.Add(await answer.TextAsync());
        }
        TaskCompletionSource open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        target.Wait = open.Task.WaitAsync;
        target.Calls.Clear();
        Task<HttpResponseMessage>[] together = [.. bodies.Select(client.AskAsync)];
        await TestKit.Eventually.TrueAsync(() => host.Routes.Current.Endpoints[0].Traffic[0].Revision.Dispatcher.Waiting == bodies.Length - 1, "all but one wait");
        open.SetResult();
        for (int index = 0; index < bodies.Length; index++)
        {
            using HttpResponseMessage answer = await together[index];
            Assert.Equal(alone[index], await answer.TextAsync());
        }
        Assert.Equal(11, target.Calls.Count);
    }
}
