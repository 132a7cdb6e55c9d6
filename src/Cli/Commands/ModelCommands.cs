using System.CommandLine;
using System.Globalization;
using Raywright.Cli.CommandLine;
using Raywright.Cli.Output;
using Raywright.Core.Api;

namespace Raywright.Cli.Commands;

/// <summary><c>model</c>: the models of a server, and the conversion of one in a folder.</summary>
internal static class ModelCommands
{
    internal sealed record ListOptions;

    internal sealed record ShowOptions(string Model);

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
            ConvertCommand.Create(host),
        };
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
