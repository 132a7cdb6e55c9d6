using System.Text.Json;
using System.Text.Json.Serialization;

namespace Raywright.Core.Api;

/// <summary>The wire form of the control plane: camel case, nulls left out, unknown members refused.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    NumberHandling = JsonNumberHandling.Strict,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(Contracts.Contract))]
[JsonSerializable(typeof(Engines.RevisionConfig))]
[JsonSerializable(typeof(System.Collections.Immutable.ImmutableArray<FileReference>))]
[JsonSerializable(typeof(System.Collections.Immutable.ImmutableArray<OperationStep>))]
[JsonSerializable(typeof(System.Collections.Immutable.ImmutableSortedDictionary<string, double>))]
[JsonSerializable(typeof(Operation))]
[JsonSerializable(typeof(Page<Operation>))]
[JsonSerializable(typeof(ProblemDetails))]
[JsonSerializable(typeof(DeployRequest))]
[JsonSerializable(typeof(DeployResult))]
[JsonSerializable(typeof(PlanRequest))]
[JsonSerializable(typeof(SampleExchange))]
[JsonSerializable(typeof(ServerInfo))]
[JsonSerializable(typeof(Page<EnvironmentInfo>))]
[JsonSerializable(typeof(EnvironmentInfo))]
[JsonSerializable(typeof(EnvironmentChange))]
[JsonSerializable(typeof(EndpointChange))]
[JsonSerializable(typeof(ComputeInfo))]
[JsonSerializable(typeof(Page<ComputeInfo>))]
[JsonSerializable(typeof(ComputeRequest))]
[JsonSerializable(typeof(ModelInfo))]
[JsonSerializable(typeof(Page<ModelInfo>))]
[JsonSerializable(typeof(VersionInfo))]
[JsonSerializable(typeof(Page<VersionInfo>))]
[JsonSerializable(typeof(EndpointInfo))]
[JsonSerializable(typeof(Page<EndpointInfo>))]
[JsonSerializable(typeof(RevisionInfo))]
[JsonSerializable(typeof(Page<RevisionInfo>))]
[JsonSerializable(typeof(Page<LedgerRow>))]
[JsonSerializable(typeof(LedgerVerification))]
[JsonSerializable(typeof(KeyInfo))]
[JsonSerializable(typeof(Page<KeyInfo>))]
[JsonSerializable(typeof(KeyRequest))]
[JsonSerializable(typeof(KeyCreated))]
[JsonSerializable(typeof(AppLink))]
[JsonSerializable(typeof(SharedLinkRequest))]
[JsonSerializable(typeof(SharedLink))]
[JsonSerializable(typeof(CaseProposal))]
[JsonSerializable(typeof(ProposedCase))]
[JsonSerializable(typeof(LogLine))]
[JsonSerializable(typeof(Page<LogLine>))]
[JsonSerializable(typeof(Planning.EndpointPlan))]
[JsonSerializable(typeof(Planning.RenderedRevision))]
public sealed partial class ApiJson : JsonSerializerContext;
