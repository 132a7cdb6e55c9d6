using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Raywright.Gateway.Routing;
using Raywright.Gateway.Tests.Hosting;
using Xunit;

namespace Raywright.Gateway.Tests.Pipeline;

public sealed class OpenInferenceTests : IAsyncLifetime
{
    private const string Body = """{"id":"q1","inputs":[{"name":"features","datatype":"FP32","shape":[2,2],"data":[1,2,3,4]}]}""";
    private GatewayHost host = null!;
    private HttpClient client = null!;

    public async ValueTask InitializeAsync()
    {
        host = await GatewayHost.StartAsync();
        host.Publish(new FakeTarget());
        client = host.Client();
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await host.DisposeAsync();
    }

    [Theory]
    [InlineData("v2/models/iris/infer")]
    [InlineData("v2/models/iris/versions/1/infer")]
    [InlineData("v2/models/iris:1/infer")]
    public async Task Infer_AnswersWithTensors(string path)
    {
        using HttpResponseMessage answer = await client.PostJsonAsync(path, Body);
        Assert.Equal(200, answer.Status);
        JsonElement root = await answer.JsonAsync();
        Assert.Equal("iris", root.GetProperty("model_name").GetString());
        Assert.Equal("1", root.GetProperty("model_version").GetString());
        Assert.Equal("q1", root.GetProperty("id").GetString());
        JsonElement output = root.GetProperty("outputs")[0];
        Assert.Equal("sum", output.GetProperty("name").GetString());
        Assert.Equal("FP32", output.GetProperty("datatype").GetString());
        Assert.Equal("[3,7]", output.GetProperty("data").GetRawText());
        Assert.Equal("iris:1", answer.Header("x-raywright-version"));
        Assert.NotNull(answer.Header("traceparent"));
    }

    [Fact]
    public async Task BinaryTensors_TravelBothWays()
    {
        byte[] head = Encoding.UTF8.GetBytes("""{"inputs":[{"name":"features","datatype":"FP32","shape":[1,2],"parameters":{"binary_data_size":8}}],"parameters":{"binary_data_output":true}}""");
        byte[] body = new byte[head.Length + 8];
        head.CopyTo(body, 0);
        BinaryPrimitives.WriteSingleLittleEndian(body.AsSpan(head.Length), 1.5f);
        BinaryPrimitives.WriteSingleLittleEndian(body.AsSpan(head.Length + 4), 2f);
        using ByteArrayContent content = new(body);
        content.Headers.ContentType = new("application/octet-stream");
        content.Headers.Add("Inference-Header-Content-Length", head.Length.ToString(System.Globalization.CultureInfo.InvariantCulture));
        using HttpResponseMessage answer = await client.PostAsync(new Uri("v2/models/iris/infer", UriKind.Relative), content, TestContext.Current.CancellationToken);
        Assert.Equal(200, answer.Status);
        byte[] all = await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        int length = int.Parse(answer.Header("Inference-Header-Content-Length")!, System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(4, all.Length - length);
        Assert.Equal(3.5f, BinaryPrimitives.ReadSingleLittleEndian(all.AsSpan(length)));
        Assert.Contains("binary_data_size", Encoding.UTF8.GetString(all, 0, length), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("99999")]
    public async Task WrongHeaderLength_Is400(string length)
    {
        using ByteArrayContent content = new(Encoding.UTF8.GetBytes(Body));
        content.Headers.ContentType = new("application/octet-stream");
        content.Headers.TryAddWithoutValidation("Inference-Header-Content-Length", length);
        using HttpResponseMessage answer = await client.PostAsync(new Uri("v2/models/iris/infer", UriKind.Relative), content, TestContext.Current.CancellationToken);
        Assert.Equal(400, answer.Status);
    }

    [Fact]
    public async Task Problem_HasTheProtocolsForm()
    {
        using HttpResponseMessage answer = await client.PostJsonAsync("v2/models/iris/infer", """{"inputs":[]}""");
        Assert.Equal(400, answer.Status);
        Assert.Equal("application/json", answer.Content.Headers.ContentType!.ToString());
        JsonElement root = await answer.JsonAsync();
        Assert.Contains("features", root.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal("RW1205", root.GetProperty("code").GetString());
        Assert.Equal(answer.Header("x-request-id"), root.GetProperty("requestId").GetString());
    }

    [Fact]
    public async Task Metadata_NamesInputsOutputsAndVersions()
    {
        using HttpResponseMessage answer = await client.ReadAsync("v2/models/iris");
        JsonElement root = await answer.JsonAsync();
        Assert.Equal("iris", root.GetProperty("name").GetString());
        Assert.Equal("""["1"]""", root.GetProperty("versions").GetRawText());
        Assert.Equal("""{"name":"features","datatype":"FP32","shape":[-1,-1]}""", root.GetProperty("inputs")[0].GetRawText());
        Assert.Equal("sum", root.GetProperty("outputs")[0].GetProperty("name").GetString());
    }

    [Fact]
    public async Task Health_SaysWhetherEverythingIsReady()
    {
        foreach (string path in new[] { "v2", "v2/health/live", "v2/health/ready", "v2/models/iris/ready", "v2/models/iris/versions/1/ready" })
        {
            using HttpResponseMessage answer = await client.ReadAsync(path);
            Assert.Equal(200, answer.Status);
        }
        host.Publish(new EndpointRoute("dev", "iris", []));
        foreach ((string path, int status) in new[] { ("v2/health/live", 200), ("v2/health/ready", 503), ("v2/models/iris/ready", 503), ("v2/models/absent/ready", 404) })
        {
            using HttpResponseMessage answer = await client.ReadAsync(path);
            Assert.Equal(status, answer.Status);
        }
    }

    [Fact]
    public async Task Documents_AreMadeFromTheContract()
    {
        using HttpResponseMessage document = await client.ReadAsync("openapi.json");
        JsonElement root = await document.JsonAsync();
        Assert.StartsWith("3.1", root.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        Assert.True(root.GetProperty("paths").TryGetProperty("/serve/dev/predict/iris", out JsonElement path));
        JsonElement example = path.GetProperty("post").GetProperty("requestBody").GetProperty("content").GetProperty("application/json").GetProperty("example");
        using HttpResponseMessage asked = await client.AskAsync(example.GetRawText());
        Assert.Equal(200, asked.Status);
        using HttpResponseMessage page = await client.ReadAsync("docs");
        Assert.Contains("features", await page.TextAsync(), StringComparison.Ordinal);
        Assert.StartsWith("text/html", page.Content.Headers.ContentType!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Head_HasNoBody()
    {
        using HttpRequestMessage request = new(HttpMethod.Head, "v2/models/iris");
        using HttpResponseMessage answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(200, answer.Status);
        Assert.True(answer.Content.Headers.ContentLength > 0);
    }
}
