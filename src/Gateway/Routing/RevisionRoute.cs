using System.Globalization;
using Raywright.Core.Bodies;
using Raywright.Core.Engines;
using Raywright.Gateway.Batching;
using Raywright.Gateway.Telemetry;

namespace Raywright.Gateway.Routing;

/// <summary>One revision as requests meet it: its compiled contract, its batcher, its figures, and who is inside.</summary>
/// <param name="limits">Budgets of its bodies; null means the default.</param>
public sealed class RevisionRoute(RevisionConfig config, IReplicaTarget target, TimeProvider clock, BodyLimits? limits = null)
{
    private readonly InFlight requests = new();

    public RevisionConfig Config => config;

    /// <summary>Value of <c>x-raywright-version</c>, e.g. <c>iris:7</c>.</summary>
    public string VersionName { get; } = $"{config.Model}:{config.Version}";

    public NeutralParser Parser { get; } = new(config.Contract, limits);

    public NeutralWriter Writer { get; } = new(config.Contract);

    public OpenInferenceParser OpenInferenceParser { get; } = new(config.Contract, limits);

    public OpenInferenceWriter OpenInferenceWriter { get; } = new(config.Model, config.Version.ToString(CultureInfo.InvariantCulture), config.Contract);

    /// <summary>How it is asked for answers in parts; null where it only answers whole.</summary>
    public IStreamingTarget? Streaming => target as IStreamingTarget;

    /// <summary>Whether its model says that it streams.</summary>
    public bool Streams => Streaming is { Streams: true };

    public RevisionDispatcher Dispatcher { get; } = new(config, target, clock);

    public RevisionFigures Figures { get; } = new(clock);

    /// <summary>Requests that are inside now.</summary>
    public int UnderWay => requests.Count;

    /// <summary>False where the revision is being retired: the caller looks into the newest table again.</summary>
    public bool TryEnter() => requests.TryEnter();

    public void Exit() => requests.Exit();

    /// <summary>Lets nobody in any more and completes when the last request has been answered.</summary>
    public Task RetireAsync() => requests.CloseAsync();
}
