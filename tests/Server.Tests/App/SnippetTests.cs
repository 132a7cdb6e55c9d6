using Raywright.Server.App.Playground;
using Xunit;

namespace Raywright.Server.Tests.App;

/// <summary>What is pasted into a shell does there what it says.</summary>
public sealed class SnippetTests
{
    [Fact]
    public void AQuote_DoesNotEndTheText() =>
        Assert.Equal("""raywright query notes '{"inputs":{"text":"it'\''s; $(rm) `x`"}}'""", Snippets.Command("dev", "notes", """{"inputs":{"text":"it's; $(rm) `x`"}}""", streams: false));

    [Fact]
    public void AnotherEnvironment_IsNamed() => Assert.EndsWith("' -e staging", Snippets.Command("staging", "iris", "{}", streams: false), StringComparison.Ordinal);

    [Fact]
    public void ALargeBody_GoesByAFile()
    {
        string body = new('1', 5000);
        Assert.EndsWith("@question.json", Snippets.Command("dev", "iris", body, streams: false), StringComparison.Ordinal);
        Assert.EndsWith("-d @question.json", Snippets.Curl("http://127.0.0.1:7700/serve/dev/predict/iris", body, streams: false), StringComparison.Ordinal);
    }

    [Fact]
    public void Curl_TakesTheKeyFromTheEnvironment() =>
        Assert.Contains("Bearer $RAYWRIGHT_KEY\"", Snippets.Curl("http://127.0.0.1:7700/serve/dev/predict/iris", "{}", streams: false), StringComparison.Ordinal);

    [Fact]
    public void AModelThatStreams_IsAskedForAStream()
    {
        Assert.Equal("raywright query chat '{}' --stream -e staging", Snippets.Command("staging", "chat", "{}", streams: true));
        Assert.Equal(
            "curl -N http://h/serve/dev/predict/chat \\\n  -H \"Authorization: Bearer $RAYWRIGHT_KEY\" \\\n  -H \"Accept: text/event-stream\" \\\n  -H \"Content-Type: application/json\" \\\n  -d '{}'",
            Snippets.Curl("http://h/serve/dev/predict/chat", "{}", streams: true));
    }
}
