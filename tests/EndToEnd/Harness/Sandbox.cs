using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Raywright.TestKit;
using Xunit;

namespace Raywright.EndToEnd.Harness;

/// <summary>
/// A person's machine of its own: a home, a working folder, a port, and the programs run there. What was started is gone when the
/// test ends, however it ends; nothing else is touched.
/// </summary>
internal sealed class Sandbox : IAsyncDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly List<Child> children = [];

    public Sandbox()
    {
        Directory.CreateDirectory(Work);
        Variables["HOME"] = folder.Combine("user");
        Variables["RAYWRIGHT_SERVER_EXE"] = Programs.ServerIsNamed ? Programs.Server : null;
        foreach (string name in new[] { "RAYWRIGHT_HOME", "RAYWRIGHT_SERVER", "RAYWRIGHT_KEY", "DISPLAY", "WAYLAND_DISPLAY", "BROWSER", "NO_COLOR" })
            Variables[name] = null;
        Directory.CreateDirectory(folder.Combine("user"));
    }

    /// <summary>Environment variables of what is started; null takes one away.</summary>
    public Dictionary<string, string?> Variables { get; } = new(StringComparer.Ordinal);

    /// <summary>Where commands are typed.</summary>
    public string Work => folder.Combine("work");

    /// <summary>The default home of commands here.</summary>
    public string Home => folder.Combine("user", ".raywright");

    public int Port { get; } = Ports.Free();

    public string PortText => Port.ToString(CultureInfo.InvariantCulture);

    public string Url => $"http://127.0.0.1:{PortText}";

    public string AdminKey => File.ReadAllText(Path.Combine(Home, "admin.key")).Trim();

    public string ServerLog => File.ReadAllText(Path.Combine(Home, "logs", "server.log"));

    /// <summary>What the server announced; null where none did.</summary>
    public ServerInfo? Announced
    {
        get
        {
            try
            {
                return JsonSerializer.Deserialize(File.ReadAllBytes(Path.Combine(Home, "server.json")), ApiJson.Default.ServerInfo);
            }
            catch (Exception e) when (e is IOException or JsonException)
            {
                return null;
            }
        }
    }

    /// <summary>What was started last and said so much.</summary>
    public Child LastStarted => children[^1];

    /// <summary>Everything that runs here and was started with this sandbox's folders.</summary>
    public int[] Running => [.. Signals.WithCommandLine(folder.Path)];

    public string Combine(params string[] parts) => folder.Combine(parts);

    /// <summary>Types <c>raywright …</c> and waits for its end.</summary>
    public Task<Ended> RaywrightAsync(params string[] arguments) => AskedAsync(null, arguments);

    /// <summary>The same with something on standard input.</summary>
    public async Task<Ended> AskedAsync(string? input, params string[] arguments)
    {
        Child child = Start(Programs.Cli, arguments);
        if (input is not null)
            await child.Input.WriteAsync(input);
        child.Input.Close();
        return await child.EndAsync();
    }

    /// <summary>Types <c>raywright …</c> and goes on.</summary>
    public Child Raywright(params string[] arguments) => Start(Programs.Cli, arguments);

    /// <summary>Types <c>raywright …</c> at a terminal of its own, where both streams are one; skips the test where none can be made.</summary>
    public Child AtTerminal(string line)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/script"), "There is no `script` to make a terminal with.");
        // `exec`, since not every shell does so by itself with the last command, and a shell that stays would die of the Ctrl-C.
        return Start("/usr/bin/script", "--quiet", "--return", "--command", $"exec {Programs.Cli} {line}", "/dev/null");
    }

    /// <summary>Runs a line in a shell, as pasted.</summary>
    public Task<Ended> ShellAsync(string line) => Start("/bin/sh", "-c", line).EndAsync();

    public Child Start(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { WorkingDirectory = Work };
        foreach ((string name, string? value) in Variables)
        {
            if (value is null)
                start.Environment.Remove(name);
            else
                start.Environment[name] = value;
        }
        Child child = new(start);
        children.Add(child);
        return child;
    }

    /// <summary><c>raywright up … --detach --json</c> on this sandbox's port; what it printed.</summary>
    public async Task<JsonElement> UpAsync(params string[] arguments)
    {
        Ended up = await RaywrightAsync(["up", .. arguments, "--detach", "--json", "--port", PortText]);
        return JsonElement.Parse(up.With(0).Output);
    }

    /// <summary>A client with the owner's key.</summary>
    public RaywrightClient Owner() => new(new Uri(Announced!.Url), AdminKey, TimeProvider.System);

    public async ValueTask DisposeAsync()
    {
        foreach (Child child in children)
            child.Kill();
        // A server that a command left behind is no child of ours any more.
        foreach (int pid in Running)
            Signals.Send(pid, Signals.Kill);
        await Eventually.TrueAsync(() => Running.Length == 0, "what the test started is gone");
        children.ForEach(child => child.Dispose());
        folder.Dispose();
    }
}
