using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;
using Raywright.Core.Engines;
using Raywright.Core.Errors;

namespace Raywright.Engine.Python;

/// <summary>
/// One process that has loaded a model, confined before it ran a line of it. It lives as long as its control socket: when this
/// server is gone, however that came, the child is too.
/// </summary>
internal sealed class PythonChild : IAsyncDisposable
{
    private const string Boot = "import sys; sys.path[0] = sys.argv.pop(1); from raywright_runtime.child import main; main()";
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LoadPatience = TimeSpan.FromSeconds(120);
    private static readonly string[] PassedOn = ["CUDA_VISIBLE_DEVICES", "LD_LIBRARY_PATH", "TZ"];
    private readonly Process process;
    private readonly string folder;
    private Socket? control;

    private PythonChild(Process process, string folder)
    {
        (this.process, this.folder) = (process, folder);
        Exited = process.WaitForExitAsync(CancellationToken.None);
    }

    /// <summary>Where it answers.</summary>
    public string SocketPath => Path.Combine(folder, "serve.sock");

    /// <summary>Where it may write.</summary>
    public string ScratchPath => Path.Combine(folder, "scratch");

    /// <summary>What it said when it was ready.</summary>
    public ChildEvent Ready { get; private set; } = new("");

    public int Id => process.Id;

    public Task Exited { get; }

    /// <summary>How it ended, in words.</summary>
    public string End => process.ExitCode > 128
        ? string.Create(CultureInfo.InvariantCulture, $"by signal {process.ExitCode - 128}")
        : string.Create(CultureInfo.InvariantCulture, $"with status {process.ExitCode}");

    /// <summary>Bytes of memory that it holds now; 0 where that cannot be known.</summary>
    public long ResidentBytes
    {
        get
        {
            try
            {
                process.Refresh();
                return process.HasExited ? 0 : process.WorkingSet64;
            }
            catch (InvalidOperationException)
            {
                return 0;
            }
        }
    }

    /// <summary>Starts one and waits until it is ready, or has described or converted what it loaded.</summary>
    public static async Task<Result<PythonChild>> StartAsync(
        RevisionSource source, string task, PythonInterpreter interpreter, RunFolder run, ReplicaLog log, CancellationToken cancellation)
    {
        string own = run.Next();
        string scratch = Path.Combine(own, "scratch"), controlPath = Path.Combine(own, "control.sock");
        using Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(controlPath));
        listener.Listen(1);
        Process? started = Process.Start(StartInfo(source, interpreter, controlPath, scratch));
        if (started is null)
            return new Problem(Catalogue.PythonMissing, $"{interpreter.Path} does not start.");
        PythonChild child = new(started, own);
        try
        {
            started.StandardInput.Close();
            RunFolder.Note(own, started);
            _ = log.ReadAsync(started.StandardOutput, "stdout");
            Task errors = log.ReadAsync(started.StandardError, "stderr");
            Result<ChildEvent> ready = await child.ConverseAsync(listener, ChildOrder.Of(source, task, child.SocketPath, scratch, interpreter.Facts.Folders), interpreter, errors, log, cancellation).ConfigureAwait(false);
            if (!ready.Ok)
            {
                await child.DisposeAsync().ConfigureAwait(false);
                return ready.Problems;
            }
            child.Ready = ready.Value;
            return child;
        }
        catch
        {
            await child.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public void Kill()
    {
        try
        {
            // Not the tree: it cannot have children of its own, and .NET would stop it before it kills it (see ProbeClient).
            if (!Exited.IsCompleted)
                process.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has just ended and been disposed of.
        }
    }

    /// <summary>Ends it and waits until it is gone.</summary>
    public async ValueTask DisposeAsync()
    {
        control?.Dispose();
        Kill();
        await Exited.ConfigureAwait(false);
        process.Dispose();
        RunFolder.Remove(folder);
    }

    private async Task<Result<ChildEvent>> ConverseAsync(Socket listener, ChildOrder order, PythonInterpreter interpreter, Task errors, ReplicaLog log, CancellationToken cancellation)
    {
        using CancellationTokenSource overdue = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        overdue.CancelAfter(ConnectPatience);
        try
        {
            Task<Socket> accepted = listener.AcceptAsync(overdue.Token).AsTask();
            if (await Task.WhenAny(accepted, Exited).ConfigureAwait(false) == Exited)
            {
                await overdue.CancelAsync().ConfigureAwait(false);
                return await DiedAsync(errors, log).ConfigureAwait(false);
            }
            control = await accepted.ConfigureAwait(false);
            overdue.CancelAfter(LoadPatience);
            NetworkStream stream = new(control);
            await stream.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(order, PythonJson.Default.ChildOrder), overdue.Token).ConfigureAwait(false);
            await stream.WriteAsync("\n"u8.ToArray(), overdue.Token).ConfigureAwait(false);
            using StreamReader reader = new(stream, leaveOpen: true);
            if (await reader.ReadLineAsync(overdue.Token).ConfigureAwait(false) is not { } line)
                return await DiedAsync(errors, log).ConfigureAwait(false);
            ChildEvent said = JsonSerializer.Deserialize(line, PythonJson.Default.ChildEvent)!;
            return said.Event == "failed" ? Failed(said, interpreter) : said;
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            return await DiedAsync(errors, log).ConfigureAwait(false);
        }
        catch (JsonException e)
        {
            return new Problem(Catalogue.PythonModelFailed, $"The Python runtime answered something else: {e.Message}");
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new Problem(Catalogue.ProbeTimeout, string.Create(CultureInfo.InvariantCulture, $"Loading was still running after {LoadPatience.TotalSeconds:0} s."));
        }
    }

