using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Raywright.Cli.Homes;

/// <summary>Which server commands mean when nothing else says so.</summary>
/// <param name="Current">Its address; null means the server that runs on the home folder.</param>
/// <param name="Keys">Keys by address of the servers that <c>login</c> was used for.</param>
internal sealed record Profile(string? Current, ImmutableSortedDictionary<string, string> Keys)
{
    public static readonly Profile Empty = new(null, ImmutableSortedDictionary<string, string>.Empty);

    public string? KeyOf(Uri server) => Keys.GetValueOrDefault(Name(server));

    public static string Name(Uri server) => server.GetLeftPart(UriPartial.Authority);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(Profile))]
internal sealed partial class ProfileJson : JsonSerializerContext;
