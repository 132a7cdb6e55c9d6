using System.Collections;
using Raywright.Cli.Output;

namespace Raywright.Cli.CommandLine;

/// <summary>Everything outside the program that a command may touch, besides files and the server.</summary>
/// <param name="Variables">Environment variables.</param>
/// <param name="WorkingFolder">The folder that relative paths start from.</param>
/// <param name="ProgramFolder">Where this program lies.</param>
internal sealed record CliHost(
    Terminal Terminal,
    TimeProvider Clock,
    IReadOnlyDictionary<string, string> Variables,
    string WorkingFolder,
    string ProgramFolder)
{
    public static CliHost OfProcess()
    {
        Dictionary<string, string> variables = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "", StringComparer.Ordinal);
        return new(
            Terminal.OfProcess(variables),
            TimeProvider.System,
            variables,
            Environment.CurrentDirectory,
            AppContext.BaseDirectory);
    }

    public string? Variable(string name) => Variables.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;

    public string FullPath(string path) => Path.GetFullPath(path, WorkingFolder);

    /// <summary>A path as a person at the working folder would write it.</summary>
    public string Shown(string path)
    {
        string relative = Path.GetRelativePath(WorkingFolder, path);
        return relative.StartsWith("..", StringComparison.Ordinal) ? path : relative;
    }
}
