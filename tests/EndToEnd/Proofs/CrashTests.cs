using System.Globalization;
using Raywright.EndToEnd.Harness;
using Raywright.TestKit;
using Xunit;

namespace Raywright.EndToEnd.Proofs;

/// <summary><c>kill -9</c> of the server at random moments of a stream of deploys: nothing acknowledged is lost, nothing is half there.</summary>
public sealed class CrashTests
{
    private const int LongestRoundMilliseconds = 2500;

    [Fact]
    public async Task Killed_AnyTime_NothingAcknowledgedIsLost()
    {
        int kills = Proof.Times(6, 200), seed = Proof.Seed, done = 0;
        Random random = new(seed);
        long start = TimeProvider.System.GetTimestamp();
        TestContext.Current.TestOutputHelper?.WriteLine($"RAYWRIGHT_SEED={seed}, {kills} kills");
        await using Sandbox sandbox = new();
        DeployStream stream = new(sandbox, seed);
        CrashAudit audit = new(sandbox, stream);
        try
        {
            await StartAsync(sandbox);
            for (; done < kills; done++)
            {
                await KillDuringAsync(sandbox, stream, random);
                Age(sandbox);
                await StartAsync(sandbox);
                await audit.RunAsync(TestContext.Current.CancellationToken);
                Assert.True(!audit.Findings.Any(), $"After kill {done + 1} with RAYWRIGHT_SEED={seed}:\n{string.Join('\n', audit.Findings)}\n{Tail(sandbox)}");
                if ((done + 1) % 20 == 0)
                    TestContext.Current.TestOutputHelper?.WriteLine($"{done + 1} kills, {stream.All.Count} operations acknowledged");
            }
            (await sandbox.RaywrightAsync("ledger", "verify")).With(0).Saying("intact");
            Assert.True(stream.All.Count > kills, "the stream of deploys did not flow");
        }
        finally
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"{done} kills, {stream.All.Count} operations acknowledged, {audit.Lost.Count} lost, {audit.HalfVisible.Count} half visible");
            if (Proof.Full)
                Keep(seed, done, stream, audit, TimeProvider.System.GetElapsedTime(start));
        }
    }

    /// <summary>Lets deploys flow and kills the server: at once after an acknowledgement, or at any moment.</summary>
    private static async Task KillDuringAsync(Sandbox sandbox, DeployStream stream, Random random)
    {
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        int server = sandbox.Announced!.Pid;
        TaskCompletionSource heard = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int wanted = random.Next(1, 8);
        stream.Heard = () =>
        {
            if (Interlocked.Decrement(ref wanted) == 0)
                heard.TrySetResult();
        };
        Task flowing = stream.RunAsync(over.Token);
        bool afterOne = random.Next(2) == 0;
        if (afterOne)
            await Task.WhenAny(heard.Task, flowing);
        // The moment itself is what is random here; nothing is waited for.
        await Task.Delay(TimeSpan.FromMilliseconds(random.Next(afterOne ? 40 : LongestRoundMilliseconds)), TimeProvider.System, over.Token);
        int[] children = Signals.ChildrenOf(server);
        Assert.True(Signals.IsAlive(server), "The server died by itself.");
        Signals.Send(server, Signals.Kill);
        await Eventually.TrueAsync(() => !Signals.IsAlive(server), "the server is dead");
        await over.CancelAsync();
        await flowing;
        await Eventually.TrueAsync(() => !children.Any(Signals.IsAlive), "trial runs end with the server that started them");
    }

    private static async Task StartAsync(Sandbox sandbox)
    {
        Child server = sandbox.Start(Programs.Server, "--home", sandbox.Home, "--port", sandbox.PortText);
        await Eventually.TrueAsync(() => server.HasExited || sandbox.Announced?.Pid == server.Id, "the server has started");
        if (server.HasExited)
            Assert.Fail($"The server does not start any more: {await server.EndAsync()}");
    }

    /// <summary>As if days had passed: what nothing refers to is now old enough to be cleared away.</summary>
    private static void Age(Sandbox sandbox)
    {
        string blobs = Path.Combine(sandbox.Home, "blobs");
        if (!Directory.Exists(blobs))
            return;
        DateTime before = TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-3);
        foreach (string file in Directory.EnumerateFiles(blobs, "*", SearchOption.AllDirectories))
            File.SetLastWriteTimeUtc(file, before);
    }

    private static string Tail(Sandbox sandbox) => string.Join('\n', sandbox.LastStarted.Output.Split('\n').TakeLast(40));

    private static void Keep(int seed, int kills, DeployStream stream, CrashAudit audit, TimeSpan duration) => Proof.Keep(
        "crash.md",
        """
        # Kills

        `kill -9` of the server at random moments while deploys of alternating versions, deletes and versions that fail their
        tests flow into four endpoints. After each restart: every acknowledged operation has ended as it had to, each endpoint
        serves and answers what the last operation brought, files and rows are whole, the ledger is intact.
        `RAYWRIGHT_PROVE=1 dotnet run --project tests/EndToEnd -- -class '*CrashTests'`, with `RAYWRIGHT_SEED` to repeat one.
        """,
        ("seed", Text(seed)), ("kills", Text(kills)), ("acknowledged", Text(stream.All.Count)), ("lost", Text(audit.Lost.Count)),
        ("half visible", Text(audit.HalfVisible.Count)), ("minutes", duration.TotalMinutes.ToString("0.0", CultureInfo.InvariantCulture)));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
