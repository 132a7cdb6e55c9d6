namespace Raywright.Gateway.Protocols;

/// <summary>Compares media types without taking their parameters apart.</summary>
internal static class MediaType
{
    /// <summary>Whether <paramref name="header"/> names <paramref name="type"/>, with or without parameters. A body without a type is taken at its word.</summary>
    public static bool Is(string? header, string type) =>
        string.IsNullOrEmpty(header)
        || (header.StartsWith(type, StringComparison.OrdinalIgnoreCase) && (header.Length == type.Length || header[type.Length] is ';' or ' '));
}
