using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Raywright.TestKit;
using Raywright.TestKit.Ray;
using Xunit;

namespace Raywright.Ray.Tests.Dashboard;

/// <summary>The fake answers what the real Ray answered: each recorded request is asked again.</summary>
public sealed class RecordingTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Recordings of which anything is asked again; the golden lists the others.</summary>
    public static TheoryData<string> Files => SharedFiles.Present
        ? [.. RayRecording.Files().Where(file => RayRecording.Load(file).Any(exchange => RecordingsLeft.Why(exchange) is null))]
        : [.. RayRecording.Files()];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task TheFake_AnswersAsRecorded(string file)
    {
        SharedFiles.SkipIfAbsent();
        RayRecording[] exchanges = [.. RayRecording.Load(file).Where(exchange => RecordingsLeft.Why(exchange) is null)];
        await using FakeRay ray = await FakeRay.StartAsync();
        RecordedScenes.Begin(ray, file);
        foreach (RayRecording exchange in exchanges)
        {
            if (RecordedState.IsOne(exchange))
            {
                await RecordedState.IsReachedAsync(exchange);
                continue;
            }
            RecordedScenes.Before(ray, exchange);
            (int status, string? type, JsonNode? answer) = await AskAsync(ray, exchange);
            Assert.True(exchange.Status == status, $"{exchange.Name}: {status} and not {exchange.Status}: {answer}");
            Assert.True(exchange.ContentType == type, $"{exchange.Name}: {type} and not {exchange.ContentType}");
            string[] differences = [.. RayShape.Differences(exchange.Answer, answer)];
            Assert.True(differences.Length == 0, $"{exchange.Name}:\n{string.Join('\n', differences)}");
        }
    }

    [Fact]
    public void WhatIsLeftOut_HasAReason()
    {
        SharedFiles.SkipIfAbsent();
        StringBuilder page = new();
        foreach (string file in RayRecording.Files())
        {
            RayRecording[] exchanges = [.. RayRecording.Load(file)];
            int replayed = exchanges.Count(exchange => RecordingsLeft.Why(exchange) is null);
            page.Append($"{file}: {replayed} of {exchanges.Length}\n");
            foreach (IGrouping<string, RayRecording> reason in exchanges.Where(exchange => RecordingsLeft.Why(exchange) is not null).GroupBy(exchange => RecordingsLeft.Why(exchange)!, StringComparer.Ordinal))
                page.Append($"  left ({reason.Key}): {string.Join("; ", reason.Select(exchange => exchange.Name))}\n");
        }
        Golden.Matches("recordings.txt", page.ToString());
    }

    private static async Task<(int Status, string? Type, JsonNode? Answer)> AskAsync(FakeRay ray, RayRecording exchange)
    {
        using HttpClient http = new() { BaseAddress = ray.Address };
        using HttpRequestMessage request = new(new HttpMethod(exchange.Method), RecordedScenes.Path(ray, exchange));
        byte[] body = exchange.Bytes();
        if (body.Length > 0 || exchange.Body is not null)
            request.Content = new ByteArrayContent(body);
        foreach ((string name, string value) in exchange.Headers)
        {
            if (name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase))
                request.Content?.Headers.ContentType = MediaTypeHeaderValue.Parse(value);
            else
                request.Headers.TryAddWithoutValidation(name, value);
        }
        using HttpResponseMessage response = await http.SendAsync(request, Cancellation);
        string text = await response.Content.ReadAsStringAsync(Cancellation);
        string? type = response.Content.Headers.ContentType?.ToString();
        return ((int)response.StatusCode, type, type?.StartsWith("application/json", StringComparison.Ordinal) == true ? JsonNode.Parse(text) : text);
    }
}
