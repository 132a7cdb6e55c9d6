using System.Collections.Immutable;
using Microsoft.Extensions.Logging.Abstractions;
using Raywright.Core.Api;
using Raywright.Core.Errors;
using Raywright.Server.Api;
using Raywright.Server.Ledger;
using Raywright.Server.Operations;
using Raywright.Server.Store;
using Raywright.Server.Tests.Hosting;
using Raywright.Server.Tests.Store;
using Xunit;

namespace Raywright.Server.Tests.Operations;

/// <summary>Operations of a kind that a test holds in its hands, without the rest of a server.</summary>
internal sealed class OperationRig : IAsyncDisposable
{
    private readonly TestDatabase database;
    private readonly TimeProvider clock;
    private OperationRunner? runner;

    private OperationRig(TestDatabase database, TimeProvider clock) => (this.database, this.clock) = (database, clock);

    public Held Kind { get; } = new();

    public DbStore Store { get; private set; } = null!;

    public LedgerService Ledger { get; private set; } = null!;

    public OperationService Service { get; private set; } = null!;

    public LiveOperations Live { get; private set; } = null!;

    public static async Task<OperationRig> StartAsync(string kind = TestDatabase.Sqlite, TimeProvider? clock = null)
    {
        OperationRig rig = new(await TestDatabase.CreateAsync(kind), clock ?? TimeProvider.System);
        rig.Store = await DbStoreTests.OpenedAsync(rig.database);
        await rig.StartServerAsync();
        return rig;
    }

    /// <summary>Another start of the server on the same database.</summary>
    public async Task StartServerAsync()
    {
        Ledger = new LedgerService(Store, clock);
        Live = new LiveOperations();
        Service = new OperationService(Store, Ledger, Live, [Kind], clock);
        runner = new OperationRunner(Service, clock, NullLogger<OperationRunner>.Instance);
        await runner.StartAsync(TestContext.Current.CancellationToken);
    }

    public async Task StopServerAsync()
    {
        await runner!.StopAsync(TestContext.Current.CancellationToken);
        runner.Dispose();
        runner = null;
    }

    public async Task<Operation> BeginAsync(string target, string request = "{}", OnceOnly? once = null) =>
        (await Service.BeginAsync("held", target, request, "me", once)).Value;

    public async Task<Operation> EndOfAsync(string id)
    {
        await TestKit.Eventually.TrueAsync(async () => (await Service.GetAsync(id)).Value.Ended, $"{id} ends");
        return (await Service.GetAsync(id)).Value;
    }

    public async ValueTask DisposeAsync()
    {
        Kind.ReleaseAll();
        if (runner is not null)
            await StopServerAsync();
        await Store.DisposeAsync();
        await database.DisposeAsync();
    }

    /// <summary>An operation that goes on only when the test says so. Its request names what it does at the end.</summary>
    internal sealed class Held : IOperationKind
    {
        private readonly System.Collections.Concurrent.ConcurrentDictionary<string, TaskCompletionSource> gates = new(StringComparer.Ordinal);
        private readonly System.Collections.Concurrent.ConcurrentQueue<string> started = [];
        private volatile bool open;

        public string Kind => "held";

        public ImmutableArray<string> Steps => ["wait", "finish"];

        /// <summary>IDs in the order in which they were begun to be worked off.</summary>
        public string[] Started => [.. started];

        /// <summary>What a run does when it is let go; by its request.</summary>
        public Dictionary<string, Func<OperationRun, Task<ImmutableArray<Problem>>>> Ends { get; } = new(StringComparer.Ordinal);

        public DbStore? Store { get; set; }

        public void Release(string id) => Gate(id).TrySetResult();

        public void ReleaseAll()
        {
            open = true;
            foreach (TaskCompletionSource gate in gates.Values)
                gate.TrySetResult();
        }

        public async Task<ImmutableArray<Problem>> RunAsync(OperationRun run, CancellationToken cancellation)
        {
            started.Enqueue(run.Id);
            Result<bool> waited = await run.StepAsync("wait", async () =>
            {
                if (!open)
                    await Gate(run.Id).Task.WaitAsync(cancellation);
                return (Result<bool>)true;
            }, _ => new("waited"));
            if (!waited.Ok)
                return waited.Problems;
            return Ends.TryGetValue(run.Request, out Func<OperationRun, Task<ImmutableArray<Problem>>>? end) ? await end(run) : await SucceedAsync(run);
        }

        public async Task<ImmutableArray<Problem>> SucceedAsync(OperationRun run)
        {
            await run.StepAsync("finish", async () =>
            {
                await Store!.WriteAsync(db => run.Succeed(db, new AppLink("done", 1), ApiJson.Default.AppLink));
                return (Result<bool>)true;
            }, _ => new("done"));
            return [];
        }

        private TaskCompletionSource Gate(string id) => gates.GetOrAdd(id, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
    }
}
