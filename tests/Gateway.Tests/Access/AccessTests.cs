using Raywright.Core.Access;
using Raywright.Gateway.Access;
using Raywright.Gateway.Routing;
using Raywright.Gateway.Tests.Hosting;
using Xunit;

namespace Raywright.Gateway.Tests.Access;

public sealed class AccessTests : IAsyncLifetime
{
    private const string Body = """{"inputs":{"features":[[1,2]]}}""";
    private GatewayHost host = null!;

    public async ValueTask InitializeAsync()
    {
        host = await GatewayHost.StartAsync();
        host.Publish(new FakeTarget());
    }

    public ValueTask DisposeAsync() => host.DisposeAsync();

    [Fact]
    public async Task NoKey_Is401AndSaysHow()
    {
        using HttpClient client = host.Client(withKey: false);
        using HttpResponseMessage answer = await client.AskAsync(Body);
        Assert.Equal(401, answer.Status);
        Assert.Equal("RW4001", await answer.CodeAsync());
        Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.Single().Scheme);
        Assert.NotNull(answer.Header("x-request-id"));
        Assert.NotNull(answer.Header("traceparent"));
    }

    [Theory]
    [InlineData("predict/absent")]
    [InlineData("nothing/here")]
    public async Task WithoutAKey_NothingCanBeLearnedAboutWhatExists(string path)
    {
        using HttpClient client = host.Client(withKey: false);
        using HttpResponseMessage answer = await client.PostJsonAsync(path, Body);
        Assert.Equal(401, answer.Status);
    }

    [Fact]
    public async Task ApiKeyHeader_WorksToo()
    {
        using HttpClient client = host.Client(withKey: false);
        client.DefaultRequestHeaders.Add("x-api-key", host.Key.Text);
        using HttpResponseMessage answer = await client.AskAsync(Body);
        Assert.Equal(200, answer.Status);
    }

    [Theory]
    [InlineData("?key={0}")]
    [InlineData("?api_key={0}")]
    [InlineData("?access_token={0}")]
    public async Task KeyInTheUrl_IsNoKey(string query)
    {
        using HttpClient client = host.Client(withKey: false);
        using HttpResponseMessage answer = await client.PostJsonAsync("predict/iris" + string.Format(System.Globalization.CultureInfo.InvariantCulture, query, host.Key.Text), Body);
        Assert.Equal(401, answer.Status);
    }

    [Fact]
    public async Task Cookie_IsNoKey()
    {
        using HttpClient client = host.Client(withKey: false);
        client.DefaultRequestHeaders.Add("Cookie", $"key={host.Key.Text}; raywright={host.Key.Text}");
        using HttpResponseMessage answer = await client.AskAsync(Body);
        Assert.Equal(401, answer.Status);
    }

    [Fact]
    public async Task WrongKeys_AreAllTheSame401()
    {
        ApiKey other = ApiKey.Create();
        // The right name with another secret, and the right checksum.
        string forged = host.Key.Text[..13] + other.Text[13..];
        foreach (string key in new[] { other.Text, forged, host.Key.Text[..^1], host.Key.Text + "x", "rwk_", "x", new string('k', 5000) })
        {
            using HttpClient client = host.Client(key);
            using HttpResponseMessage answer = await client.AskAsync(Body);
            Assert.Equal(401, answer.Status);
        }
    }

    [Fact]
    public async Task RevokedAndExpiredKeys_StopAtOnce()
    {
        using HttpClient client = host.Client();
        using (HttpResponseMessage answer = await client.AskAsync(Body))
            Assert.Equal(200, answer.Status);
        host.PublishKeys(new KeyEntry(host.Key.Id, "test", host.Key.Digest, ["query"], [], ExpiresAt: 1));
        using (HttpResponseMessage answer = await client.AskAsync(Body))
            Assert.Equal(401, answer.Status);
        host.PublishKeys();
        using (HttpResponseMessage answer = await client.AskAsync(Body))
            Assert.Equal(401, answer.Status);
    }

    [Theory]
    [InlineData("query", 200)]
    [InlineData("deploy", 200)]
    [InlineData("admin", 200)]
    [InlineData("something", 403)]
    public async Task EveryScope_IncludesAsking(string scope, int status)
    {
        host.PublishKeys(new KeyEntry(host.Key.Id, "test", host.Key.Digest, [scope], [], null));
        using HttpClient client = host.Client();
        using HttpResponseMessage answer = await client.AskAsync(Body);
        Assert.Equal(status, answer.Status);
    }

    [Theory]
    [InlineData("dev/iris", 200)]
    [InlineData("*/iris", 200)]
    [InlineData("dev/*", 200)]
    [InlineData("prod/iris", 404)]
    [InlineData("dev/iri", 404)]
    [InlineData("nonsense", 404)]
    public async Task KeyForOtherEndpoints_FindsNothing(string pattern, int status)
    {
        host.PublishKeys(new KeyEntry(host.Key.Id, "test", host.Key.Digest, ["query"], [pattern], null));
        using HttpClient client = host.Client();
        using HttpResponseMessage answer = await client.AskAsync(Body);
        Assert.Equal(status, answer.Status);
        using HttpResponseMessage absent = await client.PostJsonAsync("predict/absent", Body);
        Assert.Equal(404, absent.Status);
        if (status == 404)
        {
            string notPermitted = await answer.TextAsync();
            string unknown = await absent.TextAsync();
            Assert.Equal(Blank(unknown, absent, "absent"), Blank(notPermitted, answer, "iris"));
            Assert.Null(answer.Header("x-raywright-version"));
        }
    }

    [Theory]
    [InlineData(false, "query", "")]
    [InlineData(true, "query", "prod/other")]
    [InlineData(true, "deploy", "")]
    public async Task PublicEndpoint_AnswersEverybody(bool withKey, string scope, string pattern)
    {
        host.PublishKeys(new KeyEntry(host.Key.Id, "test", host.Key.Digest, [scope], pattern.Length > 0 ? [pattern] : [], null));
        RevisionRoute route = new(Revisions.Of(), new FakeTarget(), TimeProvider.System);
        host.Publish(new EndpointRoute("dev", "iris", [new WeightedRevision(route, 100)], isPublic: true));
        using HttpClient client = host.Client(withKey: withKey);
        using HttpResponseMessage answer = await client.AskAsync(Body);
        Assert.Equal(200, answer.Status);
    }

    /// <summary>The text of an answer without what differs between any two.</summary>
    private static string Blank(string text, HttpResponseMessage answer, string model) =>
        text.Replace(answer.Header("x-request-id")!, "", StringComparison.Ordinal).Replace(model, "", StringComparison.Ordinal);
}
