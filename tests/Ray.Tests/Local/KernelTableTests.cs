using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;
using Raywright.Ray.Local;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Ray.Tests.Local;

/// <summary>Processes, sockets and folders: what is trusted before anything is ended or removed.</summary>
[SupportedOSPlatform("linux")]
public sealed class KernelTableTests
{
    [Theory]
    [InlineData("77 (ray::f) (x) 1 2) S 1 77 70 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 3 0 987654 1000 20", 77, 70, 987654, 'S')]
    [InlineData("8 (sh) Z 1 8 8 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 55 1000 20", 8, 8, 55, 'Z')]
    public void ARow_IsReadWhateverItsNameHolds(string line, int id, int session, long started, char state)
    {
        ProcessRow row = ProcessTable.Parse(line)!.Value;
        Assert.Equal(new ProcessRow(id, started, session, state), row);
        Assert.Equal(state != 'Z', row.Lives);
    }

    [Theory]
    [InlineData("")]
    [InlineData("12 (half")]
    [InlineData("12 (half) S 1 2 3")]
    public void HalfARow_IsNone(string line) => Assert.Null(ProcessTable.Parse(line));

    [Fact]
    public void AProcess_IsKnownByItsStart()
    {
        int own = Environment.ProcessId;
        ProcessRow row = ProcessTable.Find(own)!.Value;
        Assert.True(ProcessTable.Lives(own, row.Started));
        Assert.False(ProcessTable.Lives(own, row.Started + 1));
        Assert.Contains(ProcessTable.Living(), one => one.Id == own);
        Assert.Null(ProcessTable.Find(int.MaxValue));
    }

    [Fact]
    public async Task ASignal_GoesOnlyToTheOneThatStartedThen()
    {
        using Process child = Process.Start("sleep", "1000")!;
        try
        {
            ProcessRow row = ProcessTable.Find(child.Id)!.Value;
            ProcessTable.Kill(row with { Started = row.Started + 1 });
            ProcessTable.AskToEnd(row with { Started = row.Started + 1 });
            Assert.False(child.HasExited);
            ProcessTable.AskToEnd(row);
            await child.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(128 + 15, child.ExitCode);
        }
        finally
        {
            if (!child.HasExited)
                child.Kill();
        }
    }

    [Fact]
    public async Task AVariable_IsTheWholeVariable()
    {
        using Process child = Process.Start(new ProcessStartInfo("sleep", "1000") { Environment = { [HeadProcesses.Variable] = "/tmp/rw-00000001" } })!;
        try
        {
            await Eventually.TrueAsync(() => ProcessTable.HasVariable(child.Id, Encoding.UTF8.GetBytes($"{HeadProcesses.Variable}=/tmp/rw-00000001")), "it has been started");
            Assert.False(ProcessTable.HasVariable(child.Id, Encoding.UTF8.GetBytes($"{HeadProcesses.Variable}=/tmp/rw-0000000")));
            // It is in the session of this very process, whose others are not meant.
            Assert.Equal([child.Id], new HeadProcesses("/tmp/rw-00000001", 0, 0).Living().Select(process => process.Id));
            Assert.Equal([child.Id], new HeadProcesses("/tmp/rw-00000001", child.Id, ProcessTable.Find(child.Id)!.Value.Started).Living().Select(process => process.Id));
        }
        finally
        {
            child.Kill();
        }
    }

    [Fact]
    public void Sockets_AreReadWithTheirAddress()
    {
        string[] table =
        [
            "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
            "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 111 1 0 100 0 0 10 0",
            "   1: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 222 1 0 100 0 0 10 0",
            "   2: 0100007F:1F90 0100007F:A000 01 00000000:00000000 00:00000000 00000000  1000        0 333 1 0 100 0 0 10 0",
            "   3: 0000000000000000FFFF00000100007F:1F91 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 444 1 0",
            "   4: 00000000000000000000000000000000:1F92 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 555 1 0",
            "   5: 00000000000000000000000001000000:1F93 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 666 1 0",
            "   6: 0202A8C0:1F94 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 777 1 0 100 0 0 10 0",
        ];
        ListeningSocket[] sockets = [.. ListeningSockets.Parse(table)];
        Assert.Equal(["111", "222", "444", "555", "666", "777"], sockets.Select(socket => socket.Inode));
        Assert.Equal([true, false, true, false, true, false], sockets.Select(socket => socket.IsLoopback));
        Assert.Equal([8080, 80, 8081, 8082, 8083, 8084], sockets.Select(socket => socket.Port));
        Assert.Equal("192.168.2.2:8084", sockets[^1].ToString());
    }

    [Fact]
    public void ASocket_BelongsToWhoeverHoldsIt()
    {
        using Socket own = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        own.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        own.Listen();
        int port = ((IPEndPoint)own.LocalEndPoint!).Port;
        List<ListeningSocket> all = ListeningSockets.All();
        Assert.Contains(ListeningSockets.HeldBy(all, [ProcessTable.Find(Environment.ProcessId)!.Value]), socket => socket.Port == port);
        Assert.DoesNotContain(ListeningSockets.HeldBy(all, []), socket => socket.Port == port);
    }

    [Fact]
    public void Ports_AreDifferentAndFree()
    {
        HeadPorts ports = HeadPorts.Choose();
        Assert.Equal(12, ports.All.Distinct().Count());
        Assert.False(ports.AnyTaken());
        using Socket other = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, ports.Nodes));
        other.Listen();
        Assert.True(ports.AnyTaken());
    }

    [Fact]
    public void AFolder_IsItsOwnersAlone_AndShort()
    {
        string folder = HeadFolder.Make();
        try
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
            Assert.True(HeadFolder.IsOne(folder));
            string longest = Path.Combine(HeadFolder.ForRay(folder), "session_2026-12-31_23-59-59_999999_4194304", "sockets", "plasma_store.1");
            Assert.True(longest.Length <= 107, longest);
        }
        finally
        {
            HeadFolder.Remove(folder);
        }
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public void WhereTheFirstPlaceCannotBeWritten_TheNextIsUsed()
    {
        using TemporaryFolder place = new();
        string file = place.Write("file", "");
        Assert.StartsWith(place.Path + "/rw-", HeadFolder.MakeIn([file, place.Path]), StringComparison.Ordinal);
        Assert.ThrowsAny<IOException>(() => HeadFolder.MakeIn([file]));
    }

    [Theory]
    [InlineData("/tmp/rw-0123abcd", true)]
    [InlineData("/var/tmp/rw-0123abcd", true)]
    [InlineData("/tmp/rw-0123abcd/..", false)]
    [InlineData("/tmp/rw-0123abcd\n", false)]
    [InlineData("/tmp", false)]
    [InlineData("/home/rw-0123abcd", false)]
    public void OnlyAFolderThatWeCanHaveMade_IsOne(string folder, bool ours) => Assert.Equal(ours, HeadFolder.IsOne(folder));

    [Fact]
    public void TheLog_IsReadFromItsEnd()
    {
        using TemporaryFolder place = new();
        string log = place.Write("log", string.Join('\n', Enumerable.Range(0, 5000).Select(number => $"line {number}")) + "\n\n");
        Assert.Equal("line 4994 | line 4995 | line 4996 | line 4997 | line 4998 | line 4999", HeadLog.LastWords(log));
        Assert.Equal("(it wrote nothing)", HeadLog.LastWords(place.Write("empty", "\n")));
    }
}
