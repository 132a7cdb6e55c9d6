using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Raywright.Core.Api;
using Raywright.Core.Bodies;
using Raywright.Core.Errors;

namespace Raywright.Cli.Tests.Fakes;

/// <summary>
/// A control plane on loopback that speaks the records of the API and remembers what it was asked. It does nothing by itself:
/// a test says what there is, and where a connection breaks.
/// </summary>
internal sealed class FakeControlPlane : IAsyncDisposable
{
    public const string Key = "rwk_testtest_0123456789012345678901234567890123456789012abcdefgh";

    private readonly WebApplication app;

    private FakeControlPlane(WebApplication app) => this.app = app;

    public Uri Url => new(app.Urls.First());

    public ConcurrentQueue<string> Asked { get; } = [];

    public ConcurrentDictionary<string, byte[]> Blobs { get; } = new(StringComparer.Ordinal);

    /// <summary>Bytes of uploads that have begun.</summary>
    public ConcurrentDictionary<string, byte[]> Partial { get; } = new(StringComparer.Ordinal);

    /// <summary>After how many bytes the next uploads break off; one number an upload.</summary>
    public ConcurrentQueue<int> UploadBreaks { get; } = [];

    public ServerInfo Info { get; set; } = new("0.1.0", 4711, FixedClock.Ago(3600), "", "/home/someone/.raywright", "all", "sqlite");

    public ImmutableArray<EnvironmentInfo> Environments { get; set; } = [new("dev", false, "embedded"), new("staging", false, "embedded"), new("prod", true, "embedded")];

    public ImmutableArray<ComputeInfo> Computes { get; set; } = [];

    public ImmutableArray<EndpointInfo> Endpoints { get; set; } = [];

    public ImmutableArray<RevisionInfo> Revisions { get; set; } = [];

    public ImmutableArray<ModelInfo> Models { get; set; } = [];

    public ImmutableArray<VersionInfo> Versions { get; set; } = [];

    public ImmutableArray<KeyInfo> Keys { get; set; } = [];

    public ImmutableArray<LedgerRow> Ledger { get; set; } = [];

    public LedgerVerification Verification { get; set; } = new(true, 12, 12, null);

    public ImmutableArray<LogLine> Logs { get; set; } = [];

    /// <summary>What the operation that is asked for looks like, one after the other; the last is how it ended.</summary>
    public ImmutableArray<Operation> Story { get; set; } = [];

    /// <summary>Takes the place of <see cref="Story"/> when a compute is asked for; one an order.</summary>
    public ConcurrentQueue<ImmutableArray<Operation>> ComputeStories { get; } = [];

    /// <summary>After how many events the next connections break off; one number a connection.</summary>
    public ConcurrentQueue<int> EventBreaks { get; } = [];

    /// <summary>Refuses the next order (deploy, test, delete) with these.</summary>
    public ImmutableArray<Problem> Refusal { get; set; } = [];

    /// <summary>What models answer: status and body.</summary>
    public (int Status, string Body) Answer { get; set; } = (200, """{"outputs":{"label":"setosa","probabilities":{"setosa":0.98,"versicolor":0.01,"virginica":0.01}}}""");

    public DeployRequest? Deployed { get; private set; }

    public ConcurrentQueue<ComputeRequest> ComputesAsked { get; } = [];

