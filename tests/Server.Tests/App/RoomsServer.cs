using Raywright.Core.Api;
using Raywright.Server.Tests.Hosting;
using Xunit;

namespace Raywright.Server.Tests.App;

/// <summary>A server for a class of tests of rooms: two versions of <c>adder</c> in <c>dev</c>, and a third whose cases failed.</summary>
public sealed class RoomsServer : IAsyncLifetime
{
    internal TestServer Server { get; private set; } = null!;

    /// <summary>ID of the deploy that failed.</summary>
    internal string Failed { get; private set; } = "";

    /// <summary>ID of the deploy of the second version.</summary>
    internal string Second { get; private set; } = "";

    public async ValueTask InitializeAsync()
    {
        Server = await TestServer.StartAsync();
        using TestModel first = TestModel.Adding(10);
        await Server.DeployedAsync(first);
        using TestModel second = TestModel.Adding(20).Spec(TestModel.Tested + "inputs: [{ name: x, type: float32, shape: [-1, 1], min: 0, max: 5 }]\n");
        Second = (await Server.DeployAsync(second.Name, await Server.UploadAsync(second.Folder, "twenty is better"))).Value.Id;
        using TestModel third = TestModel.Adding(30).Cases(TestModel.Case(1, 99));
        Failed = (await Server.DeployAsync(third)).Value.Id;
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    /// <summary>A browser that is signed in with the owner's key.</summary>
    internal Task<AppServer.Browser> OwnerAsync() => OpenAsync(Server.OwnerKey);

    /// <summary>A browser that is signed in with a key of its own.</summary>
    internal async Task<AppServer.Browser> OpenAsync(string scope, params string[] endpoints)
    {
        KeyCreated key = await Server.KeyAsync([scope], endpoints);
        return await OpenAsync(key.Key);
    }

    private async Task<AppServer.Browser> OpenAsync(string key)
    {
        AppServer.Browser browser = new(Server.Url);
        await browser.SignInAsync(key);
        return browser;
    }
}
