using Raywright.Cli.CommandLine;
using Raywright.Cli.Homes;
using Raywright.Cli.Output;
using Raywright.Cli.Servers;
using Raywright.Core.Errors;

namespace Raywright.Cli.Doctor;

/// <summary>What can be checked without a server.</summary>
internal static class MachineChecks
{
    private const string Area = "this machine";
    private const long LittleSpace = 1L << 30;

    public static IEnumerable<CheckDocument> Run(Session session)
    {
        yield return Check.Pass(Area, "command", $"raywright {ProductVersion.Text}");
        Result<string> program = ServerProgram.Find(session.Host);
        yield return program.Ok ? Check.Pass(Area, "server", program.Value) : Check.Fail(Area, "server", program.Problems[0]);
        Problem? home = session.Home.Create();
        yield return home is null ? Check.Pass(Area, "home", session.Home.Path) : Check.Fail(Area, "home", home);
        if (home is null)
        {
            yield return Privacy(session.Home.Path);
            yield return Space(session.Home.Path);
        }
        Result<Profile> profile = session.Home.ReadProfile();
        yield return profile.Ok
            ? Check.Pass(Area, "profile", profile.Value.Current is { } current ? $"commands go to {current}" : "commands go to the server of the home folder")
            : Check.Fail(Area, "profile", profile.Problems[0]);
    }

    private static CheckDocument Privacy(string home)
    {
        if (OperatingSystem.IsWindows())
            return Check.Pass(Area, "privacy", "the home folder has the permissions of your account");
        UnixFileMode open = File.GetUnixFileMode(home) & (UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite);
        return open == UnixFileMode.None
            ? Check.Pass(Area, "privacy", "only you can read the home folder")
            : Check.Warn(Area, "privacy", "others on this machine can read the home folder, where keys lie", $"chmod 700 {home}");
    }

    private static CheckDocument Space(string home)
    {
        long free = new DriveInfo(home).AvailableFreeSpace;
        return free >= LittleSpace
            ? Check.Pass(Area, "disk", $"{Sizes.Text(free)} free")
            : Check.Warn(Area, "disk", $"only {Sizes.Text(free)} free where the home folder lies", "Free some space, or choose another folder with --home.");
    }
}
