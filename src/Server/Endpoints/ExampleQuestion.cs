using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Raywright.Server.Endpoints;

/// <summary>A question to begin with, from a case of what serves.</summary>
/// <param name="Body">The request body.</param>
/// <param name="Name">What the case is called.</param>
/// <param name="Label">The truth, where the case knows it.</param>
public sealed record ExampleQuestion(JsonElement Body, string? Name = null, JsonElement? Label = null);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ImmutableArray<ExampleQuestion>))]
internal sealed partial class ExampleJson : JsonSerializerContext;
