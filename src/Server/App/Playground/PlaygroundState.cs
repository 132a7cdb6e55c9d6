using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Components;
using Raywright.Core.Api;
using Raywright.Core.Bodies;
using Raywright.Core.Contracts;
using Raywright.Core.Errors;
using Raywright.Gateway.Access;
using Raywright.Server.App.Sessions;

namespace Raywright.Server.App.Playground;

/// <summary>What a playground knows and does; its markup is beside it.</summary>
public abstract class PlaygroundState : ComponentBase, IDisposable
{
    /// <summary>Often enough for a text that is being written, seldom enough for a page that is far away.</summary>
    private static readonly TimeSpan DrawPace = TimeSpan.FromMilliseconds(80);

    private readonly CancellationTokenSource closed = new();
    private Contract? contract;
    private CancellationTokenSource? stopping;
    private string? bodyLine;

    [Parameter, EditorRequired]
    public EndpointInfo Endpoint { get; set; } = null!;

    /// <summary>With which the person signed in.</summary>
    [Parameter, EditorRequired]
    public KeyEntry Key { get; set; } = null!;

    [Inject]
    internal AppSession Session { get; set; } = null!;

    [Inject]
    internal TimeProvider Clock { get; set; } = null!;

    [Inject]
    internal ModelCaller Caller { get; set; } = null!;

    protected QuestionForm? Form { get; private set; }

    protected bool AsJson { get; private set; }

    protected string Json { get; set; } = "";

    protected string? JsonNote { get; private set; }

    protected bool Asking { get; private set; }

    protected Asked? Answered { get; private set; }

    /// <summary>What has come so far of an answer in parts; null where none is under way.</summary>
    protected StreamedValues? Streaming { get; private set; }

    /// <summary>Why the question was not sent.</summary>
    protected ProblemDetails? Refusal { get; private set; }

    protected bool MayAsk => Key.MayQuery;

    protected bool HasExample => Endpoint.Example is not null;

    protected bool IsInline => Snippets.IsInline(bodyLine);

    protected string CommandSnippet => Snippets.Command(Endpoint.Environment, Endpoint.Model, bodyLine, Endpoint.Streams);

    protected string CurlSnippet => Snippets.Curl(Endpoint.Url, bodyLine, Endpoint.Streams);

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected override void OnParametersSet()
    {
        if (Endpoint.Contract is not { } mine || mine.Equals(contract))
            return;
        contract = mine;
        Form = QuestionForm.Of(mine);
        AsJson = Form is null;
        ShowExample();
    }

    protected static string Pressed(bool pressed) => pressed ? "true" : "false";

    protected void ShowExample()
    {
        JsonNote = null;
        if (Endpoint.Example is { } example)
        {
            // What does not fit into fields is shown as it is.
            if (Form?.Fill(example) == false)
                AsJson = true;
            Json = AsJson ? JsonText.Readable(example) : Json;
        }
        else if (AsJson && contract is { PassThrough: false })
        {
            Json = Encoding.UTF8.GetString(SampleInputs.Body(contract));
        }
        Edited();
    }

    protected void ToJson()
    {
        if (AsJson)
            return;
        Json = Form?.Text() is { } text ? JsonText.Readable(text) : Json;
        (AsJson, JsonNote) = (true, null);
        Edited();
    }

    /// <summary>Goes back to the form, where it can say what the JSON says.</summary>
    protected void ToForm()
    {
        if (!AsJson || Form is null || contract is null)
            return;
        QuestionForm filled = QuestionForm.Of(contract)!;
        if (JsonText.Parse(Json) is not { } body)
            JsonNote = "This is not JSON yet, so the form cannot show it.";
        else if (!filled.Fill(body))
            JsonNote = "The form has no fields for this body.";
        else
            (Form, AsJson, JsonNote) = (filled, false, null);
        Edited();
    }

    protected void Edited()
    {
        if (AsJson)
            bodyLine = JsonText.Parse(Json) is { } body ? JsonText.OneLine(body) : bodyLine;
        else if (Form?.Body() is { Ok: true } written)
            bodyLine = Encoding.UTF8.GetString(written.Value);
    }

    protected async Task AskAsync()
    {
        if (Asking)
            return;
        (Refusal, Answered) = (null, null);
        // The key is looked at anew: what it may do can have changed since the page was drawn.
        if (await Session.KeyAsync() is not { } key)
            return;
        if (Objection(key) is { } objection)
        {
            Refusal = ProblemWriter.Details(objection);
            return;
        }
        Result<byte[]> body = AsJson || Form is null ? Encoding.UTF8.GetBytes(Json) : Form.Body();
        if (!body.Ok)
        {
            Refusal = ProblemWriter.Details(body.Problems);
            return;
        }
        Asking = true;
        try
        {
            Answered = Endpoint.Streams ? await StreamAsync(body.Value) : await Caller.AskAsync(Endpoint.Environment, Endpoint.Model, body.Value, closed.Token);
        }
        catch (OperationCanceledException) when (closed.IsCancellationRequested)
        {
            // Nobody waits for it any more.
        }
        finally
        {
            Asking = false;
        }
    }

    /// <summary>Ends the stream that is under way, and with it the model's work; what has come stays.</summary>
    protected void Stop() => stopping?.Cancel();

    protected virtual void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        closed.Cancel();
        closed.Dispose();
    }

    private async Task<Asked> StreamAsync(byte[] body)
    {
        ValueCollector values = new();
        using CancellationTokenSource stop = stopping = CancellationTokenSource.CreateLinkedTokenSource(closed.Token);
        try
        {
            Streaming = values.Look();
            Task<Asked> asked = Caller.StreamAsync(Endpoint.Environment, Endpoint.Model, body, values, stop.Token);
            while (await Task.WhenAny(asked, Task.Delay(DrawPace, Clock)) != asked)
            {
                if (values.Count == Streaming.Count)
                    continue;
                Streaming = values.Look();
                StateHasChanged();
            }
            return await asked;
        }
        finally
        {
            (Streaming, stopping) = (null, null);
        }
    }

    private Problem? Objection(KeyEntry key) =>
        !key.Reaches(Endpoint.Environment, Endpoint.Model) ? new(Catalogue.EndpointUnknown, $"There is no model {Endpoint.Model} in {Endpoint.Environment} for this key.")
        : !key.MayQuery ? new(Catalogue.KeyForbidden, $"The key {key.Name} lacks the scope `query`.")
        : null;
}
