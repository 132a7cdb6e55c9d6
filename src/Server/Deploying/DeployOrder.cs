using System.Text.Json.Serialization;
using Raywright.Core.Api;

namespace Raywright.Server.Deploying;

/// <summary>What an operation of deploying or testing was asked: kept until it has ended.</summary>
internal sealed record DeployOrder(string Environment, string Model, DeployRequest Request);

/// <summary>What came of a test; the answer's <c>result</c>.</summary>
internal sealed record TestResult(string Model, string Environment, System.Collections.Immutable.ImmutableArray<EvidenceInfo> Evidence);

[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(DeployOrder))]
[JsonSerializable(typeof(TestResult))]
internal sealed partial class DeployJson : JsonSerializerContext;
