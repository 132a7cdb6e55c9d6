using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Raywright.Core.Api;

namespace Raywright.Cli.Output;

/// <summary>What <c>status --json</c> prints.</summary>
internal sealed record StatusDocument(ServerInfo Server, ImmutableArray<EndpointInfo> Endpoints);

/// <summary>What <c>up --json</c> prints.</summary>
/// <param name="Key">The owner's key: everything is allowed with it.</param>
/// <param name="QueryKey">A key that may only ask models in dev; the one in <paramref name="Curl"/>.</param>
/// <param name="Started">Whether this command started the server.</param>
/// <param name="App">One-time link that opens the app.</param>
internal sealed record UpDocument(
    string Url, string Key, string Model, string Environment, int Version, string Revision, int ServerPid,
    string Endpoint, string? App, string? QueryKey, string? Curl, JsonElement? Answer, bool Started, string Home);

/// <summary>What <c>down --json</c> prints.</summary>
internal sealed record DownDocument(bool Stopped, int? ServerPid);

/// <summary>What <c>login --json</c> and <c>logout --json</c> print.</summary>
internal sealed record LoginDocument(string Url, bool SignedIn);

/// <summary>What <c>init --json</c> prints.</summary>
internal sealed record InitDocument(string Model, string Spec, ImmutableArray<string> Files, int Cases, ImmutableArray<string> Notes);

/// <summary>What <c>query --json</c> prints is the answer itself; this is one check of <c>doctor --json</c>.</summary>
/// <param name="Outcome"><c>pass</c>, <c>warning</c> or <c>fail</c>.</param>
internal sealed record CheckDocument(string Area, string Check, string Outcome, string Message, string? Fix);

internal sealed record DoctorDocument(bool Healthy, ImmutableArray<CheckDocument> Checks);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(StatusDocument))]
[JsonSerializable(typeof(UpDocument))]
[JsonSerializable(typeof(DownDocument))]
[JsonSerializable(typeof(LoginDocument))]
[JsonSerializable(typeof(InitDocument))]
[JsonSerializable(typeof(DoctorDocument))]
internal sealed partial class CliJson : JsonSerializerContext;
