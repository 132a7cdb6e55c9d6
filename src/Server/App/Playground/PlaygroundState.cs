using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.AspNetCore.Components;
using Raywright.Core.Api;
using Raywright.Core.Bodies;
using Raywright.Core.Errors;
using Raywright.Gateway.Access;
using Raywright.Server.App.Overview;
using Raywright.Server.App.Sessions;

namespace Raywright.Server.App.Playground;

/// <summary>What a playground asks and hears; its markup is beside it.</summary>
public abstract class PlaygroundState : PlaygroundQuestion, IDisposable
{
    /// <summary>Often enough for a text that is being written, seldom enough for a page that is far away.</summary>
    private static readonly TimeSpan DrawPace = TimeSpan.FromMilliseconds(80);

    private readonly CancellationTokenSource closed = new();
    private CancellationTokenSource? stopping;

    [Inject]
    internal AppSession Session { get; set; } = null!;

    [Inject]
    internal EndpointBoard Board { get; set; } = null!;

    [Inject]
    internal TimeProvider Clock { get; set; } = null!;

    [Inject]
    internal ModelCaller Caller { get; set; } = null!;

    protected bool Asking { get; private set; }

    protected Asked? Answered { get; private set; }

    /// <summary>The environment that is asked beside this one; empty for none.</summary>
    protected string Beside { get; set; } = "";

    /// <summary>What came from there.</summary>
    protected Asked? AnsweredBeside { get; private set; }

    /// <summary>What has come so far of an answer in parts; null where none is under way.</summary>
    protected StreamedValues? Streaming { get; private set; }

    /// <summary>Why the question was not sent.</summary>
    protected ProblemDetails? Refusal { get; private set; }

    protected bool MayAsk => Key.MayQuery;

    /// <summary>The same model elsewhere, as far as the key reaches.</summary>
    protected ImmutableArray<EndpointInfo> Others => Endpoint.Streams ? [] :
        [.. Board.Current.Where(other => other.Model == Endpoint.Model && other.Environment != Endpoint.Environment && Key.Reaches(other.Environment, other.Model))];

    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    protected async Task AskAsync()
    {
        if (Asking)
            return;
        (Refusal, Answered, AnsweredBeside) = (null, null, null);
        // The key is looked at anew: what it may do can have changed since the page was drawn.
        if (await Session.KeyAsync() is not { } key)
            return;
        if (Objection(key, Endpoint.Environment) is { } objection)
        {
            Refusal = ProblemWriter.Details(objection);
            return;
        }
        Result<byte[]> body = Body();
        if (!body.Ok)
        {
            Refusal = ProblemWriter.Details(body.Problems);
            return;
        }
        Asking = true;
        try
        {
            TableQuestion? table = Mode == AskMode.Table && TableAsked() is { Ok: true } asked ? asked.Value : null;
            Task<Asked>? beside = Others.Any(other => other.Environment == Beside) && Objection(key, Beside) is null ? Caller.AskAsync(Beside, Endpoint.Model, body.Value, closed.Token) : null;
            Asked answered = Endpoint.Streams ? await StreamAsync(body.Value) : await Caller.AskAsync(Endpoint.Environment, Endpoint.Model, body.Value, closed.Token);
            AnsweredBeside = beside is null ? null : await beside;
            Answered = WithQuestion(answered, body.Value, table);
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

    /// <summary>Asks an example without showing it; null where there is no answer.</summary>
    protected async Task<Answer?> AskQuietlyAsync(JsonElement body) =>
        await Session.KeyAsync() is { } key && Objection(key, Endpoint.Environment) is null
            ? (await Caller.AskAsync(Endpoint.Environment, Endpoint.Model, JsonSerializer.SerializeToUtf8Bytes(body), closed.Token)).Answer
            : null;

    /// <summary>Ends the stream that is under way, and with it the model's work; what has come stays.</summary>
    protected void Stop() => stopping?.Cancel();

    protected virtual void Dispose(bool disposing)
    {
        if (!disposing)
            return;
        closed.Cancel();
        closed.Dispose();
    }

    private Asked WithQuestion(Asked answered, byte[] body, TableQuestion? table)
    {
        JsonElement? question = null;
        try
        {
            question = JsonElement.Parse(body);
        }
        catch (JsonException)
        {
            // The gateway has said so.
        }
        bool shown = question is not null && table is null && answered.Answer?.Rows is [_] && Endpoint.Contract is { PassThrough: false };
        return answered with { Question = question, Table = table, Shown = shown ? QuestionShown.Of(Endpoint.Contract!, Endpoint.Task, question!.Value) : QuestionShown.Nothing };
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

    private Problem? Objection(KeyEntry key, string environment) =>
        !key.Reaches(environment, Endpoint.Model) ? new(Catalogue.EndpointUnknown, $"There is no model {Endpoint.Model} in {environment} for this key.")
        : !key.MayQuery ? new(Catalogue.KeyForbidden, $"The key {key.Name} lacks the scope `query`.")
        : null;
}
