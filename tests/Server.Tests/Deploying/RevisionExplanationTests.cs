using Raywright.Core.Api;
using Raywright.Core.Planning;
using Raywright.Server.Deploying;
using Raywright.Server.Tests.Hosting;
using Xunit;

namespace Raywright.Server.Tests.Deploying;

public sealed class RevisionExplanationTests
{
    [Fact]
    public async Task EachValue_SaysWhoDecidedIt_AlsoAfterARestart_AndAScale()
    {
        await using TestServer server = await TestServer.StartAsync();
        using TestModel model = TestModel.Iris();
        Assert.True((await server.DeployAsync(model)).Ok);
        ExplainedValue memory = await ValueAsync(server, model.Name, "resources.memory");
        Assert.Equal(("512Mi", "spec"), (memory.Value, memory.Origin));
        Assert.StartsWith("raywright.yaml:", memory.Location, StringComparison.Ordinal);
        Assert.Equal("default", (await ValueAsync(server, model.Name, "batching.max_size")).Origin);
        Assert.Equal("default", (await ValueAsync(server, model.Name, "scaling.max")).Origin);
        Assert.True((await server.Client.ScaleAsync("dev", model.Name, new EndpointChange(Max: 7), TestContext.Current.CancellationToken)).Ok);
        await server.RestartAsync();
        ExplainedValue max = await ValueAsync(server, model.Name, "scaling.max");
        Assert.Equal(("7", "raywright scale"), (max.Value, max.Origin));
        Assert.Equal("spec", (await ValueAsync(server, model.Name, "resources.memory")).Origin);
        Assert.Null(await Explanations(server).OfAsync("dev", "nothing"));
    }

    private static RevisionExplanations Explanations(TestServer server) => (RevisionExplanations)server.Services.GetService(typeof(RevisionExplanations))!;

    private static async Task<ExplainedValue> ValueAsync(TestServer server, string model, string key)
    {
        RevisionExplanation? found = await Explanations(server).OfAsync("dev", model);
        Assert.NotNull(found);
        Assert.Empty(found.Serve);
        Assert.Contains(found.Revision, found.Text, StringComparison.Ordinal);
        return found.Values.Single(value => value.Key == key);
    }
}
