namespace Raywright.Core.Api;

/// <summary>Addresses of the control plane, in one place for server and client. Names in braces are path segments.</summary>
public static class Routes
{
    public const string Prefix = "/api/v1";

    /// <summary>GET: <see cref="ServerInfo"/>; needs no key.</summary>
    public const string Server = Prefix + "/server";

    /// <summary>GET: environments.</summary>
    public const string Environments = Prefix + "/environments";

    /// <summary>PATCH <see cref="EnvironmentChange"/>: <see cref="EnvironmentInfo"/>.</summary>
    public const string Environment = Environments + "/{environment}";

    /// <summary>GET: computes; POST <see cref="ComputeRequest"/>: 202.</summary>
    public const string Computes = Prefix + "/computes";

    /// <summary>GET: <see cref="ComputeInfo"/>; DELETE: 202, refused while an environment uses it.</summary>
    public const string Compute = Computes + "/{compute}";

    /// <summary>POST: 202; looks anew whether it can be used, a step a thing.</summary>
    public const string CheckCompute = Compute + "/check";

    /// <summary>HEAD (200 with size; 404 with <c>Upload-Offset</c> of a partial one), PUT (whole, or the rest with <c>Content-Range</c>), GET.</summary>
    public const string Blob = Prefix + "/blobs/{sha256}";

    /// <summary>GET: models.</summary>
    public const string Models = Prefix + "/models";

    /// <summary>GET, DELETE (202).</summary>
    public const string Model = Models + "/{model}";

    /// <summary>GET: cases that were proposed, as lines of a cases file; POST <see cref="CaseProposal"/>.</summary>
    public const string Cases = Model + "/cases";

    /// <summary>GET: versions, newest first.</summary>
    public const string Versions = Model + "/versions";

    /// <summary>GET: endpoints of all environments.</summary>
    public const string Endpoints = Prefix + "/endpoints";

    /// <summary>GET, PATCH <see cref="EndpointChange"/>, DELETE (202).</summary>
    public const string Endpoint = Endpoints + "/{environment}/{model}";

    /// <summary>POST <see cref="DeployRequest"/>: 202 with an <see cref="Operation"/>; GET: revisions, newest first.</summary>
    public const string Revisions = Endpoint + "/revisions";

    /// <summary>POST <see cref="PlanRequest"/>: what a deploy would change.</summary>
    public const string Plan = Endpoint + "/plan";

    /// <summary>POST: 202; runs the cases of the serving version against its replica.</summary>
    public const string Test = Endpoint + "/test";

    /// <summary>GET: ledger rows about the endpoint, newest first.</summary>
    public const string History = Endpoint + "/history";

    /// <summary>GET: log lines; with <c>follow=true</c> as Server-Sent Events.</summary>
    public const string Logs = Endpoint + "/logs";

    /// <summary>POST <see cref="SharedLinkRequest"/>: <see cref="SharedLink"/>.</summary>
    public const string SharedLinks = Endpoint + "/links";

    /// <summary>GET: operations, newest first.</summary>
    public const string Operations = Prefix + "/operations";

    /// <summary>GET; POST <c>…/cancel</c>.</summary>
    public const string Operation = Operations + "/{id}";

    /// <summary>GET: Server-Sent Events, one <see cref="Api.Operation"/> a change; resumes by <c>Last-Event-ID</c>.</summary>
    public const string OperationEvents = Operation + "/events";

    public const string CancelOperation = Operation + "/cancel";

    /// <summary>GET, POST <see cref="KeyRequest"/>.</summary>
    public const string Keys = Prefix + "/keys";

    /// <summary>DELETE revokes.</summary>
    public const string Key = Keys + "/{id}";

    /// <summary>GET: rows, newest first, <c>?after=</c>.</summary>
    public const string Ledger = Prefix + "/ledger";

    /// <summary>GET: <see cref="LedgerVerification"/>.</summary>
    public const string LedgerVerification = Ledger + "/verification";

    /// <summary>POST: <see cref="AppLink"/>.</summary>
    public const string AppLinks = Prefix + "/app-links";

    public const string OpenApi = "/api/openapi.json";
}
