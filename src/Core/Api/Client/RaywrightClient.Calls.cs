using Raywright.Core.Errors;

namespace Raywright.Core.Api.Client;

/// <content>One method a call of the control plane; <see cref="Routes"/> says what each does.</content>
public sealed partial class RaywrightClient
{
    /// <summary>Needs no key.</summary>
    public Task<Result<ServerInfo>> ServerInfoAsync(CancellationToken cancellation) =>
        GetAsync(Routes.Server, ClientJson.Lenient.ServerInfo, cancellation);

    public Task<Result<Page<EnvironmentInfo>>> EnvironmentsAsync(CancellationToken cancellation) =>
        GetAsync(Routes.Environments, ClientJson.Lenient.PageEnvironmentInfo, cancellation);

    public Task<Result<EnvironmentInfo>> ChangeEnvironmentAsync(string environment, EnvironmentChange change, CancellationToken cancellation) =>
        PatchAsync(Path(Routes.Environment, ("environment", environment)), Bytes(change, ApiJson.Default.EnvironmentChange), ClientJson.Lenient.EnvironmentInfo, cancellation);

    public Task<Result<Page<ComputeInfo>>> ComputesAsync(CancellationToken cancellation) =>
        GetAsync(Routes.Computes, ClientJson.Lenient.PageComputeInfo, cancellation);

    public Task<Result<ComputeInfo>> ComputeAsync(string compute, CancellationToken cancellation) =>
        GetAsync(Path(Routes.Compute, ("compute", compute)), ClientJson.Lenient.ComputeInfo, cancellation);

    public Task<Result<Operation>> AddComputeAsync(ComputeRequest request, CancellationToken cancellation) =>
        PostAsync(Routes.Computes, Bytes(request, ApiJson.Default.ComputeRequest), ClientJson.Lenient.Operation, cancellation);

    public Task<Result<Operation>> CheckComputeAsync(string compute, CancellationToken cancellation) =>
        PostAsync(Path(Routes.CheckCompute, ("compute", compute)), null, ClientJson.Lenient.Operation, cancellation);

    public Task<Result<Operation>> RemoveComputeAsync(string compute, CancellationToken cancellation) =>
        DeleteAsync(Path(Routes.Compute, ("compute", compute)), ClientJson.Lenient.Operation, cancellation);

    public Task<Result<Page<EndpointInfo>>> EndpointsAsync(CancellationToken cancellation) =>
        GetAsync(Routes.Endpoints, ClientJson.Lenient.PageEndpointInfo, cancellation);

    public Task<Result<EndpointInfo>> EndpointAsync(string environment, string model, CancellationToken cancellation) =>
        GetAsync(Endpoint(Routes.Endpoint, environment, model), ClientJson.Lenient.EndpointInfo, cancellation);

    public Task<Result<EndpointInfo>> ScaleAsync(string environment, string model, EndpointChange change, CancellationToken cancellation) =>
        PatchAsync(Endpoint(Routes.Endpoint, environment, model), Bytes(change, ApiJson.Default.EndpointChange), ClientJson.Lenient.EndpointInfo, cancellation);

    public Task<Result<Operation>> DeleteEndpointAsync(string environment, string model, CancellationToken cancellation) =>
        DeleteAsync(Endpoint(Routes.Endpoint, environment, model), ClientJson.Lenient.Operation, cancellation);

    public Task<Result<Page<RevisionInfo>>> RevisionsAsync(string environment, string model, CancellationToken cancellation) =>
        GetAsync(Endpoint(Routes.Revisions, environment, model), ClientJson.Lenient.PageRevisionInfo, cancellation);

    /// <summary>The files have to be there before, see <see cref="UploadAsync"/>.</summary>
    public Task<Result<Operation>> DeployAsync(string environment, string model, DeployRequest request, CancellationToken cancellation) =>
        PostAsync(Endpoint(Routes.Revisions, environment, model), Bytes(request, ApiJson.Default.DeployRequest), ClientJson.Lenient.Operation, cancellation);

    /// <summary>Runs the tests of a model folder without giving it traffic. The files have to be there before.</summary>
    public Task<Result<Operation>> TestAsync(string environment, string model, DeployRequest request, CancellationToken cancellation) =>
        PostAsync(Endpoint(Routes.Test, environment, model), Bytes(request, ApiJson.Default.DeployRequest), ClientJson.Lenient.Operation, cancellation);

    public Task<Result<Page<LedgerRow>>> HistoryAsync(string environment, string model, CancellationToken cancellation) =>
        GetAsync(Endpoint(Routes.History, environment, model), ClientJson.Lenient.PageLedgerRow, cancellation);

    public Task<Result<Page<LogLine>>> LogsAsync(string environment, string model, CancellationToken cancellation) =>
        GetAsync(Endpoint(Routes.Logs, environment, model), ClientJson.Lenient.PageLogLine, cancellation);

