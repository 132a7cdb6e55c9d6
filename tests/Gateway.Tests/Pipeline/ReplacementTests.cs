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

    /// <summary>Whoever reads a large answer slowly, or never, must not hold up what replaces its revision.</summary>
    [Fact]
    public async Task CallerThatDoesNotReadItsAnswer_HoldsUpNoReplacement()
    {
        await using GatewayHost host = await GatewayHost.StartAsync();
        Large target = new();
        RevisionRoute route = host.Publish(target, Revisions.Of(contract: Revisions.Contract with { Outputs = [new("sum", Core.Tensors.DataType.Float32, [-1, -1])] }));
        using System.Net.Sockets.TcpClient silent = new() { ReceiveBufferSize = 4096 };
        await silent.ConnectAsync(host.Address, TestContext.Current.CancellationToken);
        string request = $"POST /serve/dev/predict/iris HTTP/1.1\r\nHost: x\r\nx-api-key: {host.Key.Text}\r\nContent-Length: {Body.Length}\r\n\r\n{Body}";
        await silent.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(request), TestContext.Current.CancellationToken);
        await TestKit.Eventually.TrueAsync(() => target.Asked, "the model was asked");
        await route.RetireAsync().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        host.Journal.Flush();
        Assert.Empty(host.Store.Newest(1, _ => true));
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

    /// <summary>Answers more than any socket takes at once.</summary>
    private sealed class Large : IReplicaTarget
    {
        public bool Asked { get; private set; }

        public int Concurrency => 1;

        public ValueTask<Core.Errors.Result<Core.Tensors.Tensor[]>> InferAsync(InferenceCall call, CancellationToken cancellation)
        {
            Asked = true;
            float[] values = new float[6_000_000];
            values.AsSpan().Fill(0.125f);
            return ValueTask.FromResult<Core.Errors.Result<Core.Tensors.Tensor[]>>(new[] { Core.Tensors.Tensor.Of<float>(Core.Tensors.DataType.Float32, [1, values.Length], values) });
        }
    }
}
