using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Raywright.Core.Api;
using Raywright.Core.Engines;
using Raywright.Core.Errors;
using Raywright.Core.Planning;
using Raywright.Core.Scanning;
using Raywright.Gateway.Routing;
using Raywright.Server.Endpoints;
using Raywright.Server.Environments;
using Raywright.Server.Ledger;
using Raywright.Server.Models;
using Raywright.Server.Operations;
using Raywright.Server.Store;

namespace Raywright.Server.Deploying;

/// <summary>
/// A deploy (DESIGN 5): each step of <see cref="RunAsync"/> is one of the design's. Everything before the last step leaves what was
/// serving untouched; the last is one write, in which the revision gets the traffic and the operation has succeeded.
/// </summary>
internal sealed class DeployOperation(
    DbStore store, ModelPreparation preparation, TrustedFiles trusted, ModelTests tests, ModelService models, EndpointService endpoints, EndpointReconciler reconciler, IEngine engine, LedgerService ledger, TimeProvider clock) : IOperationKind
{
    public string Kind => "deploy";

    public ImmutableArray<string> Steps => ["source", "scan", "contract", "tests", "gates", "render", "preflight", "apply", "question", "traffic"];

    public async Task<ImmutableArray<Problem>> RunAsync(OperationRun run, CancellationToken cancellation)
    {
        DeployOrder order = JsonSerializer.Deserialize(run.Request, DeployJson.Default.DeployOrder)!;
        Result<PreparedModel> prepared = await PreparationSteps.RunAsync(run, order, preparation, trusted, cancellation);
        if (!prepared.Ok)
            return prepared.Problems;
        PreparedModel model = prepared.Value;
        Result<string> folder = await preparation.VersionFolderAsync(model, cancellation);
        if (!folder.Ok)
            return folder.Problems;
        Result<TestOutcome> tested = await PreparationSteps.TestAsync(run, model, folder.Value, tests, waits: order.Environment != EnvironmentService.Development, cancellation);
        if (!tested.Ok)
            return tested.Problems;
        await run.StepAsync("gates", () => Task.FromResult<Result<bool>>(true), _ => new($"{order.Environment} has no gates"));
        Result<RevisionConfig> rendered = await run.StepAsync(
            "render",
            async () => (Result<RevisionConfig>)model.Render(await models.EnsureVersionAsync(model.Draft, run.Actor)),
            revision => new($"revision {revision.Id}", Warnings: [.. Planner.Notes(model.Config, model.Environment).Select(note => new Problem(Catalogue.NoEffectYet, note))]));
        byte[] question = ModelQuestion.Choose(model.Config.Contract, model.Cases);
        RevisionSource source = new(rendered.Value, folder.Value, Encoding.UTF8.GetString(question), model.Draft.Files);
        try
        {
            Result<SampleExchange> asked = await StartAsync(run, source, question, cancellation);
            return asked.Ok ? await MoveTrafficAsync(run, model, source.Revision, asked.Value, cancellation) : asked.Problems;
        }
        finally
        {
            await reconciler.EndTrialAsync(source.Revision.Id);
        }
    }

    /// <summary>From preflight to the first answer. A revision that serves already is only asked.</summary>
    private async Task<Result<SampleExchange>> StartAsync(OperationRun run, RevisionSource source, byte[] question, CancellationToken cancellation)
    {
        bool serves = reconciler.RouteOf(source.Revision.Id) is not null;
        Result<bool> fits = await run.StepAsync(
            "preflight",
            async () =>
            {
                ImmutableArray<Problem> against = serves ? [] : await engine.PreflightAsync(source, text => run.Progress("preflight", text), cancellation);
                return against.IsEmpty ? true : (Result<bool>)against;
            },
            _ => new(serves ? "it serves already" : $"{source.Revision.Compute} can run it"));
        if (!fits.Ok)
            return fits.Problems;
        Result<RevisionRoute> route = await run.StepAsync(
            "apply", () => reconciler.TryAsync(source, text => run.Progress("apply", text), cancellation), _ => new($"{source.Revision.Replicas} replica{(source.Revision.Replicas == 1 ? "" : "s")} healthy"));
        if (!route.Ok)
            return route.Problems;
        return await run.StepAsync(
            "question", () => ModelQuestion.AskAsync(route.Value, question, clock, cancellation), asked => new(string.Create(CultureInfo.InvariantCulture, $"answered in {asked.Milliseconds:0.##} ms")));
    }

    private async Task<ImmutableArray<Problem>> MoveTrafficAsync(OperationRun run, PreparedModel model, RevisionConfig revision, SampleExchange asked, CancellationToken cancellation)
    {
        string? before = (await endpoints.CurrentAsync(revision.Environment, revision.Model))?.Revision.Id;
        string words = before == revision.Id ? "all of it stays" : before is null ? "the first revision takes all of it" : $"all of it, from {before}";
        Result<bool> moved = await run.StepAsync(
            "traffic",
            async () =>
            {
                DeployResult result = new(revision.Model, revision.Environment, revision.Version, revision.Id, before == revision.Id, asked);
                run.Describe("traffic", words);
                Result<bool> written = await store.WriteAsync<Result<bool>>(
                    async db =>
                    {
                        if (!await ModelService.ExistsAsync(db, revision.Model, revision.Version))
                            return new Problem(Catalogue.NotFound, $"{revision.Model}:{revision.Version} was deleted meanwhile.");
                        await endpoints.ServeAsync(db, revision, model.Config, asked.Request.GetRawText(), ModelQuestion.Examples(model.Cases));
                        ledger.Append(db, run.Actor, "deploy", run.Target, $"{revision.Model}:{revision.Version} serves in {revision.Environment} as {revision.Id}", $$"""{"operation":"{{run.Id}}","revision":"{{revision.Id}}","before":{{(before is null ? "null" : $"\"{before}\"")}}}""");
                        await run.Succeed(db, result, ApiJson.Default.DeployResult);
                        return true;
                    },
                    cancellation);
                if (written.Ok)
                    await reconciler.PublishAsync();
                return written;
            },
            _ => new(words));
        return moved.Problems;
    }
}
