using System.Text.Json;
using Raywright.Core.Errors;
using Raywright.Gateway.Tests.Hosting;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Gateway.Tests.Pipeline;

/// <summary>What the documents of an environment say of a model that streams, and that it is so.</summary>
public sealed class StreamDocumentTests : IAsyncLifetime
{
    private const string Stream = "text/event-stream";
    private const string Question = """{"inputs":{"features":[[1,2]]}}""";
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private GatewayHost host = null!;
    private HttpClient client = null!;

    public async ValueTask InitializeAsync()
    {
        host = await GatewayHost.StartAsync();
        client = host.Client();
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task TheDocument_ShowsTheEventsThatCome()
    {
        host.Publish(new FakeStream("""{"y":1}"""));
        JsonElement operation = await OperationAsync();
        Golden.Matches("stream-operation.json", JsonSerializer.Serialize(operation, Indented) + "\n");
        Assert.Equal(Example(operation, "value") + Example(operation, "end"), await StreamAsync());
        host.Publish(new FakeStream("""{"y":1}""") { Problem = new Problem(Catalogue.ModelRaised, "Something else.") });
        string failed = await StreamAsync();
        Assert.StartsWith(Example(operation, "value"), failed, StringComparison.Ordinal);
        Assert.Equal(Shape(Example(operation, "error")), Shape(failed[Example(operation, "value").Length..]));
        Assert.Contains(Stream, await (await client.ReadAsync("docs")).TextAsync(), StringComparison.Ordinal);
    }

    /// <summary>ONNX, and code that does not say that it streams.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task OneThatAnswersWhole_PromisesNoStream(bool couldBeAsked)
    {
        host.Publish(couldBeAsked ? new FakeStream { Streams = false } : new FakeTarget());
        Assert.DoesNotContain(Stream, (await OperationAsync()).GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain(Stream, await (await client.ReadAsync("docs")).TextAsync(), StringComparison.Ordinal);
    }

    private async Task<JsonElement> OperationAsync()
    {
        using HttpResponseMessage document = await client.ReadAsync("openapi.json");
        return (await document.JsonAsync()).GetProperty("paths").GetProperty("/serve/dev/predict/iris").GetProperty("post");
    }

    private async Task<string> StreamAsync()
    {
        using HttpResponseMessage answer = await client.OpenStreamAsync(Question);
        Assert.Equal(Stream, answer.Content.Headers.ContentType!.MediaType);
        return await answer.TextAsync();
    }

    private static string Example(JsonElement operation, string name) => operation.GetProperty("responses").GetProperty("200").GetProperty("content")
        .GetProperty(Stream).GetProperty("examples").GetProperty(name).GetProperty("value").GetString()!;

    /// <summary>The lines of an event, of its data only the names.</summary>
    private static string[] Shape(string error)
    {
        string[] lines = error.Split('\n');
        return [lines[0], .. JsonElement.Parse(lines[1]["data: ".Length..]).EnumerateObject().Select(member => member.Name), .. lines[2..]];
    }
}
