using System.Text;
using Raywright.Cli.CommandLine;
using Raywright.Cli.Output;
using Raywright.Core.Api;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Cli.Tests.Fakes;

/// <summary>Runs commands in this process as a shell would, with a home folder and a working folder of their own.</summary>
internal sealed class CliRun : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly StringBuilder transcript = new();

    public CliRun()
    {
        Directory.CreateDirectory(Home);
        Directory.CreateDirectory(Work);
    }

    public string Home => folder.Combine("home");

    public string Work => folder.Combine("work");

    public Dictionary<string, string> Variables { get; } = new(StringComparer.Ordinal);

    /// <summary>What each run was asked and printed, with addresses and folders made the same everywhere.</summary>
    public string Transcript => transcript.ToString();

    public void Dispose() => folder.Dispose();

    /// <summary>Makes a server the one that runs on the home folder.</summary>
    public void Announce(FakeControlPlane server)
    {
        ServerInfo info = server.Info with { Url = server.Url.ToString().TrimEnd('/'), Pid = Environment.ProcessId };
        server.Info = info;
        File.WriteAllText(Path.Combine(Home, "server.json"), System.Text.Json.JsonSerializer.Serialize(info, ApiJson.Default.ServerInfo));
        File.WriteAllText(Path.Combine(Home, "admin.key"), FakeControlPlane.Key);
    }

    public string Write(string name, string text)
    {
        string path = Path.Combine(Work, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Once at a terminal and once in a pipe, both into the transcript.</summary>
    public async Task BothAsync(string line, string input = "")
    {
        await RunAsync(line, terminal: true, input);
        await RunAsync(line, terminal: false, input);
    }

    public async Task<(int Status, string Output, string Error)> RunAsync(string line, bool terminal = false, string input = "", bool colour = false, CancellationToken? cancellation = null)
    {
        using StringWriter output = new(), error = new();
        Terminal screen = new(output, error, new StringReader(input), new TerminalTraits(terminal, terminal, terminal, colour, 110));
        Variables["HOME"] = folder.Path;
        Variables["RAYWRIGHT_HOME"] = Home;
        CliHost host = new(screen, new FixedClock(), Variables, Work, folder.Combine("program"));
        int status = await CommandTree.RunAsync(host, [.. Words(line)], cancellation ?? TestContext.Current.CancellationToken);
        transcript.Append($"$ raywright {Normal(line)}    ({(terminal ? "terminal" : "pipe")}, exit {status})\n");
        transcript.Append(Prefixed("", output)).Append(Prefixed("! ", error)).Append('\n');
        return (status, output.ToString(), error.ToString());
    }

    /// <summary>Takes out what differs from run to run.</summary>
    public string Normal(string text)
    {
        foreach (string url in System.Text.RegularExpressions.Regex.Matches(text, @"127\.0\.0\.1:\d+").Select(match => match.Value).Distinct())
            text = text.Replace(url, "server:7700", StringComparison.Ordinal);
        return text
            .Replace(Work, "WORK", StringComparison.Ordinal)
            .Replace(Home, "HOME", StringComparison.Ordinal)
            .Replace(folder.Path, "FOLDER", StringComparison.Ordinal)
            .Replace($"process {Environment.ProcessId}", "process PID", StringComparison.Ordinal)
            .Replace($"\"serverPid\":{Environment.ProcessId}", "\"serverPid\":PID", StringComparison.Ordinal)
            .Replace($"\"serverPid\": {Environment.ProcessId}", "\"serverPid\": PID", StringComparison.Ordinal)
            .Replace($"\"pid\": {Environment.ProcessId}", "\"pid\": PID", StringComparison.Ordinal)
            .Replace($"\"pid\":{Environment.ProcessId}", "\"pid\":PID", StringComparison.Ordinal);
    }

    private string Prefixed(string prefix, StringWriter text) => string.Concat(
        Normal(text.ToString()).ReplaceLineEndings("\n").TrimEnd('\n').Split('\n').Where(line => text.GetStringBuilder().Length > 0).Select(line => $"{prefix}{line}".TrimEnd() + "\n"));

    /// <summary>Splits at blanks outside single quotes, as a shell does.</summary>
    private static IEnumerable<string> Words(string line)
    {
        StringBuilder word = new();
        bool quoted = false, any = false;
        foreach (char character in line)
        {
            if (character == '\'')
                (quoted, any) = (!quoted, true);
            else if (character != ' ' || quoted)
                word.Append(character);
            else if (word.Length > 0 || any)
            {
                yield return word.ToString();
                word.Clear();
                any = false;
            }
        }
        if (word.Length > 0 || any)
            yield return word.ToString();
    }
}
