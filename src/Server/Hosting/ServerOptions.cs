using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Raywright.Core.Errors;

namespace Raywright.Server.Hosting;

/// <summary>What a server is told at its start.</summary>
/// <param name="Port">On 127.0.0.1; 0 takes any that is free.</param>
/// <param name="OpsPort">A port of its own for health and metrics; null means the same.</param>
/// <param name="Home">Full path of the folder with database, files and keys.</param>
/// <param name="Store">Connection string of a PostgreSQL database; null means SQLite in the home folder.</param>
/// <param name="RequestLog">File of the request log; <c>-</c> is standard output.</param>
/// <param name="StopWithStdin">Whether the end of standard input means to stop.</param>
public sealed record ServerOptions(int Port, int? OpsPort, string Home, string? Store, string? RequestLog, bool StopWithStdin)
{
    private static readonly Option<string> Role = new("--role") { Description = "all, or probe: the child in which a model is tried before it is served", DefaultValueFactory = _ => "all" };
    private static readonly Option<int> PortOption = new("--port") { Description = "Port on 127.0.0.1", DefaultValueFactory = _ => 7700 };
    private static readonly Option<int?> OpsPortOption = new("--ops-port") { Description = "A port of its own for /health and /metrics" };
    private static readonly Option<int?> AppPortOption = new("--app-port") { Description = "A port of its own for the app" };
    private static readonly Option<string> HomeOption = new("--home") { Description = "Folder with database, files and keys", DefaultValueFactory = _ => Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".raywright") };
    private static readonly Option<string?> StoreOption = new("--store") { Description = "Connection string of a PostgreSQL database instead of SQLite in the home folder" };
    private static readonly Option<string?> RequestLogOption = new("--request-log") { Description = "File for one line a request, - for standard output (default logs/requests.log in the home folder)" };
    private static readonly Option<string[]> AppHostOption = new("--app-host") { Description = "A further host name under which people open the app, e.g. that of a proxy" };
    private static readonly Option<bool> StopWithStdinOption = new("--stop-with-stdin") { Description = "Stop when standard input ends" };

    /// <summary>Names besides those of this machine under which the app may be opened.</summary>
    public ImmutableArray<string> AppHosts { get; init; } = [];

    /// <summary>A port of its own for the app; null means the same.</summary>
    public int? AppPort { get; init; }

    /// <summary>How many pages of the app may be open at once.</summary>
    public int MostPages { get; init; } = 200;

    /// <summary>The options of <c>--role all</c>; null where the command line asked for help, which has been printed.</summary>
    public static Result<ServerOptions?> Read(string[] arguments)
    {
        RootCommand command = new("The server of Raywright: control plane, gateway and app in one process")
        {
            Role, PortOption, OpsPortOption, AppPortOption, HomeOption, StoreOption, RequestLogOption, AppHostOption, StopWithStdinOption,
        };
        ParseResult parse = command.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parse.Errors.Count > 0)
            return parse.Errors.Select(error => new Problem(Catalogue.OptionWrong, error.Message)).ToImmutableArray();
        if (parse.Action is not null)
        {
            parse.Invoke();
            return (ServerOptions?)null;
        }
        if (parse.GetValue(Role) is not "all")
            return new Problem(Catalogue.OptionWrong, $"`--role {parse.GetValue(Role)}` is unknown; this release has all and probe.", "--role");
        int port = parse.GetValue(PortOption);
        int? ops = parse.GetValue(OpsPortOption);
        if (ops == 0 || (ops == port && port != 0))
            return new Problem(Catalogue.OptionWrong, "`--ops-port` takes a port of its own.", "--ops-port");
        int? app = parse.GetValue(AppPortOption);
        if (app == 0 || (app == port && port != 0) || (app is not null && app == ops))
            return new Problem(Catalogue.OptionWrong, "`--app-port` takes a port of its own.", "--app-port");
        foreach (int number in new[] { port, ops ?? 0, app ?? 0 })
        {
            if (number is < 0 or > 65535)
                return new Problem(Catalogue.OptionWrong, string.Create(CultureInfo.InvariantCulture, $"{number} is no port."));
        }
        return new ServerOptions(port, ops, Path.GetFullPath(parse.GetValue(HomeOption)!), parse.GetValue(StoreOption), parse.GetValue(RequestLogOption), parse.GetValue(StopWithStdinOption))
        {
            AppPort = app,
            AppHosts = [.. parse.GetValue(AppHostOption) ?? []],
        };
    }
}
