using System.Diagnostics;
using System.Globalization;
using Raywright.TestKit;

namespace Raywright.EndToEnd.Harness;

/// <summary>A proof runs small each time, and in full size where <c>RAYWRIGHT_PROVE=1</c>; then its result is kept.</summary>
internal static class Proof
{
    public static bool Full { get; } = Environment.GetEnvironmentVariable("RAYWRIGHT_PROVE") == "1";

    /// <summary>Of random choices; <c>RAYWRIGHT_SEED</c> repeats an earlier run.</summary>
    public static int Seed { get; } = int.TryParse(Environment.GetEnvironmentVariable("RAYWRIGHT_SEED"), NumberStyles.None, CultureInfo.InvariantCulture, out int given)
        ? given
        : (int)(TimeProvider.System.GetTimestamp() & 0xFFFFFF);

    public static int Times(int small, int full) => Full ? full : small;

    /// <summary>Adds a row to a table below <c>bench/results</c>.</summary>
    public static void Keep(string file, string introduction, params (string Column, string Value)[] row)
    {
        string path = RepositoryRoot.Combine("bench", "results", file);
        (string Column, string Value)[] all =
        [
            ("date", TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture)),
            ("commit", Commit()),
            .. row,
            ("cores", Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture)),
        ];
        if (!File.Exists(path))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, $"{introduction}\n\n| {string.Join(" | ", all.Select(cell => cell.Column))} |\n|{string.Concat(all.Select(_ => "---|"))}\n");
        }
        File.AppendAllText(path, $"| {string.Join(" | ", all.Select(cell => cell.Value))} |\n");
    }

    private static string Commit()
    {
        string head = Git("rev-parse", "--short=9", "HEAD");
        return Git("status", "--porcelain", "--", "src").Length > 0 ? $"{head} with changes" : head;
    }

    private static string Git(params string[] arguments)
    {
        try
        {
            using Process git = Process.Start(new ProcessStartInfo("git", arguments) { WorkingDirectory = RepositoryRoot.Path, UseShellExecute = false, RedirectStandardOutput = true })!;
            string said = git.StandardOutput.ReadToEnd().Trim();
            git.WaitForExit();
            return git.ExitCode == 0 ? said : "unknown";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "unknown";
        }
    }
}
