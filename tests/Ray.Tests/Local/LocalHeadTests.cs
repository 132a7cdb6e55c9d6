using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Raywright.Core.Errors;
using Raywright.Ray.Local;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Ray.Tests.Local;

/// <summary>How a head is started, found again and ended, with a stand-in for Ray that fails on purpose.</summary>
[SupportedOSPlatform("linux")]
public sealed class LocalHeadTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AHead_GetsNoSecretsOfTheCaller()
    {
        await using FakeHead ray = new();
        ray.Variables["RAYWRIGHT_KEY"] = "rwk_secret";
        ray.Variables["AWS_SECRET_ACCESS_KEY"] = "secret";
        ray.Variables["RAY_AUTH_TOKEN"] = "another head's";
        ray.Variables["PIP_INDEX_URL"] = "https://packages.example";
        ray.Variables["https_proxy"] = "http://proxy.example:3128";
        ray.Variables["no_proxy"] = "example.org, 10.0.0.1";
        LocalHead head = await ray.StartedAsync();
        Dictionary<string, string> seen = ray.Seen.GetProperty("variables").EnumerateObject().ToDictionary(one => one.Name, one => one.Value.GetString()!);
        Assert.DoesNotContain(seen, one => one.Value.Contains("secret", StringComparison.Ordinal) || one.Value.Contains(head.Token, StringComparison.Ordinal));
        Assert.DoesNotContain("RAY_AUTH_TOKEN", seen.Keys);
        Assert.Equal("https://packages.example", seen["PIP_INDEX_URL"]);
        Assert.Equal("http://proxy.example:3128", seen["https_proxy"]);
        Assert.Equal("example.org,10.0.0.1,127.0.0.1", seen["no_proxy"]);
        Assert.StartsWith(Path.GetDirectoryName(ray.Environment.Python) + ":", seen["PATH"], StringComparison.Ordinal);
        Assert.Equal(("token", ray.Home.Token), (seen["RAY_AUTH_MODE"], seen["RAY_AUTH_TOKEN_PATH"]));
        Assert.Equal(head.Token, await File.ReadAllTextAsync(ray.Home.Token, Cancellation));
        Assert.DoesNotContain(head.Token, ray.Seen.GetProperty("arguments").GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AHead_HoldsNothingOfItsOwner()
    {
        await using FakeHead ray = new();
        LocalHead head = await ray.StartedAsync();
        // What ends the owner, a terminal that is closed or a pipe that breaks, does not end the head.
        Assert.Equal(head.ProcessId, ProcessTable.Find(head.ProcessId)!.Value.Session);
        List<string> open = ProcessTable.OpenFiles(head.ProcessId);
        Assert.Contains(ray.Home.Log, open);
        Assert.All(open, file => Assert.True(file == ray.Home.Log || file == "/dev/null" || file.Contains("socket:", StringComparison.Ordinal), file));
        await head.DisposeAsync();
        Assert.True(head.Exited.IsCanceled);
        Assert.True(ProcessTable.Lives(head.ProcessId, ray.Record.Started));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WhereAPortIsTaken_OthersAreTried_ThreeTimes(bool headDies)
    {
        await using FakeHead ray = new();
        using Socket thief = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        thief.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        thief.Listen();
        int taken = ((IPEndPoint)thief.LocalEndPoint!).Port, chosen = 0, free = 2;
        // Without its dashboard's port this head dies; with another taken it answers, as Ray does, and lacks a part.
        HeadPorts Choose() => ++chosen > free ? HeadPorts.Choose() : headDies ? HeadPorts.Choose() with { Dashboard = taken } : HeadPorts.Choose() with { Agent = taken };
        Result<LocalHead> third = await ray.StartAsync(choose: Choose);
        Assert.True(third.Ok, string.Join('\n', third.Problems));
        Assert.Equal(3, chosen);
        await third.Value.StopAsync(Cancellation);
        (chosen, free) = (0, 3);
        Assert.Equal(Catalogue.LocalHeadPorts, Assert.Single((await ray.StartAsync(choose: Choose)).Problems).Definition);
        Assert.Equal(3, chosen);
        NothingRuns(Folder(ray));
    }

    [Fact]
    public async Task AHeadThatDiesWhileItStarts_IsAProblemWithItsLastWords()
    {
        await using FakeHead ray = new();
        ray.Behaviour = "die";
        Problem problem = Assert.Single((await ray.StartAsync()).Problems);
        Assert.Equal(Catalogue.LocalHeadDied, problem.Definition);
        Assert.EndsWith("first line | the last line", problem.Detail, StringComparison.Ordinal);
        Assert.False(File.Exists(ray.Home.Record));
        Assert.False(File.Exists(ray.Home.Token));
        Assert.False(Directory.Exists(Folder(ray)));
    }

    [Fact]
    public async Task AHeadThatListensBeyondThisMachine_IsEnded()
    {
        await using FakeHead ray = new();
        ray.Behaviour = "expose";
        Problem problem = Assert.Single((await ray.StartAsync()).Problems);
        Assert.Equal(Catalogue.LocalHeadExposed, problem.Definition);
        Assert.Contains("0.0.0.0:", problem.Detail, StringComparison.Ordinal);
        NothingRuns(Folder(ray));
    }

    [Fact]
    public async Task AHeadThatNeverAnswers_IsEnded()
    {
        await using FakeHead ray = new();
        ray.Behaviour = "silent";
        Problem problem = Assert.Single((await ray.StartAsync(clock: new HurriedClock(40))).Problems);
        Assert.Equal(Catalogue.LocalHeadSilent, problem.Definition);
        NothingRuns(Folder(ray));
    }

    [Fact]
    public async Task AStartThatIsCancelled_LeavesNothing()
    {
        await using FakeHead ray = new();
        ray.Behaviour = "silent";
        using CancellationTokenSource cancel = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        Task<Result<LocalHead>> starting = ray.StartAsync(cancellation: cancel.Token);
        await Eventually.TrueAsync(() => ray.HasStarted, "the head runs");
        string folder = Folder(ray);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => starting);
        NothingRuns(folder);
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public async Task AHeadThatDoesNotListen_IsKilledWithItsJobs()
    {
        await using FakeHead ray = new();
        ray.Behaviour = "deaf";
        LocalHead head = await ray.StartedAsync(clock: new HurriedClock(20));
        List<ProcessRow> processes = HeadProcesses.Of(ray.Record).Living();
        Assert.Contains(processes, process => process.Session != head.ProcessId);
        Assert.True(await head.StopAsync(Cancellation));
        Assert.All(processes, process => Assert.False(ProcessTable.Lives(process.Id, process.Started)));
        await head.Exited;
    }

    [Fact]
    public async Task AHeadWhoseNumberACrashLost_IsEndedByTheNextStart()
    {
        await using FakeHead ray = new();
        LocalHead lost = await ray.StartedAsync();
        HeadRecord record = ray.Record;
        (record with { ProcessId = 0, Started = 0, Session = null }).Write(ray.Home);
        LocalHead next = await ray.StartedAsync();
        Assert.NotEqual(lost.ProcessId, next.ProcessId);
        NothingRuns(record.Folder);
        Assert.False(Directory.Exists(record.Folder));
    }

    [Fact]
    public async Task AHeadWithOtherSettings_IsStartedAnew_AndTheSameIsFound()
    {
        await using FakeHead ray = new();
        LocalHead one = await ray.StartedAsync(new(Cpus: 1));
        LocalHead same = await ray.StartedAsync(new(Cpus: 1));
        Assert.Equal((one.ProcessId, one.Token), (same.ProcessId, same.Token));
        LocalHead two = await ray.StartedAsync(new(Cpus: 2));
        Assert.NotEqual(one.ProcessId, two.ProcessId);
        await same.Exited;
        Assert.Contains("--num-cpus=2", ray.Seen.GetProperty("arguments").EnumerateArray().Select(one => one.GetString()));
    }

    [Fact]
    public async Task AHeadThatAnswersWithAnotherSession_IsNotUsed()
    {
        await using FakeHead ray = new();
        LocalHead one = await ray.StartedAsync();
        (ray.Record with { Session = "session_of_before" }).Write(ray.Home);
        LocalHead two = await ray.StartedAsync();
        Assert.NotEqual(one.ProcessId, two.ProcessId);
    }

    [Fact]
    public async Task AProcessThatGotANumberLater_IsLeftAlone()
    {
        await using FakeHead ray = new();
        LocalHead head = await ray.StartedAsync();
        HeadRecord record = ray.Record;
        Assert.True(await head.StopAsync(Cancellation));
        // A stranger, the first of a session, with the number that the record of a head has.
        using Process stranger = Process.Start(new ProcessStartInfo("setsid", ["sleep", "1000"]))!;
        try
        {
            await Eventually.TrueAsync(() => ProcessTable.Find(stranger.Id) is { } row && row.Session == row.Id, "it has a session");
            HeadRecord stale = record with { ProcessId = stranger.Id, Started = ProcessTable.Find(stranger.Id)!.Value.Started - 1 };
            stale.Write(ray.Home);
            Assert.True(await LocalHead.StopRecordedAsync(ray.Home.Home, FakeHead.Clock, Cancellation));
            Assert.False(stranger.HasExited);
            (stale with { Boot = "before the restart", Started = stale.Started + 1 }).Write(ray.Home);
            Assert.True(await LocalHead.StopRecordedAsync(ray.Home.Home, FakeHead.Clock, Cancellation));
            Assert.False(stranger.HasExited);
        }
        finally
        {
            stranger.Kill();
        }
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""{"boot": "x", "folder": "/home", "ports": null}""")]
    public async Task ARecordThatCannotBeRead_IsNone(string text)
    {
        await using FakeHead ray = new();
        HomeFiles.MakePrivate(ray.Home.Folder);
        await File.WriteAllTextAsync(ray.Home.Record, text, Cancellation);
        Assert.True(await LocalHead.StopRecordedAsync(ray.Home.Home, FakeHead.Clock, Cancellation));
        await ray.StartedAsync();
    }

    [Fact]
    public async Task ARecordThatNamesAFolderOfSomebody_RemovesNothing()
    {
        await using FakeHead ray = new();
        using TemporaryFolder somebody = new();
        await ray.StartedAsync();
        HeadRecord record = ray.Record;
        (record with { Folder = somebody.Path }).Write(ray.Home);
        Assert.Null(HeadRecord.Read(ray.Home));
        HeadFolder.Remove(somebody.Path);
        Assert.True(Directory.Exists(somebody.Path));
        record.Write(ray.Home);
    }

    [Fact]
    public async Task AHomeThatCannotBeWritten_IsAProblem()
    {
        await using FakeHead ray = new();
        await File.WriteAllTextAsync(ray.Home.Home, "a file where the home should be", Cancellation);
        Assert.Equal(Catalogue.LocalHeadFolder, Assert.Single((await ray.StartAsync()).Problems).Definition);
        Assert.False(ray.HasStarted);
    }

    [Fact]
    public async Task TwoWhoStartAtOnce_HaveTheSameHead()
    {
        await using FakeHead ray = new();
        LocalHead[] heads = await Task.WhenAll(ray.StartedAsync(), ray.StartedAsync());
        Assert.Equal(heads[0].ProcessId, heads[1].ProcessId);
    }

    /// <summary>The folder of the last start.</summary>
    private static string Folder(FakeHead ray) => ray.Seen.GetProperty("variables").GetProperty(HeadProcesses.Variable).GetString()!;

    private static void NothingRuns(string folder) => Assert.Empty(new HeadProcesses(folder, 0, 0).Living());
}
