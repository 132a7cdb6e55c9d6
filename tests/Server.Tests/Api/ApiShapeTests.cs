using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Raywright.Server.Tests.Hosting;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Server.Tests.Api;

/// <summary>The API as its callers see it: its description and the form of its problems.</summary>
public sealed partial class ApiShapeTests
{
    [Fact]
    public async Task TheDescription_IsThePublishedOne()
    {
        await using TestServer server = await TestServer.StartAsync();
        using HttpResponseMessage answer = await server.Http.ReadAsync("/api/openapi.json");
        string text = await answer.TextAsync();
        Assert.True(answer.Status == 200, text);
        Golden.MatchesPublished("docs/reference/openapi.json", text + "\n");
    }

    [Fact]
    public async Task Problems_HaveTheirForm()
    {
        await using TestServer server = await TestServer.StartAsync();
        string key = server.OwnerKey, query = (await server.KeyAsync(["query"])).Key;
        StringBuilder seen = new();
        foreach ((string method, string path, string? body, string? with) in new (string, string, string?, string?)[]
        {
            ("GET", "/api/v1/models", null, null),
            ("GET", "/api/v1/models", null, query),
            ("GET", "/api/v1/models/iris", null, key),
            ("GET", "/api/v1/nothing", null, null),
            ("PATCH", "/api/v1/models", "{}", key),
            ("GET", "/api/v1/endpoints/dev/iris", null, key),
            ("POST", "/api/v1/keys", "{\"name\":", key),
            ("POST", "/api/v1/keys", "{\"name\":\"\",\"scopes\":[],\"endpoints\":[\"x\"]}", key),
            ("POST", "/api/v1/endpoints/dev/iris/revisions", "{\"spec\":\"model: iris\\nscalling: 1\\nsource: model.onnx\",\"specFile\":\"raywright.yaml\",\"files\":[]}", key),
            ("GET", "/api/v1/operations/op_nothing", null, key),
        })
        {
            using HttpResponseMessage answer = await server.Http.CallAsync(method, path, body is null ? null : Encoding.UTF8.GetBytes(body), with);
            string text = RequestId().Replace(await answer.TextAsync(), "\"requestId\":\"…\"");
            Assert.Single(answer.Headers.GetValues("x-request-id"));
            seen.Append(System.Globalization.CultureInfo.InvariantCulture, $"{method} {path}\n{answer.Status} {answer.Content.Headers.ContentType}\n{text}\n\n");
        }
        Golden.Matches("problems.txt", seen.ToString());
    }

    [Fact]
    public async Task AWrongMethodOrType_IsSaidAsSuch()
    {
        await using TestServer server = await TestServer.StartAsync();
        using HttpResponseMessage method = await server.Http.CallAsync("PATCH", "/api/v1/models", "{}"u8.ToArray(), server.OwnerKey);
        Assert.Equal(("405 RW2204", "GET"), (await method.OutcomeAsync(), method.Content.Headers.Allow.First()));
        using ByteArrayContent form = new("name=x"u8.ToArray()) { Headers = { ContentType = new("application/x-www-form-urlencoded") } };
        using HttpResponseMessage type = await server.Http.PostAsync(new Uri("/api/v1/keys", UriKind.Relative), form, TestContext.Current.CancellationToken);
        Assert.Equal("415 RW2206", await type.OutcomeAsync());
        Assert.Equal("404 RW5201", await (await server.Http.PostAsync("/api/v1/nothing", "{}")).OutcomeAsync());
        Assert.Equal("404 RW5201", await (await server.Http.ReadAsync("/api")).OutcomeAsync());
    }

    [Fact]
    public async Task ABodyThatIsTooLarge_IsRefused()
    {
        await using TestServer server = await TestServer.StartAsync();
        // Only the head: a client that goes on sending a body that nobody reads may lose the answer to it.
        Uri url = server.Url;
        using TcpClient connection = new();
        await connection.ConnectAsync(url.Host, url.Port, TestContext.Current.CancellationToken);
        string head = $"POST /api/v1/keys HTTP/1.1\r\nHost: {url.Authority}\r\nAuthorization: Bearer {server.OwnerKey}\r\nContent-Type: application/json\r\nContent-Length: {17 << 20}\r\nConnection: close\r\n\r\n";
        await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head), TestContext.Current.CancellationToken);
        using StreamReader reader = new(connection.GetStream(), Encoding.UTF8);
        string answer = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.StartsWith("HTTP/1.1 413 ", answer, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"RW1202\"", answer, StringComparison.Ordinal);
    }

    [GeneratedRegex("\"requestId\":\"[^\"]+\"")]
    private static partial Regex RequestId();
}
