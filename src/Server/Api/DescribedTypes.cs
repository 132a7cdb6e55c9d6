using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Raywright.Core.Api;

namespace Raywright.Server.Api;

/// <summary>
/// The records of the API as their description sees them: with the names, the types and what is required, and without the default
/// values of parameters. A default list has no JSON form, and the exporter of schemas fails on it.
/// </summary>
internal sealed class DescribedTypes : IJsonTypeInfoResolver
{
    public JsonTypeInfo? GetTypeInfo(Type type, JsonSerializerOptions options)
    {
        if (((IJsonTypeInfoResolver)ApiJson.Default).GetTypeInfo(type, options) is not { } known || known.Kind != JsonTypeInfoKind.Object)
            return null;
        JsonTypeInfo plain = JsonTypeInfo.CreateJsonTypeInfo(type, options);
        foreach (JsonPropertyInfo property in known.Properties)
        {
            JsonPropertyInfo copy = plain.CreateJsonPropertyInfo(property.PropertyType, property.Name);
            copy.Get = property.Get;
            copy.Set = property.Set;
            copy.IsRequired = property.IsRequired || property.AssociatedParameter is { HasDefaultValue: false };
            copy.IsGetNullable = property.IsGetNullable;
            copy.IsSetNullable = property.IsSetNullable;
            plain.Properties.Add(copy);
        }
        return plain;
    }
}
