using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Raywright.Server.App.Sessions;
using Xunit;

namespace Raywright.Server.Tests.App;

/// <summary>How many pages may be open at once.</summary>
public sealed class OpenPagesTests(RoomsServer rooms) : IClassFixture<RoomsServer>
{
    [Fact]
    public void APlace_IsTakenOnce()
    {
        OpenPages pages = new(2);
        Assert.True(pages.TryEnter() && pages.TryEnter());
        Assert.False(pages.TryEnter());
        Assert.Equal((2, true), (pages.Open, pages.IsFull));
        pages.Leave();
        Assert.True(pages.TryEnter());
    }

    [Fact]
    public async Task BeyondTheLast_APageSaysSo_AndThoseThatAreOpenGoOn()
    {
        OpenPages pages = rooms.Server.Services.GetRequiredService<OpenPages>();
        using AppServer.Browser browser = await rooms.OwnerAsync();
        int taken = 0;
        while (pages.TryEnter())
            taken++;
        try
        {
            Assert.Equal(200, taken);
            using HttpResponseMessage full = await browser.GetAsync("/models");
            Assert.Equal(HttpStatusCode.ServiceUnavailable, full.StatusCode);
            Assert.NotNull(full.Headers.RetryAfter);
            string text = await full.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.Contains("RW5207", text, StringComparison.Ordinal);
            Assert.DoesNotContain("blazor.web", text, StringComparison.Ordinal);
            using HttpRequestMessage onward = new(HttpMethod.Get, "/models");
            onward.Headers.TryAddWithoutValidation("Accept", "text/html; blazor-enhanced-nav=on");
            using HttpResponseMessage next = await browser.SendAsync(onward);
            Assert.Equal(HttpStatusCode.OK, next.StatusCode);
            // Nobody who looks for the way in, or the API, is in the way of pages.
            Assert.True((await rooms.Server.Client.ModelsAsync(TestContext.Current.CancellationToken)).Ok);
        }
        finally
        {
            while (taken-- > 0)
                pages.Leave();
        }
        using HttpResponseMessage again = await browser.GetAsync("/models");
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }
}
