using System.Collections.Immutable;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Raywright.Core.Errors;
using Raywright.Ray.Agent;
using Raywright.Ray.Dashboard;
using Raywright.Ray.Engine;
using Raywright.TestKit.Ray;
using Xunit;

namespace Raywright.Ray.Tests.Engine;

/// <summary>The list of declared applications, of which others have their part.</summary>
public sealed class ListWriterTests : IAsyncLifetime
{
    private const string List = "/api/serve/applications/";

    /// <summary>In an order, with blanks and numbers as only its author writes them.</summary>
    private const string Theirs = """{"name":"theirs","route_prefix":"/theirs","import_path":"their.app:build","args":{"z":1.50,"a":[1e3,"ä"]},"deployments":[{"name":"Model","num_replicas":2}]}""";

    /// <summary>Lets a request pass.</summary>
    private static readonly FakeFault None = FakeFault.Meanwhile(() => Task.CompletedTask);
    private static readonly Installation Us = new("raywright-00000001", "secret");
    private readonly DeclaredRevision revision = new(1);
    private FakeRay ray = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => ray = await FakeRay.StartAsync();

    public async ValueTask DisposeAsync()
    {
        revision.Dispose();
        await ray.DisposeAsync();
    }

    [Fact]
    public async Task WhatIsNotOurs_IsSentAsRayGaveIt_AndNotTouched()
    {
        await DeclareTheirsAsync(Theirs);
        ray.Serve.AddImperative("theirs-too", routePrefix: "/theirs-too");
        ray.Serve.Settle();
        string kept = await ConfigTextAsync("theirs");
        Dictionary<string, string[]> before = Replicas();
        using ListWriter writer = Writer(shares: true);

        Assert.Null(await DeployAsync(writer, revision));
        ray.Serve.Settle();
        Assert.Equal("RUNNING", ray.Serve.StatusOf(revision.Id));
        using DeclaredRevision next = new(2, version: 2);
        Assert.Null(await DeployAsync(writer, next));
        Assert.Null(await writer.DeleteAsync([revision.Id], Token));
        ray.Serve.Settle();

        FakeRequest[] sent = [.. Puts().Skip(1)];
        Assert.Equal(3, sent.Length);
        Assert.All(sent, put => Assert.Contains(kept, put.Body, StringComparison.Ordinal));
        Assert.All(sent, put => Assert.DoesNotContain("theirs-too", put.Body, StringComparison.Ordinal));
        Assert.Equal([next.Id, "theirs", "theirs-too"], ray.Serve.Applications.Order(StringComparer.Ordinal));
        Assert.Equal(before, Replicas());
    }

    /// <summary>Left out they would be taken back, or warned of.</summary>
    [Fact]
    public async Task WhatHoldsForTheWhole_StaysAsItWas()
    {
        await PutAsync($$"""{"target_capacity":50,"proxy_location":"HeadOnly","http_options":{"host":"127.0.0.1","port":8123,"request_timeout_s":7.5},"applications":[]}""");
        using ListWriter writer = Writer();
        Assert.Null(await DeployAsync(writer, revision));
        JsonNode sent = JsonNode.Parse(Puts().Last().Body)!;
        Assert.Equal((50, "HeadOnly", 8123, 7.5), (sent["target_capacity"]!.GetValue<double>(), sent["proxy_location"]!.GetValue<string>(), sent["http_options"]!["port"]!.GetValue<int>(), sent["http_options"]!["request_timeout_s"]!.GetValue<double>()));
        Assert.NotNull(sent["grpc_options"]);
    }

    [Fact]
    public async Task WhereServeDoesNotRun_ItIsToldWhereToListen()
    {
        using ListWriter writer = Writer();
        Assert.Null(await DeployAsync(writer, revision));
        JsonNode sent = JsonNode.Parse(Puts().Single().Body)!;
        Assert.Equal(("127.0.0.1", 8000), (sent["http_options"]!["host"]!.GetValue<string>(), sent["http_options"]!["port"]!.GetValue<int>()));
        string package = JsonNode.Parse(Puts().Single().Body)!["applications"]![0]!["runtime_env"]!["working_dir"]!.GetValue<string>();
        Assert.Equal([package["gcs://".Length..]], ray.Packages.Names);
    }

