using System.Collections.Immutable;
using System.Globalization;
using Raywright.Core;
using Raywright.Core.Api;

namespace Raywright.Server.App.Keys;

/// <summary>What a person fills in to make a key.</summary>
internal sealed class KeyForm
{
    public string Name { get; set; } = "";

    /// <summary>The highest; it includes the lower ones.</summary>
    public string Scope { get; set; } = "query";

    /// <summary>Patterns, apart by blanks or commas.</summary>
    public string Endpoints { get; set; } = "";

    /// <summary>After how many days it expires; empty means never.</summary>
    public string Days { get; set; } = "90";

    public ImmutableArray<string> Patterns => [.. Endpoints.Split([' ', ',', '\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries)];

    public KeyRequest ToRequest(DateTimeOffset now) => new(
        Name.Trim(), [Scope], Patterns,
        int.TryParse(Days, NumberStyles.None, CultureInfo.InvariantCulture, out int days) ? Instants.Micros(now.AddDays(days)) : null);

    /// <summary>What makes the same key in a terminal.</summary>
    public string Command()
    {
        string name = Name.Trim() is { Length: > 0 } given ? Quoted(given) : "NAME";
        string scope = Scope == "query" ? "" : $" --scope {Scope}";
        string endpoints = string.Concat(Patterns.Select(pattern => $" --endpoint {Quoted(pattern)}"));
        return $"raywright key create {name}{scope}{endpoints}{(Days.Length > 0 ? $" --days {Days}" : "")}";
    }

    private static string Quoted(string word) =>
        word.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.' or '/') ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
