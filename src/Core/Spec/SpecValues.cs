using System.Buffers;
using System.Globalization;
using System.Text;

namespace Raywright.Core.Spec;

/// <summary>Reads single values; null where the text is none of the kind.</summary>
internal static class SpecValues
{
    public const long SmallestSize = 16L << 20;

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    private static readonly (string Unit, long Bytes)[] Sizes =
        [("Ki", 1L << 10), ("Mi", 1L << 20), ("Gi", 1L << 30), ("Ti", 1L << 40), ("K", 1000), ("M", 1_000_000), ("G", 1_000_000_000), ("T", 1_000_000_000_000), ("", 1)];

    private static readonly (string Unit, double Milliseconds)[] Times = [("ms", 1), ("us", 0.001), ("s", 1000), ("m", 60_000), ("h", 3_600_000)];

    /// <summary>A text with something in it. YAML's words for nothing count only in quotes.</summary>
    public static string? Text(SpecNode.Scalar node) => node.IsEmpty || node.Value.Length == 0 ? null : node.Value;

    /// <summary>A text that may be empty where it is quoted.</summary>
    public static string? AnyText(SpecNode.Scalar node) => node.IsEmpty ? null : node.Value;

    public static bool? Boolean(SpecNode.Scalar node) => node switch
    {
        { Plain: true, Value: "true" or "True" or "TRUE" } => true,
        { Plain: true, Value: "false" or "False" or "FALSE" } => false,
        _ => null,
    };

    public static double? Number(SpecNode.Scalar node) =>
        node.Plain && double.TryParse(node.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) ? value : null;

    public static double? Integer(SpecNode.Scalar node) =>
        Number(node) is { } value && value == Math.Floor(value) && Math.Abs(value) <= int.MaxValue ? value : null;

    /// <summary>Bytes. Binary and decimal units as Kubernetes writes them.</summary>
    public static long? Size(SpecNode.Scalar node)
    {
        foreach ((string unit, long bytes) in Sizes)
        {
            if (node.Value.EndsWith(unit, StringComparison.Ordinal)
                && double.TryParse(node.Value.AsSpan(0, node.Value.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double amount)
                && amount * bytes is >= 0 and < 1L << 50)
                return (long)(amount * bytes);
        }
        return null;
    }

    public static TimeSpan? Duration(SpecNode.Scalar node)
    {
        foreach ((string unit, double milliseconds) in Times)
        {
            if (node.Value.EndsWith(unit, StringComparison.Ordinal)
                && double.TryParse(node.Value.AsSpan(0, node.Value.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double amount)
                && amount * milliseconds <= 86_400_000)
                return TimeSpan.FromMilliseconds(amount * milliseconds);
        }
        return node.Value == "0" ? TimeSpan.Zero : null;
    }

    /// <summary>What a person probably meant who wrote another unit: <c>512MB</c> is 512Mi, a bare 5 is 5ms.</summary>
    public static string? Meant(SpecKind kind, string text)
    {
        int end = text.AsSpan().IndexOfAnyExcept(Digits);
        (string digits, string unit) = end < 0 ? (text, "") : (text[..end], text[end..].Trim().ToLowerInvariant());
        if (!double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _))
            return null;
        return (kind, unit) switch
        {
            (SpecKind.Size, "" or "m" or "mb" or "mib" or "mi") => $"{digits}Mi",
            (SpecKind.Size, "g" or "gb" or "gib" or "gi") => $"{digits}Gi",
            (SpecKind.Size, "k" or "kb" or "kib" or "ki") => $"{digits}Ki",
            (SpecKind.Duration, "" or "msec" or "millis" or "milliseconds") => $"{digits}ms",
            (SpecKind.Duration, "sec" or "secs" or "second" or "seconds") => $"{digits}s",
            (SpecKind.Duration, "min" or "mins" or "minute" or "minutes") => $"{digits}m",
            _ => null,
        };
    }

    /// <summary>A user's text inside a message: one line, no control characters, not long.</summary>
    public static string Shorten(string text)
    {
        StringBuilder shown = new();
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (shown.Length >= 60)
                return shown.Append('…').ToString();
            if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
                shown.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:X4}");
            else
                shown.Append(rune);
        }
        return shown.ToString();
    }
}
