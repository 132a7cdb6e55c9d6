using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;
using Raywright.Core.Api;
using Raywright.Server.App.Overview;
using Raywright.Server.App.Sessions;
using Raywright.Server.App.Shared;
using Raywright.Server.Endpoints;
using Raywright.Server.Operations;

namespace Raywright.Server.App.Endpoints;

/// <summary>What the page of an endpoint knows; its markup is beside it.</summary>
public abstract class EndpointPageState : LivePage
{
    private const int MostOperations = 8;

    private Operation? live;
    private bool looked;

    [Parameter]
    public string Environment { get; set; } = "";

    [Parameter]
    public string Model { get; set; } = "";

    [CascadingParameter]
    internal HttpContext? Http { get; set; }

    [Inject]
    internal LiveOperations Live { get; set; } = null!;

    [Inject]
    internal OperationService Operations { get; set; } = null!;

    [Inject]
    internal EndpointService Service { get; set; } = null!;

    protected EndpointInfo? Endpoint { get; private set; }

    protected EndpointLine? Line { get; private set; }

    protected IReadOnlyList<Operation> Recent { get; private set; } = [];

    /// <summary>Newest first; none for a key that may not see them.</summary>
    protected IReadOnlyList<RevisionInfo> Revisions { get; private set; } = [];

    /// <summary>Whether the key sees logs, configuration and what was done: what the API would say to it.</summary>
    protected bool SeesAll => AppSession.SeesOperations(Key);

    internal override async ValueTask<bool> ShowAsync(ImmutableArray<EndpointInfo> all)
    {
        EndpointInfo? before = Endpoint;
        Endpoint = Key.Reaches(Environment, Model) ? all.FirstOrDefault(one => one.Environment == Environment && one.Model == Model) : null;
        bool changed = await ShowOperationsAsync();
        EndpointLine? next = Endpoint is null ? null : EndpointLine.Of(Endpoint, live, Clock.GetUtcNow());
        changed |= next != Line || Endpoint?.Streams != before?.Streams || Endpoint?.Contract?.Equals(before?.Contract) == false || !SameTraffic(before, Endpoint);
        if (SeesAll && Endpoint is not null && Serving(before) != Serving(Endpoint) && await Service.RevisionsAsync(Environment, Model) is { Ok: true } revisions)
            Revisions = revisions.Value.Items;
        Line = next;
        if (Endpoint is null && Recent.Count == 0 && Http is { Response.HasStarted: false } first)
            first.Response.OnStarting(NotFoundAsync, first);
        return changed;
    }

    private static string? Serving(EndpointInfo? endpoint) => endpoint?.Traffic is [{ Revision: var serving }, ..] ? serving : null;

    private static bool SameTraffic(EndpointInfo? before, EndpointInfo? after) => before is null || after is null
        ? ReferenceEquals(before, after)
        : before.Traffic.AsSpan().SequenceEqual(after.Traffic.AsSpan()) && (before.ReplicasMin, before.ReplicasMax) == (after.ReplicasMin, after.ReplicasMax);

    /// <summary>Set any earlier, the framework would leave the page empty.</summary>
    private static Task NotFoundAsync(object http)
    {
        ((HttpContext)http).Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    /// <summary>Operations are read from the database once, and when one begins or ends; while one runs it is followed in memory.</summary>
    private async Task<bool> ShowOperationsAsync()
    {
        if (!AppSession.SeesOperations(Key) || !Key.Reaches(Environment, Model))
            return false;
        Operation? now = Live.On($"{Environment}/{Model}");
        if (looked && ReferenceEquals(now, live))
            return false;
        bool reread = !looked || now?.Id != live?.Id;
        (live, looked) = (now, true);
        if (reread)
            Recent = await Operations.RecentAsync($"{Environment}/{Model}", MostOperations);
        else if (now is not null)
            Recent = [.. Recent.Select(operation => operation.Id == now.Id ? now : operation)];
        return true;
    }
}
