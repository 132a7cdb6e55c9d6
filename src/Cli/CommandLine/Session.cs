using System.CommandLine;
using Raywright.Cli.Homes;
using Raywright.Cli.Output;
using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Raywright.Core.Errors;

namespace Raywright.Cli.CommandLine;

/// <summary>One run of one command: its streams, its home folder and the server that it means.</summary>
internal sealed class Session(CliHost host, ParseResult parse)
{
    public CliHost Host => host;

    public Terminal Terminal => host.Terminal;

    public TimeProvider Clock => host.Clock;

    public ProblemView Problems { get; } = new(host.Terminal, host.WorkingFolder);

    /// <summary>Whether standard output holds one JSON document and nothing else.</summary>
    public bool Json { get; } = parse.GetValue(CommonOptions.Json);

    public HomeFolder Home { get; } = new(parse.GetValue(CommonOptions.Home) is { } named ? host.FullPath(named) : HomeFolder.DefaultPath(host));

    /// <summary>Shows steps to a person, and to a log unless only JSON is wanted.</summary>
    public bool ShowsSteps => !Json || Terminal.ShowsProgress;

    /// <summary>The server and key that options, environment variables or the profile name, in this order.</summary>
    public Result<ServerAddress> Address()
    {
        Result<Profile> profile = Home.ReadProfile();
        if (!profile.Ok)
            return profile.Problems;
        string? key = Option(CommonOptions.Key) ?? host.Variable("RAYWRIGHT_KEY");
        if ((Option(CommonOptions.Server) ?? host.Variable("RAYWRIGHT_SERVER") ?? profile.Value.Current) is not { } named)
            return Local(key);
        if (!ServerAddress.TryParse(named, out Uri? url))
            return new Problem(Catalogue.CommandLineWrong, $"`{named}` is no address of a server.", Fix: "Write it like http://127.0.0.1:7700.");
        bool local = Home.ReadServer() is { } running && ServerAddress.TryParse(running.Url, out Uri? mine) && mine == url;
        return new ServerAddress(url, key ?? profile.Value.KeyOf(url) ?? (local ? Home.ReadAdminKey() : null));
    }

    /// <summary>A client that carries a key.</summary>
    public Result<RaywrightClient> Connect()
    {
        Result<ServerAddress> address = Address();
        if (!address.Ok)
            return address.Problems;
        return address.Value.Key is null
            ? new Problem(Catalogue.NotSignedIn, $"There is no key for {address.Value.Url.GetLeftPart(UriPartial.Authority)}.")
            : new RaywrightClient(address.Value.Url, address.Value.Key, Clock);
    }

    private Result<ServerAddress> Local(string? key) => Home.ReadServer() is { } running
        ? new ServerAddress(new Uri(running.Url), key ?? Home.ReadAdminKey())
        : new Problem(Catalogue.NoServerKnown, $"No server runs on {host.Shown(Home.Path)}, and none was named.");

    private string? Option(Option<string?> option) => parse.GetResult(option) is null ? null : parse.GetValue(option);
}
