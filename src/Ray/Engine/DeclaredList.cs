using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Raywright.Core.Errors;
using Raywright.Ray.Dashboard;

namespace Raywright.Ray.Engine;

/// <summary>
/// The declared applications of a cluster, whoever declared them: one list, which can only be replaced as a whole. Each is kept as
/// Ray gave it, byte for byte. What code in the cluster started (<c>serve.run</c>) is not in it, and not touched by it.
/// </summary>
internal sealed class DeclaredList
{
    private readonly ServeDetails details;
    private readonly ImmutableArray<(string Name, JsonElement Config)> applications;

    private DeclaredList(ServeDetails details, ImmutableArray<(string Name, JsonElement Config)> applications, ImmutableArray<string> leaving) =>
        (this.details, this.applications, Leaving) = (details, applications, leaving);

    public IEnumerable<(string Name, JsonElement Config)> Applications => applications;

    /// <summary>Declared once, and being removed.</summary>
    public ImmutableArray<string> Leaving { get; }

    /// <summary>The list as it is; a problem where an application in it could not be given back.</summary>
    public static Result<DeclaredList> Read(ServeDetails details)
    {
        ImmutableArray<(string, JsonElement)>.Builder declared = ImmutableArray.CreateBuilder<(string, JsonElement)>();
        ImmutableArray<string>.Builder leaving = ImmutableArray.CreateBuilder<string>();
        foreach ((string name, ApplicationDetails application) in details.Applications)
        {
            if (application.Source == ApplicationSource.Imperative)
                continue;
            if (application.Status == ApplicationStatus.Deleting)
                leaving.Add(name);
            else if (application.DeployedAppConfig is { ValueKind: JsonValueKind.Object } config)
                declared.Add((name, config));
            else
                return new Problem(Catalogue.RayListDiffers, $"Ray does not say how the application {name} was declared. A list without it would remove it, so that none is sent.");
        }
        return new DeclaredList(details, declared.ToImmutable(), leaving.ToImmutable());
    }

    public JsonElement? this[string name] => applications.Where(one => one.Name == name).Select(one => (JsonElement?)one.Config).FirstOrDefault();

    public DeclaredList With(string name, JsonElement config) => new(details, [.. applications.Where(one => one.Name != name), (name, config)], Leaving);

    public DeclaredList Without(IReadOnlyCollection<string> names) => new(details, [.. applications.Where(one => !names.Contains(one.Name))], Leaving);

    /// <summary>The body of a PUT.</summary>
    /// <param name="address">Where Serve is to listen, if it does not run yet; else it is told what it said itself, which changes nothing.</param>
    public ReadOnlyMemory<byte> ToJson(ClusterAddress address)
    {
        ArrayBufferWriter<byte> buffer = new();
        using Utf8JsonWriter json = new(buffer);
        json.WriteStartObject();
        json.WriteString("proxy_location", details.ProxyLocation ?? "EveryNode");
        if (details.Started && details.HttpOptions is { ValueKind: JsonValueKind.Object } http)
        {
            Write(json, "http_options", http);
        }
        else
        {
            json.WriteStartObject("http_options");
            json.WriteString("host", address.ServeHost);
            json.WriteNumber("port", address.Serve.Port);
            json.WriteEndObject();
        }
        if (details.GrpcOptions is { ValueKind: JsonValueKind.Object } grpc)
            Write(json, "grpc_options", grpc);
        // Left out it would be taken back.
        if (details.TargetCapacity is { } capacity)
            json.WriteNumber("target_capacity", capacity);
        json.WriteStartArray("applications");
        foreach ((_, JsonElement config) in applications)
            json.WriteRawValue(config.GetRawText());
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    /// <summary>Path of the first thing that was sent and is not there; null where all of it is.</summary>
    public static string? Lost(JsonElement sent, JsonElement kept, string path = "")
    {
        switch (sent.ValueKind)
        {
            case JsonValueKind.Object when kept.ValueKind == JsonValueKind.Object:
                foreach (JsonProperty one in sent.EnumerateObject())
                {
                    string at = path.Length == 0 ? one.Name : $"{path}.{one.Name}";
                    if (!kept.TryGetProperty(one.Name, out JsonElement other))
                        return at;
                    if (Lost(one.Value, other, at) is { } lost)
                        return lost;
                }
                return null;
            case JsonValueKind.Array when kept.ValueKind == JsonValueKind.Array && sent.GetArrayLength() == kept.GetArrayLength():
                return sent.EnumerateArray().Zip(kept.EnumerateArray()).Select((pair, index) => Lost(pair.First, pair.Second, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{path}[{index}]"))).FirstOrDefault(lost => lost is not null);
            default:
                return JsonElement.DeepEquals(sent, kept) ? null : path;
        }
    }

    private static void Write(Utf8JsonWriter json, string key, JsonElement value)
    {
        json.WritePropertyName(key);
        json.WriteRawValue(value.GetRawText());
    }
}
