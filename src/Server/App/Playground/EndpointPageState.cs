using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;
using Raywright.Core.Api;
using Raywright.Core.Bodies;
using Raywright.Core.Contracts;
using Raywright.Core.Errors;
using Raywright.Gateway.Access;
using Raywright.Server.App.Overview;
using Raywright.Server.App.Sessions;
using Raywright.Server.App.Shared;
using Raywright.Server.Operations;

namespace Raywright.Server.App.Playground;

/// <summary>What the page of an endpoint knows and does; its markup is beside it.</summary>
public abstract class EndpointPageState : LivePage
{
    private const int MostOperations = 8;

    /// <summary>Often enough for a text that is being written, seldom enough for a page that is far away.</summary>
    private static readonly TimeSpan DrawPace = TimeSpan.FromMilliseconds(80);

    private readonly CancellationTokenSource closed = new();
    private EndpointInfo? endpoint;
    private Contract? contract;
    private Operation? live;
    private CancellationTokenSource? stopping;
    private string? bodyLine;
    private bool? streams;
    private bool looked;

    [Parameter]
    public string Environment { get; set; } = "";

    [Parameter]
    public string Model { get; set; } = "";

    [CascadingParameter]
    internal HttpContext? Http { get; set; }

    [Inject]
    internal LiveOperations Live { get; set; } = null!;

    [Inject]
    internal OperationService Operations { get; set; } = null!;

    [Inject]
    internal ModelCaller Caller { get; set; } = null!;

    protected EndpointLine? Line { get; private set; }

    protected IReadOnlyList<Operation> Recent { get; private set; } = [];

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

    protected bool HasExample => endpoint?.Example is not null;

    protected bool IsInline => Snippets.IsInline(bodyLine);

    protected string CommandSnippet => Snippets.Command(Environment, Model, bodyLine, endpoint!.Streams);

    protected string CurlSnippet => Snippets.Curl(endpoint!.Url, bodyLine, endpoint.Streams);

    internal override async ValueTask<bool> ShowAsync(ImmutableArray<EndpointInfo> all)
    {
        endpoint = Key.Reaches(Environment, Model) ? all.FirstOrDefault(one => one.Environment == Environment && one.Model == Model) : null;
        bool changed = await ShowOperationsAsync();
        changed |= streams != endpoint?.Streams;
        streams = endpoint?.Streams;
        EndpointLine? next = endpoint is null ? null : EndpointLine.Of(endpoint, live, Clock.GetUtcNow());
        changed |= next != Line;
        Line = next;
        if (endpoint?.Contract is { } mine && !mine.Equals(contract))
        {
            contract = mine;
            Form = QuestionForm.Of(mine);
            AsJson = Form is null;
            ShowExample();
            changed = true;
        }
        if (endpoint is null && Recent.Count == 0 && Http is { Response.HasStarted: false } first)
            first.Response.OnStarting(NotFoundAsync, first);
        return changed;
    }

    protected static string Pressed(bool pressed) => pressed ? "true" : "false";

    protected void ShowExample()
    {
        JsonNote = null;
        if (endpoint?.Example is { } example)
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
            Answered = streams == true ? await StreamAsync(body.Value) : await Caller.AskAsync(Environment, Model, body.Value, closed.Token);
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

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
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
            Task<Asked> asked = Caller.StreamAsync(Environment, Model, body, values, stop.Token);
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

    /// <summary>Set any earlier, the framework would leave the page empty.</summary>
    private static Task NotFoundAsync(object http)
    {
        ((HttpContext)http).Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private Problem? Objection(KeyEntry key) =>
        !key.Reaches(Environment, Model) ? new(Catalogue.EndpointUnknown, $"There is no model {Model} in {Environment} for this key.")
        : !key.MayQuery ? new(Catalogue.KeyForbidden, $"The key {key.Name} lacks the scope `query`.")
        : null;

    /// <summary>Operations are read from the database once, and when one begins or ends; while one runs it is followed in memory.</summary>
    private async Task<bool> ShowOperationsAsync()
    {
        if (!AppSession.SeesOperations(Key) || !Key.Reaches(Environment, Model))
            return false;
        Operation? now = Live.On($"{Environment}/{Model}");
        if (looked && ReferenceEquals(now, live))
            return false;
        bool reread = !looked || now?.Id != live?.Id;
        (live, looked) = (now, true);
        if (reread)
            Recent = await Operations.RecentAsync($"{Environment}/{Model}", MostOperations);
        else if (now is not null)
            Recent = [.. Recent.Select(operation => operation.Id == now.Id ? now : operation)];
        return true;
    }
}
