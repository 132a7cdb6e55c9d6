using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Raywright.Core.Spec;

/// <summary>Reads single values; null where the text is none of the kind.</summary>
internal static class SpecValues
{
    private static readonly (string Unit, long Bytes)[] Sizes =
        [("Ki", 1L << 10), ("Mi", 1L << 20), ("Gi", 1L << 30), ("Ti", 1L << 40), ("K", 1000), ("M", 1_000_000), ("G", 1_000_000_000), ("T", 1_000_000_000_000), ("", 1)];

    private static readonly (string Unit, double Milliseconds)[] Times = [("ms", 1), ("us", 0.001), ("s", 1000), ("m", 60_000), ("h", 3_600_000)];

    public static string? Text(YamlScalarNode node) => string.IsNullOrEmpty(node.Value) && node.Style == ScalarStyle.Plain ? null : node.Value;

    public static bool? Boolean(YamlScalarNode node) => node.Value switch
    {
        "true" or "True" => true,
        "false" or "False" => false,
        _ => null,
    };

    public static double? Number(YamlScalarNode node) =>
        node.Style == ScalarStyle.Plain && double.TryParse(node.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) ? value : null;

    public static double? Integer(YamlScalarNode node) =>
        Number(node) is { } value && value == Math.Floor(value) && Math.Abs(value) <= int.MaxValue ? value : null;

    public static long? Size(YamlScalarNode node)
    {
        string text = node.Value ?? "";
        foreach ((string unit, long bytes) in Sizes)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal)
                && double.TryParse(text[..^unit.Length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double amount)
                && amount * bytes is > 0 and < 1L << 50)
                return (long)(amount * bytes);
        }
        return null;
    }

    public static TimeSpan? Duration(YamlScalarNode node)
    {
        string text = node.Value ?? "";
        foreach ((string unit, double milliseconds) in Times)
        {
            if (text.EndsWith(unit, StringComparison.Ordinal)
                && double.TryParse(text[..^unit.Length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double amount)
                && amount * milliseconds <= 86_400_000)
                return TimeSpan.FromMilliseconds(amount * milliseconds);
        }
        return text == "0" ? TimeSpan.Zero : null;
    }

    public static string Shorten(string text) => text.Length <= 60 ? text : text[..60] + "…";
}
