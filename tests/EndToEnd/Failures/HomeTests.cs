using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Raywright.EndToEnd.Harness;
using Raywright.TestKit;
using Xunit;

namespace Raywright.EndToEnd.Failures;

/// <summary>A port or a home that cannot be had, a disk that is full.</summary>
public sealed class HomeTests
{
    [Fact]
    public async Task APortThatIsTaken_TheNextFreeOneIsProposed_AndWorks()
    {
        await using Sandbox sandbox = new();
        string iris = sandbox.Iris();
        using TcpListener other = new(IPAddress.Loopback, sandbox.Port);
        other.Start();

        Ended refused = (await sandbox.RaywrightAsync("up", iris, "--port", sandbox.PortText)).With(1);

        refused.Saying($"error RW5001: Port {sandbox.PortText} is taken by another program.", $"Start with `--port {sandbox.Port + 1}`, which is free.");
        Assert.Empty(sandbox.Running);
        Ended up = (await sandbox.RaywrightAsync("up", iris, "--port", $"{sandbox.Port + 1}", "--detach", "--json")).With(0);
        Assert.Equal($"http://127.0.0.1:{sandbox.Port + 1}", JsonElement.Parse(up.Output).GetProperty("url").GetString());
    }

    [Fact]
    public async Task TheServerItself_ProposesAPortToo()
    {
        await using Sandbox sandbox = new();
        using TcpListener other = new(IPAddress.Loopback, sandbox.Port);
        other.Start();
        Ended refused = (await sandbox.Start(Programs.Server, "--home", sandbox.Home, "--port", sandbox.PortText).EndAsync()).With(1);
        refused.Saying("RW5001", $"--port {sandbox.Port + 1}");
    }

    [Fact]
    public async Task AHomeInUse_NamesWhoUsesIt()
    {
        await using Sandbox sandbox = new();
        Child first = sandbox.Raywright("server", "--port", sandbox.PortText);
        await Eventually.TrueAsync(() => sandbox.Announced is not null, "the first server is ready");

        Ended second = (await sandbox.RaywrightAsync("server", "--port", $"{sandbox.Port + 1}")).With(1);

        second.Saying("RW5002", $"the process {sandbox.Announced!.Pid} at {sandbox.Url}", "raywright down");
        // The first one has not suffered.
        (await sandbox.RaywrightAsync("env", "list")).With(0).Saying("dev");
        first.Signal(Signals.Terminate);
        (await first.EndAsync()).With(0);
        Assert.Empty(sandbox.Running);
    }

    [Fact]
    public async Task AHomeThatCannotBeWritten()
    {
        await using Sandbox sandbox = new();
        string home = sandbox.Combine("readonly");
        Directory.CreateDirectory(home);
        string[] line = [Programs.Cli, "up", sandbox.Iris(), "--home", home, "--port", sandbox.PortText];
        if (Environment.IsPrivilegedProcess)
        {
            // Modes mean nothing to root, so somebody else tries.
            Assert.SkipUnless(File.Exists("/usr/bin/setpriv"), "There is no setpriv to become another user with.");
            OpenForOthers(sandbox);
            line = ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", .. line];
            Ended readable = await sandbox.Start("/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", Programs.Cli, "--version").EndAsync();
            Assert.SkipUnless(readable.Status == 0, "Another user cannot run the programs where they lie.");
        }
        File.SetUnixFileMode(home, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);

        Ended refused = (await sandbox.Start(line[0], line[1..]).EndAsync()).With(1);

        refused.Saying($"error RW5003: {home} cannot be written", "Choose another folder with `--home`");
        Assert.Empty(sandbox.Running);
        File.SetUnixFileMode(home, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Fact]
    public async Task AFullDisk_IsSaid_AndWhatServesStillServes()
    {
        await using Sandbox sandbox = new();
        await using SmallDisk disk = await SmallDisk.MountAsync(sandbox, sandbox.Home, "8m");
        await sandbox.UpAsync(sandbox.Iris());
        await File.WriteAllBytesAsync(Path.Combine(sandbox.Home, "filler"), new byte[1 << 16], TestContext.Current.CancellationToken);
        await disk.FillAsync();
        byte[] large = new OnnxBuilder().Metadata("filler", new string('x', 1 << 20)).Input("x", OnnxBuilder.Float, -1, 4).Initializer("n", 1).Node("Add", ["x", "n"], ["y"]).Output("y", OnnxBuilder.Float, -1, 4).Build();
        sandbox.Model("large", large);

        Ended refused = await sandbox.RaywrightAsync("deploy", "large");

        refused.With(1).Saying("error RW5004: ", "Free space");
        (await sandbox.RaywrightAsync("query", "iris", "--example")).With(0).Saying("setosa");
        File.Delete(Path.Combine(sandbox.Home, "full"));
        (await sandbox.RaywrightAsync("deploy", "large")).With(0).Saying("large:1 serves in dev");
        (await sandbox.RaywrightAsync("ledger", "verify")).With(0).Saying("intact");
        (await sandbox.RaywrightAsync("down")).With(0);
    }

    [Fact]
    public async Task ADiskThatIsFullFromTheStart()
    {
        await using Sandbox sandbox = new();
        await using SmallDisk disk = await SmallDisk.MountAsync(sandbox, sandbox.Home, "1m");
        await disk.FillAsync();

        Ended refused = await sandbox.RaywrightAsync("up", sandbox.Iris(), "--port", sandbox.PortText);

        refused.With(1).Saying("error RW5004: ", "Free space");
        Assert.Empty(sandbox.Running);
    }

    /// <summary>Lets another user reach what the test made.</summary>
    private static void OpenForOthers(Sandbox sandbox)
    {
        const UnixFileMode all = (UnixFileMode)0x1FF;
        File.SetUnixFileMode(sandbox.Combine("."), all);
        foreach (string folder in Directory.EnumerateDirectories(sandbox.Combine("."), "*", SearchOption.AllDirectories))
            File.SetUnixFileMode(folder, all);
    }
}
