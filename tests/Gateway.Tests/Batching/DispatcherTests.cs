using Microsoft.Extensions.Time.Testing;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Tensors;
using Raywright.Gateway.Batching;
using Raywright.Gateway.Tests.Hosting;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Gateway.Tests.Batching;

public sealed class DispatcherTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);
    private readonly FakeTimeProvider clock = new();

    [Fact]
    public async Task IdleReplica_AnswersOnTheCallersThreadAtOnce()
    {
        FakeTarget target = new();
        RevisionDispatcher dispatcher = Dispatcher(target);
        ValueTask<Result<Tensor[]>> answer = Ask(dispatcher, 1, 2);
        Assert.True(answer.IsCompleted);
        await SumsAsync(answer, 3f);
    }

    [Fact]
    public async Task RequestsQueuedWhileBusy_TravelAsOneCallAndAreSplitAgain()
    {
        FakeTarget target = new();
        using Gate gate = new(target);
        RevisionDispatcher dispatcher = Dispatcher(target);
        Task<Result<Tensor[]>>[] answers = [.. Enumerable.Range(0, 6).Select(index => Ask(dispatcher, index, 100).AsTask())];
        Assert.Equal(5, dispatcher.Waiting);
        gate.Open();
        for (int index = 0; index < answers.Length; index++)
            await SumsAsync(answers[index], index + 100f);
        Assert.Equal([1L, 5L], target.Calls);
        Assert.Equal(2, dispatcher.Batches);
        Assert.Equal(6, dispatcher.BatchedRows);
    }

    [Fact]
    public async Task Batches_StayWithinTheirSizeInRows()
    {
        FakeTarget target = new();
        using Gate gate = new(target);
        RevisionDispatcher dispatcher = Dispatcher(target, maxSize: 4);
        Task<Result<Tensor[]>> first = Ask(dispatcher, 0).AsTask();
        Task<Result<Tensor[]>>[] waiting = [.. new[] { 3, 3, 1, 9, 2 }.Select(rows => AskRows(dispatcher, rows).AsTask())];
        gate.Open();
        await first;
        int[] lengths = new int[waiting.Length];
        for (int index = 0; index < waiting.Length; index++)
            lengths[index] = Sums(await waiting[index]).Length;
        Assert.Equal([3, 3, 1, 9, 2], lengths);
        // The one that is larger than a batch travels alone; the small one may overtake what does not fit.
        Assert.Equal([1L, 4L, 3L, 9L, 2L], target.Calls);
    }

    [Fact]
    public async Task OtherShapesAndParameters_TravelApart()
    {
        FakeTarget target = new();
        using Gate gate = new(target);
        RevisionDispatcher dispatcher = Dispatcher(target);
        Task<Result<Tensor[]>> first = Ask(dispatcher, 0).AsTask();
        Task<Result<Tensor[]>> two = Ask(dispatcher, 1, 2).AsTask();
        Task<Result<Tensor[]>> three = Ask(dispatcher, 1, 2, 3).AsTask();
        Task<Result<Tensor[]>> twoAgain = Ask(dispatcher, 5, 5).AsTask();
        using Tensor row = Row(7, 7);
        Task<Result<Tensor[]>> particular = dispatcher.InferAsync([row], 1, "r", System.Text.Json.JsonElement.Parse("{\"k\":1}"), Long, CancellationToken.None).AsTask();
        gate.Open();
        await first;
        await SumsAsync(two, 3f);
        await SumsAsync(three, 6f);
        await SumsAsync(twoAgain, 10f);
        await SumsAsync(particular, 14f);
        Assert.Equal([1L, 2L, 1L, 1L], target.Calls);
        Assert.Single(target.Seen, call => call.Parameters is not null);
    }

    [Fact]
    public async Task ModelWithoutBatchAxis_IsNeverJoined()
    {
        FakeTarget target = new();
        using Gate gate = new(target);
        Core.Contracts.Contract one = new(
            [Revisions.Contract.Inputs[0] with { Shape = [1, 2] }], [Revisions.Contract.Outputs[0] with { Shape = [1] }]);
        RevisionDispatcher dispatcher = new(Revisions.Of(contract: one), target, clock);
        Task<Result<Tensor[]>>[] answers = [.. Enumerable.Range(0, 4).Select(index => Ask(dispatcher, index, 1).AsTask())];
        gate.Open();
        await Task.WhenAll(answers);
        Assert.Equal([1L, 1L, 1L, 1L], target.Calls);
    }

    [Fact]
    public async Task GuiltyRow_FailsAlone()
    {
        FakeTarget target = new();
        using Gate gate = new(target);
        RevisionDispatcher dispatcher = Dispatcher(target);
        Task<Result<Tensor[]>> first = Ask(dispatcher, 0).AsTask();
        Task<Result<Tensor[]>> innocent = Ask(dispatcher, 1).AsTask();
        Task<Result<Tensor[]>> guilty = Ask(dispatcher, FakeTarget.Guilty).AsTask();
        Task<Result<Tensor[]>> alsoInnocent = Ask(dispatcher, 2).AsTask();
        gate.Open();
        await first;
        await SumsAsync(innocent, 1f);
        Assert.Equal(Catalogue.InputRange, (await guilty).Problems[0].Definition);
        await SumsAsync(alsoInnocent, 2f);
    }

    [Fact]
    public async Task ModelThatThrows_FailsItsCallersAndServesTheNext()
    {
        FakeTarget target = new();
        using Gate gate = new(target);
        RevisionDispatcher dispatcher = Dispatcher(target);
        Task<Result<Tensor[]>> first = Ask(dispatcher, 0).AsTask();
        Task<Result<Tensor[]>> crashing = Ask(dispatcher, FakeTarget.Crashing).AsTask();
        Task<Result<Tensor[]>> beside = Ask(dispatcher, 1).AsTask();
        gate.Open();
        await first;
        await Assert.ThrowsAsync<InvalidOperationException>(() => crashing);
        await Assert.ThrowsAsync<InvalidOperationException>(() => beside);
        await Eventually.TrueAsync(() => target.Running == 0 && dispatcher.Waiting == 0, "the replica is idle");
        await SumsAsync(Ask(dispatcher, 5), 5f);
    }

    [Fact]
    public async Task CallerThatLeavesTheQueue_IsReleasedAtOnceAndNeverRun()
    {
        FakeTarget target = new();
        using Gate gate = new(target);
        RevisionDispatcher dispatcher = Dispatcher(target);
        Task<Result<Tensor[]>> first = Ask(dispatcher, 0).AsTask();
        using CancellationTokenSource leaving = new();
        Task<Result<Tensor[]>> left = Ask(dispatcher, leaving.Token, 1).AsTask();
        Task<Result<Tensor[]>> stays = Ask(dispatcher, 2).AsTask();
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);
        Assert.Equal(1, dispatcher.Waiting);
        gate.Open();
        await first;
        await SumsAsync(stays, 2f);
        Assert.Equal([1L, 1L], target.Calls);
    }

    [Fact]
    public async Task RunWhoseCallersHaveAllLeft_IsCancelled()
    {
        FakeTarget target = new();
        using Gate gate = new(target);
        RevisionDispatcher dispatcher = Dispatcher(target);
        Task<Result<Tensor[]>> first = Ask(dispatcher, 0).AsTask();
        using CancellationTokenSource one = new(), two = new();
        Task<Result<Tensor[]>>[] batch = [Ask(dispatcher, one.Token, 1).AsTask(), Ask(dispatcher, two.Token, 2).AsTask()];
        using Gate second = new(target);
        gate.Open();
        await first;
        await Eventually.TrueAsync(() => target.Calls.Count == 2, "the batch runs");
        await one.CancelAsync();
        Assert.Equal(1, target.Running);
        await two.CancelAsync();
        foreach (Task<Result<Tensor[]>> answer in batch)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
        Assert.Equal(2, target.Calls.Count);
    }

    [Fact]
    public async Task DeadlineInTheQueue_IsAProblemAndTheRowIsNotRun()
    {
        FakeTarget target = new();
        using Gate gate = new(target);
        RevisionDispatcher dispatcher = Dispatcher(target);
        Task<Result<Tensor[]>> first = Ask(dispatcher, 0).AsTask();
        using Tensor row = Row(1);
        Task<Result<Tensor[]>> late = dispatcher.InferAsync([row], 1, "r", null, TimeSpan.FromSeconds(1), CancellationToken.None).AsTask();
        for (int step = 0; step < 60; step++)
            clock.Advance(TimeSpan.FromMilliseconds(25));
        Result<Tensor[]> answer = await late;
        Assert.Equal(Catalogue.DeadlineExceeded, answer.Problems[0].Definition);
        Assert.Equal(504, answer.Problems[0].Definition.HttpStatus);
        gate.Open();
        await first;
        Assert.Single(target.Calls);
    }

    [Fact]
    public async Task Batch_HasTheEarliestDeadlineOfItsRows()
    {
        FakeTarget target = new();
        using Gate gate = new(target);
        RevisionDispatcher dispatcher = Dispatcher(target);
        Task<Result<Tensor[]>> first = Ask(dispatcher, 0).AsTask();
        using Tensor row = Row(1);
        Task<Result<Tensor[]>> slow = dispatcher.InferAsync([row], 1, "r", null, TimeSpan.FromSeconds(9), CancellationToken.None).AsTask();
        Task<Result<Tensor[]>> quick = dispatcher.InferAsync([row], 1, "r", null, TimeSpan.FromSeconds(2), CancellationToken.None).AsTask();
        gate.Open();
        await Task.WhenAll(first, slow, quick);
        Assert.Equal(TimeSpan.FromSeconds(2), target.Seen.Last().Timeout);
    }

    [Fact]
    public async Task FullQueue_RefusesAtOnceWithAHintWhenToComeBack()
    {
        FakeTarget target = new();
        using Gate gate = new(target);
        RevisionDispatcher dispatcher = Dispatcher(target, maxSize: 1024);
        List<Task<Result<Tensor[]>>> accepted = [];
        Result<Tensor[]>? refused = null;
        while (refused is null)
        {
            ValueTask<Result<Tensor[]>> answer = Ask(dispatcher, 1);
            if (answer.IsCompleted)
                refused = await answer;
            else
                accepted.Add(answer.AsTask());
        }
        Assert.Equal(Catalogue.Overloaded, refused.Value.Problems[0].Definition);
        Assert.NotNull(refused.Value.Problems[0].RetryAfter);
        gate.Open();
        Assert.All(await Task.WhenAll(accepted), answer => Assert.True(answer.Ok));
    }

    [Fact]
    public async Task NoReplica_IsRefusedInsteadOfWaitingForNobody()
    {
        FakeTarget target = new(concurrency: 0);
        RevisionDispatcher dispatcher = Dispatcher(target);
        Assert.Equal(Catalogue.NoRevision, (await Ask(dispatcher, 1)).Problems[0].Definition);
        target.Concurrency = 1;
        await SumsAsync(Ask(dispatcher, 1), 1f);
    }

    private RevisionDispatcher Dispatcher(FakeTarget target, int maxSize = 8) => new(Revisions.Of(maxSize: maxSize), target, clock);

    private static ValueTask<Result<Tensor[]>> Ask(RevisionDispatcher dispatcher, params float[] row) => Ask(dispatcher, CancellationToken.None, row);

    private static ValueTask<Result<Tensor[]>> Ask(RevisionDispatcher dispatcher, CancellationToken cancellation, params float[] row) =>
        dispatcher.InferAsync([Row(row)], 1, "r", null, Long, cancellation);

    private static ValueTask<Result<Tensor[]>> AskRows(RevisionDispatcher dispatcher, int rows) =>
        dispatcher.InferAsync([Tensor.Of<float>(DataType.Float32, [rows, 1], new float[rows])], rows, "r", null, Long, CancellationToken.None);

    private static Tensor Row(params float[] values) => Tensor.Of<float>(DataType.Float32, [1, values.Length], values);

    private static Task SumsAsync(ValueTask<Result<Tensor[]>> answer, params float[] expected) => SumsAsync(answer.AsTask(), expected);

    private static async Task SumsAsync(Task<Result<Tensor[]>> answer, params float[] expected) => Assert.Equal(expected, Sums(await answer));

    private static float[] Sums(Result<Tensor[]> answer) => answer.Value[0].Values<float>().ToArray();

    /// <summary>Holds the calls of a target until it is opened.</summary>
    private sealed class Gate : IDisposable
    {
        private readonly TaskCompletionSource opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Gate(FakeTarget target) => target.Wait = opened.Task.WaitAsync;

        public void Open() => opened.TrySetResult();

        public void Dispose() => Open();
    }
}
