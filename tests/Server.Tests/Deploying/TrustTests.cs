using System.Collections.Immutable;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Raywright.Core.Errors;
using Raywright.Server.Tests.Hosting;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Server.Tests.Deploying;

/// <summary>Files that import code of the user's own. The pickle names it and calls nothing; tests are asked for, so that nothing loads it.</summary>
public sealed class TrustTests
{
    private const string Pickle = "cfeatures\nRatio\n.";
    private static readonly string[] Forwarding = ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WithoutAWord_ItIsRefused_AndNamed()
    {
        await using TestServer server = await TestServer.StartAsync();
        using TestModel model = Model(Pickle);
        Operation ended = await TestAsync(server, await server.UploadAsync(model.Folder));
        Assert.Equal("RW1166", ended.Problem!.Code);
        Assert.Contains("features.Ratio", ended.Problem.Detail, StringComparison.Ordinal);
        Assert.Equal("scan", ended.Steps.Single(step => step.State == OperationState.Failed).Name);
    }

    [Fact]
    public async Task TheOwnersWord_IsForExactlyThisFile_AndStaysInTheLedger()
    {
        await using TestServer server = await TestServer.StartAsync();
        using TestModel model = Model(Pickle);
        DeployRequest request = await server.UploadAsync(model.Folder);
        string digest = request.Files.Single(file => file.Path == "model.pkl").Sha256;
        Assert.Equal(OperationState.Succeeded, (await TestAsync(server, request with { Trust = [digest] })).State);
        LedgerRow row = (await server.Client.LedgerAsync(null, Token)).Value.Items.Single(row => row.Action == "file.trusted");
        Assert.Equal((digest, "owner"), (row.Target, row.Actor));
        Assert.Contains("features.Ratio", row.Summary, StringComparison.Ordinal);

        Assert.Equal(OperationState.Succeeded, (await TestAsync(server, request)).State);
        using TestModel other = Model("cfeatures\nOther\n.");
        Assert.Equal("RW1166", (await TestAsync(server, await server.UploadAsync(other.Folder) with { Trust = [digest] })).Problem!.Code);
    }

    [Fact]
    public async Task NoWord_MakesAHarmfulFileHarmless()
    {
        await using TestServer server = await TestServer.StartAsync();
        using TestModel model = Model("cfeatures\nRatio\n0cos\nsystem\n(S'true'\ntR.");
        DeployRequest request = await server.UploadAsync(model.Folder);
        Assert.Equal("RW1150", (await TestAsync(server, request with { Trust = [request.Files.Single(file => file.Path == "model.pkl").Sha256] })).Problem!.Code);
    }

    [Fact]
    public async Task OnlyTheOwnerAtTheMachine_CanVouch()
    {
        await using TestServer server = await TestServer.StartAsync();
        using TestModel model = Model(Pickle);
        DeployRequest request = await server.UploadAsync(model.Folder);
        request = request with { Trust = [request.Files[0].Sha256] };
        KeyCreated deployer = await server.KeyAsync(["deploy"]), limited = await server.KeyAsync(["admin"], "dev/*");
        Assert.Equal("RW1167", await RefusalAsync(server, request, deployer.Key));
        Assert.Equal("RW1167", await RefusalAsync(server, request, limited.Key));
        foreach (string header in Forwarding)
            Assert.Equal("RW1167", await RefusalAsync(server, request, server.OwnerKey, header));
        Assert.Null(await RefusalAsync(server, request, server.OwnerKey));
    }

    private static async Task<string?> RefusalAsync(TestServer server, DeployRequest request, string key, string? header = null)
    {
        using HttpRequestMessage message = new(HttpMethod.Post, new Uri(server.Url, "/api/v1/endpoints/dev/trusted/test"))
        {
            Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(request, ApiJson.Default.DeployRequest)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
        message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        if (header is not null)
            message.Headers.TryAddWithoutValidation(header, "10.0.0.1");
        using HttpClient http = new();
        using HttpResponseMessage answer = await http.SendAsync(message, Token);
        string text = await answer.Content.ReadAsStringAsync(Token);
        return answer.IsSuccessStatusCode ? null : JsonDocument.Parse(text).RootElement.GetProperty("code").GetString();
    }

    private static async Task<Operation> TestAsync(TestServer server, DeployRequest request)
    {
        Result<Operation> begun = await server.Client.TestAsync("dev", "trusted", request, Token);
        Assert.True(begun.Ok, begun.Ok ? "" : begun.Problems[0].ToString());
        return await server.EndOfAsync(begun.Value.Id);
    }

    private static TestModel Model(string pickle)
    {
        TestModel model = new("trusted");
        File.WriteAllBytes(model.File("model.pkl"), Encoding.ASCII.GetBytes(pickle));
        return model.Spec("inputs: [{ name: x, type: float64, shape: [-1] }]\noutputs: [{ name: y, type: float64, shape: [-1] }]\n", source: "model.pkl");
    }
}
