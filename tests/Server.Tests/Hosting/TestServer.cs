using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Raywright.Core.Artifacts;
using Raywright.Core.Errors;
using Raywright.Core.Spec;
using Raywright.Server.Hosting;
using Xunit;

namespace Raywright.Server.Tests.Hosting;

/// <summary>A whole server in this process, on a home and a database of its own.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly TestDatabase database;
    private readonly TimeProvider clock;
    private readonly int? opsPort;
    private readonly int? appPort;
    private int port;
    private ServerHost? host;

    private TestServer(TestDatabase database, TimeProvider clock, int? opsPort, int? appPort) => (this.database, this.clock, this.opsPort, this.appPort) = (database, clock, opsPort, appPort);

    public TestDatabase Database => database;

    public string Home => database.Folder;

    public Uri Url { get; private set; } = null!;

    /// <summary>With the owner's key.</summary>
    public RaywrightClient Client { get; private set; } = null!;

    /// <summary>Without a key.</summary>
    public HttpClient Http { get; private set; } = null!;

    public string OwnerKey => File.ReadAllText(Path.Combine(Home, "admin.key")).Trim();

    public IServiceProvider Services => host!.Services;

    public static async Task<TestServer> StartAsync(string kind = TestDatabase.Sqlite, TimeProvider? clock = null, int? opsPort = null, int? appPort = null)
    {
        TestServer server = new(await TestDatabase.CreateAsync(kind), clock ?? TimeProvider.System, opsPort, appPort);
        await server.RestartAsync();
        return server;
    }

    /// <summary>Stops the server where it runs, and starts one on the same home at the same address.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        Result<ServerHost> started = await TryStartAsync(port);
        Assert.True(started.Ok, string.Join("; ", started.Problems));
        host = started.Value;
        Url = new Uri(host.Info.Url);
        port = Url.Port;
        Client?.Dispose();
        Http?.Dispose();
        Client = new RaywrightClient(Url, OwnerKey, TimeProvider.System);
        Http = new HttpClient { BaseAddress = Url };
    }

    /// <summary>Another server on the same home.</summary>
    public Task<Result<ServerHost>> TryStartAsync(int at = 0, string? home = null) => ServerHost.StartAsync(
        new ServerOptions(at, opsPort, home ?? Home, database.Connection, null, StopWithStdin: false) { AppPort = appPort }, clock, TestContext.Current.CancellationToken);

    public async Task StopAsync()
    {
        if (host is { } running)
            await running.DisposeAsync();
        host = null;
    }

    /// <summary>Sends every file of a model folder but the spec.</summary>
    public async Task<DeployRequest> UploadAsync(string folder, string? note = null)
    {
        ImmutableArray<FileReference> files = Files(folder);
        foreach (FileReference file in files)
        {
            Result<long> sent = await Client.UploadAsync(file, Path.Combine(folder, file.Path), null, TestContext.Current.CancellationToken);
            Assert.True(sent.Ok, string.Join("; ", sent.Problems));
        }
        return new(await File.ReadAllTextAsync(Path.Combine(folder, SpecReader.FileName)), SpecReader.FileName, files, note);
    }

    public static ImmutableArray<FileReference> Files(string folder) => FileSet.Read(folder, Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(folder, file)).Where(file => file != SpecReader.FileName)).Value;

    /// <summary>Sends a model, asks for its deploy and follows that to its end.</summary>
    public async Task<Result<Operation>> DeployAsync(TestModel model, string environment = "dev") =>
        await DeployAsync(model.Name, await UploadAsync(model.Folder), environment);

    public async Task<Result<Operation>> DeployAsync(string model, DeployRequest request, string environment = "dev")
    {
        Result<Operation> begun = await Client.DeployAsync(environment, model, request, TestContext.Current.CancellationToken);
        return begun.Ok ? await EndOfAsync(begun.Value.Id) : begun;
    }

    /// <summary>The same where it has to succeed.</summary>
    public async Task<DeployResult> DeployedAsync(TestModel model, string environment = "dev")
    {
        Result<Operation> deployed = await DeployAsync(model, environment);
        Assert.True(deployed.Ok && deployed.Value.State == OperationState.Succeeded, Words(deployed));
        return deployed.Value.Result!.Value.Deserialize(ClientJson.Lenient.DeployResult)!;
    }

    /// <summary>What became of a deploy: <c>succeeded</c>, or the code of its first problem.</summary>
    public async Task<string> OutcomeAsync(TestModel model, string environment = "dev") => Outcome(await DeployAsync(model, environment));

    public static string Outcome(Result<Operation> deployed) => !deployed.Ok ? deployed.Problems[0].Code
        : deployed.Value.State == OperationState.Succeeded ? "succeeded" : deployed.Value.Problem!.Code;

    public async Task<Operation> EndOfAsync(string operation)
    {
        Operation? last = null;
        await foreach (Result<Operation> next in Client.FollowOperationAsync(operation, FollowOptions.Default, TestContext.Current.CancellationToken))
        {
            Assert.True(next.Ok, string.Join("; ", next.Problems));
            last = next.Value;
        }
        return last!;
    }

    /// <summary>The answer of a model, as text; or the codes of its problems.</summary>
    public async Task<string> AskAsync(string model, string inputs, string environment = "dev")
    {
        Result<ServedAnswer> answer = await Client.QueryAsync(environment, model, Encoding.UTF8.GetBytes($$"""{"inputs":{{inputs}}}"""), TestContext.Current.CancellationToken);
        return answer.Ok ? Encoding.UTF8.GetString(answer.Value.Body) : string.Join(' ', answer.Problems.Select(problem => problem.Code));
    }

    public async Task<KeyCreated> KeyAsync(string[] scopes, params string[] endpoints) =>
        (await Client.CreateKeyAsync(new KeyRequest("test", [.. scopes], [.. endpoints]), TestContext.Current.CancellationToken)).Value;

    public static string Words(Result<Operation> deployed) => deployed.Ok
        ? JsonSerializer.Serialize(deployed.Value, ApiJson.Default.Operation)
        : string.Join("; ", deployed.Problems);

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        Http?.Dispose();
        await StopAsync();
        await database.DisposeAsync();
    }
}
