using Microsoft.AspNetCore.Components.Server.Circuits;

namespace Raywright.Server.App.Sessions;

/// <summary>
/// How many pages are open at once. Each keeps its state in the server, so that their number has to end somewhere; who comes later
/// is told so by a page that costs nothing.
/// </summary>
internal sealed class OpenPages(int most)
{
    private int open;

    public int Open => Volatile.Read(ref open);

    public int Most => most;

    public bool IsFull => Open >= most;

    /// <summary>Takes a place; false where there is none.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref open) <= most)
            return true;
        Interlocked.Decrement(ref open);
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref open);
}

/// <summary>
/// Counts the circuit of a page, and notes when the page is used and whether a browser shows it. A circuit that found no place although its page was sent, in the
/// same moment as another, fails.
/// </summary>
internal sealed class OpenPage(OpenPages pages, AppSession session) : CircuitHandler
{
    private bool entered;

    public override Task OnCircuitOpenedAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        entered = pages.TryEnter();
        return entered ? Task.CompletedTask : throw new InvalidOperationException("Too many pages are open.");
    }

    public override Task OnConnectionUpAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        session.IsShown = true;
        return Task.CompletedTask;
    }

    public override Task OnConnectionDownAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        session.IsShown = false;
        return Task.CompletedTask;
    }

    public override Func<CircuitInboundActivityContext, Task> CreateInboundActivityHandler(Func<CircuitInboundActivityContext, Task> next) => context =>
    {
        session.Use();
        return next(context);
    };

    public override Task OnCircuitClosedAsync(Circuit circuit, CancellationToken cancellationToken)
    {
        if (entered)
            pages.Leave();
        entered = false;
        return Task.CompletedTask;
    }
}
