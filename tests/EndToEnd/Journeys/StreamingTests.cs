using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Raywright.EndToEnd.Harness;
using Raywright.TestKit;
using Xunit;

namespace Raywright.EndToEnd.Journeys;

/// <summary>A model that streams, from its generator to the command line and to any client, and back when somebody leaves.</summary>
public sealed class StreamingTests
{
    private const string Code = """
        import os
        class Model:
            def load(self, folder):
                self.left = 0
            def predict(self, inputs):
                if "count" not in inputs:
                    return {"left": self.left}
                return self.count(inputs["count"])
            def count(self, most):
                try:
                    for number in range(most):
                        if number == 3 and most == 4:
                            raise ValueError("three is enough")
                        yield {"number": number}
                except GeneratorExit:
                    self.left += 1
                    raise
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ThePartsOfAnAnswer_ComeOneByOne()
    {
        await using Sandbox sandbox = await StartAsync("counting", Code);
        Ended ended = await sandbox.RaywrightAsync("query", "counting", """{"count": 3}""", "--stream");
        Assert.Equal(["""{"number":0}""", """{"number":1}""", """{"number":2}"""], ended.With(0).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Replace(" ", "", StringComparison.Ordinal)));
        (await sandbox.RaywrightAsync("query", "counting", """{"count": 4}""", "--stream")).With(1).Saying("three is enough");
    }

    [Fact]
    public async Task WhoLeaves_EndsTheModelsWork()
    {
        await using Sandbox sandbox = await StartAsync("counting", Code);
        using HttpClient http = new() { BaseAddress = new Uri(sandbox.Url) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", sandbox.AdminKey);
        using (HttpRequestMessage request = new(HttpMethod.Post, "/serve/dev/predict/counting") { Content = Body("""{"inputs":{"count":1000000000}}""") })
        {
            request.Headers.Accept.ParseAdd("text/event-stream");
            using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
            Assert.Equal("text/event-stream", response.Content.Headers.ContentType!.MediaType);
            using StreamReader reader = new(await response.Content.ReadAsStreamAsync(Token));
            Assert.Equal("""data: {"outputs":{"number":0}}""", (await reader.ReadLineAsync(Token))!.Replace(": 0", ":0", StringComparison.Ordinal));
        }
        await Eventually.TrueAsync(
            async () =>
            {
                using HttpResponseMessage asked = await http.PostAsync("/serve/dev/predict/counting", Body("""{"inputs":{}}"""), Token);
                return JsonElement.Parse(await asked.Content.ReadAsByteArrayAsync(Token)).GetProperty("outputs").GetProperty("left").GetInt32() == 1;
            },
            "the generator is closed");
    }

    /// <summary>The language model's own transcripts, token by token.</summary>
    [Fact]
    public async Task TheLanguageModel_StreamsItsTranscripts()
    {
        Assert.SkipUnless(SharedFiles.Present, "The shared models are absent.");
        PythonHere.Needs();
        await using Sandbox sandbox = new();
        string folder = sandbox.Copy(SharedFiles.Path("models", "tinylm"), "tinylm");
        JsonElement transcripts = JsonElement.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "transcripts.json"), Token)).GetProperty("transcripts");
        await File.WriteAllLinesAsync(Path.Combine(folder, "cases.jsonl"), transcripts.EnumerateArray().Select(transcript =>
            $$$"""{"inputs":{{{JsonSerializer.Serialize(transcript.GetProperty("request"))}}},"expected":{"text":{{{transcript.GetProperty("text").GetRawText()}}}}}"""), Token);
        await File.WriteAllTextAsync(Path.Combine(folder, "raywright.yaml"), "model: tinylm\nsource: model.py\nfiles: [tokenizer.json, table.json]\ncontract: none\ntests: { cases: cases.jsonl }\n", Token);
        await sandbox.UpAsync(folder);
        foreach (JsonElement transcript in transcripts.EnumerateArray())
        {
            Ended ended = await sandbox.RaywrightAsync("query", "tinylm", JsonSerializer.Serialize(transcript.GetProperty("request")), "--stream");
            JsonElement[] parts = [.. ended.With(0).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))];
            Assert.Equal(transcript.GetProperty("tokens").EnumerateArray().Select(token => token.GetString()), parts.Select(part => part.GetProperty("token").GetString()));
        }
    }

    private static async Task<Sandbox> StartAsync(string name, string code)
    {
        PythonHere.Needs();
        Sandbox sandbox = new();
        string folder = Directory.CreateDirectory(Path.Combine(sandbox.Work, name)).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "model.py"), code, Token);
        await File.WriteAllTextAsync(Path.Combine(folder, "raywright.yaml"), $"model: {name}\nsource: model.py\ncontract: none\n", Token);
        await File.WriteAllTextAsync(Path.Combine(folder, "cases.jsonl"), "", Token);
        await sandbox.UpAsync(folder);
        return sandbox;
    }

    private static StringContent Body(string json) => new(json, Encoding.UTF8, "application/json");
}
