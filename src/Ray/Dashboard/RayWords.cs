using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Raywright.Ray.Dashboard;

/// <summary>What of an answer that is no success is worth showing: never a whole trace, and nothing decides by it.</summary>
internal static partial class RayWords
{
    private const int Most = 400;

    /// <summary>The last line that says something: of a Python trace the exception.</summary>
    public static string Last(byte[] body) => OfJson(body) ?? Line(Lines(body).LastOrDefault(Says));

    public static string First(byte[] body) => OfJson(body) ?? Line(Lines(body).FirstOrDefault(Says));

    /// <summary>The lines of a text, without colours.</summary>
    public static string[] Lines(ReadOnlySpan<byte> body) => Colours().Replace(Encoding.UTF8.GetString(body), "").ReplaceLineEndings("\n").Split('\n');

    public static string Line(string? line) => line?.Trim() switch
    {
        null or "" => "without a word",
        { Length: > Most } text => text[..Most] + "…",
        { } text => text,
    };

    // A trace inside another ends in a line that is only a full stop.
    private static bool Says(string line) => line.Any(char.IsLetter);

    private static string? OfJson(byte[] body)
    {
        if (body is not [(byte)'{', ..])
            return null;
        try
        {
            ErrorAnswer? answer = JsonSerializer.Deserialize(body, RayJson.Default.ErrorAnswer);
            return (answer?.Error ?? answer?.Msg) is { } text ? Line(text.ReplaceLineEndings(" ")) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    [GeneratedRegex(@"\x1b\[[0-9;]*m")]
    private static partial Regex Colours();
}
