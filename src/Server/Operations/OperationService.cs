using System.Collections.Immutable;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Raywright.Core;
using Raywright.Core.Api;
using Raywright.Core.Bodies;
using Raywright.Core.Errors;
using Raywright.Gateway.Access;
using Raywright.Server.Api;
using Raywright.Server.Ledger;
using Raywright.Server.Store;

namespace Raywright.Server.Operations;

/// <summary>
/// Long operations: begun in one write with their ledger row, worked off by <see cref="OperationRunner"/> one at a time a target,
/// watched by anybody. What was acknowledged is worked off, however often the server dies.
/// </summary>
public sealed class OperationService(DbStore store, LedgerService ledger, LiveOperations live, IEnumerable<IOperationKind> kinds, TimeProvider clock)
{
    private const int PageSize = 100;
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    /// <summary>Tells apart the numbers of changes before and after a restart.</summary>
    private readonly string epoch = clock.NowMicros().ToString("x", System.Globalization.CultureInfo.InvariantCulture);

    private long lastId;

    /// <summary>Told of each operation that is to be worked off.</summary>
    internal Action<OperationRun>? Begun { get; set; }

    /// <summary>Acknowledges an operation: from here on it happens.</summary>
    /// <param name="kind">What to do.</param>
    /// <param name="target">To what.</param>
    /// <param name="request">JSON by kind.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="once">Where the caller may repeat the call.</param>
    /// <param name="note">Why, in the caller's words.</param>
    public async Task<Result<Operation>> BeginAsync(string kind, string target, string request, string actor, OnceOnly? once, string? note = null)
    {
        string? digest = once is null ? null : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{kind} {target} {once.Content}")));
        Operation fresh = Pending(NewId(), kind, target, actor, clock.NowMicros());
        Result<(Operation Operation, bool New)> begun = await store.WriteAsync<Result<(Operation, bool)>>(async db =>
        {
            if (once is not null && await db.Set<OperationRow>().FirstOrDefaultAsync(row => row.OnceKey == once.Key) is { } known)
                return known.OnceDigest == digest ? (Read(known), false) : once.Reused();
            db.Add(new OperationRow
            {
                Id = fresh.Id,
                Kind = kind,
                Target = target,
                State = OperationState.Pending,
                Actor = actor,
                Request = request,
                Steps = JsonSerializer.Serialize(fresh.Steps, ApiJson.Default.ImmutableArrayOperationStep),
                CreatedAt = fresh.CreatedAt,
                OnceKey = once?.Key,
                OnceDigest = digest,
            });
            ledger.Append(db, actor, $"{kind}.asked", target, note ?? $"{kind} of {target} asked for", $$"""{"operation":"{{fresh.Id}}"}""");
            return (fresh, true);
        });
        if (!begun.Ok)
            return begun.Problems;
        if (begun.Value.New)
            Start(fresh, request);
        return Overlay(begun.Value.Operation);
    }

    /// <summary>The same for a caller who may not know of all targets.</summary>
    public async Task<Result<Operation>> GetAsync(string id, KeyEntry caller) =>
        await GetAsync(id) is { Ok: true } found && Reaches(caller, found.Value.Target) ? found : Unknown(id);

    public async Task<Result<Operation>> GetAsync(string id)
    {
        if (live.Find(id) is { } run)
            return run.Current;
        OperationRow? row = await store.ReadAsync(db => db.Set<OperationRow>().FirstOrDefaultAsync(row => row.Id == id));
        return row is null ? Unknown(id) : Read(row);
    }

    /// <summary>Newest first; of the latest those whose target the caller may know of.</summary>
    public async Task<Page<Operation>> ListAsync(KeyEntry caller)
    {
        List<OperationRow> rows = await store.ReadAsync(db => db.Set<OperationRow>().OrderByDescending(row => row.Id).Take(PageSize).ToListAsync());
        return new([.. rows.Where(row => Reaches(caller, row.Target)).Select(row => Overlay(Read(row)))]);
    }

    /// <summary>Newest first: those of a state, those whose target has a text in it, those before another one.</summary>
    /// <param name="caller">Sees only those whose target it may know of.</param>
    /// <param name="state">One that runs is kept as pending, so that both are looked up among those that have not ended.</param>
    /// <param name="target">A part of the target.</param>
    /// <param name="before">ID of the operation after which an earlier page ended.</param>
    public async Task<Page<Operation>> SearchAsync(KeyEntry caller, OperationState? state, string? target, string? before)
    {
        List<OperationRow> rows = await store.ReadAsync(db =>
        {
            IQueryable<OperationRow> found = db.Set<OperationRow>();
            if (state is OperationState.Pending or OperationState.Running or OperationState.WaitingForPerson)
                found = found.Where(row => row.EndedAt == null);
            else if (state is { } ended)
                found = found.Where(row => row.State == ended);
            if (target is not null)
                found = found.Where(row => row.Target.Contains(target));
            if (before is not null)
                found = found.Where(row => row.Id.CompareTo(before) < 0);
            return found.OrderByDescending(row => row.Id).Take(PageSize + 1).ToListAsync();
        });
        string? next = rows.Count > PageSize ? rows[PageSize - 1].Id : null;
        return new([.. rows.Take(PageSize).Where(row => Reaches(caller, row.Target)).Select(row => Overlay(Read(row))).Where(one => state is null || one.State == state)], next);
    }

