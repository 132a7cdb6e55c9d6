using System.Collections.Immutable;
using Microsoft.AspNetCore.Components;
using Raywright.Core.Api;
using Raywright.Gateway.Access;
using Raywright.Server.App.Overview;
using Raywright.Server.App.Sessions;

namespace Raywright.Server.App.Shared;

/// <summary>
/// A page that follows what runs, and ends with its session. The services are set before <see cref="ShowAsync"/> is called.
/// </summary>
public abstract class LivePage : ComponentBase, IDisposable
{
    private IDisposable? following;
    private KeyEntry? key;

    [Inject]
    internal EndpointBoard Board { get; set; } = null!;

    [Inject]
    internal AppSession Session { get; set; } = null!;

    [Inject]
    internal NavigationManager Navigation { get; set; } = null!;

    [Inject]
    internal TimeProvider Clock { get; set; } = null!;

    /// <summary>The key of the session; there is one whenever a page is shown.</summary>
    internal KeyEntry Key => key ?? throw new InvalidOperationException("The session has ended.");

    internal bool HasSession => key is not null;

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Takes over what the page shows.</summary>
    /// <returns>Whether that is other than before.</returns>
    internal abstract ValueTask<bool> ShowAsync(ImmutableArray<EndpointInfo> all);

    protected override async Task OnInitializedAsync()
    {
        key = await Session.KeyAsync();
        if (key is not null)
            await ShowAsync(await Board.FreshAsync());
    }

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender)
            following = Board.Follow(Session, () => InvokeAsync(TellAsync));
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
            following?.Dispose();
    }

    private async Task TellAsync()
    {
        key = await Session.KeyAsync();
        if (key is null)
        {
            following?.Dispose();
            Navigation.NavigateTo(AppGate.SignIn, forceLoad: true);
        }
        else if (await ShowAsync(Board.Current))
        {
            StateHasChanged();
        }
    }
}
