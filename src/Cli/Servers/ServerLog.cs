using System.Text;
using System.Text.Json;
using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Raywright.Core.Errors;

namespace Raywright.Cli.Servers;

/// <summary>What a server wrote into its log since a certain place.</summary>
internal sealed class ServerLog(string path)
{
    private const int MostBytes = 64 << 10;
    private const int MostLines = 8;
    private const int LongestLine = 300;

    private readonly long start = Length(path);

    public string Path => path;

    /// <summary>The problem with which the server refused to start, where it said one.</summary>
    public Problem? Refusal()
    {
        foreach (string line in Lines().Reverse())
        {
            if (line.StartsWith('{') && Details(line) is { } details)
                return ProblemReader.Problem(details);
        }
        return null;
    }

    /// <summary>The last lines, as a person reads them.</summary>
    public string Tail()
    {
        string[] lines = [.. Lines().Select(Readable).Where(line => line.Length > 0).TakeLast(MostLines)];
        return lines.Length == 0 ? "It wrote nothing into its log." : $"Last lines of {path}:\n{string.Join('\n', lines)}";
    }

    private string[] Lines()
    {
        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            stream.Seek(Math.Max(Math.Min(start, stream.Length), stream.Length - MostBytes), SeekOrigin.Begin);
            using StreamReader reader = new(stream, Encoding.UTF8);
            return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static ProblemDetails? Details(string line)
    {
        try
        {
            return JsonSerializer.Deserialize(line, ClientJson.Lenient.ProblemDetails) is { Code: not null } details ? details : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>A line of the structured log as level and message; any other as it is.</summary>
    private static string Readable(string line)
    {
        string text = line.TrimEnd();
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            if (document.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("Message", out JsonElement message))
            {
                string level = root.TryGetProperty("LogLevel", out JsonElement word) ? $"{word.GetString()}: " : "";
                string exception = root.TryGetProperty("Exception", out JsonElement thrown) ? $" {thrown.GetString()!.Split('\n')[0]}" : "";
                text = $"{level}{message.GetString()}{exception}";
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // No structured line.
        }
        return text.Length > LongestLine ? text[..LongestLine] + "…" : text;
    }

    private static long Length(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : 0;
}
