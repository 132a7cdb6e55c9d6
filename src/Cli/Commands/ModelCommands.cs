using System.CommandLine;
using System.Globalization;
using System.Text;
using Raywright.Cli.CommandLine;
using Raywright.Cli.Output;
using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Raywright.Core.Errors;

namespace Raywright.Cli.Commands;

/// <summary><c>model</c>: the models of a server, and the conversion of one in a folder.</summary>
internal static class ModelCommands
{
    internal sealed record ListOptions;

    internal sealed record ShowOptions(string Model);

    internal sealed record CasesOptions(string Model);

    public static Command Create(CliHost host, RunCommand<ShowOptions>? show = null)
    {
        Argument<string> model = new("model") { HelpName = "MODEL", Description = "The model" };
        return new Verb("model", "The models of a server, and converting one to ONNX")
        {
            new Verb("list", "List them, with their latest version").TalksToServer().Runs<ListOptions>(host, _ => new ListOptions(), (_, session, cancellation) =>
                Listing.ShowAsync(session, client => client.ModelsAsync(cancellation), ApiJson.Default.PageModelInfo, page => WriteList(session, page))),
            new Verb("show", "Show one: its task, latest version and aliases")
            {
                Arguments = { model },
            }.TalksToServer().Runs(host, parse => new ShowOptions(parse.GetValue(model)!), show ?? ((options, session, cancellation) =>
                Listing.ShowAsync(session, client => client.ModelAsync(options.Model, cancellation), ApiJson.Default.ModelInfo, one => WriteOne(session, one)))),
            Cases(host),
            ConvertCommand.Create(host),
        };
    }

    /// <summary>Always lines, with <c>--json</c> too: each is a JSON document.</summary>
    private static Verb Cases(CliHost host)
    {
        Argument<string> model = new("model") { HelpName = "MODEL", Description = "The model" };
        return new Verb("cases", "Print the cases that people proposed in the app, as lines of a cases file")
        {
            Details = "They count for nothing before they are in the file that `tests.cases` names: read them, and add those that are right.",
            Examples = [("model cases iris", "what people say iris got wrong")],
            Arguments = { model },
        }.TalksToServer().Runs<CasesOptions>(host, parse => new CasesOptions(parse.GetValue(model)!), async (options, session, cancellation) =>
        {
            Result<RaywrightClient> connected = session.Connect();
            if (!connected.Ok)
                return connected.Problems;
            using RaywrightClient client = connected.Value;
            Result<byte[]> lines = await client.ProposedCasesAsync(options.Model, cancellation).ConfigureAwait(false);
            if (!lines.Ok)
                return lines.Problems;
            session.Terminal.Write(Encoding.UTF8.GetString(lines.Value));
            if (lines.Value.Length == 0 && session.Terminal.ShowsProgress)
                session.Terminal.NoteLine($"Nobody has proposed a case for {options.Model}.");
            return ExitCode.Ok;
        });
    }

    private static void WriteList(Session session, Page<ModelInfo> page)
    {
        TableView table = new(session.Terminal, session.Clock, "name", "latest", "task", "created");
        foreach (ModelInfo one in page.Items)
            table.Add(one.Name, Latest(one), one.Task ?? "", table.When(one.CreatedAt));
        table.Write("The server has no model yet. `raywright deploy PATH` sends one.");
    }

    private static void WriteOne(Session session, ModelInfo one)
    {
        FieldsView fields = new FieldsView(session.Terminal)
            .Add("name", one.Name)
            .Add("task", one.Task)
            .Add("latest", Latest(one))
            .Add("created", session.Terminal.IsLive ? Moments.Age(one.CreatedAt, session.Clock.GetUtcNow()) : Moments.Rfc3339(one.CreatedAt));
        foreach ((string alias, int version) in one.Aliases)
            fields.Add("alias", string.Create(CultureInfo.InvariantCulture, $"{one.Name}@{alias} is {one.Name}:{version}"));
        fields.Write(indent: "");
    }

    private static string Latest(ModelInfo model) => string.Create(CultureInfo.InvariantCulture, $"{model.Name}:{model.LatestVersion}");
}
