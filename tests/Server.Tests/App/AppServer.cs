using System.Net;
using System.Text.RegularExpressions;
using Raywright.Core.Api;
using Raywright.Core.Errors;
using Raywright.Server.Access;
using Raywright.Server.Hosting;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Server.Tests.App;

/// <summary>A server of its own for a class of tests of the app.</summary>
public sealed partial class AppServer : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private ServerHost host = null!;

    public Uri Address { get; private set; } = null!;

    public string Home => folder.Combine("home");

    public string OwnerKey => File.ReadAllText(Path.Combine(Home, "admin.key")).Trim();

    public KeyService Keys => (KeyService)host.Services.GetService(typeof(KeyService))!;

    public async ValueTask InitializeAsync()
    {
        ServerOptions options = new(0, null, Home, null, null, false) { AppHosts = ["models.example"] };
        Result<ServerHost> started = await ServerHost.StartAsync(options, TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.True(started.Ok, string.Join('\n', started.Problems));
        host = started.Value;
        Address = new Uri(host.Info.Url);
    }

    public async ValueTask DisposeAsync()
    {
        await host.DisposeAsync();
        folder.Dispose();
    }

    /// <summary>A link as <c>raywright up</c> gets it.</summary>
    public Uri Link()
    {
        AppLinks links = (AppLinks)host.Services.GetService(typeof(AppLinks))!;
        KeyInfo owner = Keys.ListAsync().GetAwaiter().GetResult().Items.Single(key => key.Name == "owner");
        return new Uri(links.Create(new(owner.Id, owner.Name, "", [.. owner.Scopes], [], null)).Url);
    }

    public Browser Open() => new(Address);

    /// <summary>What a browser does between two requests: keeps cookies, and here follows nothing by itself.</summary>
    public sealed partial class Browser(Uri address) : IDisposable
    {
        private readonly HttpClientHandler handler = new() { AllowAutoRedirect = false, CookieContainer = new CookieContainer() };
        private HttpClient? client;

        public string Cookies => handler.CookieContainer.GetCookieHeader(address);

        private HttpClient Client => client ??= new HttpClient(handler) { BaseAddress = address };

        public Task<HttpResponseMessage> GetAsync(string path) => Client.GetAsync(path, TestContext.Current.CancellationToken);

        public Task<HttpResponseMessage> GetAsync(Uri link) => Client.GetAsync(link, TestContext.Current.CancellationToken);

        public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) => Client.SendAsync(request, TestContext.Current.CancellationToken);

        public async Task<string> TextAsync(string path) => await (await GetAsync(path)).Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        /// <summary>Sends the form of a page, as it stands there, with more fields.</summary>
        public async Task<HttpResponseMessage> SubmitAsync(string page, string action, params (string Name, string Value)[] fields)
        {
            string html = await TextAsync(page);
            Match token = Token().Match(html);
            Assert.True(token.Success, html);
            return await PostAsync(action, [("form_token", token.Groups[1].Value), .. fields]);
        }

        public Task<HttpResponseMessage> PostAsync(string action, params (string Name, string Value)[] fields) =>
            Client.PostAsync(action, new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))), TestContext.Current.CancellationToken);

        public async Task SignInAsync(string key)
        {
            using HttpResponseMessage answer = await SubmitAsync("/sign-in", "/sign-in", ("key", key), ("to", "/"));
            Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        }

        public void Dispose()
        {
            client?.Dispose();
            handler.Dispose();
        }

        [GeneratedRegex("name=\"form_token\" value=\"([^\"]+)\"")]
        private static partial Regex Token();
    }
}
