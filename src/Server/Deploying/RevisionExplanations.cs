using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Raywright.Core.Api;
using Raywright.Core.Engines;
using Raywright.Core.Planning;
using Raywright.Core.Spec;
using Raywright.Ray.Configuration;
using Raywright.Server.Endpoints;
using Raywright.Server.Operations;

namespace Raywright.Server.Deploying;

/// <summary>Why the configuration of what serves is what it is: what <c>render --explain</c> prints, worked out from the spec that was deployed.</summary>
public sealed class RevisionExplanations(EndpointService endpoints, OperationService operations)
{
    /// <summary>Null where nothing serves.</summary>
    public async Task<RevisionExplanation?> OfAsync(string environment, string model)
    {
        if (await endpoints.CurrentAsync(environment, model) is not var (revision, scaling))
            return null;
        ModelConfig? deployed = await operations.AskedAsync("deploy", $"{environment}/{model}", revision.Id) is { } request ? Deployed(request, revision) : null;
        ModelConfig config = (deployed ?? Alone(revision)) with { Scaling = scaling };
        EnvironmentConfig place = new(environment, Compute: revision.Compute);
        RenderedRevision rendered = Planner.Explain(config, place, revision);
        ImmutableArray<ExplainedValue> values = [.. rendered.Values.Select(value => Origin(value, deployed, scaling))];
        ServeConfiguration? serve = revision.Compute == ComputeInfo.Embedded ? null : ServeConfiguration.Of(revision, new ServeSettings { Origins = config.Origins });
        return new(
            revision.Id, values,
            serve is null ? [] : [.. serve.Document.Lines().Select(line => new ExplainedValue(line.Path, Encoding.UTF8.GetString(line.Value.ToJson()), line.Why.Text, line.Why.Source.Words, line.Why.Source.Location?.ToString()))],
            rendered.Notes,
            serve?.Document.ToYaml(explained: true) ?? JsonSerializer.Serialize(revision, ApiJson.Default.RevisionConfig));
    }

    /// <summary>The spec as it was sent, against the contract that came of it; null where it can no longer be read.</summary>
    private static ModelConfig? Deployed(string request, RevisionConfig revision)
    {
        DeployOrder order = JsonSerializer.Deserialize(request, DeployJson.Default.DeployOrder)!;
        if (SpecReader.Read(order.Request.Spec, order.Request.SpecFile) is not { Ok: true } spec)
            return null;
        EnvironmentConfig place = new(revision.Environment, Compute: revision.Compute);
        return SpecResolver.Resolve(spec.Value, place, revision.Contract.PassThrough ? null : revision.Contract) is { Ok: true } resolved ? resolved.Value : null;
    }

    private static ModelConfig Alone(RevisionConfig revision) => new()
    {
        Model = revision.Model,
        Source = revision.Artifact,
        Contract = revision.Contract,
        Resources = revision.Resources,
        Batching = revision.Batching,
        Variables = revision.Variables,
    };

    /// <summary>What the spec did not decide: settings that somebody changed since, and everything where the spec is not known.</summary>
    private static ExplainedValue Origin(ExplainedValue value, ModelConfig? deployed, ScalingConfig now) =>
        deployed is null ? value with { Origin = "the revision", Location = null }
        : (value.Key == "scaling.min" && deployed.Scaling.Min != now.Min) || (value.Key == "scaling.max" && deployed.Scaling.Max != now.Max) ? value with { Origin = "raywright scale", Location = null }
        : value;
}

/// <param name="Revision">What serves.</param>
/// <param name="Values">Its values, in the order in which a person reads them.</param>
/// <param name="Serve">Each value of what Ray Serve is told; empty where no Ray is.</param>
/// <param name="Notes">What the spec says and has no effect there yet.</param>
/// <param name="Text">The whole to take away: JSON, or YAML as <c>serve deploy</c> reads it.</param>
public sealed record RevisionExplanation(string Revision, ImmutableArray<ExplainedValue> Values, ImmutableArray<ExplainedValue> Serve, ImmutableArray<string> Notes, string Text);
