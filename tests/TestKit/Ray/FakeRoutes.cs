using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Raywright.TestKit.Ray;

/// <summary>Which address of the dashboard does what. A slash at the end matters, as it does to Ray.</summary>
internal sealed class FakeRoutes(FakeRay ray)
{
    private const int MostRows = 10000;

    private static readonly HashSet<string> Empty = new(StringComparer.Ordinal)
    {
        "actors", "placement_groups", "workers", "tasks", "objects", "runtime_envs", "cluster_events",
    };

    public FakeAnswer Answer(HttpRequest request, byte[] body, long length, FakeFault? fault)
    {
        string[] path = request.Path.Value!.Split('/')[1..];
        return path switch
        {
            ["api", "version"] or ["api", "ray", "version"] => Get(request, Version),
            ["api", "authentication_mode"] => Get(request, () => FakeAnswer.Json(new JsonObject { ["authentication_mode"] = ray.Token is null ? "disabled" : "token" })),
            ["api", "authenticate"] => Authenticate(request),
            ["api", "gcs_healthz"] => Get(request, () => new(200, "application/text; charset=utf-8", "success")),
            ["cluster_id"] => Get(request, () => FakeAnswer.Json(new JsonObject { ["result"] = true, ["msg"] = "Fetched cluster id", ["data"] = new JsonObject { ["clusterId"] = ray.SessionName } })),
            ["api", "serve", "applications", ""] => Applications(request, body, fault),
            ["api", "v1", "applications", var application, "deployments", var deployment, "scale"] =>
                request.Method == "POST" ? ray.Serve.Scale(application, deployment, body) : FakeAnswer.MethodNotAllowed,
            ["api", "packages", var protocol, var name] => request.Method switch
            {
                "GET" => ray.Packages.Get(protocol, name),
                "PUT" => ray.Packages.Put(protocol, name, length),
                _ => FakeAnswer.MethodNotAllowed,
            },
            ["api", "jobs", ..] => Jobs(request, path[2..], body),
            ["api", "cluster_status"] when request.Query["format"] == "1" => Get(request, ray.Nodes.Status),
            ["api", "v0", ..] => Get(request, () => State(request, path[2..])),
            _ => FakeAnswer.NotFound,
        };
    }

    private static FakeAnswer Get(HttpRequest request, Func<FakeAnswer> answer) =>
        request.Method is "GET" or "HEAD" ? answer() : FakeAnswer.MethodNotAllowed;

    private FakeAnswer Version() => FakeAnswer.Json(new JsonObject
    {
        ["version"] = "4",
        ["ray_version"] = ray.RayVersion,
        ["ray_commit"] = "b7f4259e944bf6959f721b106adc366ddfa0c356",
        ["session_name"] = ray.SessionName,
    });

    private FakeAnswer Authenticate(HttpRequest request)
    {
        if (request.Method != "POST")
            return FakeAnswer.MethodNotAllowed;
        // The guard before this has seen to the token itself.
        return ray.Token is null
            ? FakeAnswer.Text(401, "Unauthorized: Token authentication is not enabled")
            : FakeAnswer.Json(new JsonObject { ["status"] = "authenticated", ["message"] = "Token is valid" });
    }

    private FakeAnswer Applications(HttpRequest request, byte[] body, FakeFault? fault) => request.Method switch
    {
        "GET" => ray.Serve.Details(request.Query["api_type"].FirstOrDefault(), fault?.Kind == "stale"),
        "PUT" => ray.Serve.Put(body, fault?.Kind == "half" ? fault.At : null),
        "DELETE" => ray.Serve.Shutdown(),
        _ => FakeAnswer.MethodNotAllowed,
    };

    private FakeAnswer Jobs(HttpRequest request, string[] rest, byte[] body) => (request.Method, rest) switch
    {
        ("POST", [""]) => ray.Jobs.Submit(body),
        ("GET", [""]) => ray.Jobs.List(),
        ("GET", [{ Length: > 0 } id]) => ray.Jobs.Get(id, FakeGuards.IsBrowser(request)),
        ("DELETE", [{ Length: > 0 } id]) => ray.Jobs.Delete(id),
        ("GET", [var id, "logs"]) => ray.Jobs.Logs(id),
        ("POST", [var id, "stop"]) => ray.Jobs.Stop(id),
        _ => FakeAnswer.NotFound,
    };

    private FakeAnswer State(HttpRequest request, string[] rest)
    {
        if (int.TryParse(request.Query["limit"], CultureInfo.InvariantCulture, out int limit) && limit > MostRows)
            return FakeAnswer.State(null, $"Given limit {limit} exceeds the supported limit {MostRows}. Use a lower limit, or set the `RAY_MAX_LIMIT_FROM_API_SERVER` environment variable to a larger value.", 400);
        return rest switch
        {
            ["nodes"] => ray.Nodes.List(request.Query["detail"] == "1"),
            ["logs", "file"] => ray.Nodes.LogFile(
                request.Query["node_id"].ToString(),
                request.Query["filename"].ToString(),
                int.Parse(request.Query["lines"].FirstOrDefault() ?? "1000", CultureInfo.InvariantCulture),
                ray.SessionName),
            ["cluster_metadata"] => FakeAnswer.Json(new JsonObject
            {
                ["result"] = true,
                ["msg"] = "",
                ["data"] = new JsonObject { ["rayVersion"] = ray.RayVersion, ["pythonVersion"] = "3.11.7", ["rayInitCluster"] = false },
            }),
            [var resource] when Empty.Contains(resource) => FakeAnswer.States([]),
            _ => FakeAnswer.NotFound,
        };
    }
}
