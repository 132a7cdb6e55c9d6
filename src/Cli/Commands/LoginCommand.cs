using System.CommandLine;
using Raywright.Cli.CommandLine;
using Raywright.Cli.Homes;
using Raywright.Cli.Output;
using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Raywright.Core.Errors;

namespace Raywright.Cli.Commands;

/// <summary><c>login</c>: chooses a server for the commands that follow, and keeps the key for it.</summary>
internal static class LoginCommand
{
    internal sealed record Options(string? Url, string? Key);

    public static Command Create(CliHost host, RunCommand<Options>? run = null)
    {
        Argument<string?> url = new("url") { HelpName = "URL", Arity = ArgumentArity.ZeroOrOne, Description = "Address of the server, e.g. https://raywright.example.org" };
        Option<string?> key = new("--key") { Description = "The key, or - to read it from standard input; asked for where it is left out", HelpName = "KEY" };
        return new Verb("login", "Sign in to a server and use it from now on")
        {
            Details = "The key is kept in the home folder, readable only by you. `raywright up` goes back to the server on this machine.",
            Examples = [("login https://raywright.example.org", "asks for the key"), ("login https://raywright.example.org --key - < key.txt", "in a script")],
            Options = { key },
            Arguments = { url },
        }.Runs(host, parse => new Options(parse.GetValue(url), parse.GetValue(key)), run ?? RunAsync);
    }

    private static async Task<Result<ExitCode>> RunAsync(Options options, Session session, CancellationToken cancellation)
    {
        Result<Profile> profile = session.Home.ReadProfile();
        if ((options.Url ?? session.Host.Variable("RAYWRIGHT_SERVER") ?? (session.Terminal.CanAsk ? session.Terminal.Ask("Address of the server:") : null)) is not { Length: > 0 } named)
            return new Problem(Catalogue.PromptWithoutTerminal, "Which server?", Fix: "`raywright login URL --key KEY`.");
        if (!ServerAddress.TryParse(named, out Uri? url))
            return new Problem(Catalogue.CommandLineWrong, $"`{named}` is no address of a server.", Fix: "Write it like https://raywright.example.org.");
        // A server that is none of ours must not get the key, so it is asked first what it is.
        using (RaywrightClient anyone = new(url, null, session.Clock))
        {
            Result<ServerInfo> info = await anyone.ServerInfoAsync(cancellation).ConfigureAwait(false);
            if (!info.Ok)
                return info.Problems;
        }
        Result<string> key = Key(options, session, profile.Ok ? profile.Value.KeyOf(url) : null, url);
        if (!key.Ok)
            return key.Problems;
        using RaywrightClient client = new(url, key.Value, session.Clock);
        Result<Page<EndpointInfo>> tried = await client.EndpointsAsync(cancellation).ConfigureAwait(false);
        if (!tried.Ok)
            return tried.Problems;
        Profile before = profile.Ok ? profile.Value : Profile.Empty;
        if (session.Home.WriteProfile(new(Profile.Name(url), before.Keys.SetItem(Profile.Name(url), key.Value))) is { } problem)
            return problem;
        if (session.Json)
            session.Terminal.WriteJson(new LoginDocument(Profile.Name(url), SignedIn: true), CliJson.Default.LoginDocument);
        else
            session.Terminal.WriteLine($"Signed in to {Profile.Name(url)}; commands go there from now on.");
        return ExitCode.Ok;
    }

    private static Result<string> Key(Options options, Session session, string? kept, Uri url)
    {
        string? key = options.Key == "-" ? session.Terminal.ReadInput().Trim() : options.Key ?? session.Host.Variable("RAYWRIGHT_KEY") ?? kept;
        if (key is null && session.Terminal.CanAsk)
            key = session.Terminal.AskSecret($"Key for {url.Authority}:");
        return key is { Length: > 0 }
            ? key
            : new Problem(Catalogue.PromptWithoutTerminal, $"Which key for {url.Authority}?", Fix: "`raywright login URL --key KEY`; whoever runs the server makes one with `raywright key create`.");
    }
}
