using System.CommandLine;
using Raywright.Cli.CommandLine;
using Raywright.Cli.Homes;
using Raywright.Cli.Output;
using Raywright.Core.Errors;

namespace Raywright.Cli.Commands;

/// <summary><c>logout</c>: forgets the key of a server.</summary>
internal static class LogoutCommand
{
    internal sealed record Options(string? Url);

    public static Command Create(CliHost host, RunCommand<Options>? run = null)
    {
        Argument<string?> url = new("url") { HelpName = "URL", Arity = ArgumentArity.ZeroOrOne, Description = "The server (default: the one signed in to)" };
        return new Verb("logout", "Forget the key of a server; the key itself stays valid")
        {
            Arguments = { url },
        }.Runs(host, parse => new Options(parse.GetValue(url)), run ?? ((options, session, _) => Task.FromResult(Run(options, session))));
    }

    private static Result<ExitCode> Run(Options options, Session session)
    {
        Result<Profile> read = session.Home.ReadProfile();
        if (!read.Ok)
            return read.Problems;
        Profile profile = read.Value;
        if ((options.Url ?? profile.Current) is not { } named || !ServerAddress.TryParse(named, out Uri? url) || !profile.Keys.ContainsKey(Profile.Name(url)))
            return new Problem(Catalogue.NotSignedIn, options.Url is null ? "You are not signed in to a server." : $"You are not signed in to {options.Url}.", Fix: "");
        string name = Profile.Name(url);
        Profile without = new(profile.Current == name ? null : profile.Current, profile.Keys.Remove(name));
        if (session.Home.WriteProfile(without) is { } problem)
            return problem;
        if (session.Json)
            session.Terminal.WriteJson(new LoginDocument(name, SignedIn: false), CliJson.Default.LoginDocument);
        else
            session.Terminal.WriteLine($"The key for {name} is forgotten here; `raywright key revoke` makes it invalid.");
        return ExitCode.Ok;
    }
}