    public Task<Result<Page<ModelInfo>>> ModelsAsync(CancellationToken cancellation) =>
        GetAsync(Routes.Models, ClientJson.Lenient.PageModelInfo, cancellation);

    public Task<Result<ModelInfo>> ModelAsync(string model, CancellationToken cancellation) =>
        GetAsync(Path(Routes.Model, ("model", model)), ClientJson.Lenient.ModelInfo, cancellation);

    public Task<Result<Operation>> DeleteModelAsync(string model, CancellationToken cancellation) =>
        DeleteAsync(Path(Routes.Model, ("model", model)), ClientJson.Lenient.Operation, cancellation);

    public Task<Result<Page<VersionInfo>>> VersionsAsync(string model, CancellationToken cancellation) =>
        GetAsync(Path(Routes.Versions, ("model", model)), ClientJson.Lenient.PageVersionInfo, cancellation);

    public Task<Result<Page<Operation>>> OperationsAsync(CancellationToken cancellation) =>
        GetAsync(Routes.Operations, ClientJson.Lenient.PageOperation, cancellation);

    public Task<Result<Operation>> OperationAsync(string id, CancellationToken cancellation) =>
        GetAsync(Path(Routes.Operation, ("id", id)), ClientJson.Lenient.Operation, cancellation);

    public Task<Result<Operation>> CancelAsync(string id, CancellationToken cancellation) =>
        PostAsync(Path(Routes.CancelOperation, ("id", id)), null, ClientJson.Lenient.Operation, cancellation);

    public Task<Result<Page<KeyInfo>>> KeysAsync(CancellationToken cancellation) =>
        GetAsync(Routes.Keys, ClientJson.Lenient.PageKeyInfo, cancellation);

    public Task<Result<KeyCreated>> CreateKeyAsync(KeyRequest request, CancellationToken cancellation) =>
        PostAsync(Routes.Keys, Bytes(request, ApiJson.Default.KeyRequest), ClientJson.Lenient.KeyCreated, cancellation);

    public async Task<Result<string>> RevokeKeyAsync(string id, CancellationToken cancellation)
    {
        Result<Reply> reply = await ExchangeAsync(() => new HttpRequestMessage(HttpMethod.Delete, Path(Routes.Key, ("id", id))), cancellation).ConfigureAwait(false);
        return reply.Ok ? id : reply.Problems;
    }

    /// <summary>Rows after a sequence number, as the server pages them.</summary>
    public Task<Result<Page<LedgerRow>>> LedgerAsync(string? after, CancellationToken cancellation) =>
        GetAsync(after is null ? Routes.Ledger : $"{Routes.Ledger}?after={Uri.EscapeDataString(after)}", ClientJson.Lenient.PageLedgerRow, cancellation);

    public Task<Result<LedgerVerification>> VerifyLedgerAsync(CancellationToken cancellation) =>
        GetAsync(Routes.LedgerVerification, ClientJson.Lenient.LedgerVerification, cancellation);

    /// <summary>A link that opens the app signed in, once.</summary>
    public Task<Result<AppLink>> AppLinkAsync(CancellationToken cancellation) =>
        PostAsync(Routes.AppLinks, null, ClientJson.Lenient.AppLink, cancellation);

    /// <summary>A link that opens the playground of one endpoint until it expires.</summary>
    public Task<Result<SharedLink>> ShareAsync(string environment, string model, SharedLinkRequest request, CancellationToken cancellation) =>
        PostAsync(Endpoint(Routes.SharedLinks, environment, model), Bytes(request, ApiJson.Default.SharedLinkRequest), ClientJson.Lenient.SharedLink, cancellation);

    /// <summary>Cases that were proposed for a model, as lines of a cases file.</summary>
    public async Task<Result<byte[]>> ProposedCasesAsync(string model, CancellationToken cancellation)
    {
        Result<Reply> reply = await ExchangeAsync(() => new HttpRequestMessage(HttpMethod.Get, Path(Routes.Cases, ("model", model))), cancellation).ConfigureAwait(false);
        return reply.Ok ? reply.Value.Body : reply.Problems;
    }

    /// <summary>Asks a model. The body is the neutral form, sent as it is.</summary>
    public async Task<Result<ServedAnswer>> QueryAsync(string environment, string model, byte[] body, CancellationToken cancellation)
    {
        string path = Predict(environment, model);
        long start = clock.GetTimestamp();
        Result<Reply> reply = await ExchangeAsync(() => new HttpRequestMessage(HttpMethod.Post, path) { Content = Json(body) }, cancellation).ConfigureAwait(false);
        if (!reply.Ok)
            return reply.Problems;
        string? Header(string name) => reply.Value.Headers.TryGetValues(name, out IEnumerable<string>? values) ? values.FirstOrDefault() : null;
        return new ServedAnswer(reply.Value.Body, Header("x-request-id"), Header("x-raywright-version"), Header("x-raywright-revision"), clock.GetElapsedTime(start));
    }

    private static string Endpoint(string route, string environment, string model) =>
        Path(route, ("environment", environment), ("model", model));
}
