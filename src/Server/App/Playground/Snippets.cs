using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace Raywright.Server.App.Playground;

/// <summary>A question in one language.</summary>
/// <param name="Name">The language.</param>
/// <param name="Text">The program or the command.</param>
/// <param name="Hint">How it is run.</param>
public sealed record Snippet(string Name, string Text, string Hint);

/// <summary>A question as it is asked from elsewhere, ready to be pasted. None needs anything but what comes with the language.</summary>
public static class Snippets
{
    /// <summary>Longer bodies go by a file: nobody pastes a picture.</summary>
    private const int LongestInline = 1500;

    private const string File = "question.json";

    /// <param name="environment">Of the endpoint.</param>
    /// <param name="model">Of the endpoint.</param>
    /// <param name="url">For the neutral body.</param>
    /// <param name="body">The question in one line; null where there is none yet.</param>
    /// <param name="streams">Whether the model answers in parts.</param>
    public static ImmutableArray<Snippet> All(string environment, string model, string url, string? body, bool streams) =>
    [
        new("Terminal", Command(environment, model, body, streams), "Uses the key that `raywright login` or `raywright up` stored."),
        new("curl", Curl(url, body, streams), "In a shell."),
        new("Python", Python(url, body, streams), "Save as `ask.py`, then `python3 ask.py`; the standard library is enough."),
        new("C#", CSharp(url, body, streams), "Save as `ask.cs`, then `dotnet run ask.cs` with .NET 10 or later."),
        new("TypeScript", TypeScript(url, body, streams), "Save as `ask.mts`, then `node ask.mts` with Node.js 23 or later; as `ask.mjs` it runs from 18 on."),
    ];

    public static string Curl(string url, string? body, bool streams) =>
        $"""
        curl {(streams ? "-N " : "")}{url} \
          -H "Authorization: Bearer $RAYWRIGHT_KEY" \{(streams ? "\n  -H \"Accept: text/event-stream\" \\" : "")}
          -H "Content-Type: application/json" \
          -d {(IsInline(body) ? Quoted(body!) : $"@{File}")}
        """;

    public static string Command(string environment, string model, string? body, bool streams) =>
        $"raywright query {model} {(IsInline(body) ? Quoted(body!) : $"@{File}")}{(streams ? " --stream" : "")}{(environment == "dev" ? "" : $" -e {environment}")}";

    public static string Python(string url, string? body, bool streams) =>
        $$"""
        import json
        import os
        import urllib.error
        import urllib.request

        question = {{(IsInline(body) ? PythonValue(JsonElement.Parse(body!)) : $"json.load(open(\"{File}\", encoding=\"utf-8\"))")}}
        request = urllib.request.Request(
            {{Literal(url)}},
            data=json.dumps(question).encode(),
            headers={
                "Authorization": "Bearer " + os.environ["RAYWRIGHT_KEY"],{{(streams ? "\n        \"Accept\": \"text/event-stream\"," : "")}}
                "Content-Type": "application/json",
            },
        )
        try:
            with urllib.request.urlopen(request) as answer:
        {{(streams ? "        for line in answer:\n            print(line.decode().rstrip())" : "        print(json.load(answer)[\"outputs\"])")}}
        except urllib.error.HTTPError as refused:
            raise SystemExit(refused.read().decode())
        """;

    public static string CSharp(string url, string? body, bool streams) =>
        $$"""
        using System.Net.Http.Headers;

        using HttpClient http = new();
        using HttpRequestMessage request = new(HttpMethod.Post, {{Literal(url)}});
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Environment.GetEnvironmentVariable("RAYWRIGHT_KEY"));{{(streams ? "\nrequest.Headers.Accept.ParseAdd(\"text/event-stream\");" : "")}}
        string question = {{(IsInline(body) ? Raw(body!) : $"File.ReadAllText(\"{File}\")")}};
        request.Content = new StringContent(question, new MediaTypeHeaderValue("application/json"));
        using HttpResponseMessage answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using StreamReader reader = new(await answer.Content.ReadAsStreamAsync());
        while (await reader.ReadLineAsync() is { } line)
            Console.WriteLine(line);
        return answer.IsSuccessStatusCode ? 0 : 1;
        """;

    public static string TypeScript(string url, string? body, bool streams) =>
        $$"""
        {{(IsInline(body) ? "" : "import { readFileSync } from \"node:fs\";\n\n")}}const question = {{(IsInline(body) ? body : $"JSON.parse(readFileSync(\"{File}\", \"utf8\"))")}};
        const answer = await fetch({{Literal(url)}}, {
          method: "POST",
          headers: {
            Authorization: `Bearer ${process.env.RAYWRIGHT_KEY}`,{{(streams ? "\n    Accept: \"text/event-stream\"," : "")}}
            "Content-Type": "application/json",
          },
          body: JSON.stringify(question),
        });
        if (!answer.ok) throw new Error(await answer.text());
        {{(streams ? "for await (const part of answer.body ?? []) process.stdout.write(part);" : "console.log(JSON.stringify((await answer.json()).outputs));")}}
        """;

    /// <summary>Whether the snippets have the question in themselves.</summary>
    public static bool IsInline(string? body) => body is { Length: <= LongestInline };

    private static string Quoted(string text) => $"'{text.Replace("'", @"'\''", StringComparison.Ordinal)}'";

    /// <summary>A text between double quotes, as C#, Python and JavaScript read it alike.</summary>
    private static string Literal(string text)
    {
        StringBuilder literal = new("\"");
        foreach (char one in text)
            literal.Append(one switch { '"' => "\\\"", '\\' => "\\\\", '\n' => "\\n", '\r' => "\\r", '\t' => "\\t", < ' ' or '\u007f' => $"\\u{(int)one:x4}", _ => one.ToString() });
        return literal.Append('"').ToString();
    }

    /// <summary>With more quotes around it than it has in itself.</summary>
    private static string Raw(string text)
    {
        int most = 0, run = 0;
        foreach (char one in text)
            most = Math.Max(most, run = one == '"' ? run + 1 : 0);
        string quotes = new('"', Math.Max(3, most + 1));
        return quotes + text + quotes;
    }

    private static string PythonValue(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => $"{{{string.Join(", ", value.EnumerateObject().Select(member => $"{Literal(member.Name)}: {PythonValue(member.Value)}"))}}}",
        JsonValueKind.Array => $"[{string.Join(", ", value.EnumerateArray().Select(PythonValue))}]",
        JsonValueKind.String => Literal(value.GetString()!),
        JsonValueKind.True => "True",
        JsonValueKind.False => "False",
        JsonValueKind.Null => "None",
        _ => value.GetRawText(),
    };
}