    [Fact]
    public async Task WhereOthersDeclare_NothingIsWritten_UnlessThatIsAccepted()
    {
        await DeclareTheirsAsync(Theirs);
        using ListWriter writer = Writer();
        Problem refused = Assert.Single(await PreflightAsync(writer, revision));
        Assert.Equal(("RW4127", true), (refused.Code, refused.Detail.Contains("theirs", StringComparison.Ordinal)));
        Assert.Equal("RW4127", (await DeployAsync(writer, revision))?.Code);
        Assert.Equal("RW4127", (await writer.DeleteAsync([revision.Id], Token))?.Code);
        Assert.Single(Puts());
        using ListWriter accepting = Writer(shares: true);
        Assert.Empty(await PreflightAsync(accepting, revision));
        Assert.Null(await DeployAsync(accepting, revision));
    }

    /// <summary>Ray cannot be told to write only what has not changed: what another one lost is at least said.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AListThatCameBetweenReadingAndWriting_IsNoticed(bool shares)
    {
        using ListWriter writer = Writer(shares);
        Assert.Empty(await PreflightAsync(writer, revision));
        ray.Faults.Next(FakeFault.Meanwhile(() => DeclareTheirsAsync(Theirs)), path: List);
        Problem? said = await DeployAsync(writer, revision);
        Assert.DoesNotContain("theirs", ray.Serve.Applications);
        if (shares)
        {
            Assert.Null(said);
            return;
        }
        Assert.Equal(("RW4128", true), (said?.Code, said?.Detail.Contains("theirs", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AListThatCameBetweenWritingAndReading_IsNoticed_AndOursDeclaredAgain(bool shares)
    {
        using ListWriter writer = Writer(shares);
        Assert.Empty(await PreflightAsync(writer, revision));
        ray.Faults.Next(None, path: List);
        ray.Faults.Next(FakeFault.Meanwhile(() => DeclareTheirsAsync(Theirs)), path: List);
        Problem? said = await DeployAsync(writer, revision);
        Assert.Equal(("RW4128", true), (said?.Code, said?.Detail.Contains(revision.Id, StringComparison.Ordinal)));
        Assert.Equal(shares ? null : "RW4127", (await DeployAsync(writer, revision))?.Code);
        Assert.Contains("theirs", ray.Serve.Applications);
    }

    [Fact]
    public async Task AnOldAnswer_IsNotTakenForWhatWasWritten()
    {
        using ListWriter writer = Writer();
        Assert.Empty(await PreflightAsync(writer, revision));
        ray.Faults.Next(None, requests: 2, path: List);
        ray.Faults.Next(FakeFault.Stale, path: List);
        Assert.Equal("RW4128", (await DeployAsync(writer, revision))?.Code);
        Assert.Null(await DeployAsync(writer, revision));
    }

    [Fact]
    public async Task AListThatWasAppliedInPart_IsSentAgain()
    {
        await DeclareTheirsAsync(Theirs);
        ray.Serve.Settle();
        using ListWriter writer = Writer(shares: true);
        Assert.Empty(await PreflightAsync(writer, revision));
        ray.Faults.Next(None, path: List);
        ray.Faults.Next(FakeFault.HalfApplied(1), path: List);
        Assert.Null(await DeployAsync(writer, revision));
        ray.Serve.Settle();
        Assert.Equal(("RUNNING", "RUNNING"), (ray.Serve.StatusOf("theirs"), ray.Serve.StatusOf(revision.Id)));
    }

    /// <summary>What cannot be given back as it is would be lost.</summary>
    [Fact]
    public async Task WhereRayDoesNotSayHowAnApplicationWasDeclared_NothingIsWritten()
    {
        await DeclareTheirsAsync(Theirs);
        ray.Serve.Delete("theirs");
        ray.Serve.Behave("theirs", FakeBehaviour.StopsForEver);
        using ListWriter writer = Writer(shares: true);
        ray.Faults.Next(FakeFault.UnknownStatuses, requests: 10, path: List);
        Assert.Equal("RW4128", (await DeployAsync(writer, revision))?.Code);
        Assert.Single(Puts());
    }

    [Fact]
    public async Task AVersionThatIsTooLargeForAPackage_IsRefusedBeforeAnythingIsSent()
    {
        using ListWriter writer = Writer();
        using DeclaredRevision large = new(1, size: 101L << 20);
        Problem refused = Assert.Single(await PreflightAsync(writer, large));
        Assert.Equal(("RW4120", true), (refused.Code, refused.Advice.Contains("jobs are allowed", StringComparison.Ordinal)));
        Assert.Empty(ray.Packages.Names);
    }

    /// <summary>Ray forgets a package that no replica uses.</summary>
    [Fact]
    public async Task BeforeARevisionWakes_ItsPackageIsThere()
    {
        using ListWriter writer = Writer();
        Assert.Null(await DeployAsync(writer, revision));
        string package = Assert.Single(ray.Packages.Names);
        ray.Packages.Delete(package);
        using RayRevision one = revision.For(Us);
        Assert.Null(await writer.WakeAsync(one, Token));
        Assert.Equal([package], ray.Packages.Names);
    }

    [Theory]
    [InlineData("""{"a":1,"b":[{"c":2.0}]}""", """{"b":[{"c":2,"more":1}],"a":1}""", null)]
    [InlineData("""{"a":1,"b":[{"c":2}]}""", """{"a":1,"b":[{}]}""", "b[0].c")]
    [InlineData("""{"a":{"b":1}}""", """{"a":{"b":2}}""", "a.b")]
    [InlineData("""{"a":[1,2]}""", """{"a":[1]}""", "a")]
    public void WhatIsLost_IsNamed(string sent, string kept, string? lost) =>
        Assert.Equal(lost, DeclaredList.Lost(JsonElement.Parse(sent), JsonElement.Parse(kept)));

    private static async Task<Problem?> DeployAsync(ListWriter writer, DeclaredRevision of)
    {
        using RayRevision one = of.For(Us);
        return await writer.DeployAsync(one, Token);
    }

    private static async Task<ImmutableArray<Problem>> PreflightAsync(ListWriter writer, DeclaredRevision of)
    {
        using RayRevision one = of.For(Us);
        return await writer.PreflightAsync(one, _ => { }, Token);
    }

    private ListWriter Writer(bool shares = false) =>
        new("lab", new ClusterPlace(new ClusterAddress(ray.Address, new Uri("http://127.0.0.1:8000"))), Us, new DashboardClient(ray.Client(), TimeProvider.System), shares, NullLogger.Instance);

    private FakeRequest[] Puts() => [.. ray.Requests.Where(request => request is { Method: "PUT", Path: List })];

    private Dictionary<string, string[]> Replicas() => new[] { "theirs", "theirs-too" }.ToDictionary(name => name, name => (string[])[.. ray.Serve.Replicas(name).Select(replica => replica.Id)]);

    private Task DeclareTheirsAsync(string application) => PutAsync($$"""{"applications":[{{application}}]}""");

    private async Task PutAsync(string list)
    {
        using StringContent body = new(list);
        using HttpResponseMessage answer = await ray.Client().PutAsync(List, body, Token);
        answer.EnsureSuccessStatusCode();
    }

    private async Task<string> ConfigTextAsync(string application)
    {
        JsonElement details = await ray.Client().GetFromJsonAsync<JsonElement>(List, Token);
        return details.GetProperty("applications").GetProperty(application).GetProperty("deployed_app_config").GetRawText();
    }
}
