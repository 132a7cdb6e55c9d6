using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Raywright.EndToEnd.Harness;
using Raywright.TestKit;
using Xunit;

namespace Raywright.EndToEnd.Proofs;

/// <summary>
/// The process of a Python model is killed again and again while clients ask without pause. Only what it was working on may fail,
/// it is back within two seconds, and nothing of it is left.
/// </summary>
public sealed class ChildCrashTests
{
    private const int Clients = 8;
    private const string Code = """
        class Model:
            def predict(self, inputs):
                return {"y": [x + 1 for x in inputs["x"]]}
        """;

    private const string Spec = """
        model: adding
        source: model.py
        inputs: [{ name: x, type: float64, shape: [-1] }]
        outputs: [{ name: y, type: float64, shape: [-1] }]
        """;

    private static readonly TimeSpan Allowed = TimeSpan.FromSeconds(2);
    private static readonly byte[] Question = Encoding.UTF8.GetBytes("""{"inputs":{"x":41}}""");

    [Fact]
    public async Task Killed_UnderLoad_OnlyWhatWasInFlightFails()
    {
        PythonHere.Needs();
        int kills = Proof.Times(10, 500);
        await using Sandbox sandbox = new();
        Directory.CreateDirectory(Path.Combine(sandbox.Work, "adding"));
        await File.WriteAllTextAsync(Path.Combine(sandbox.Work, "adding", "model.py"), Code, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(sandbox.Work, "adding", "raywright.yaml"), Spec, TestContext.Current.CancellationToken);
        await sandbox.UpAsync(Path.Combine(sandbox.Work, "adding"));
        int server = sandbox.Announced!.Pid;
        string folder = RunFolderOf(Assert.Single(Signals.ChildrenOf(server)));
        Load load = new(sandbox);
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        Task[] clients = [.. Enumerable.Range(0, Clients).Select(_ => Task.Run(() => load.AskAsync(over.Token), over.Token))];

        List<(long At, long Gone, TimeSpan Back)> killed = [];
        for (int kill = 0; kill < kills; kill++)
        {
            long answers = load.Answers;
            await Eventually.TrueAsync(() => load.Answers > answers + (2 * Clients), "requests are answered");
            int child = Assert.Single(Signals.ChildrenOf(server));
            long at = TimeProvider.System.GetTimestamp();
            Signals.Send(child, Signals.Kill);
            // Its main thread may be gone before the one that answers: only when the server has collected it is nothing left of it.
            await Eventually.TrueAsync(() => !Directory.Exists($"/proc/{child}"), "it is gone");
            long gone = TimeProvider.System.GetTimestamp();
            await Eventually.TrueAsync(() => load.LastAsked > gone, "it answers again");
            killed.Add((at, gone, TimeProvider.System.GetElapsedTime(at, load.FirstAnsweredAfter(gone))));
        }
        await over.CancelAsync();
        await Task.WhenAll(clients);

        TimeSpan longest = killed.Max(one => one.Back);
        string[] unexpected = [.. load.Failures.Where(failure => !killed.Any(one => failure.Asked <= one.Gone && failure.Answered >= one.At)).Select(failure => failure.Text)];
        TestContext.Current.TestOutputHelper?.WriteLine($"{kills} kills, {load.Answers} answers, {load.Failures.Count} failed in flight, {unexpected.Length} others; longest {longest.TotalSeconds:0.00} s");
        if (Proof.Full)
            Keep(kills, load, unexpected.Length, longest, killed);
        Assert.Empty(unexpected);
        // One call is in flight on a replica; each of its requests is asked again by itself.
        Assert.True(load.Failures.Count <= kills * Clients, string.Join('\n', load.Failures.Take(5).Select(failure => failure.Text)));
        Ended down = await sandbox.RaywrightAsync("down");
        down.With(0);
        Assert.Empty(Signals.WithCommandLine(sandbox.Home));
        Assert.False(Directory.Exists(folder), $"{folder} is left");
    }

    /// <summary>Where the children of its server have their sockets: each has a folder there, and is told the one that controls it.</summary>
    private static string RunFolderOf(int child) =>
        Path.GetDirectoryName(Path.GetDirectoryName(File.ReadAllText($"/proc/{child}/cmdline").TrimEnd('\0').Split('\0')[^1]))!;

    private static void Keep(int kills, Load load, int unexpected, TimeSpan longest, List<(long At, long Gone, TimeSpan Back)> killed) => Proof.Keep(
        "children.md",
        """
        # Kills of a model's process

        `kill -9` of the only process of a Python model while 8 clients with a kept-alive connection each ask without pause, server and
        clients on one machine. Only a request that was sent before the kill and ended after it may fail. Back: from the kill to the next
        answer to a request that was asked after it; it includes the start of Python and the import of the model.
        `RAYWRIGHT_PROVE=1 dotnet run --project tests/EndToEnd -- -class '*ChildCrashTests'`
        """,
        ("kills", Text(kills)), ("answers", Text(load.Answers)), ("failed in flight", Text(load.Failures.Count - unexpected)), ("failed otherwise", Text(unexpected)),
        ("back, median s", Seconds(killed.Select(one => one.Back).Order().ElementAt(killed.Count / 2))), ("back, longest s", Seconds(longest)), ("over 2 s", Text(killed.Count(one => one.Back > Allowed))));

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture);

    /// <summary>Clients that ask, and what became of it.</summary>
    private sealed class Load(Sandbox sandbox)
    {
        private readonly ConcurrentQueue<(long Asked, long Answered)> recent = [];
        private long answers;
        private long lastAsked;

        public long Answers => Interlocked.Read(ref answers);

        /// <summary>When the request was asked that was answered last.</summary>
        public long LastAsked => Interlocked.Read(ref lastAsked);

        public ConcurrentQueue<(long Asked, long Answered, string Text)> Failures { get; } = [];

        public long FirstAnsweredAfter(long moment)
        {
            long first = recent.Where(one => one.Asked > moment).Min(one => one.Answered);
            recent.Clear();
            return first;
        }

        public async Task AskAsync(CancellationToken cancellation)
        {
            using HttpClient http = new(new SocketsHttpHandler { MaxConnectionsPerServer = 1, UseProxy = false });
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", sandbox.AdminKey);
            while (!cancellation.IsCancellationRequested)
            {
                using ByteArrayContent question = new(Question);
                question.Headers.ContentType = new MediaTypeHeaderValue("application/json");
                long asked = TimeProvider.System.GetTimestamp();
                using HttpResponseMessage response = await http.PostAsync($"{sandbox.Url}/serve/dev/predict/adding", question, CancellationToken.None);
                string body = await response.Content.ReadAsStringAsync(CancellationToken.None);
                long answered = TimeProvider.System.GetTimestamp();
                if (!response.IsSuccessStatusCode)
                {
                    Failures.Enqueue((asked, answered, $"{(int)response.StatusCode} {body}"));
                    continue;
                }
                Assert.Contains("42", body, StringComparison.Ordinal);
                recent.Enqueue((asked, answered));
                Interlocked.Exchange(ref lastAsked, asked);
                Interlocked.Increment(ref answers);
            }
        }
    }
}
