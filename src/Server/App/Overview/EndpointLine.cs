using System.Collections.Immutable;
using System.Globalization;
using Raywright.Core.Api;
using Raywright.Server.App.Shared;

namespace Raywright.Server.App.Overview;

/// <summary>One endpoint as the list shows it: texts, so that equal lines look equal.</summary>
public sealed record EndpointLine(
    string Model,
    string Environment,
    string State,
    string? Reason,
    string Version,
    string Rate,
    string Errors,
    bool Failing,
    string P50,
    string P99,
    string Changed,
    string ChangedAt,
    string? Work)
{
    public string Path => $"/endpoints/{Environment}/{Model}";

    /// <param name="endpoint">As it is.</param>
    /// <param name="live">The operation that works on it, where the person may see operations.</param>
    /// <param name="now">For ages.</param>
    public static EndpointLine Of(EndpointInfo endpoint, Operation? live, DateTimeOffset now)
    {
        TrafficFigures figures = endpoint.Figures;
        bool quiet = figures.RequestsPerSecond == 0;
        return new(
            endpoint.Model,
            endpoint.Environment,
            endpoint.State.ToString().ToLowerInvariant(),
            endpoint.Reason,
            string.Join(", ", endpoint.Traffic.Select(share => share.Version.ToString(CultureInfo.InvariantCulture)).Distinct()),
            Figures.Rate(figures.RequestsPerSecond),
            quiet ? Figures.None : Figures.Share(figures.ErrorRate),
            !quiet && figures.ErrorRate > 0,
            Figures.Milliseconds(figures.P50Ms),
            Figures.Milliseconds(figures.P99Ms),
            Figures.Age(endpoint.UpdatedAt, now),
            Figures.Exact(endpoint.UpdatedAt),
            live is not null ? Progress(live) : endpoint.Operation is null ? null : "changing");
    }

    /// <summary>How far an operation is: <c>deploy: tests, 4 of 11</c>.</summary>
    public static string Progress(Operation operation)
    {
        ImmutableArray<OperationStep> steps = operation.Steps;
        int at = Enumerable.Range(0, steps.Length).FirstOrDefault(index => steps[index].State == OperationState.Running, -1);
        return at < 0 ? $"{operation.Kind}: waiting" : string.Create(CultureInfo.InvariantCulture, $"{operation.Kind}: {steps[at].Name}, {at + 1} of {steps.Length}");
    }
}
