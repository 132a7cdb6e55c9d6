using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Raywright.Core.Errors;
using Raywright.Ray.Dashboard;
using Raywright.Ray.Local;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Ray.Tests.Local;

/// <summary>Local Ray with Ray itself. A head takes seconds to start and more than a gigabyte: few of them, each looked at from all sides.</summary>
[SupportedOSPlatform("linux")]
[Collection(RayHere.OneAtATime)]
public sealed class RealHeadTests
{
    private static readonly LocalHeadSettings Small = new(Cpus: 1, Gpus: 0, ObjectStoreBytes: 100_000_000);
    private static readonly HttpClient Client = new(new SocketsHttpHandler { UseProxy = false });
    private readonly List<string> told = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AHead_AnswersItsOwnerAlone_IsFoundAgain_AndLeavesNothing()
    {
        RayHere.Needs();
        using TemporaryFolder home = new();
        RayEnvironment environment = (await RayEnvironment.FindAsync(RayHere.Environment, home.Path, Cancellation)).Value;
        try
        {
            LocalHead head = await StartAsync(environment, home.Path);
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(head, head.Token));
            Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(head, null));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(home.Combine("ray", "head.token")));
            HeadRecord record = HeadRecord.Read(new HomeFiles(home.Path))!;
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(record.Folder));
            await RunAJobAsync(head);
            OnlyLoopback(record);

            // Its owner is gone without a word; the next one finds it.
            await head.DisposeAsync();
            LocalHead again = await StartAsync(environment, home.Path);
            Assert.Equal((head.ProcessId, head.Session, head.Token, head.Serve), (again.ProcessId, again.Session, again.Token, again.Serve));
            Assert.False(again.Exited.IsCompleted);

            List<ProcessRow> processes = HeadProcesses.Of(record).Living();
            Assert.Contains(processes, process => process.Session != head.ProcessId);
            long stopping = TimeProvider.System.GetTimestamp();
            Assert.True(await again.StopAsync(Cancellation));
            TestContext.Current.TestOutputHelper?.WriteLine($"stopped after {TimeProvider.System.GetElapsedTime(stopping).TotalSeconds:0.0} s");
            Assert.All(processes, process => Assert.False(ProcessTable.Lives(process.Id, process.Started), $"{process} still runs."));
            Assert.DoesNotContain(ProcessTable.Living(), process => process.Session == head.ProcessId);
            Assert.False(Directory.Exists(record.Folder));
            Assert.False(File.Exists(home.Combine("ray", "head.json")));
            await again.Exited;
        }
        finally
        {
            await LocalHead.StopRecordedAsync(home.Path, TimeProvider.System, CancellationToken.None);
        }
    }

    [Fact]
    public async Task TwoHomes_HaveTwoHeads_AndOneThatDies_IsReplaced()
    {
        RayHere.Needs();
        using TemporaryFolder one = new(), two = new();
        RayEnvironment environment = (await RayEnvironment.FindAsync(RayHere.Environment, one.Path, Cancellation)).Value;
        try
        {
            LocalHead[] heads = await Task.WhenAll(StartAsync(environment, one.Path), StartAsync(environment, two.Path));
            Assert.NotEqual(heads[0].Session, heads[1].Session);
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(heads[1], heads[1].Token));
            Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(heads[1], heads[0].Token));

            HeadRecord first = HeadRecord.Read(new HomeFiles(one.Path))!;
            ProcessTable.Kill(ProcessTable.Find(heads[0].ProcessId)!.Value);
            await heads[0].Exited;
            LocalHead next = await StartAsync(environment, one.Path);
            Assert.NotEqual(heads[0].Session, next.Session);
            Assert.Empty(HeadProcesses.Of(first).Living());
            Assert.False(Directory.Exists(first.Folder));

            // The one that was let go of first stops what it started, and that is gone: the next stays.
            Assert.True(await heads[0].StopAsync(Cancellation));
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(next, next.Token));
            Assert.True(await LocalHead.StopRecordedAsync(one.Path, TimeProvider.System, Cancellation));
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(heads[1], heads[1].Token));
        }
        finally
        {
            await LocalHead.StopRecordedAsync(one.Path, TimeProvider.System, CancellationToken.None);
            await LocalHead.StopRecordedAsync(two.Path, TimeProvider.System, CancellationToken.None);
        }
    }

    [Fact]
    public async Task APortThatSomebodyTakes_IsGivenUp()
    {
        RayHere.Needs();
        using TemporaryFolder home = new();
        RayEnvironment environment = (await RayEnvironment.FindAsync(RayHere.Environment, home.Path, Cancellation)).Value;
        using Socket thief = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        thief.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        thief.Listen();
        int taken = ((IPEndPoint)thief.LocalEndPoint!).Port, chosen = 0;
        // Ray goes on without this one, and nobody ever answers.
        HeadPorts Choose() => chosen++ > 0 ? HeadPorts.Choose() : HeadPorts.Choose() with { Store = taken };
        try
        {
            HeadStart start = new(environment, new HomeFiles(home.Path), Small, RayVariables.OfThisProcess(), Choose, told.Add, TimeProvider.System);
            Result<LocalHead> head = await LocalHead.StartAsync(start, Cancellation);
            Assert.True(head.Ok, string.Join('\n', head.Problems));
            Assert.Equal(2, chosen);
            Assert.Contains(told, line => line.Contains("2 of 3", StringComparison.Ordinal));
            Assert.True(await head.Value.StopAsync(Cancellation));
        }
        finally
        {
            await LocalHead.StopRecordedAsync(home.Path, TimeProvider.System, CancellationToken.None);
        }
    }

    private async Task<LocalHead> StartAsync(RayEnvironment environment, string home)
    {
        long begin = TimeProvider.System.GetTimestamp();
        Result<LocalHead> head = await LocalHead.StartAsync(environment, home, Small, line => { lock (told) told.Add(line); }, TimeProvider.System, Cancellation);
        Assert.True(head.Ok, string.Join('\n', head.Problems));
        TestContext.Current.TestOutputHelper?.WriteLine($"a head after {TimeProvider.System.GetElapsedTime(begin).TotalSeconds:0.0} s");
        return head.Value;
    }

    private static async Task<HttpStatusCode> StatusAsync(LocalHead head, string? token)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, new Uri(head.Dashboard, "/api/version"));
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using HttpResponseMessage answer = await Client.SendAsync(request, Cancellation);
        return answer.StatusCode;
    }

    /// <summary>A job has a session of its own, and what it starts too.</summary>
    private static async Task RunAJobAsync(LocalHead head)
    {
        using HttpClient client = new() { BaseAddress = head.Dashboard };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", head.Token);
        DashboardClient dashboard = new(client, TimeProvider.System);
        Result<string> job = new Problem(Catalogue.ClusterPending, "It was not asked.");
        // A node takes jobs a moment after the dashboard answers.
        await Eventually.TrueAsync(
            async () => (job = await dashboard.SubmitJobAsync(new JobRequest("python -c 'import time; time.sleep(1000)'"), Cancellation)).Ok,
            () => $"a node takes the job: {job.Problems[0]}");
        await Eventually.TrueAsync(async () => (await dashboard.JobAsync(job.Value, Cancellation)).Value.Status == JobStatus.Running, "the job runs");
    }

    private static void OnlyLoopback(HeadRecord record)
    {
        List<ListeningSocket> sockets = ListeningSockets.HeldBy(ListeningSockets.All(), HeadProcesses.Of(record).Living());
        Assert.Contains(sockets, socket => socket.Port == record.Ports.Dashboard);
        Assert.Contains(sockets, socket => socket.Port == record.Ports.Store);
        Assert.All(sockets, socket => Assert.True(socket.IsLoopback, $"{socket} can be reached from other machines."));
    }
}
