using System.Collections.Frozen;
using System.Reflection;

namespace Raywright.Core.Errors;

/// <summary>
/// Every expected failure of the product. One file an area:
/// RW10 spec, RW11 artifacts and scanning, RW12 request bodies, RW13 answers, RW20 tests, RW21 engine,
/// RW30 deploying and operations, RW40 access, RW41 Ray, RW50 server, store and blobs, RW60 command line.
/// <c>docs/reference/errors.md</c> is generated from it.
/// </summary>
public static partial class Catalogue
{
    /// <summary>A bug of ours: nothing the caller did. The log has the details under the request ID.</summary>
    public static readonly ErrorDefinition Internal = new(
        "RW5000", "Internal error",
        "Something happened in the server that nobody foresaw.",
        "Try again; if it stays, report it with the request ID. The server's log has the details.",
        HttpStatus: 500, Retryable: true);

    private static readonly Lazy<FrozenDictionary<string, ErrorDefinition>> ByCode = new(() =>
        typeof(Catalogue).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(field => field.FieldType == typeof(ErrorDefinition))
            .Select(field => (ErrorDefinition)field.GetValue(null)!)
            .ToFrozenDictionary(definition => definition.Code, StringComparer.Ordinal));

    /// <summary>All rows, in the order of their codes.</summary>
    public static IEnumerable<ErrorDefinition> All => ByCode.Value.Values.OrderBy(definition => definition.Code, StringComparer.Ordinal);

    public static ErrorDefinition? Find(string code) => ByCode.Value.GetValueOrDefault(code);
}
