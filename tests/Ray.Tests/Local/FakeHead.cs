using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text.Json;
using Raywright.Core.Errors;
using Raywright.Ray.Local;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Ray.Tests.Local;

/// <summary>
/// An environment whose <c>ray start</c> is a few lines of Python: it answers at the dashboard's port as Ray does, has a child in a
/// session of its own, and fails on purpose.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class FakeHead : IAsyncDisposable
{
    private const string Start = """
        import http.server, json, os, signal, subprocess, sys
        place = os.path.dirname(os.path.abspath(__file__))
        options = dict(a[2:].split("=", 1) for a in sys.argv if a.startswith("--") and "=" in a)
        behaviour = open(place + "/behaviour").read()
        with open(place + "/seen.next", "w") as seen:
            json.dump({"arguments": sys.argv, "variables": dict(os.environ)}, seen)
        os.rename(place + "/seen.next", place + "/seen.json")
        if behaviour == "die":
            print("\x1b[31mfirst line\x1b[0m\n\nthe \x1b[1mlast\x1b[0m line", flush=True)
            sys.exit(3)
        if behaviour == "deaf":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        token = open(os.environ["RAY_AUTH_TOKEN_PATH"]).read()
        session = "session_%d" % os.getpid()
        temp = options["temp-dir"]
        os.makedirs(temp + "/" + session)
        os.symlink(temp + "/" + session, temp + "/session_latest")
        subprocess.Popen(["sleep", "1000"], start_new_session=True)
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                known = self.headers.get("Authorization") == "Bearer " + token and behaviour != "silent"
                body = json.dumps({"session_name": session}).encode()
                self.send_response(200 if known else 401)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def log_message(self, *a):
                pass
        server = http.server.ThreadingHTTPServer(("0.0.0.0" if behaviour == "expose" else "127.0.0.1", int(options["dashboard-port"])), Handler)
        server.serve_forever()
        """;

    private readonly TemporaryFolder folder = new();

    public FakeHead()
    {
        PythonHere.Needs();
        Behaviour = "";
        // What the PATH has may be a script that changes variables before it starts the interpreter.
        string python = ProcessOutput(PythonHere.Path!, "-c", "import sys; print(sys.executable)").Trim();
        folder.Write("start.py", Start);
        Executable(folder.Write("bin/python", $"#!/bin/sh\n[ \"$1\" = -c ] && exec {python} \"$@\"\nexec {python} {folder.Combine("start.py")} \"$@\"\n"));
        Environment = new(folder.Path, folder.Combine("bin", "python"), "2.60.0", "3.11.0");
        Variables = RayVariables.OfThisProcess();
    }

    public RayEnvironment Environment { get; }

    public Dictionary<string, string> Variables { get; }

    public List<string> Told { get; } = [];

    /// <summary>A little hurried: its job, unlike Ray's, does not end by itself, and time is given to it.</summary>
    public static TimeProvider Clock { get; } = new HurriedClock(3);

    public HomeFiles Home => new(folder.Combine("home"));

    public string Behaviour { set => folder.Write("behaviour", value); }

    /// <summary>What the last start was given.</summary>
    public JsonElement Seen => JsonSerializer.Deserialize<JsonElement>(File.ReadAllText(folder.Combine("seen.json")));

    public bool HasStarted => File.Exists(folder.Combine("seen.json"));

    public Task<Result<LocalHead>> StartAsync(LocalHeadSettings? settings = null, TimeProvider? clock = null, Func<HeadPorts>? choose = null, CancellationToken? cancellation = null) =>
        LocalHead.StartAsync(new HeadStart(Environment, Home, settings ?? new LocalHeadSettings(), Variables, choose ?? HeadPorts.Choose, Told.Add, clock ?? Clock), cancellation ?? TestContext.Current.CancellationToken);

    public async Task<LocalHead> StartedAsync(LocalHeadSettings? settings = null, TimeProvider? clock = null)
    {
        Result<LocalHead> head = await StartAsync(settings, clock);
        Assert.True(head.Ok, string.Join('\n', head.Problems));
        return head.Value;
    }

    public HeadRecord Record => HeadRecord.Read(Home)!;

    public async ValueTask DisposeAsync()
    {
        await LocalHead.StopRecordedAsync(Home.Home, new HurriedClock(20), CancellationToken.None);
        folder.Dispose();
    }

    private static string ProcessOutput(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true })!;
        string said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return said;
    }

    public static void Executable(string file) => File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
}