    public static async Task<FakeControlPlane> StartAsync(int port = 0)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.Configure<KestrelServerOptions>(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, port));
        FakeControlPlane fake = new(builder.Build());
        fake.Map();
        await fake.app.StartAsync();
        return fake;
    }

    public async ValueTask DisposeAsync() => await app.DisposeAsync();

    public Task StopAsync() => app.StopAsync();

    private void Map()
    {
        app.Use(async (http, next) =>
        {
            Asked.Enqueue($"{http.Request.Method} {http.Request.Path}{http.Request.QueryString}");
            bool open = http.Request.Path == Routes.Server;
            if (!open && http.Request.Headers.Authorization != $"Bearer {Key}")
                await Send(http, 401, ProblemWriter.Details(new Problem(Catalogue.KeyMissing, "The request has no valid key.")), ApiJson.Default.ProblemDetails);
            else
                await next(http);
        });
        app.MapGet(Routes.Server, http => Send(http, 200, Info with { Url = Url.ToString().TrimEnd('/') }, ApiJson.Default.ServerInfo));
        MapComputes();
        MapEndpoints();
        MapModels();
        MapOperations();
        app.MapMethods(Routes.Blob, ["HEAD"], Head);
        app.MapPut(Routes.Blob, PutAsync);
        app.MapPost("/serve/{environment}/predict/{model}", ServeAsync);
    }

    private void MapComputes()
    {
        app.MapGet(Routes.Environments, http => Send(http, 200, new Page<EnvironmentInfo>(Environments), ApiJson.Default.PageEnvironmentInfo));
        app.MapPatch(Routes.Environment, async http =>
        {
            EnvironmentChange change = (await JsonSerializer.DeserializeAsync(http.Request.Body, ApiJson.Default.EnvironmentChange))!;
            EnvironmentInfo before = Environments.Single(one => one.Name == Segment(http, "environment")), after = before with { Compute = change.Compute ?? before.Compute };
            Environments = Environments.Replace(before, after);
            await Send(http, 200, after, ApiJson.Default.EnvironmentInfo);
        });
        app.MapGet(Routes.Computes, http => Send(http, 200, new Page<ComputeInfo>(Computes), ApiJson.Default.PageComputeInfo));
        app.MapGet(Routes.Compute, http => Computes.FirstOrDefault(one => one.Name == Segment(http, "compute")) is { } found
            ? Send(http, 200, found, ApiJson.Default.ComputeInfo)
            : Refuse(http, new Problem(Catalogue.NotFound, $"There is no compute {Segment(http, "compute")}.")));
        app.MapPost(Routes.Computes, async http =>
        {
            ComputesAsked.Enqueue((await JsonSerializer.DeserializeAsync(http.Request.Body, ApiJson.Default.ComputeRequest))!);
            if (ComputeStories.TryDequeue(out ImmutableArray<Operation> next))
                Story = next;
            await BeginAsync(http);
        });
        app.MapPost(Routes.CheckCompute, BeginAsync);
        app.MapDelete(Routes.Compute, BeginAsync);
    }

    private void MapEndpoints()
    {
        app.MapGet(Routes.Endpoints, http => Send(http, 200, new Page<EndpointInfo>(Endpoints), ApiJson.Default.PageEndpointInfo));
        app.MapGet(Routes.Endpoint, http => Endpoints.FirstOrDefault(one => one.Model == Segment(http, "model") && one.Environment == Segment(http, "environment")) is { } found
            ? Send(http, 200, found, ApiJson.Default.EndpointInfo)
            : Refuse(http, new Problem(Catalogue.EndpointUnknown, $"There is no model {Segment(http, "model")} in {Segment(http, "environment")}.")));
        app.MapGet(Routes.Revisions, http => Send(http, 200, new Page<RevisionInfo>(Revisions), ApiJson.Default.PageRevisionInfo));
        app.MapPost(Routes.Revisions, OrderAsync);
        app.MapPost(Routes.Test, OrderAsync);
        app.MapDelete(Routes.Endpoint, OrderAsync);
        app.MapDelete(Routes.Model, OrderAsync);
        app.MapGet(Routes.History, http => Send(http, 200, new Page<LedgerRow>(Ledger), ApiJson.Default.PageLedgerRow));
        app.MapGet(Routes.Logs, LogsAsync);
        app.MapGet(Routes.Ledger, http => Send(http, 200, new Page<LedgerRow>(Ledger, Ledger.IsEmpty ? null : "1"), ApiJson.Default.PageLedgerRow));
        app.MapGet(Routes.LedgerVerification, http => Send(http, 200, Verification, ApiJson.Default.LedgerVerification));
    }

    private void MapModels()
    {
        app.MapGet(Routes.Models, http => Send(http, 200, new Page<ModelInfo>(Models), ApiJson.Default.PageModelInfo));
        app.MapGet(Routes.Model, http => Models.FirstOrDefault(one => one.Name == Segment(http, "model")) is { } found
            ? Send(http, 200, found, ApiJson.Default.ModelInfo)
            : Refuse(http, new Problem(Catalogue.NotFound, $"There is no model {Segment(http, "model")}.")));
        app.MapGet(Routes.Versions, http => Send(http, 200, new Page<VersionInfo>(Versions), ApiJson.Default.PageVersionInfo));
        app.MapGet(Routes.Keys, http => Send(http, 200, new Page<KeyInfo>(Keys), ApiJson.Default.PageKeyInfo));
        app.MapPost(Routes.Keys, async http =>
        {
            KeyRequest request = (await JsonSerializer.DeserializeAsync(http.Request.Body, ApiJson.Default.KeyRequest))!;
            await Send(http, 201, new KeyCreated(Key, new KeyInfo("newkey12", request.Name, request.Scopes, request.Endpoints, FixedClock.Ago(0), request.ExpiresAt, null, false)), ApiJson.Default.KeyCreated);
        });
        app.MapDelete(Routes.Key, http =>
        {
            http.Response.StatusCode = 204;
            return Task.CompletedTask;
        });
        app.MapPost(Routes.AppLinks, http => Send(http, 200, new AppLink($"{Url}sign-in?token=once", FixedClock.Ago(-300)), ApiJson.Default.AppLink));
    }

    private void MapOperations()
    {
        app.MapGet(Routes.Operation, http => Story is [.., var last] && Segment(http, "id") == last.Id
            ? Send(http, 200, last, ApiJson.Default.Operation)
            : Refuse(http, new Problem(Catalogue.NotFound, $"There is no operation {Segment(http, "id")}.")));
        app.MapGet(Routes.Operations, http => Send(http, 200, new Page<Operation>([.. Story.TakeLast(1)]), ApiJson.Default.PageOperation));
        app.MapPost(Routes.CancelOperation, http => Send(http, 200, Story[^1].Ended ? Story[^1] : Story[^1] with { State = OperationState.Cancelled }, ApiJson.Default.Operation));
        app.MapGet(Routes.OperationEvents, http => EventsAsync(http, Story, ApiJson.Default.Operation));
    }

    private async Task OrderAsync(HttpContext http)
    {
        if (http.Request.ContentLength > 0)
            Deployed = await JsonSerializer.DeserializeAsync(http.Request.Body, ApiJson.Default.DeployRequest);
        await BeginAsync(http);
    }

    private async Task BeginAsync(HttpContext http)
    {
        if (!Refusal.IsEmpty)
            await Send(http, Refusal[0].Definition.HttpStatus, ProblemWriter.Details(Refusal), ApiJson.Default.ProblemDetails);
        else
            await Send(http, 202, Story[0], ApiJson.Default.Operation);
    }

    private Task LogsAsync(HttpContext http) => http.Request.Query["follow"] == "true"
        ? EventsAsync(http, Logs, ApiJson.Default.LogLine, hold: true)
        : Send(http, 200, new Page<LogLine>(Logs), ApiJson.Default.PageLogLine);

    /// <summary>Events with rising IDs, from the one after <c>Last-Event-ID</c>; a break ends the connection early, as a dying server does.</summary>
    private async Task EventsAsync<T>(HttpContext http, ImmutableArray<T> events, JsonTypeInfo<T> type, bool hold = false)
    {
        int from = int.TryParse(http.Request.Headers["Last-Event-ID"], out int last) ? last : 0;
        Asked.Enqueue($"events from {from}");
        bool breaks = EventBreaks.TryDequeue(out int most);
        http.Response.ContentType = "text/event-stream";
        foreach ((int index, T item) in events.Index().Skip(from).Take(breaks ? most : int.MaxValue))
        {
            await http.Response.WriteAsync($": a remark\nid: {index + 1}\ndata: {JsonSerializer.Serialize(item, type)}\n\n");
            await http.Response.Body.FlushAsync();
        }
        // A reset may overtake what was sent, so it comes only where nothing was.
        if (breaks && most == 0)
            http.Abort();
        else if (!breaks && hold)
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
    }

    private Task Head(HttpContext http)
    {
        string digest = Segment(http, "sha256");
        if (Blobs.ContainsKey(digest))
            return Task.CompletedTask;
        http.Response.StatusCode = 404;
        http.Response.Headers["Upload-Offset"] = Partial.GetValueOrDefault(digest, []).Length.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return Task.CompletedTask;
    }

    private async Task PutAsync(HttpContext http)
    {
        string digest = Segment(http, "sha256");
        bool breaks = UploadBreaks.TryDequeue(out int most);
        using MemoryStream arrived = new();
        byte[] buffer = new byte[1024];
        while (arrived.Length < (breaks ? most : long.MaxValue) && await http.Request.Body.ReadAsync(buffer) is var read and > 0)
            arrived.Write(buffer, 0, breaks ? (int)Math.Min(read, most - arrived.Length) : read);
        byte[] all = [.. Partial.GetValueOrDefault(digest, []), .. arrived.ToArray()];
        Partial[digest] = all;
        if (breaks)
        {
            http.Abort();
            return;
        }
        bool whole = Convert.ToHexStringLower(SHA256.HashData(all)) == digest;
        if (whole)
            Blobs[digest] = all;
        http.Response.StatusCode = whole ? 204 : 422;
    }

    private async Task ServeAsync(HttpContext http)
    {
        using StreamReader reader = new(http.Request.Body);
        Asked.Enqueue(await reader.ReadToEndAsync());
        http.Response.Headers["x-request-id"] = "01K0000000000000000000TEST";
        http.Response.Headers["x-raywright-version"] = $"{Segment(http, "model")}:1";
        http.Response.StatusCode = Answer.Status;
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(Answer.Body);
    }

    private static string Segment(HttpContext http, string name) => (string)http.Request.RouteValues[name]!;

    private static Task Refuse(HttpContext http, Problem problem) =>
        Send(http, problem.Definition.HttpStatus, ProblemWriter.Details(problem), ApiJson.Default.ProblemDetails);

    private static Task Send<T>(HttpContext http, int status, T value, JsonTypeInfo<T> type)
    {
        http.Response.StatusCode = status;
        return http.Response.WriteAsJsonAsync(value, type);
    }
}
