using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Raywright.Cli.CommandLine;
using Raywright.Cli.Models;
using Raywright.Cli.Output;
using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Raywright.Core.Errors;
using Raywright.Core.Spec;
using Spectre.Console;

namespace Raywright.Cli.Commands;

/// <summary><c>query</c>: asks a model through the gateway, as any client would.</summary>
internal static class QueryCommand
{
    internal sealed record Options(string Model, string? Input, int? Case, bool Example, bool Stream, string Environment);

    public static Command Create(CliHost host, RunCommand<Options>? run = null)
    {
        Argument<string> model = new("model") { HelpName = "MODEL", Description = "The model; MODEL:VERSION asks one version of it" };
        Argument<string?> input = new("input") { HelpName = "INPUT", Arity = ArgumentArity.ZeroOrOne, Description = "The inputs as JSON, @FILE, or - for standard input" };
        Option<int?> number = CommonOptions.Number("--case", "Ask the case with this number, from 1, of the spec in this folder", 1);
        Option<bool> example = new("--example") { Description = "Ask the model's own example" };
        Option<bool> stream = new("--stream") { Description = "Show the parts of an answer as the model makes them, one a line" };
        return new Verb("query", "Ask a model")
        {
            Details = "INPUT is a row, a list of rows, or inputs by name; `{\"inputs\": …}` around it may be left out.",
            Examples =
            [
                ("query iris --example", "whatever it takes"),
                ("query iris '{\"sepal_length\": 5.1, \"sepal_width\": 3.5, \"petal_length\": 1.4, \"petal_width\": 0.2}'", "one row"),
                ("query iris @rows.json -e staging", "from a file"),
            ],
            Options = { CommonOptions.Environment, number, example, stream },
            Arguments = { model, input },
        }.TalksToServer().Runs(
            host,
            parse => new Options(parse.GetValue(model)!, parse.GetValue(input), parse.GetValue(number), parse.GetValue(example), parse.GetValue(stream), parse.GetValue(CommonOptions.Environment)!),
            run ?? RunAsync);
    }

    private static async Task<Result<ExitCode>> RunAsync(Options options, Session session, CancellationToken cancellation)
    {
        Result<RaywrightClient> connected = session.Connect();
        if (!connected.Ok)
            return connected.Problems;
        using RaywrightClient client = connected.Value;
        Result<byte[]> body = await BodyAsync(options, session, client, cancellation).ConfigureAwait(false);
        if (!body.Ok)
            return body.Problems;
        if ((options.Example || options.Case is not null) && session.Terminal.ShowsProgress)
            session.Terminal.Note($"[grey]asking[/] {Markup.Escape(Encoding.UTF8.GetString(body.Value))}");
        if (options.Stream)
            return await StreamAsync(options, session, client, body.Value, cancellation).ConfigureAwait(false);
        Result<ServedAnswer> answer = await client.QueryAsync(options.Environment, options.Model, body.Value, cancellation).ConfigureAwait(false);
        if (!answer.Ok)
            return answer.Problems;
        Show(session, answer.Value);
        return ExitCode.Ok;
    }

    /// <summary>One value a line, each as soon as it is there; Ctrl-C ends the model's work too.</summary>
    private static async Task<Result<ExitCode>> StreamAsync(Options options, Session session, RaywrightClient client, byte[] body, CancellationToken cancellation)
    {
        await foreach (Result<byte[]> part in client.StreamAsync(options.Environment, options.Model, body, cancellation).ConfigureAwait(false))
        {
            if (!part.Ok)
                return part.Problems;
            session.Terminal.WriteLine(JsonView.OneLine(JsonElement.Parse(part.Value).GetProperty("outputs")));
            session.Terminal.Flush();
        }
        return ExitCode.Ok;
    }

    /// <summary>A person gets the answer laid out, a program the bytes as they came.</summary>
    private static void Show(Session session, ServedAnswer answer)
    {
        if (!session.Terminal.IsLive)
            session.Terminal.WriteLine(Encoding.UTF8.GetString(answer.Body));
        else if (Parse(answer.Body) is { } json)
            session.Terminal.WriteJson(json);
        else
            session.Terminal.WriteLine(Encoding.UTF8.GetString(answer.Body));
        if (session.Terminal.ShowsProgress)
            session.Terminal.Note($"[grey]{Markup.Escape(answer.Version ?? "the model")} answered in {Moments.Duration(answer.Elapsed)} · request {Markup.Escape(answer.RequestId ?? "unknown")}[/]");
    }

    private static async Task<Result<byte[]>> BodyAsync(Options options, Session session, RaywrightClient client, CancellationToken cancellation)
    {
        if (options.Example)
            return await ExampleAsync(options, client, cancellation).ConfigureAwait(false);
        if (options.Case is { } number)
            return Case(session, number, options.Environment);
        if (options.Input is ['@', .. var name] && !File.Exists(session.Host.FullPath(name)))
            return new Problem(Catalogue.FileUnreadable, $"There is no file {name}.");
        string? text = options.Input switch
        {
            "-" => session.Terminal.ReadInput(),
            null => session.Terminal.Traits.InputIsTerminal ? null : session.Terminal.ReadInput(),
            ['@', .. var file] => File.ReadAllText(session.Host.FullPath(file)),
            var given => given,
        };
        if (string.IsNullOrWhiteSpace(text))
            return new Problem(Catalogue.QuestionMissing, $"What is {options.Model} to be asked?");
        return Wrap(Encoding.UTF8.GetBytes(text));
    }

    private static async Task<Result<byte[]>> ExampleAsync(Options options, RaywrightClient client, CancellationToken cancellation)
    {
        Result<EndpointInfo> endpoint = await client.EndpointAsync(options.Environment, options.Model.Split(':')[0], cancellation).ConfigureAwait(false);
        if (!endpoint.Ok)
            return endpoint.Problems;
        return endpoint.Value.Example is { } example
            ? Encoding.UTF8.GetBytes(JsonView.OneLine(example))
            : new Problem(Catalogue.QuestionMissing, $"The server knows no example for {options.Model}.");
    }

    private static Result<byte[]> Case(Session session, int number, string environment)
    {
        Result<LocalModel> model = Paths.Load(session, null, environment);
        if (!model.Ok)
            return model.Problems;
        return number >= 1 && number <= model.Value.Cases.Length
            ? model.Value.Cases[number - 1].Body.ToArray()
            : new Problem(Catalogue.CaseUnknown, string.Create(CultureInfo.InvariantCulture, $"There is no case {number}: {model.Value.Config.Tests.Cases ?? SpecReader.FileName} has {model.Value.Cases.Length}."));
    }

    /// <summary>Adds the <c>{"inputs": …}</c> that a person may leave out. Everything else is for the gateway to judge.</summary>
    private static Result<byte[]> Wrap(byte[] text)
    {
        try
        {
            // A key that stands twice is for the gateway to refuse, so the text is looked at and sent as it is.
            using JsonDocument document = JsonDocument.Parse(text);
            bool whole = document.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("inputs", out _);
            byte[] body = whole ? text : [.. "{\"inputs\": "u8, .. text, (byte)'}'];
            return body;
        }
        catch (JsonException e)
        {
            return new Problem(Catalogue.BodyNotJson, string.Create(CultureInfo.InvariantCulture, $"The input is not JSON at line {(e.LineNumber ?? 0) + 1}, column {(e.BytePositionInLine ?? 0) + 1}."), Fix: "Write names and texts in double quotes; in a shell, put single quotes around the whole, or use @FILE.");
        }
    }

    private static JsonElement? Parse(byte[] body)
    {
        try
        {
            return JsonElement.Parse(body);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