    /// <summary>The newest ones on a model, wherever: in all environments, and on the model itself.</summary>
    public async Task<ImmutableArray<Operation>> AboutAsync(string model, KeyEntry caller, int most)
    {
        string anywhere = $"/{model}";
        List<OperationRow> rows = await store.ReadAsync(db => db.Set<OperationRow>()
            .Where(row => row.Target == model || row.Target.EndsWith(anywhere)).OrderByDescending(row => row.Id).Take(most).ToListAsync());
        return [.. rows.Where(row => Reaches(caller, row.Target)).Select(row => Overlay(Read(row)))];
    }

    /// <summary>The newest ones on a target, newest first.</summary>
    public async Task<ImmutableArray<Operation>> RecentAsync(string target, int most)
    {
        List<OperationRow> rows = await store.ReadAsync(db => db.Set<OperationRow>().Where(row => row.Target == target).OrderByDescending(row => row.Id).Take(most).ToListAsync());
        return [.. rows.Select(row => Overlay(Read(row)))];
    }

    /// <summary>Stops an operation that has not yet done what it is for.</summary>
    public async Task<Result<Operation>> CancelAsync(string id, CancellationToken cancellation)
    {
        if (live.Find(id) is { } run)
        {
            await run.Cancellation.CancelAsync();
            (Operation now, _, Task next) = run.Look();
            while (!now.Ended)
            {
                await next.WaitAsync(cancellation);
                (now, _, next) = run.Look();
            }
            return now;
        }
        return await GetAsync(id);
    }

    /// <summary>The operation now, unless <paramref name="seen"/> is that event's ID, and after each change until it has ended. Null items are heartbeats.</summary>
    internal async IAsyncEnumerable<SseItem<Operation?>> WatchAsync(string id, string? seen, [EnumeratorCancellation] CancellationToken cancellation)
    {
        if (live.Find(id) is not { } run)
        {
            yield return new SseItem<Operation?>((await GetAsync(id)).Value, null) { EventId = $"{epoch}-end" };
            yield break;
        }
        while (true)
        {
            (Operation now, long change, Task next) = run.Look();
            string eventId = $"{epoch}-{change}";
            if (eventId != seen)
                yield return new SseItem<Operation?>(now, null) { EventId = eventId };
            if (now.Ended)
                yield break;
            seen = eventId;
            if (await Task.WhenAny(next, Task.Delay(Heartbeat, clock, cancellation)) != next)
            {
                cancellation.ThrowIfCancellationRequested();
                yield return new SseItem<Operation?>(null);
            }
        }
    }

    /// <summary>Takes up what was acknowledged before this server started.</summary>
    internal async Task ResumeAsync()
    {
        List<OperationRow> rows = await store.ReadAsync(db => db.Set<OperationRow>()
            .Where(row => row.State == OperationState.Pending || row.State == OperationState.Running).OrderBy(row => row.Id).ToListAsync());
        foreach (OperationRow row in rows)
            Start(Pending(row.Id, row.Kind, row.Target, row.Actor, row.CreatedAt), row.Request);
    }

    /// <summary>What was asked in operations of these kinds that have not ended; JSON by kind.</summary>
    internal Task<List<string>> UnfinishedAsync(params string[] of) => store.ReadAsync(db => db.Set<OperationRow>()
        .Where(row => row.EndedAt == null && of.Contains(row.Kind)).Select(row => row.Request).ToListAsync());

    /// <summary>What was asked in the newest operation of a kind that succeeded on a target with a result that has this word; JSON by kind.</summary>
    internal Task<string?> AskedAsync(string kind, string target, string word)
    {
        string quoted = $"\"{word}\"";
        return store.ReadAsync(db => db.Set<OperationRow>()
            .Where(row => row.Target == target && row.Kind == kind && row.State == OperationState.Succeeded && row.Result!.Contains(quoted))
            .OrderByDescending(row => row.Id).Select(row => (string?)row.Request).FirstOrDefaultAsync());
    }

