using System.Globalization;
using System.Text.RegularExpressions;
using Raywright.Core;

namespace Raywright.Server.App.Shared;

/// <summary>Figures and times for people.</summary>
public static partial class Figures
{
    public const string None = "–";

    public static string Rate(double perSecond) => perSecond switch
    {
        0 => "0",
        < 0.1 => "< 0.1",
        < 10 => Text($"{perSecond:0.0}"),
        _ => Text($"{perSecond:#,0}"),
    };

    /// <summary>A share of 1 as a percentage.</summary>
    public static string Share(double share) => share switch
    {
        0 => "0 %",
        1 => "100 %",
        < 0.001 => "< 0.1 %",
        > 0.999 and < 1 => "> 99.9 %",
        _ => Text($"{share * 100:0.0} %"),
    };

    public static string Milliseconds(double? value) => value switch
    {
        null => None,
        < 10 => Text($"{value:0.0#} ms"),
        < 1000 => Text($"{value:0} ms"),
        _ => Text($"{value / 1000:0.0} s"),
    };

    /// <summary>How long ago.</summary>
    public static string Age(long micros, DateTimeOffset now)
    {
        TimeSpan age = now - Instant(micros);
        return age switch
        {
            { TotalSeconds: < 10 } => "just now",
            { TotalMinutes: < 1 } => "< 1 min ago",
            { TotalHours: < 1 } => Text($"{(int)age.TotalMinutes} min ago"),
            { TotalDays: < 1 } => Text($"{(int)age.TotalHours} h ago"),
            _ => Text($"{(int)age.TotalDays} d ago"),
        };
    }

    public static string Duration(long startMicros, long endMicros) => Milliseconds(Math.Max(0, endMicros - startMicros) / 1000.0);

    /// <summary>Bytes in the unit that suits them.</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        < 1024 => Text($"{bytes} B"),
        < 1024 * 1024 => Text($"{bytes / 1024.0:0.#} KiB"),
        < 1024L * 1024 * 1024 => Text($"{bytes / (1024.0 * 1024):0.#} MiB"),
        _ => Text($"{bytes / (1024.0 * 1024 * 1024):0.#} GiB"),
    };

    /// <summary>A figure of a test or a step under the name that it has in the API: <c>loadMs</c> is <c>load 146 ms</c>.</summary>
    public static string Named(string name, double value)
    {
        string[] words = [.. Capital().Split(name).Select(word => word.ToLowerInvariant())];
        (string[] what, string unit) = words switch
        {
            [.. var before, "ms"] => (before, " ms"),
            [.. var before, "seconds"] => (before, " s"),
            _ => (words, ""),
        };
        return $"{string.Join(' ', what)} {Number(value)}{unit}";
    }

    /// <summary>A number as it was measured, without more digits than anybody reads.</summary>
    public static string Number(double value) => Math.Abs(value) switch
    {
        >= 1000 => Text($"{value:#,0.##}"),
        > 0 and < 0.001 => Text($"{value:G2}"),
        _ => Text($"{value:0.####}"),
    };

    /// <summary>The beginning of a digest; enough to tell two apart.</summary>
    public static string Digest(string hex) => hex.Length > 12 ? hex[..12] : hex;

    public static string Exact(long micros) => Text($"{Instant(micros):yyyy-MM-dd HH:mm:ss} UTC");

    /// <summary>For lines that come one after the other.</summary>
    public static string TimeOfDay(long micros) => Text($"{Instant(micros):HH:mm:ss.fff}");

    private static DateTimeOffset Instant(long micros) => DateTimeOffset.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond);

    [GeneratedRegex("(?=[A-Z])")]
    private static partial Regex Capital();

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
