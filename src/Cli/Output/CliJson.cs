using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Raywright.Core.Api;
using Raywright.Core.Cases;
using Raywright.Core.Conversion;

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

/// <summary>What <c>model convert --json</c> prints.</summary>
/// <param name="Written">Where the graph lies; absent where it was not written.</param>
/// <param name="Rows">Rows that both were asked.</param>
/// <param name="Differing">Rows that differ by more than the tolerance.</param>
/// <param name="Speed">Medians in milliseconds a question.</param>
/// <param name="Shown">At most 20 rows, those that differ first.</param>
internal sealed record ConvertDocument(
    string Model, string Source, string? Written, string Converter, int Rows, int Differing, double LargestDifference, ConversionSpeed? Speed, ImmutableArray<ParityRow> Shown)
{
    public static ConvertDocument Of(string model, string source, string? written, ConversionReport report) =>
        new(model, source, written, report.Converter, report.Parity.Rows, report.Parity.Differing, report.Parity.Largest, report.Speed, report.Parity.Shown);
}

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
[JsonSerializable(typeof(ConvertDocument))]
[JsonSerializable(typeof(DoctorDocument))]
[JsonSerializable(typeof(Commands.ServeExplanation))]
internal sealed partial class CliJson : JsonSerializerContext;
