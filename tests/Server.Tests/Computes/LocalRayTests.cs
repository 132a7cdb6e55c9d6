using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Raywright.Core.Api;
using Raywright.Core.Errors;
using Raywright.Server.Tests.Hosting;
using Raywright.TestKit;
using Raywright.TestKit.Ray;
using Xunit;

namespace Raywright.Server.Tests.Computes;

/// <summary>The Ray that a server starts by itself: it comes back when it dies, and is gone with its server.</summary>
[Collection(RayHere.OneAtATime)]
public sealed class LocalRayTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AHeadThatIsKilled_ComesBack_WithAllThatRan()
    {
        RayHere.Needs();
        await using TestServer server = await TestServer.StartAsync();
        Result<Operation> added = await server.Client.AddComputeAsync(new ComputeRequest("here", null, null, null, Local: true, Python: RayHere.Environment), Token);
        Assert.True(added.Ok, string.Join("; ", added.Problems));
        Operation ended = await server.EndOfAsync(added.Value.Id);
        Assert.True(ended.State == OperationState.Succeeded, TestServer.Words(ended));
        Assert.True((await server.Client.ChangeEnvironmentAsync("dev", new EnvironmentChange("here"), Token)).Ok);
        using TestModel one = TestModel.Adding(1), other = TestModel.Adding(2, "other");
        await server.DeployedAsync(one);
        await server.DeployedAsync(other);

        int head = Head(server);
        using (Process process = Process.GetProcessById(head))
            process.Kill();
        long killed = TimeProvider.System.GetTimestamp();
        await Eventually.TrueAsync(() => Head(server) != head, "another head");
        await AnswersAsync(server, "adder", '2');
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"answers {TimeProvider.System.GetElapsedTime(killed).TotalSeconds:0.0} s after the head was killed"));
        await AnswersAsync(server, "other", '3');

        int last = Head(server);
        await server.StopAsync();
        Assert.Throws<ArgumentException>(() => Process.GetProcessById(last));
    }

    private static Task AnswersAsync(TestServer server, string model, char answer) =>
        Eventually.TrueAsync(async () => (await server.AskAsync(model, "[[1.0]]")).Contains(answer, StringComparison.Ordinal), $"{model} answers");

    /// <summary>Number of the process of <c>ray start</c>; 0 while there is none.</summary>
    private static int Head(TestServer server)
    {
        string file = Path.Combine(server.Home, "ray", "head.json");
        return File.Exists(file) ? JsonElement.Parse(File.ReadAllText(file)).GetProperty("processId").GetInt32() : 0;
    }
}