    /// <summary>What it said last is the best there is to know.</summary>
    private async Task<Problem> DiedAsync(Task errors, ReplicaLog log)
    {
        Kill();
        await Exited.ConfigureAwait(false);
        await errors.ConfigureAwait(false);
        return new(Catalogue.PythonModelFailed, $"Python ended {End} while the model was loaded. {log.LastWords()}".TrimEnd());
    }

    private static Problem Failed(ChildEvent said, PythonInterpreter interpreter)
    {
        string where = said.Where is null ? "" : $" ({said.Where})";
        return said.Kind switch
        {
            "ModuleNotFoundError" or "ImportError" => new(Catalogue.PythonLibraryMissing, $"{said.Detail}{where}. It was looked for with {interpreter.Path}.", Field: "runtime"),
            "ConverterMissing" => new(Catalogue.ConverterMissing, $"{said.Detail} is needed to convert the model and is not installed. Install it by `{interpreter.Path} -m pip install {said.Detail}`."),
            "ConversionError" => new(Catalogue.ConversionFailed, said.Detail ?? "", Field: "source"),
            _ => new(Catalogue.PythonModelFailed, $"{said.Kind}: {said.Detail}{where}", Field: "source"),
        };
    }

    private static ProcessStartInfo StartInfo(RevisionSource source, PythonInterpreter interpreter, string control, string scratch)
    {
        ProcessStartInfo start = new(interpreter.Path, ["-c", Boot, Path.Combine(AppContext.BaseDirectory, "python"), control])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = scratch,
        };
        start.Environment.Clear();
        foreach (string name in PassedOn)
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
                start.Environment[name] = value;
        }
        foreach ((string name, string value) in ModelVariables.Of(source.Revision))
            start.Environment[name] = value;
        start.Environment["PATH"] = "/usr/bin:/bin";
        start.Environment["LANG"] = "C.UTF-8";
        start.Environment["HOME"] = start.Environment["TMPDIR"] = scratch;
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        start.Environment["PYTHONUNBUFFERED"] = "1";
        start.Environment["PYTHONSAFEPATH"] = "";
        if (interpreter.Facts.UserBase is { } userBase)
            start.Environment["PYTHONUSERBASE"] = userBase;
        return start;
    }
}
