using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Engine.Tests.Python;

/// <summary>Models that want to harm: each attempt fails inside the child, and the engine goes on.</summary>
public sealed class ConfinementTests
{
    private const string Attempts = """
        import os, socket, subprocess, ctypes
        def fork(): os.fork()
        def bomb():
            while True: os.fork()
        def run(): subprocess.run(["/bin/true"])
        def inside_shell(): os.system("true") == 0 or 1 / 0
        def internet(): socket.create_connection(("127.0.0.1", 1), 1)
        def datagram(): socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        def unix(): socket.socket(socket.AF_UNIX).connect("/var/run/anything")
        def home(): open(SECRET).read()
        def shadow(): open("/etc/shadow").read()
        def listing(): os.listdir(os.path.dirname(SECRET))
        def write(): open(os.path.join(FOLDER, "new"), "w")
        def parent(): os.kill(os.getppid(), 9)
        def allocate(): bytearray(10 << 30)
        def files(): [open("/dev/null") for _ in range(5000)]
        def trace(): ctypes.CDLL(None, use_errno=True).ptrace(16, os.getppid(), 0, 0) == 0 or 1 / 0
        ALL = [fork, bomb, run, inside_shell, internet, datagram, unix, home, shadow, listing, write, parent, allocate, files, trace]
        class Model:
            def load(self, folder):
                global FOLDER, SECRET
                FOLDER, SECRET = folder, os.path.join(os.path.dirname(folder), "secret")
            def predict(self, inputs):
                try:
                    ALL[int(inputs["x"][0])]()
                except BaseException as error:
                    print(ALL[int(inputs["x"][0])].__name__, type(error).__name__, error)
                    return {"y": [0]}
                return {"y": [1]}
        """;

    /// <summary>What holds each attempt back, in their order.</summary>
    private static readonly string[] Needed =
    [
        "processes", "processes", "processes", "processes", "network", "network", "network", "files", "files", "files", "files", "processes", "memory", "memory", "processes",
    ];

    [Fact]
    public async Task WhatAModelMustNotDo_Fails()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only Linux confines.");
        await using PythonEngine engine = await PythonEngine.StartAsync(Attempts);
        await File.WriteAllTextAsync(Path.Combine(engine.Folder, "secret"), "the server's", TestContext.Current.CancellationToken);
        string ready = (await engine.LinesAsync()).Last(line => line.Text.Contains("confined: ", StringComparison.Ordinal)).Text;
        string granted = ready[ready.IndexOf("confined: ", StringComparison.Ordinal)..];
        for (int attempt = 0; attempt < Needed.Length; attempt++)
        {
            // A bomb must not go off where the kernel does not hold it.
            if (!granted.Contains(Needed[attempt], StringComparison.Ordinal))
                continue;
            double done = await engine.NumberAsync(attempt);
            Assert.True(done == 0, $"attempt {attempt} succeeded\n{await engine.LogAsync()}");
        }
        string[] missing = [.. Needed.Distinct(StringComparer.Ordinal).Where(name => !granted.Contains(name, StringComparison.Ordinal))];
        Assert.SkipUnless(missing.Length == 0, $"This kernel does not confine {string.Join(", ", missing)}.");
    }

    [Fact]
    public async Task AModelThatTakesTooMuchMemory_IsEnded_AndComesBack()
    {
        const string hungry = """
            class Model:
                def predict(self, inputs):
                    self.kept = [bytearray(1 << 20) for _ in range(int(inputs["x"][0]))]
                    import time; time.sleep(30 if inputs["x"][0] > 100 else 0)
                    return {"y": [1]}
            """;
        await using PythonEngine engine = await PythonEngine.StartAsync(hungry);
        Result<Core.Tensors.Tensor[]> answer = await engine.AskAsync(400);
        Assert.Equal(Catalogue.ReplicaDied, answer.Problems[0].Definition);
        Assert.Equal(1, await engine.NumberAsync(1));
        Assert.Contains("`resources.memory` allows 256", await engine.LogAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AFloodOfOutput_IsHeldBack_AndOthersAnswer()
    {
        const string flood = """
            import threading, sys
            class Model:
                def predict(self, inputs):
                    if inputs["x"][0] == 1:
                        threading.Thread(target=self.pour, daemon=True).start()
                    return {"y": [1]}
                def pour(self):
                    while True: sys.stdout.write("x" * 8000 + "\n")
            """;
        await using PythonEngine engine = await PythonEngine.StartAsync(flood);
        await engine.NumberAsync(1);
        await Eventually.TrueAsync(async () => (await engine.LinesAsync()).Count > 100, "it pours");
        Assert.Equal(1, await engine.NumberAsync(2));
        List<ReplicaLogLine> lines = await engine.LinesAsync();
        Assert.True(lines.Count <= 2000);
        Assert.All(lines, line => Assert.True(line.Text.Length <= 4000));
    }

    [Fact]
    public async Task TheNetwork_IsAllowedWhereTheSpecSaysSo()
    {
        const string dial = """
            import socket
            class Model:
                def predict(self, inputs):
                    socket.socket(socket.AF_INET, socket.SOCK_STREAM).close()
                    return {"y": [1]}
            """;
        await using PythonEngine engine = await PythonEngine.StartAsync(dial, revision => revision with { Python = revision.Python! with { Network = true } });
        Assert.Equal(1, await engine.NumberAsync(1));
    }
}
