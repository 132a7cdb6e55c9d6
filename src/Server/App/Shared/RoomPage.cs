using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using Raywright.Core.Api;
using Raywright.Server.Operations;

namespace Raywright.Server.App.Shared;

/// <summary>
/// A page of a room other than the endpoints. It shows nothing to a key that the API would refuse, and reads anew when an operation
/// began or ended, when what runs has changed, and otherwise every few seconds.
/// </summary>
public abstract class RoomPage : LivePage
{
    private static readonly TimeSpan Stale = TimeSpan.FromSeconds(5);

    private string? readFor;
    private string readWith = "";
    private long readAt;

    [CascadingParameter]
    internal HttpContext? Http { get; set; }

    [Inject]
    internal LiveOperations Live { get; set; } = null!;

    internal abstract Room Room { get; }

    /// <summary>Whether what the page is about is not there, or not for this key; which of the two is nobody's business.</summary>
    protected bool Missing { get; private set; }

    protected DateTimeOffset Now => Clock.GetUtcNow();

    /// <summary>Reads what the page shows.</summary>
    /// <param name="all">Every endpoint, whoever may know of it.</param>
    /// <returns>Whether it is there.</returns>
    internal abstract ValueTask<bool> ReadAsync(ImmutableArray<EndpointInfo> all);

    /// <summary>Takes over what is followed in memory between two readings.</summary>
    /// <returns>Whether that is other than before.</returns>
    protected virtual bool Follow() => false;

    internal sealed override async ValueTask<bool> ShowAsync(ImmutableArray<EndpointInfo> all)
    {
        string with = Signature(all);
        if (readFor == Navigation.Uri && readWith == with && Clock.GetElapsedTime(readAt) < Stale)
            return !Missing && Follow();
        (readFor, readWith, readAt) = (Navigation.Uri, with, Clock.GetTimestamp());
        Missing = !Room.IsOpenTo(Key) || !await ReadAsync(all);
        if (Missing && Http is { Response.HasStarted: false } first)
            first.Response.OnStarting(NotFoundAsync, first);
        return true;
    }

    /// <summary>From page to page of one kind the circuit keeps the page and gives it another address.</summary>
    protected override async Task OnParametersSetAsync()
    {
        if (HasSession && readFor != Navigation.Uri)
            await ShowAsync(Board.Current);
    }

    /// <summary>Set any earlier, the framework would leave the page empty.</summary>
    private static Task NotFoundAsync(object http)
    {
        ((HttpContext)http).Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private string Signature(ImmutableArray<EndpointInfo> all) => string.Join('|', all.Select(endpoint =>
        $"{endpoint.Environment}/{endpoint.Model} {endpoint.State} {endpoint.Traffic[0].Revision} {endpoint.Traffic[0].Replicas}").Prepend(Live.Changes.ToString(System.Globalization.CultureInfo.InvariantCulture)));
}
