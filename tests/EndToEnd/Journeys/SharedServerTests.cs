using System.Text.Json;
using Raywright.EndToEnd.Harness;
using Raywright.TestKit;
using Xunit;

namespace Raywright.EndToEnd.Journeys;

/// <summary>A server that one person runs and another one uses, from a home of their own.</summary>
public sealed class SharedServerTests
{
    [Fact]
    public async Task AnotherPerson_SignsIn_WorksAndSignsOut()
    {
        await using Sandbox owner = new(), guest = new();
        Child server = owner.Raywright("server", "--port", owner.PortText);
        await Eventually.TrueAsync(() => owner.Announced is not null, "the server is ready");
        string key = (await owner.RaywrightAsync("key", "create", "guest", "--scope", "deploy", "--scope", "query")).With(0).Output.Trim();
        guest.Model("adding", ModelFolders.Adding(1));

        (await guest.RaywrightAsync("login", owner.Url)).With(1).Saying("error RW6020: ");
        (await guest.RaywrightAsync("login", owner.Url, "--key", "rwk_wrong")).With(4);
        (await guest.RaywrightAsync("login", guest.Url, "--key", key)).With(1).Saying("error RW6003: ");
        (await guest.AskedAsync(key, "login", owner.Url, "--key", "-")).With(0).Saying($"Signed in to {owner.Url}");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(guest.Home, "profile.json")));

        JsonElement begun = JsonElement.Parse((await guest.RaywrightAsync("deploy", "adding", "--no-wait", "--json")).With(0).Output);
        string operation = begun.GetProperty("id").GetString()!;
        await Eventually.TrueAsync(
            async () =>
            {
                Ended status = await guest.RaywrightAsync("status", operation);
                Assert.True(status.Status is 0 or 8, status.ToString());
                return status.Status == 0;
            },
            "the operation has succeeded");
        (await guest.RaywrightAsync("query", "adding", """{"x": [[1, 2, 3, 4]]}""")).With(0).Saying("[[2,3,4,5]]");
        (await guest.RaywrightAsync("key", "list")).With(4).Saying("error RW4");
        (await owner.RaywrightAsync("history", "adding")).With(0).Saying("guest");

        (await guest.RaywrightAsync("logout")).With(0).Saying("is forgotten here");
        (await guest.RaywrightAsync("status")).With(1).Saying("error RW6002: ");
        (await guest.RaywrightAsync("status", "--server", owner.Url)).With(4);
        (await guest.RaywrightAsync("status", "--server", owner.Url, "--key", key)).With(0).Saying("adding");
        server.Signal(Signals.Terminate);
        (await server.EndAsync()).With(0);
    }
}
