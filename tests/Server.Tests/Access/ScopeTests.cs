using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using Raywright.Core.Api;
using Raywright.Server.Api;
using Raywright.Server.Tests.Hosting;
using Xunit;

namespace Raywright.Server.Tests.Access;

/// <summary>Every call of the control plane asks for the key that it should ask for.</summary>
public sealed class ScopeTests : IAsyncLifetime
{
    /// <summary>What anybody may call; everything else needs a key.</summary>
    private static readonly string[] Open = ["GET /api/v1/server", "GET /api/openapi.json"];

    private static readonly Dictionary<string, Scope> Expected = new(StringComparer.Ordinal)
    {
        [$"GET {Routes.Environments}"] = Scope.Query,
        [$"GET {Routes.Endpoints}"] = Scope.Query,
        [$"GET {Routes.Endpoint}"] = Scope.Query,
        [$"POST {Routes.Cases}"] = Scope.Query,
        [$"GET {Routes.Keys}"] = Scope.Admin,
        [$"POST {Routes.Keys}"] = Scope.Admin,
        [$"DELETE {Routes.Key}"] = Scope.Admin,
        [$"DELETE {Routes.Model}"] = Scope.Admin,
        [$"PATCH {Routes.Environment}"] = Scope.Admin,
        [$"POST {Routes.Computes}"] = Scope.Admin,
        [$"DELETE {Routes.Compute}"] = Scope.Admin,
    };

    private TestServer server = null!;

    public async ValueTask InitializeAsync() => server = await TestServer.StartAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    [Fact]
    public void EveryRoute_HasItsScope()
    {
        (string Name, Scope? Scope)[] routes = [.. Calls()];
        Assert.True(routes.Length > 25, $"{routes.Length} routes");
        Assert.Equal(Open.Order(StringComparer.Ordinal), routes.Where(route => route.Scope is null).Select(route => route.Name).Order(StringComparer.Ordinal));
        foreach ((string name, Scope? scope) in routes.Where(route => route.Scope is not null))
            Assert.Equal((name, Expected.GetValueOrDefault(name, Scope.Deploy)), (name, scope!.Value));
    }

    [Fact]
    public async Task EveryRoute_RefusesWhatIsBelowItsScope()
    {
        string[] scopes = ["query", "deploy", "admin"];
        string[] keys = [.. await Task.WhenAll(scopes.Select(async scope => (await server.KeyAsync([scope])).Key))];
        string other = (await server.KeyAsync(["deploy"], "staging/*")).Key;
        foreach ((string name, Scope? scope) in Calls().Where(call => call.Scope is not null))
        {
            string method = name.Split(' ')[0];
            string path = name.Split(' ')[1].Replace("{environment}", "dev", StringComparison.Ordinal).Replace("{model}", "nobody", StringComparison.Ordinal)
                .Replace("{id}", "nothing", StringComparison.Ordinal).Replace("{compute}", "nothing", StringComparison.Ordinal).Replace("{sha256}", new string('0', 64), StringComparison.Ordinal);
            Assert.Equal((name, 401), (name, await StatusAsync(method, path, null)));
            Assert.Equal((name, 401), (name, await StatusAsync(method, path, "rwk_wrong")));
            for (int held = 0; held < keys.Length; held++)
            {
                int status = await StatusAsync(method, path, keys[held]);
                Assert.True(held < (int)scope! ? status == 403 : status is >= 200 and < 300 or 400 or 404 or 422, $"{name} with {scopes[held]}: {status}");
            }
            if (name.Contains("{environment}/{model}", StringComparison.Ordinal))
                Assert.Equal((name, 404), (name, await StatusAsync(method, path, other)));
        }
    }

    [Theory]
    [InlineData("/API/V1/keys")]
    [InlineData("/api/v1/keys/")]
    [InlineData("/api/v1//keys")]
    [InlineData("/./api/v1/keys")]
    [InlineData("/%61pi/v1/keys")]
    [InlineData("/api/v1/server/../keys")]
    [InlineData("/api/v1/keys?key=x")]
    public async Task NoWayOfWritingAnAddress_GoesRoundTheCheck(string path) => Assert.Contains(await StatusAsync("GET", path, null), new[] { 401, 404 });

    [Fact]
    public async Task TheKeyTravelsInAHeader_NeverInTheAddressOrACookie()
    {
        Assert.Equal(200, (await server.Http.CallAsync("GET", "/api/v1/keys", headers: ("x-api-key", server.OwnerKey))).Status);
        Assert.Equal(401, (await server.Http.ReadAsync($"/api/v1/keys?key={server.OwnerKey}&api_key={server.OwnerKey}")).Status);
        Assert.Equal(401, (await server.Http.CallAsync("GET", "/api/v1/keys", headers: ("Cookie", $"key={server.OwnerKey}"))).Status);
    }

    private async Task<int> StatusAsync(string method, string path, string? key)
    {
        using HttpResponseMessage answer = await server.Http.CallAsync(method, path, method is "POST" or "PUT" ? "{}"u8.ToArray() : null, key);
        if (answer.Status >= 400 && method != "HEAD")
            Assert.Matches("^[0-9]{3} RW[0-9]{4}$", await answer.OutcomeAsync());
        return answer.Status;
    }

    private IEnumerable<(string Name, Scope? Scope)> Calls() => server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        .Where(route => route.RoutePattern.RawText!.StartsWith("/api", StringComparison.Ordinal))
        .SelectMany(route => (route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["ANY"]).Select(method => (
            $"{method} {route.RoutePattern.RawText}", route.Metadata.OfType<Scope>().Cast<Scope?>().LastOrDefault())));
}
