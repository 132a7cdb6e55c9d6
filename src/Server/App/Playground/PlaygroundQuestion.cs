using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using Raywright.Core.Api;
using Raywright.Core.Bodies;
using Raywright.Core.Contracts;
using Raywright.Core.Errors;
using Raywright.Gateway.Access;
using Raywright.Server.App.Overview;
using Raywright.Server.App.Sessions;
using Raywright.Server.Endpoints;

namespace Raywright.Server.App.Playground;

/// <summary>How a person writes a question.</summary>
public enum AskMode
{
    Form,
    Table,
    Json,
}

/// <summary>What a playground knows of its question; what it does with it is in <see cref="PlaygroundState"/>.</summary>
public abstract class PlaygroundQuestion : ComponentBase
{
    private Contract? contract;
    private string? examplesOf;
    private string? bodyLine;

    [Parameter, EditorRequired]
    public EndpointInfo Endpoint { get; set; } = null!;

    /// <summary>With which the person signed in.</summary>
    [Parameter, EditorRequired]
    public KeyEntry Key { get; set; } = null!;

    [Inject]
    internal EndpointService Endpoints { get; set; } = null!;

    protected QuestionForm? Form { get; private set; }

    protected AskMode Mode { get; private set; }

    protected string Json { get; set; } = "";

    /// <summary>What was pasted or read from a file.</summary>
    protected string Table { get; set; } = "";

    /// <summary>What was said of the last change of the mode or the last file.</summary>
    protected string? Note { get; private set; }

    protected ImmutableArray<ExampleQuestion> Examples { get; private set; } = [];

    protected bool HasExample => Endpoint.Example is not null || Examples.Length > 0;

    /// <summary>Rows of a table are asked at once, so a model that answers in parts takes none.</summary>
    protected bool TakesTables => Form is not null && !Endpoint.Streams;

    protected JsonCompletion Completion => contract is null ? new(null, []) : JsonCompletion.Of(contract, Json);

    protected ImmutableArray<Snippet> AllSnippets => Snippets.All(Endpoint.Environment, Endpoint.Model, Endpoint.Url, bodyLine, Endpoint.Streams);

    protected bool IsInline => Snippets.IsInline(bodyLine);

    /// <summary>The largest value of the example, which tells what kind of image a model takes.</summary>
    protected double? Largest { get; private set; }

    protected override void OnParametersSet()
    {
        if (Endpoint.Contract is not { } mine || mine.Equals(contract))
            return;
        contract = mine;
        Form = QuestionForm.Of(mine);
        Mode = Form is null ? AskMode.Json : AskMode.Form;
        Largest = Form is { } form && Endpoint.Example is { } example && form.Fill(example) ? form.Fields.SelectMany(field => ImageShape.Numbers(field.Text)).Where(double.IsFinite).DefaultIfEmpty().Max() : null;
        ShowExample(Endpoint.Example);
    }

    protected override async Task OnParametersSetAsync()
    {
        string? serving = Endpoint.Traffic is [{ Revision: var revision }, ..] ? revision : null;
        if (serving == examplesOf)
            return;
        examplesOf = serving;
        Examples = await Endpoints.ExamplesAsync(Endpoint.Environment, Endpoint.Model);
    }

    protected static string Pressed(bool pressed) => pressed ? "true" : "false";

    protected void ShowExample(JsonElement? example)
    {
        Note = null;
        if (example is { } given)
        {
            // What does not fit into fields is shown as it is.
            if (Form?.Fill(given) == false || Mode == AskMode.Json)
                (Mode, Json) = (AskMode.Json, JsonText.Readable(given));
            else if (Mode == AskMode.Table)
                Mode = AskMode.Form;
        }
        else if (Mode == AskMode.Json)
        {
            Skeleton();
        }
        Edited();
    }

    protected void Choose(ChangeEventArgs change)
    {
        if (int.TryParse(change.Value?.ToString(), out int index) && index >= 0 && index < Examples.Length)
            ShowExample(Examples[index].Body);
    }

    /// <summary>A body with every key of the contract, to be written over.</summary>
    protected void Skeleton()
    {
        Json = contract is { PassThrough: false } ? JsonText.Readable(Encoding.UTF8.GetString(SampleInputs.Body(contract))) : "{\"inputs\": {}}";
        Edited();
    }

    protected void AddKey(string key)
    {
        Json = contract is not null && JsonCompletion.Add(contract, Json, key) is { } more ? more : Json;
        Edited();
    }

    protected void ToJson()
    {
        if (Mode == AskMode.Form && Form?.Text() is { } text)
            Json = JsonText.Readable(text);
        else if (Mode == AskMode.Table && contract is not null && TableQuestion.Of(contract, Table) is { Ok: true } table)
            Json = JsonText.Readable(Encoding.UTF8.GetString(table.Value.Body));
        else if (Json.Length == 0)
            Skeleton();
        (Mode, Note) = (AskMode.Json, null);
        Edited();
    }

    protected void ToTable()
    {
        if (Form is { } form && Table.Length == 0)
            Table = string.Join('\t', TableQuestion.Names(form)) + "\n";
        (Mode, Note) = (AskMode.Table, null);
        Edited();
    }

    /// <summary>Goes back to the form, where it can say what the JSON says.</summary>
    protected void ToForm()
    {
        if (Form is null || contract is null)
            return;
        QuestionForm filled = QuestionForm.Of(contract)!;
        if (Mode == AskMode.Table)
            Mode = AskMode.Form;
        else if (JsonText.Parse(Json) is not { } body)
            Note = "This is not JSON yet, so the form cannot show it.";
        else if (!filled.Fill(body))
            Note = "The form has no fields for this body.";
        else
            (Form, Mode, Note) = (filled, AskMode.Form, null);
        Edited();
    }

    protected async Task ReadFileAsync(InputFileChangeEventArgs change)
    {
        Note = null;
        if (change.File.Size > TableText.Largest)
        {
            Note = $"{change.File.Name} is larger than 1 MiB.";
            return;
        }
        try
        {
            await using Stream file = change.File.OpenReadStream(TableText.Largest);
            using StreamReader reader = new(file, Encoding.UTF8);
            Table = await reader.ReadToEndAsync();
        }
        catch (IOException e)
        {
            Note = $"{change.File.Name} could not be read: {e.Message}";
        }
        Edited();
    }

    protected void Edited()
    {
        if (Mode == AskMode.Json)
            bodyLine = JsonText.Parse(Json) is { } body ? JsonText.OneLine(body) : bodyLine;
        else if (Body() is { Ok: true } written)
            bodyLine = Encoding.UTF8.GetString(written.Value);
    }

    /// <summary>The question as it is sent.</summary>
    protected Result<byte[]> Body() => Mode switch
    {
        AskMode.Table => TableBody(),
        AskMode.Form when Form is not null => Form.Body(),
        _ => Encoding.UTF8.GetBytes(Json),
    };

    private Result<byte[]> TableBody()
    {
        Result<TableQuestion> table = TableAsked();
        return table.Ok ? table.Value.Body : table.Problems;
    }

    protected Result<TableQuestion> TableAsked() => contract is null ? new Problem(Catalogue.InputType, "The model has no contract.") : TableQuestion.Of(contract, Table);
}
