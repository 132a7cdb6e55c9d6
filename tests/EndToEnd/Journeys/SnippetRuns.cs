using System.Diagnostics;
using System.Text.Json;
using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Raywright.EndToEnd.Browser;
using Raywright.EndToEnd.Harness;
using Raywright.Server.App.Playground;
using Raywright.TestKit;
using Xunit;

namespace Raywright.EndToEnd.Journeys;

/// <summary>What the playground gives to copy runs as it is, against a real server.</summary>
public sealed class SnippetRuns
{
    private const string Question = """{"inputs":{"sepal_length":5.0,"sepal_width":3.5,"petal_length":1.6,"petal_width":0.6}}""";

    /// <summary>Language, file, program and what stands before the file.</summary>
    public static TheoryData<string, string, string, string> Languages => new()
    {
        { "curl", "ask.sh", "sh", "" },
        { "Python", "ask.py", "python3", "" },
        { "TypeScript", "ask.mjs", "node", "" },
        { "C#", "ask.cs", "dotnet", "run" },
    };

    [Theory]
    [MemberData(nameof(Languages))]
    public async Task ASnippet_Answers(string language, string file, string program, string before)
    {
        Needs(language == "curl" ? "curl" : program);
        await using AppHome home = await AppHome.StartAsync();
        await home.DeployIrisAsync("dev");
        using RaywrightClient client = home.Connect();
        EndpointInfo endpoint = (await client.EndpointAsync("dev", "iris", TestContext.Current.CancellationToken)).Value;
        KeyCreated key = (await client.CreateKeyAsync(new KeyRequest("snippet", ["query"]), TestContext.Current.CancellationToken)).Value;
        Ended ended = await RunAsync(Text(language, endpoint, Question), file, program, before, key.Key);
        Assert.Contains("setosa", ended.With(0).Output, StringComparison.Ordinal);

        // From a file, as a long question goes.
        ended = await RunAsync(Text(language, endpoint, null), file, program, before, key.Key);
        Assert.Contains("setosa", ended.With(0).Output, StringComparison.Ordinal);
        if (language != "curl")
            Assert.NotEqual(0, (await RunAsync(Text(language, endpoint, Question), file, program, before, "rwk_wrong")).Status);
    }

    [Theory]
    [MemberData(nameof(Languages))]
    public async Task ASnippetOfAModelThatStreams_PrintsItsParts(string language, string file, string program, string before)
    {
        Needs(language == "curl" ? "curl" : program);
        Needs("python3");
        await using AppHome home = await AppHome.StartAsync();
        Assert.Equal(OperationState.Succeeded, (await home.DeployCodeAsync("words", """
            class Model:
                def load(self, folder):
                    pass
                def predict(self, inputs):
                    return {"text": inputs}
                def stream(self, inputs):
                    for word in ["it's", "\"all\"", inputs["last"]]:
                        yield word + " "
            """)).State);
        using RaywrightClient client = home.Connect();
        EndpointInfo endpoint = (await client.EndpointAsync("dev", "words", TestContext.Current.CancellationToken)).Value with { Streams = true };
        KeyCreated key = (await client.CreateKeyAsync(new KeyRequest("snippet", ["query"]), TestContext.Current.CancellationToken)).Value;
        // What breaks texts of shells and languages.
        string question = JsonSerializer.Serialize(new { inputs = new { last = "'a' \"b\" $HOME `c` \\ {d} \"\"\" end" } });
        Ended ended = await RunAsync(Text(language, endpoint, question), file, program, before, key.Key);
        Assert.Equal(["it's ", "\"all\" ", "'a' \"b\" $HOME `c` \\ {d} \"\"\" end "], ended.With(0).Output.Split('\n').Where(line => line.StartsWith("data:", StringComparison.Ordinal))
            .Select(line => JsonElement.Parse(line["data:".Length..])).Where(value => value.TryGetProperty("outputs", out _)).Select(value => value.GetProperty("outputs").GetString()));
    }

    private static string Text(string language, EndpointInfo endpoint, string? question) =>
        Snippets.All(endpoint.Environment, endpoint.Model, endpoint.Url, question, endpoint.Streams).Single(snippet => snippet.Name == language).Text;

    private static async Task<Ended> RunAsync(string text, string file, string program, string before, string key)
    {
        using TemporaryFolder folder = new();
        folder.Write(file, text + "\n");
        folder.Write("question.json", Question);
        ProcessStartInfo start = new(program) { WorkingDirectory = folder.Path };
        foreach (string argument in before.Split(' ', StringSplitOptions.RemoveEmptyEntries).Append(file))
            start.ArgumentList.Add(argument);
        start.Environment["RAYWRIGHT_KEY"] = key;
        using Child child = new(start);
        return await child.EndAsync();
    }

    private static void Needs(string program) =>
        Assert.SkipWhen(!(Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program))), $"There is no {program} here.");
}
