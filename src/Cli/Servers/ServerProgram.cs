using Raywright.Cli.CommandLine;
using Raywright.Core.Errors;

namespace Raywright.Cli.Servers;

/// <summary>Where <c>raywright-server</c> lies: beside this program, in <c>server/</c> beside it, or where a variable says.</summary>
internal static class ServerProgram
{
    public const string Variable = "RAYWRIGHT_SERVER_EXE";
    private const string Name = "raywright-server";

    public static Result<string> Find(CliHost host)
    {
        if (host.Variable(Variable) is { } named)
            return File.Exists(named) ? named : new Problem(Catalogue.ServerProgramMissing, $"{Variable} names {named}, which does not exist.");
        string[] candidates =
        [
            Path.Combine(host.ProgramFolder, Name),
            Path.Combine(host.ProgramFolder, "server", Name),
            Path.Combine(host.ProgramFolder, "server", $"{Name}.dll"),
        ];
        return Array.Find(candidates, File.Exists) is { } found
            ? found
            : new Problem(Catalogue.ServerProgramMissing, $"{Name} is neither in {host.ProgramFolder} nor in server/ below it.");
    }
}
