namespace Raywright.Server.App.Playground;

/// <summary>A question as it is asked from elsewhere, ready to be pasted into a shell.</summary>
public static class Snippets
{
    /// <summary>Longer bodies go by a file: nobody pastes a picture.</summary>
    private const int LongestInline = 1500;

    private const string File = "question.json";

    public static string Curl(string url, string? body, bool streams) =>
        $"""
        curl {(streams ? "-N " : "")}{url} \
          -H "Authorization: Bearer $RAYWRIGHT_KEY" \{(streams ? "\n  -H \"Accept: text/event-stream\" \\" : "")}
          -H "Content-Type: application/json" \
          -d {(IsInline(body) ? Quoted(body!) : $"@{File}")}
        """;

    public static string Command(string environment, string model, string? body, bool streams) =>
        $"raywright query {model} {(IsInline(body) ? Quoted(body!) : $"@{File}")}{(streams ? " --stream" : "")}{(environment == "dev" ? "" : $" -e {environment}")}";

    /// <summary>Whether the snippets have the question in themselves.</summary>
    public static bool IsInline(string? body) => body is { Length: <= LongestInline };

    private static string Quoted(string text) => $"'{text.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