    /// <summary>Works one off to its end. Where the server stops meanwhile, it throws and leaves the operation as it was acknowledged.</summary>
    internal async Task RunAsync(OperationRun run, CancellationToken stopping)
    {
        IOperationKind kind = kinds.Single(candidate => candidate.Kind == run.Current.Kind);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(run.Cancellation.Token, stopping);
        ImmutableArray<Problem> problems;
        try
        {
            either.Token.ThrowIfCancellationRequested();
            // From its start, also where an attempt went before.
            run.Show(Pending(run.Id, run.Current.Kind, run.Target, run.Actor, run.Current.CreatedAt) with { State = OperationState.Running });
            problems = await kind.RunAsync(run, either.Token);
        }
        catch (OperationCanceledException) when (run.Cancellation.IsCancellationRequested && !stopping.IsCancellationRequested)
        {
            problems = [new(Catalogue.OperationCancelled, $"The {run.Current.Kind} of {run.Target} was cancelled.")];
        }
        // What failed because the server is stopping has not failed.
        if (!problems.IsEmpty)
            stopping.ThrowIfCancellationRequested();
        if (problems.IsEmpty)
            await ShowSavedAsync(run);
        else
            await FailAsync(run, problems);
    }

    internal async Task FailAsync(OperationRun run, ImmutableArray<Problem> problems)
    {
        bool cancelled = problems[0].Definition == Catalogue.OperationCancelled;
        Operation done = run.Finished(cancelled ? OperationState.Cancelled : OperationState.Failed) with { Problem = ProblemWriter.Details(problems) };
        bool saved = await store.WriteAsync(async db =>
        {
            // What failed after it had succeeded was only told too late.
            if (!await db.Set<OperationRow>().AnyAsync(row => row.Id == run.Id && row.EndedAt == null))
                return false;
            await OperationRun.SaveAsync(db, done);
            ledger.Append(db, run.Actor, $"{done.Kind}.{(cancelled ? "cancelled" : "failed")}", run.Target, problems[0].Detail, $$"""{"operation":"{{run.Id}}","code":"{{problems[0].Code}}"}""");
            return true;
        });
        if (saved)
            End(run, done);
        else
            await ShowSavedAsync(run);
    }

    private async Task ShowSavedAsync(OperationRun run)
    {
        OperationRow row = await store.ReadAsync(db => db.Set<OperationRow>().SingleAsync(row => row.Id == run.Id));
        End(run, Read(row));
    }

    private void End(OperationRun run, Operation done)
    {
        run.Show(done);
        live.Remove(run);
    }

    private void Start(Operation operation, string request)
    {
        OperationRun run = new(operation, request, clock);
        live.Add(run);
        Begun?.Invoke(run);
    }

    private Operation Overlay(Operation kept) => live.Find(kept.Id)?.Current ?? kept;

    private Operation Pending(string id, string kind, string target, string actor, long at)
    {
        ImmutableArray<string> steps = kinds.Single(candidate => candidate.Kind == kind).Steps;
        return new(id, kind, target, OperationState.Pending, [.. steps.Select(step => new OperationStep(step, OperationState.Pending))], at, Actor: actor);
    }

    /// <summary>A target is an endpoint, or a model in all environments.</summary>
    private static bool Reaches(KeyEntry caller, string target) =>
        caller.Endpoints.IsDefaultOrEmpty || (target.Split('/') is [var environment, var model] && caller.Reaches(environment, model));

    private static Problem Unknown(string id) => new(Catalogue.NotFound, $"There is no operation {id}.");

    private static Operation Read(OperationRow row) => new(
        row.Id, row.Kind, row.Target, row.State,
        JsonSerializer.Deserialize(row.Steps, ApiJson.Default.ImmutableArrayOperationStep),
        row.CreatedAt, row.EndedAt,
        row.Result is null ? null : JsonElement.Parse(row.Result),
        row.Problem is null ? null : JsonSerializer.Deserialize(row.Problem, ApiJson.Default.ProblemDetails),
        row.Actor);

    /// <summary><c>op_</c>, ten characters of the time in milliseconds, ten random ones.</summary>
    private string NewId()
    {
        const string alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
        long time, last;
        do
        {
            last = Interlocked.Read(ref lastId);
            // After a restart operations go on in the order of their IDs, so two of one millisecond must not be left to chance.
            time = Math.Max(clock.NowMicros() / 1000, last + 1);
        }
        while (Interlocked.CompareExchange(ref lastId, time, last) != last);
        Span<char> text = stackalloc char[10];
        for (int index = 9; index >= 0; index--, time >>= 5)
            text[index] = alphabet[(int)(time & 31)];
        return $"op_{text}{RandomNumberGenerator.GetString(alphabet, 10)}";
    }
}
