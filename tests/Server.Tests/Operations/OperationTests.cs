using System.Collections.Immutable;
using System.Net.ServerSentEvents;
using Microsoft.Extensions.Time.Testing;
using Raywright.Core.Api;
using Raywright.Core.Errors;
using Raywright.Server.Api;
using Raywright.Server.Tests.Hosting;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Server.Tests.Operations;

/// <summary>What was acknowledged is worked off: in order, once, over failures, cancellations and restarts.</summary>
public sealed class OperationTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task OneTarget_IsWorkedOffInOrder_AndAnotherBeside()
    {
        await using OperationRig rig = await RigAsync();
        Operation first = await rig.BeginAsync("dev/a"), second = await rig.BeginAsync("dev/a"), third = await rig.BeginAsync("dev/a"), other = await rig.BeginAsync("dev/b");
        await Eventually.TrueAsync(() => rig.Kind.Started.Length == 2, "two targets run side by side");
        Assert.Equal([first.Id, other.Id], rig.Kind.Started.Order(StringComparer.Ordinal));
        Assert.Equal(first.Id, rig.Live.On("dev/a")?.Id);
        rig.Kind.Release(first.Id);
        await rig.EndOfAsync(first.Id);
        await Eventually.TrueAsync(() => rig.Kind.Started.Contains(second.Id), "the second begins after the first");
        Assert.DoesNotContain(third.Id, rig.Kind.Started);
        rig.Kind.ReleaseAll();
        Assert.Equal(OperationState.Succeeded, (await rig.EndOfAsync(third.Id)).State);
        Assert.Equal(OperationState.Succeeded, (await rig.EndOfAsync(other.Id)).State);
        Assert.Null(rig.Live.On("dev/a"));
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Both), MemberType = typeof(TestDatabase))]
    public async Task Success_IsKeptWithStepsAndResult(string kind)
    {
        await using OperationRig rig = await RigAsync(kind);
        Operation begun = await rig.BeginAsync("dev/a");
        rig.Kind.ReleaseAll();
        Operation ended = await rig.EndOfAsync(begun.Id);
        await rig.StopServerAsync();
        await rig.StartServerAsync();
        Operation kept = (await rig.Service.GetAsync(begun.Id)).Value;
        Assert.Equal(OperationState.Succeeded, kept.State);
        Assert.All(kept.Steps, step => Assert.Equal(OperationState.Succeeded, step.State));
        Assert.Equal("done", kept.Result!.Value.GetProperty("url").GetString());
        Assert.Equal(ended.EndedAt, kept.EndedAt);
        Assert.Equal(["held.asked"], (await rig.Ledger.ListAsync("dev/a", null)).Items.Select(row => row.Action));
    }

    [Fact]
    public async Task ARunningOne_IsCancelled()
    {
        await using OperationRig rig = await RigAsync();
        Operation begun = await rig.BeginAsync("dev/a");
        await Eventually.TrueAsync(() => rig.Kind.Started.Length == 1, "it runs");
        Operation cancelled = (await rig.Service.CancelAsync(begun.Id, Token)).Value;
        Assert.Equal((OperationState.Cancelled, "RW3009"), (cancelled.State, cancelled.Problem?.Code));
        Assert.Equal([OperationState.Cancelled, OperationState.Pending], cancelled.Steps.Select(step => step.State));
        Assert.Equal(cancelled.State, (await rig.Service.CancelAsync(begun.Id, Token)).Value.State);
        Assert.Contains("held.cancelled", (await rig.Ledger.ListAsync("dev/a", null)).Items.Select(row => row.Action));
        Assert.False((await rig.Service.CancelAsync("op_nothing", Token)).Ok);
    }

    [Fact]
    public async Task AWaitingOne_IsCancelledAtOnce_AndTheOrderStays()
    {
        await using OperationRig rig = await RigAsync();
        Operation first = await rig.BeginAsync("dev/a"), second = await rig.BeginAsync("dev/a"), third = await rig.BeginAsync("dev/a");
        await Eventually.TrueAsync(() => rig.Kind.Started.Length == 1, "the first runs");
        Assert.Equal(OperationState.Cancelled, (await rig.Service.CancelAsync(second.Id, Token)).Value.State);
        Assert.Equal([first.Id], rig.Kind.Started);
        rig.Kind.Release(first.Id);
        rig.Kind.Release(third.Id);
        Assert.Equal(OperationState.Succeeded, (await rig.EndOfAsync(third.Id)).State);
        Assert.Equal([first.Id, third.Id], rig.Kind.Started);
    }

    [Fact]
    public async Task ABug_FailsItsOperationAlone()
    {
        await using OperationRig rig = await RigAsync();
        rig.Kind.Ends["bug"] = _ => throw new TimeZoneNotFoundException("a bug");
        rig.Kind.Ends["bug in a step"] = async run =>
        {
            await run.StepAsync<bool>("finish", () => throw new TimeZoneNotFoundException("a bug"), _ => new(""));
            return [];
        };
        Operation bug = await rig.BeginAsync("dev/a", "bug"), step = await rig.BeginAsync("dev/a", "bug in a step"), next = await rig.BeginAsync("dev/a");
        rig.Kind.ReleaseAll();
        Operation failed = await rig.EndOfAsync(bug.Id);
        Assert.Equal((OperationState.Failed, "RW5000"), (failed.State, failed.Problem?.Code));
        Assert.DoesNotContain("a bug", failed.Problem!.Detail, StringComparison.Ordinal);
        Assert.Equal([OperationState.Succeeded, OperationState.Failed], (await rig.EndOfAsync(step.Id)).Steps.Select(one => one.State));
        Assert.Equal(OperationState.Succeeded, (await rig.EndOfAsync(next.Id)).State);
    }

    [Fact]
    public async Task AnExpectedFailure_IsKeptWithItsProblem()
    {
        await using OperationRig rig = await RigAsync();
        rig.Kind.Ends["fail"] = _ => Task.FromResult<ImmutableArray<Problem>>([new(Catalogue.CasesFailed, "one"), new(Catalogue.QualityMissed, "two")]);
        Operation begun = await rig.BeginAsync("dev/a", "fail");
        rig.Kind.ReleaseAll();
        Operation failed = await rig.EndOfAsync(begun.Id);
        Assert.Equal(["RW3003", "RW3004"], failed.Problem!.Errors.Select(error => error.Code));
        Assert.Contains("held.failed", (await rig.Ledger.ListAsync("dev/a", null)).Items.Select(row => row.Action));
    }

    [Fact]
    public async Task AFullDisk_MakesItWaitForBetterTimes()
    {
        FakeTimeProvider clock = new();
        await using OperationRig rig = await RigAsync(clock: clock);
        int attempts = 0;
        rig.Kind.Ends["full"] = run => ++attempts == 1 ? throw new IOException("No space left on device", 28) : rig.Kind.SucceedAsync(run);
        Operation begun = await rig.BeginAsync("dev/a", "full");
        rig.Kind.ReleaseAll();
        await Eventually.TrueAsync(async () =>
        {
            clock.Advance(TimeSpan.FromSeconds(5));
            return (await rig.Service.GetAsync(begun.Id)).Value.Ended;
        }, "it is tried again");
        Assert.Equal(OperationState.Succeeded, (await rig.Service.GetAsync(begun.Id)).Value.State);
        Assert.Equal(2, attempts);
    }

    [Theory]
    [MemberData(nameof(TestDatabase.Both), MemberType = typeof(TestDatabase))]
    public async Task WhatWasAcknowledgedBeforeAStop_IsWorkedOffAfterIt(string kind)
    {
        await using OperationRig rig = await RigAsync(kind);
        Operation first = await rig.BeginAsync("dev/a"), second = await rig.BeginAsync("dev/a");
        await Eventually.TrueAsync(() => rig.Kind.Started.Length == 1, "the first runs");
        await rig.StopServerAsync();
        Assert.False((await rig.Service.GetAsync(first.Id)).Value.Ended);
        rig.Kind.ReleaseAll();
        await rig.StartServerAsync();
        Assert.Equal(OperationState.Succeeded, (await rig.EndOfAsync(second.Id)).State);
        Assert.Equal([first.Id, first.Id, second.Id], rig.Kind.Started);
    }

    [Fact]
    public async Task TheSameCallTwice_IsOneOperation_AndAnotherUnderItsKeyIsRefused()
    {
        await using OperationRig rig = await RigAsync();
        Operation[] begun = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => rig.BeginAsync("dev/a", "{}", new OnceOnly("me:1", "{}"))));
        Assert.Single(begun.Select(operation => operation.Id).Distinct());
        foreach ((string target, string content) in new[] { ("dev/a", "{ }"), ("dev/b", "{}") })
            Assert.Equal("RW5203", (await rig.Service.BeginAsync("held", target, "{}", "me", new OnceOnly("me:1", content))).Problems[0].Code);
        Assert.NotEqual(begun[0].Id, (await rig.BeginAsync("dev/a", "{}", new OnceOnly("you:1", "{}"))).Id);
        rig.Kind.ReleaseAll();
        await rig.EndOfAsync(begun[0].Id);
        Assert.Equal(OperationState.Succeeded, (await rig.BeginAsync("dev/a", "{}", new OnceOnly("me:1", "{}"))).State);
    }

    [Fact]
    public async Task AWatcher_SeesEveryEndAndResumesWhereItWas()
    {
        await using OperationRig rig = await RigAsync();
        Operation begun = await rig.BeginAsync("dev/a");
        await Eventually.TrueAsync(() => rig.Kind.Started.Length == 1, "it runs");
        string? seen = null;
        await using (IAsyncEnumerator<SseItem<Operation?>> events = rig.Service.WatchAsync(begun.Id, null, Token).GetAsyncEnumerator(Token))
        {
            Assert.True(await events.MoveNextAsync());
            seen = events.Current.EventId;
        }
        Task<List<SseItem<Operation?>>> rest = RestAsync(rig, begun.Id, seen);
        rig.Kind.ReleaseAll();
        List<SseItem<Operation?>> items = await rest;
        Assert.DoesNotContain(seen, items.Select(item => item.EventId));
        Assert.Equal(OperationState.Succeeded, items[^1].Data!.State);
        Assert.Single(await RestAsync(rig, begun.Id, items[^1].EventId));
    }

    [Fact]
    public async Task IdsSortByTheirTime()
    {
        FakeTimeProvider clock = new();
        await using OperationRig rig = await RigAsync(clock: clock);
        rig.Kind.ReleaseAll();
        List<string> ids = [];
        for (int number = 0; number < 20; number++)
        {
            ids.Add((await rig.BeginAsync($"dev/{number}")).Id);
            clock.Advance(TimeSpan.FromMilliseconds(1));
        }
        Assert.Equal(ids.Order(StringComparer.Ordinal), ids);
        Assert.All(ids, id => Assert.Matches("^op_[0-9a-z]{20}$", id));
    }

    private static async Task<List<SseItem<Operation?>>> RestAsync(OperationRig rig, string id, string? seen)
    {
        List<SseItem<Operation?>> items = [];
        await foreach (SseItem<Operation?> item in rig.Service.WatchAsync(id, seen, Token))
            items.Add(item);
        return items;
    }

    private static async Task<OperationRig> RigAsync(string kind = TestDatabase.Sqlite, TimeProvider? clock = null)
    {
        OperationRig rig = await OperationRig.StartAsync(kind, clock);
        rig.Kind.Store = rig.Store;
        return rig;
    }
}
