namespace Raywright.Core.Errors;

public static partial class Catalogue
{
    public static readonly ErrorDefinition KeyMissing = new(
        "RW4001", "No valid key",
        "The request has no key, or one that is unknown, revoked or expired.",
        "Send `Authorization: Bearer rwk_…` or `x-api-key: rwk_…`; `raywright key create` makes a key.", HttpStatus: 401, Exit: ExitCode.NotSignedIn);

    public static readonly ErrorDefinition KeyForbidden = new(
        "RW4002", "The key may not do this",
        "The key lacks the scope that the call needs.",
        "Use a key with the scope that the message names.", HttpStatus: 403, Exit: ExitCode.NotSignedIn);

    public static readonly ErrorDefinition EndpointUnknown = new(
        "RW2201", "No such endpoint",
        "There is no such model in this environment, or the key may not use it; the answer does not tell which.",
        "Check the address; `raywright status` lists the endpoints that a key may use.", HttpStatus: 404, Exit: ExitCode.NotFound);

    public static readonly ErrorDefinition NoRevision = new(
        "RW2202", "Nothing serves this endpoint now",
        "The endpoint exists, but no revision of it is ready: it is starting, or its model cannot be loaded.",
        "Try again in a moment; `raywright status` says why nothing is ready.", HttpStatus: 503, Retryable: true);

    public static readonly ErrorDefinition Overloaded = new(
        "RW2203", "Too many requests are waiting",
        "The replicas are busy and the queue in front of them is full, so the request was refused at once instead of late.",
        "Send fewer requests at once, wait as `Retry-After` says, or raise `scaling.min`.", HttpStatus: 503, Retryable: true);

    public static readonly ErrorDefinition MethodNotAllowed = new(
        "RW2204", "Another method is needed",
        "The address exists, but not for this HTTP method.",
        "Use the method that the `Allow` header names.", HttpStatus: 405);

    public static readonly ErrorDefinition AddressUnknown = new(
        "RW2205", "No such address",
        "Below `/serve/{environment}` there are `predict/{model}`, `v2/…`, `openapi.json` and `docs`.",
        "Check the address; the model's page in the app shows one to copy.", HttpStatus: 404, Exit: ExitCode.NotFound);

    public static readonly ErrorDefinition MediaType = new(
        "RW2206", "The body has another media type",
        "The neutral body is JSON.",
        "Send `Content-Type: application/json`.", HttpStatus: 415);

    public static readonly ErrorDefinition VersionNotServed = new(
        "RW2207", "This version is not served",
        "The address pins a version that has no traffic at this endpoint.",
        "Leave out the version, or deploy it.", HttpStatus: 404, Exit: ExitCode.NotFound);

    public static readonly ErrorDefinition RequestCancelled = new(
        "RW2208", "The caller went away",
        "The connection was closed before the answer was ready; the run was cancelled.",
        "Nothing to do on the server; allow more time in the client if this was not meant.", HttpStatus: 499);

    public static readonly ErrorDefinition BodyBroken = new(
        "RW2209", "The body is not framed as HTTP says",
        "The body is shorter than its Content-Length, or its chunks are malformed.",
        "Let an HTTP library set `Content-Length` or `Transfer-Encoding`.");

    public static readonly ErrorDefinition BodySlow = new(
        "RW2210", "The body arrived too slowly",
        "The server does not hold a connection for a body that hardly moves.",
        "Send the body again over a faster connection, or in smaller parts.", HttpStatus: 408, Retryable: true);
}
