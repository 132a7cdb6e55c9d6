using CsCheck;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;
using Raywright.Gateway.Batching;
using Raywright.Gateway.Tests.Hosting;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Gateway.Tests.Batching;

/// <summary>
/// The batcher against its model: whatever is joined with whatever, each request gets what it would have got alone, nobody is
/// forgotten, and no replica works on two calls.
/// </summary>
public sealed class DispatcherConcurrencyTests
{
    private static readonly Gen<Asked> AnyRequest = Gen.Select(Gen.Int[1, 4], Gen.Int[1, 3], Gen.Int[0, 19], Gen.Float[-5, 5],
        (rows, width, fate, value) => new Asked(rows, width, fate switch { 0 => Fate.Guilty, 1 or 2 => Fate.Leaves, _ => Fate.Plain }, value));

    private static readonly Gen<(int Replicas, int MaxSize, int Callers, bool Slow, Asked[] Requests)> AnyLoad =
        Gen.Select(Gen.Int[1, 3], Gen.Int[1, 9], Gen.Int[1, 12], Gen.Bool, AnyRequest.Array[1, 80]);

    private enum Fate
    {
        Plain,
        Guilty,
        Leaves,
    }

    [Fact]
    public async Task EveryRequest_GetsItsOwnAnswer() => await AnyLoad.SampleAsync(async load =>
    {
        FakeTarget target = new(load.Replicas);
        if (load.Slow)
            target.Wait = async _ => await Task.Yield();
        RevisionDispatcher dispatcher = new(Revisions.Of(maxSize: load.MaxSize), target, TimeProvider.System);
        int next = -1;
        await Task.WhenAll(Enumerable.Range(0, load.Callers).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) is var index && index < load.Requests.Length)
                await CheckAsync(dispatcher, load.Requests[index], index);
        }))).WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(0, dispatcher.Waiting);
        Assert.InRange(target.MostRunning, 0, load.Replicas);
    }, iter: 300, threads: 1);

    [Fact]
    public async Task ReplicasThatComeAndGo_LoseNobody()
    {
        FakeTarget target = new(4) { Wait = async _ => await Task.Yield() };
        RevisionDispatcher dispatcher = new(Revisions.Of(), target, TimeProvider.System);
        using CancellationTokenSource stop = new();
        Task scaling = Task.Run(async () =>
        {
            for (int turn = 0; !stop.IsCancellationRequested; turn++)
            {
                target.Concurrency = turn % 5;
                await Task.Yield();
            }
        }, TestContext.Current.CancellationToken);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(caller => Task.Run(async () =>
        {
            for (int turn = 0; turn < 500; turn++)
                await CheckAsync(dispatcher, new Asked(1, 2, Fate.Plain, turn), caller, mayBeRefused: true);
        }))).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        await scaling;
        target.Concurrency = 1;
        await Eventually.TrueAsync(() => target.Running == 0, "all replicas are idle");
        await CheckAsync(dispatcher, new Asked(1, 2, Fate.Plain, 1), 0);
        Assert.Equal(0, dispatcher.Waiting);
    }

    private static async Task CheckAsync(RevisionDispatcher dispatcher, Asked asked, int index, bool mayBeRefused = false)
    {
        float[] values = [.. Enumerable.Range(0, asked.Rows * asked.Width).Select(at => asked.Value + at + index)];
        // Twelve and a half can be neither guilty nor crashing.
        for (int at = 0; at < values.Length; at += asked.Width)
            values[at] = asked.Fate == Fate.Guilty ? FakeTarget.Guilty : 12.5f;
        using Tensor input = Tensor.Of<float>(DataType.Float32, [asked.Rows, asked.Width], values);
        using CancellationTokenSource leaving = new();
        ValueTask<Result<Tensor[]>> pending = dispatcher.InferAsync([input], asked.Rows, "r", null, TimeSpan.FromMinutes(1), leaving.Token);
        if (asked.Fate == Fate.Leaves)
            await leaving.CancelAsync();
        Result<Tensor[]> answer;
        try
        {
            answer = await pending;
        }
        catch (OperationCanceledException) when (asked.Fate == Fate.Leaves)
        {
            return;
        }
        // With no replica at all a request may be refused, but never be forgotten.
        if (mayBeRefused && !answer.Ok && answer.Problems[0].Definition == Catalogue.NoRevision)
            return;
        if (asked.Fate == Fate.Guilty)
        {
            Assert.Equal(Catalogue.InputRange, answer.Problems[0].Definition);
            return;
        }
        Assert.True(answer.Ok);
        Assert.Equal(values.Chunk(asked.Width).Select(row => FakeTarget.Sum(row)), answer.Value[0].Values<float>().ToArray());
        foreach (Tensor tensor in answer.Value)
            tensor.Dispose();
    }

    private sealed record Asked(int Rows, int Width, Fate Fate, float Value);
}
