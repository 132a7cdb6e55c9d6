using System.Collections.Immutable;
using System.Text.Json;
using Raywright.Cli.CommandLine;
using Raywright.Cli.Output;
using Raywright.Core.Api;
using Raywright.Core.Api.Client;
using Raywright.Core.Errors;

namespace Raywright.Cli.Models;

/// <summary>Sends a model, has it deployed and follows that to its end.</summary>
internal static class DeployFlow
{
    /// <summary>Sends the files that the server lacks and asks for the deploy.</summary>
    public static async Task<Result<Operation>> BeginAsync(Session session, RaywrightClient client, LocalModel model, string environment, string? note, FileTrust trust, StepView view, CancellationToken cancellation)
    {
        Result<ImmutableArray<string>> vouched = trust.Of(model, client.Server.IsLoopback);
        if (!vouched.Ok)
            return vouched.Problems;
        Result<long> sent = await UploadAsync(session, client, model, view, cancellation).ConfigureAwait(false);
        return sent.Ok
            ? await client.DeployAsync(environment, model.Name, model.Request(note, vouched.Value), cancellation).ConfigureAwait(false)
            : sent.Problems;
    }

    /// <summary>
    /// Follows an operation to its end, showing its steps. Interrupted, it has the server cancel the operation, so that what was
    /// meant to stop does stop.
    /// </summary>
    public static async Task<Result<Operation>> FollowAsync(Session session, RaywrightClient client, Operation begun, StepView view, CancellationToken cancellation)
    {
        Operation last = begun;
        try
        {
            await foreach (Result<Operation> next in client.FollowOperationAsync(begun.Id, FollowOptions.Default with { Connected = view.Connection }, cancellation).ConfigureAwait(false))
            {
                if (!next.Ok)
                    return next.Problems;
                last = next.Value;
                if (session.ShowsSteps)
                    view.Show(last);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return await CancelAsync(session, client, begun).ConfigureAwait(false);
        }
        view.Work(null);
        if (last.State == OperationState.Succeeded)
            return last;
        return last.Problem is { } problem
            ? ProblemReader.Problems(problem)
            : new Problem(Catalogue.CommandCancelled, $"The operation {last.Id} was cancelled.", Fix: "");
    }

    public static Result<DeployResult> ResultOf(Operation operation) =>
        operation.Result is { } result && result.Deserialize(ClientJson.Lenient.DeployResult) is { } deployed
            ? deployed
            : new Problem(Catalogue.AnswerNotUnderstood, $"The operation {operation.Id} succeeded without a result.");

    /// <summary>Sends the files that the server lacks; gives the bytes that were sent.</summary>
    public static async Task<Result<long>> UploadAsync(Session session, RaywrightClient client, LocalModel model, StepView view, CancellationToken cancellation)
    {
        long start = session.Clock.GetTimestamp();
        long total = model.Files.Sum(file => file.Size), before = 0, sent = 0;
        foreach (FileReference file in model.Files)
        {
            long done = before;
            InlineProgress progress = new(bytes => view.Work($"sending {file.Path}, {Sizes.Text(done + bytes)} of {Sizes.Text(total)}"));
            Result<long> one = await client.UploadAsync(file, model.PathOf(file), progress, cancellation).ConfigureAwait(false);
            if (!one.Ok)
                return one.Problems;
            (before, sent) = (before + file.Size, sent + one.Value);
        }
        if (sent > 0 && session.ShowsSteps)
            view.Done("upload", $"{model.Files.Length} file{(model.Files.Length == 1 ? "" : "s")}, {Sizes.Text(sent)} sent", session.Clock.GetElapsedTime(start));
        return sent;
    }

    private static async Task<Result<Operation>> CancelAsync(Session session, RaywrightClient client, Operation begun)
    {
        using CancellationTokenSource patience = new(TimeSpan.FromSeconds(5), session.Clock);
        try
        {
            Result<Operation> cancelled = await client.CancelAsync(begun.Id, patience.Token).ConfigureAwait(false);
            if (cancelled.Ok)
                return new Problem(Catalogue.CommandCancelled, $"Interrupted; the operation {begun.Id} is cancelled, and what served before still serves.", Fix: "");
        }
        catch (OperationCanceledException)
        {
        }
        return new Problem(Catalogue.CommandCancelled, $"Interrupted; the operation {begun.Id} may still run in the server.", Fix: $"Look at it with `raywright status {begun.Id}`.");
    }

    private sealed class InlineProgress(Action<long> report) : IProgress<long>
    {
        public void Report(long value) => report(value);
    }
}
