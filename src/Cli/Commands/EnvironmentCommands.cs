using System.CommandLine;
using Raywright.Cli.CommandLine;
using Raywright.Cli.Output;
using Raywright.Core.Api;

namespace Raywright.Cli.Commands;

/// <summary><c>env</c>: the environments of a server.</summary>
internal static class EnvironmentCommands
{
    internal sealed record ListOptions;

    public static Command Create(CliHost host, RunCommand<ListOptions>? list = null) => new Verb("env", "The environments of a server")
    {
        new Verb("list", "List them: which are production, where their replicas run").TalksToServer().Runs(host, _ => new ListOptions(), list ?? ((_, session, cancellation) =>
            Listing.ShowAsync(session, client => client.EnvironmentsAsync(cancellation), ApiJson.Default.PageEnvironmentInfo, page =>
            {
                TableView table = new(session.Terminal, session.Clock, "name", "production", "compute");
                foreach (EnvironmentInfo one in page.Items)
                    table.Add(one.Name, one.Production ? "yes" : "no", one.Compute);
                table.Write("The server has no environment.");
            }))),
    };
}
