using System.Diagnostics;
using System.Globalization;

namespace Raywright.Bench.Serving;

/// <summary>A server under measurement: a process of its own on one core, with the request it is to answer.</summary>
internal sealed class Subject : IDisposable
{
    private const int TicksPerSecond = 100;
    private readonly Process process;
    private readonly string? folder;

    private Subject(string name, Process process, LoadRequest request, string? folder) => (Name, this.process, Request, this.folder) = (name, process, request, folder);

    public string Name { get; }

    public LoadRequest Request { get; }

    public int Pid => process.Id;

    /// <summary>Starts a command on core 0 and waits until it answers with status 200. Its folder goes with it.</summary>
    public static async Task<Subject> StartAsync(string name, string file, string[] arguments, LoadRequest request, string? folder = null)
    {
        ProcessStartInfo start = new("taskset", ["-c", "0", file, .. arguments]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        Process started = Process.Start(start)!;
        started.OutputDataReceived += (_, _) => { };
        started.ErrorDataReceived += (_, _) => { };
        started.BeginOutputReadLine();
        started.BeginErrorReadLine();
        for (int attempt = 0; attempt < 600 && !started.HasExited; attempt++)
        {
            if (await AnswersAsync(request))
                return new Subject(name, started, request, folder);
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }
        throw new InvalidOperationException($"{name} did not come up: {file} {string.Join(' ', arguments)}");
    }

    /// <summary>CPU time of the process and of its living children, user and system.</summary>
    public TimeSpan CpuTime() => TimeSpan.FromSeconds(Family(process.Id).Sum(Ticks) / (double)TicksPerSecond);

    /// <summary>Proportional set size in bytes, of the process and its children.</summary>
    public long ProportionalSetSize() => Family(process.Id).Sum(pid =>
        File.ReadLines($"/proc/{pid}/smaps_rollup").Where(line => line.StartsWith("Pss:", StringComparison.Ordinal))
            .Sum(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024));

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
        }
        process.Dispose();
        if (folder is not null)
            Directory.Delete(folder, recursive: true);
    }

    private static async Task<bool> AnswersAsync(LoadRequest request)
    {
        try
        {
            using Connection connection = await Connection.OpenAsync(request.Host);
            return await connection.ExchangeAsync(request.Bytes) == 200;
        }
        catch (Exception e) when (e is System.Net.Sockets.SocketException or IOException)
        {
            return false;
        }
    }

    /// <summary>By their parents, since the list of children is kept by the thread that started them.</summary>
    private static HashSet<int> Family(int pid)
    {
        ILookup<int, int> children = Directory.EnumerateDirectories("/proc").Select(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out int one) ? one : 0).Where(one => one > 0)
            .Select(one => (Process: one, Parent: Parent(one))).Where(one => one.Parent > 0).ToLookup(one => one.Parent, one => one.Process);
        HashSet<int> family = [];
        Queue<int> next = new([pid]);
        while (next.TryDequeue(out int one))
        {
            family.Add(one);
            foreach (int child in children[one])
                next.Enqueue(child);
        }
        return family;
    }

    private static int Parent(int pid)
    {
        try
        {
            string stat = File.ReadAllText($"/proc/{pid}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static long Ticks(int pid)
    {
        string stat;
        try
        {
            stat = File.ReadAllText($"/proc/{pid}/stat");
        }
        catch (IOException)
        {
            return 0;
        }
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
    }
}
