using System.Net;
using Microsoft.Extensions.Time.Testing;
using Raywright.Core.Api;
using Raywright.Gateway.Access;
using Raywright.Server.Access;
using Raywright.Server.Hosting;
using Xunit;

namespace Raywright.Server.Tests.App;

/// <summary>Who gets into the app, and for how long.</summary>
public sealed class SessionTests(AppServer server) : IClassFixture<AppServer>
{
    [Fact]
    public async Task ALink_SignsIn_Once()
    {
        Uri link = server.Link();
        using AppServer.Browser first = server.Open();
        using HttpResponseMessage opened = await first.GetAsync(link);
        Assert.Equal(HttpStatusCode.Redirect, opened.StatusCode);
        Assert.Equal("/", opened.Headers.Location!.OriginalString);
        string cookie = Assert.Single(opened.Headers.GetValues("Set-Cookie"), value => value.StartsWith("raywright_session=", StringComparison.Ordinal));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        using HttpResponseMessage page = await first.GetAsync("/");
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);

        using AppServer.Browser second = server.Open();
        using HttpResponseMessage again = await second.GetAsync(link);
        Assert.Equal(HttpStatusCode.Gone, again.StatusCode);
        string text = await again.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("RW5204", text, StringComparison.Ordinal);
        Assert.Contains("name=\"key\"", text, StringComparison.Ordinal);
        using HttpResponseMessage shut = await second.GetAsync("/");
        Assert.Equal("/sign-in", shut.Headers.Location!.OriginalString);
    }

    [Fact]
    public void ALink_LivesFiveMinutes()
    {
        FakeTimeProvider clock = new();
        AppLinks links = new(new ServerAddress(), clock);
        KeyEntry owner = new("id", "owner", "", ["admin"], [], null);
        string early = links.Create(owner).Url.Split('=')[1];
        string late = links.Create(owner).Url.Split('=')[1];
        clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Same(owner, links.Redeem(early));
        clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Null(links.Redeem(late));
    }

    [Fact]
    public async Task ABrowserThatLooksAhead_DoesNotUseTheLinkUp()
    {
        Uri link = server.Link();
        using AppServer.Browser browser = server.Open();
        using HttpRequestMessage ahead = new(HttpMethod.Get, link);
        ahead.Headers.Add("Sec-Purpose", "prefetch;prerender");
        using HttpResponseMessage refused = await browser.SendAsync(ahead);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
        using HttpResponseMessage opened = await browser.GetAsync(link);
        Assert.Equal(HttpStatusCode.Redirect, opened.StatusCode);
    }

    [Fact]
    public async Task ALinkOnAnotherSite_LeadsOnFromAPageOfOurs()
    {
        using AppServer.Browser browser = server.Open();
        using HttpRequestMessage click = new(HttpMethod.Get, server.Link());
        click.Headers.Add("Sec-Fetch-Site", "cross-site");
        using HttpResponseMessage opened = await browser.SendAsync(click);
        Assert.Equal(HttpStatusCode.OK, opened.StatusCode);
        Assert.Contains("http-equiv=\"refresh\" content=\"0;url=/\"", await opened.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AKey_SignsIn_AndAnotherDoesNot()
    {
        using AppServer.Browser browser = server.Open();
        using HttpResponseMessage wrong = await browser.SubmitAsync("/sign-in", "/sign-in", ("key", server.OwnerKey[..^4] + "0000"), ("to", "/"));
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        Assert.Contains("RW4001", await wrong.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.DoesNotContain("raywright_session", browser.Cookies, StringComparison.Ordinal);
        await browser.SignInAsync(server.OwnerKey);
        Assert.Contains("Endpoints", await browser.TextAsync("/"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/app/dev/iris", "/app/dev/iris")]
    [InlineData("//elsewhere.example", "/")]
    [InlineData("/\\elsewhere.example", "/")]
    [InlineData("https://elsewhere.example/", "/")]
    [InlineData("/a\nb", "/")]
    public async Task SigningIn_LeadsBackToAPlaceOfOurs(string to, string where)
    {
        using AppServer.Browser browser = server.Open();
        using HttpResponseMessage answer = await browser.SubmitAsync("/sign-in", "/sign-in", ("key", server.OwnerKey), ("to", to));
        Assert.Equal(where, answer.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task WithoutASession_ADeepLinkIsKept()
    {
        using AppServer.Browser browser = server.Open();
        using HttpResponseMessage answer = await browser.GetAsync("/app/dev/iris");
        Assert.Equal("/sign-in?to=%2Fapp%2Fdev%2Firis", answer.Headers.Location!.OriginalString);
        Assert.Contains("name=\"to\" value=\"/app/dev/iris\"", await browser.TextAsync("/sign-in?to=%2Fapp%2Fdev%2Firis"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET", "/api/v1/endpoints")]
    [InlineData("POST", "/api/v1/app-links")]
    [InlineData("GET", "/api/v1/keys")]
    [InlineData("POST", "/serve/dev/predict/iris")]
    [InlineData("GET", "/serve/dev/docs")]
    public async Task TheCookie_OpensNothingButTheApp(string method, string path)
    {
        using AppServer.Browser browser = server.Open();
        await browser.SignInAsync(server.OwnerKey);
        Assert.Contains("raywright_session", browser.Cookies, StringComparison.Ordinal);
        using HttpRequestMessage request = new(new HttpMethod(method), path);
        using HttpResponseMessage answer = await browser.SendAsync(request);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task AFormOfAnotherSite_IsRefused()
    {
        using AppServer.Browser browser = server.Open();
        using HttpResponseMessage signIn = await browser.PostAsync("/sign-in", ("key", server.OwnerKey));
        Assert.Equal(HttpStatusCode.BadRequest, signIn.StatusCode);
        Assert.Contains("RW5206", await signIn.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await browser.SignInAsync(server.OwnerKey);
        using HttpResponseMessage signOut = await browser.PostAsync("/sign-out", ("form_token", "made-up"));
        Assert.Equal(HttpStatusCode.BadRequest, signOut.StatusCode);
        using HttpResponseMessage still = await browser.GetAsync("/");
        Assert.Equal(HttpStatusCode.OK, still.StatusCode);
    }

    [Fact]
    public async Task ARevokedKey_EndsItsSessions()
    {
        KeyCreated created = (await server.Keys.CreateAsync(new KeyRequest("guest", ["query"]), "test")).Value;
        using AppServer.Browser browser = server.Open();
        await browser.SignInAsync(created.Key);
        using HttpResponseMessage before = await browser.GetAsync("/");
        Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        Assert.Null(await server.Keys.RevokeAsync(created.Info.Id, "test"));
        using HttpResponseMessage after = await browser.GetAsync("/");
        Assert.Equal(HttpStatusCode.Redirect, after.StatusCode);
        using HttpResponseMessage again = await browser.SubmitAsync("/sign-in", "/sign-in", ("key", created.Key));
        Assert.Equal(HttpStatusCode.Unauthorized, again.StatusCode);
    }

    [Fact]
    public async Task SigningOut_VoidsEveryCopyOfTheCookie()
    {
        using AppServer.Browser browser = server.Open();
        await browser.SignInAsync(server.OwnerKey);
        string copied = browser.Cookies;
        using HttpResponseMessage signedOut = await browser.SubmitAsync("/", "/sign-out");
        Assert.Equal("/sign-in", signedOut.Headers.Location!.OriginalString);
        using HttpClient thief = new(new HttpClientHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = server.Address };
        thief.DefaultRequestHeaders.Add("Cookie", copied);
        using HttpResponseMessage refused = await thief.GetAsync("/", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Redirect, refused.StatusCode);
    }

    [Fact]
    public void TheKeysOfCookies_AreTheOwnersAlone()
    {
        if (OperatingSystem.IsWindows())
            return;
        UnixFileMode mode = File.GetUnixFileMode(Path.Combine(server.Home, "app-keys"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, mode);
    }
}
