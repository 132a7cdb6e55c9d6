using Raywright.Core.Engines;
using Raywright.Gateway.Routing;
using Raywright.Gateway.Tests.Hosting;
using Xunit;

namespace Raywright.Gateway.Tests.Pipeline;

public sealed class ReplacementTests
{
    private const int Replacements = 200;
    private const string Body = """{"inputs":{"features":[[1,2]]}}""";

    /// <summary>Each replacement takes the old revision's target away as soon as it is drained, as an engine does.</summary>
    [Fact]
    public async Task ReplacingUnderLoad_FailsNoRequest()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        using HttpClient client = host.Client();
        using CancellationTokenSource done = new();
        TakenAway target = new();
        RevisionRoute route = host.Publish(target, Revisions.Of(1));
        int answered = 0;
        Task[] callers = [.. Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                using HttpResponseMessage answer = await client.AskAsync(Body);
                Assert.True(answer.Status == 200, $"{answer.Status} {await answer.TextAsync()}");
                Interlocked.Increment(ref answered);
            }
        }))];
        for (int version = 2; version <= Replacements + 1; version++)
        {
            TakenAway next = new();
            RevisionRoute following = host.Publish(next, Revisions.Of(version));
            await route.RetireAsync().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
            target.Gone = true;
            (route, target) = (following, next);
            int seen = Volatile.Read(ref answered);
            await TestKit.Eventually.TrueAsync(() => Volatile.Read(ref answered) > seen || callers.Any(caller => caller.IsCompleted), "traffic goes on");
        }
        await done.CancelAsync();
        await Task.WhenAll(callers);
        Assert.True(answered >= Replacements);
    }

    [Fact]
    public async Task RetiringRevision_WaitsForTheRequestInFlight()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        using HttpClient client = host.Client();
        TaskCompletionSource open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        FakeTarget slow = new() { Wait = open.Task.WaitAsync };
        RevisionRoute old = host.Publish(slow, Revisions.Of(1));
        Task<HttpResponseMessage> inFlight = client.AskAsync(Body);
        await TestKit.Eventually.TrueAsync(() => slow.Running == 1, "the request runs");
        host.Publish(new FakeTarget(), Revisions.Of(2));
        Task drained = old.RetireAsync();
        using (HttpResponseMessage next = await client.AskAsync(Body))
            Assert.Equal("iris:2", next.Header("x-raywright-version"));
        Assert.False(drained.IsCompleted);
        Assert.Equal(1, old.UnderWay);
        open.SetResult();
        using HttpResponseMessage answer = await inFlight;
        Assert.Equal("iris:1", answer.Header("x-raywright-version"));
        await drained.WaitAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task DeletedEndpoint_IsNotFoundAnyMore()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        using HttpClient client = host.Client();
        RevisionRoute route = host.Publish(new FakeTarget());
        host.Publish();
        await route.RetireAsync();
        using HttpResponseMessage answer = await client.AskAsync(Body);
        Assert.Equal(404, answer.Status);
    }

    /// <summary>A target that must not be asked after its engine has taken it away.</summary>
    private sealed class TakenAway : IReplicaTarget
    {
        private readonly FakeTarget inner = new() { Wait = async _ => await Task.Yield() };

        public bool Gone { get; set; }

        public int Concurrency => inner.Concurrency;

        public async ValueTask<Core.Errors.Result<Core.Tensors.Tensor[]>> InferAsync(InferenceCall call, CancellationToken cancellation)
        {
            ObjectDisposedException.ThrowIf(Gone, this);
            Core.Errors.Result<Core.Tensors.Tensor[]> answer = await inner.InferAsync(call, cancellation);
            ObjectDisposedException.ThrowIf(Gone, this);
            return answer;
        }
    }
}
