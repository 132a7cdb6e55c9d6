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

    [Fact]
    public void EveryLanguage_HasTheQuestionInItself()
    {
        Snippet[] all = [.. Snippets.All("dev", "iris", "http://h/serve/dev/predict/iris", """{"inputs":{"note":"a \"b\" 'c'","ok":true,"none":null}}""", streams: false)];
        Assert.Equal(["Terminal", "curl", "Python", "C#", "TypeScript"], all.Select(snippet => snippet.Name));
        Assert.All(all, snippet => Assert.DoesNotContain("question.json", snippet.Text, StringComparison.Ordinal));
        Assert.Contains("""question = {"inputs": {"note": "a \"b\" 'c'", "ok": True, "none": None}}""", all[2].Text, StringComparison.Ordinal);
        Assert.Contains("string question = \"\"\"{\"inputs\"", all[3].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void ALargeQuestion_IsReadFromAFile_InEveryLanguage() =>
        Assert.All(Snippets.All("dev", "iris", "http://h", new string('1', 5000), streams: false), snippet => Assert.Contains("question.json", snippet.Text, StringComparison.Ordinal));

    [Fact]
    public void AKey_StandsInNoSnippet() =>
        Assert.All(Snippets.All("dev", "iris", "http://h", "{}", streams: true).Skip(1), snippet =>
        {
            Assert.Contains("RAYWRIGHT_KEY", snippet.Text, StringComparison.Ordinal);
            Assert.Contains("text/event-stream", snippet.Text, StringComparison.Ordinal);
        });
}
