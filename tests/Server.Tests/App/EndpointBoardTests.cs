using Microsoft.Extensions.DependencyInjection;
using Raywright.Server.App.Overview;
using Raywright.Server.App.Sessions;
using Raywright.Server.Tests.Hosting;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Server.Tests.App;

/// <summary>Which pages are told that time has passed.</summary>
public sealed class EndpointBoardTests
{
    [Fact]
    public async Task APage_IsToldWhileABrowserShowsIt()
    {
        await using TestServer server = await TestServer.StartAsync();
        EndpointBoard board = server.Services.GetRequiredService<EndpointBoard>();
        (Page shown, Page hidden, Page broken) = (new(), new(), new());
        hidden.Session.IsShown = false;
        using (board.Follow(broken.Session, () => Task.FromException(new InvalidOperationException("gone"))))
        using (board.Follow(hidden.Session, hidden.TellAsync))
        using (board.Follow(shown.Session, shown.TellAsync))
        {
            await Eventually.TrueAsync(() => shown.Told >= 2, "a page that is shown is told, whatever becomes of the others");
            Assert.Equal(0, hidden.Told);
            hidden.Session.IsShown = true;
            await Eventually.TrueAsync(() => hidden.Told > 0, "a page is told when its browser is back");
        }
    }

    private sealed class Page
    {
        private int told;

        public AppSession Session { get; } = new(null!, null!, TimeProvider.System);

        public int Told => Volatile.Read(ref told);

        public Task TellAsync()
        {
            Interlocked.Increment(ref told);
            return Task.CompletedTask;
        }
    }
}
