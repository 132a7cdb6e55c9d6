using Microsoft.AspNetCore.Components;
using Raywright.Server.App.Overview;
using Raywright.Server.App.Sessions;

namespace Raywright.Server.App.Endpoints;

/// <summary>A part of a page that follows something of its own, at most twice a second.</summary>
public abstract class LiveSection : ComponentBase, IDisposable
{
    private IDisposable? following;

    [Inject]
    internal EndpointBoard Board { get; set; } = null!;

    [Inject]
    internal AppSession Session { get; set; } = null!;

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Takes over what is shown.</summary>
    /// <returns>Whether that is other than before.</returns>
    protected abstract bool Look();

    protected override void OnAfterRender(bool firstRender)
    {
        if (firstRender)
            following = Board.Follow(Session, () => InvokeAsync(Tell));
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
            following?.Dispose();
    }

    private void Tell()
    {
        if (Look())
            StateHasChanged();
    }
}
