namespace Raywright.Server.Api;

/// <summary>What a call needs of its key. A higher scope includes the lower ones.</summary>
internal enum Scope
{
    /// <summary>Ask models, and see what the key may ask.</summary>
    Query,

    /// <summary>Change what runs, and see everything but keys.</summary>
    Deploy,

    /// <summary>Everything.</summary>
    Admin,
}

internal static class ScopeNames
{
    public static readonly string[] All = ["query", "deploy", "admin"];

    public static string Name(this Scope scope) => All[(int)scope];

    public static Scope Highest(IEnumerable<string> scopes) => (Scope)scopes.Select(scope => Array.IndexOf(All, scope)).DefaultIfEmpty(0).Max();
}
