using System.CommandLine;
using System.Globalization;
using Raywright.Cli.CommandLine;
using Raywright.Cli.Output;
using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Raywright.Core.Errors;

namespace Raywright.Cli.Commands;

/// <summary><c>version</c>: the versions of a model.</summary>
internal static class VersionCommands
{
    internal sealed record ListOptions(string? Model);

    internal sealed record ShowOptions(string Model, int Number);

    public static Command Create(CliHost host, RunCommand<ListOptions>? list = null, RunCommand<ShowOptions>? show = null)
    {
        Argument<string?> model = CommonOptions.Model();
        Argument<string> version = new("version") { HelpName = "MODEL:N", Description = "The version, e.g. iris:7" };
        version.Validators.Add(result =>
        {
            if (Split(result.GetValueOrDefault<string>()) is null)
                result.AddError($"`{result.GetValueOrDefault<string>()}` is no version; write it like iris:7.");
        });
        return new Verb("version", "The versions of a model")
        {
            new Verb("list", "List them, newest first: size, evidence, where they serve")
            {
                Arguments = { model },
            }.TalksToServer().Runs(host, parse => new ListOptions(parse.GetValue(model)), list ?? ListAsync),
            new Verb("show", "Show one: its files, its digest and what its tests said")
            {
                Arguments = { version },
            }.TalksToServer().Runs(host, parse => Split(parse.GetValue(version))!, show ?? ShowAsync),
        };
    }

    private static Task<Result<ExitCode>> ListAsync(ListOptions options, Session session, CancellationToken cancellation)
    {
        Result<string> model = Paths.ModelName(session, options.Model);
        if (!model.Ok)
            return Task.FromResult<Result<ExitCode>>(model.Problems);
        return Listing.ShowAsync(session, client => client.VersionsAsync(model.Value, cancellation), ApiJson.Default.PageVersionInfo, page =>
        {
            TableView table = new(session.Terminal, session.Clock, "version", "runtime", "size", "evidence", "serves in", "by", "created");
            foreach (VersionInfo one in page.Items)
                table.Add(Name(one), one.Runtime, Sizes.Text(one.SizeBytes), Evidence(one), string.Join(", ", one.Endpoints), one.CreatedBy ?? "", table.When(one.CreatedAt));
            table.Write($"{model.Value} has no version.");
        });
    }

    private static async Task<Result<ExitCode>> ShowAsync(ShowOptions options, Session session, CancellationToken cancellation)
    {
        Result<RaywrightClient> connected = session.Connect();
        if (!connected.Ok)
            return connected.Problems;
        using RaywrightClient client = connected.Value;
        Result<Page<VersionInfo>> all = await client.VersionsAsync(options.Model, cancellation).ConfigureAwait(false);
        if (!all.Ok)
            return all.Problems;
        if (all.Value.Items.FirstOrDefault(one => one.Number == options.Number) is not { } version)
            return new Problem(Catalogue.NotFound, string.Create(CultureInfo.InvariantCulture, $"There is no version {options.Model}:{options.Number}."));
        if (session.Json)
            session.Terminal.WriteJson(version, ApiJson.Default.VersionInfo);
        else
            WriteOne(session, version);
        return ExitCode.Ok;
    }

    private static void WriteOne(Session session, VersionInfo version)
    {
        FieldsView fields = new FieldsView(session.Terminal)
            .Add("version", Name(version))
            .Add("runtime", version.Runtime)
            .Add("digest", version.Digest)
            .Add("serves in", string.Join(", ", version.Endpoints))
            .Add("created", $"{(session.Terminal.IsLive ? Moments.Age(version.CreatedAt, session.Clock.GetUtcNow()) : Moments.Rfc3339(version.CreatedAt))}{(version.CreatedBy is null ? "" : $" by {version.CreatedBy}")}");
        foreach (FileReference file in version.Files)
            fields.Add("file", $"{file.Path}, {Sizes.Text(file.Size)}, sha256 {file.Sha256[..Math.Min(12, file.Sha256.Length)]}…");
        foreach (EvidenceInfo one in version.Evidence)
            fields.Add("evidence", $"{one.Kind} {(one.Passed ? "passed" : "failed")}: {one.Summary}");
        fields.Write(indent: "");
    }

    private static ShowOptions? Split(string? text) =>
        text?.Split(':') is [{ Length: > 0 } model, var digits] && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            ? new(model, number)
            : null;

    private static string Name(VersionInfo version) => string.Create(CultureInfo.InvariantCulture, $"{version.Model}:{version.Number}");

    private static string Evidence(VersionInfo version) => version.Evidence.IsEmpty
        ? "none"
        : string.Join(", ", version.Evidence.Select(one => $"{one.Kind} {(one.Passed ? "passed" : "failed")}").Distinct(StringComparer.Ordinal));
}
