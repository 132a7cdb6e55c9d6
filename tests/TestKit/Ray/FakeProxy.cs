using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Raywright.TestKit.Ray;

/// <summary>Serve's proxy: leads to an agent of ours, or to a replica of what one has deployed.</summary>
internal sealed class FakeProxy(Lock gate, FakeServe serve, FakeAgents agents)
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPoll = TimeSpan.FromSeconds(30);

    public async Task<FakeAnswer> AnswerAsync(HttpRequest request, byte[] body, TimeProvider clock, CancellationToken cancellation)
    {
        string[] path = request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        string application = path.FirstOrDefault() ?? "";
        FakeAnswer? answer;
        Task? changed;
        TimeSpan wait = path is [_, "state"] ? TimeSpan.FromSeconds(double.Parse(request.Query["wait"].FirstOrDefault() ?? "0", CultureInfo.InvariantCulture)) : TimeSpan.Zero;
        long start = clock.GetTimestamp();
        do
        {
            lock (gate)
                (answer, changed) = Answer(application, path, request, body, mayWait: clock.GetElapsedTime(start) < (wait < LongestPoll ? wait : LongestPoll));
            // Also where nothing changes: replicas that live say so again and again.
            if (changed is not null)
                await Task.WhenAny(changed, Task.Delay(Look, clock, cancellation)).ConfigureAwait(false);
        }
        while (answer is null && !cancellation.IsCancellationRequested);
        return answer ?? FakeAnswer.NotFound;
    }

    private (FakeAnswer? Answer, Task? Changed) Answer(string application, string[] path, HttpRequest request, byte[] body, bool mayWait)
    {
        if (agents.IsAgent(application))
        {
            // As with the dashboard's details, who looks lets a moment pass.
            if (agents.Process(application) is null)
                serve.Step(application);
            if (agents.Process(application) is { } agent)
                return Agent(agent, path[1..], request, body, mayWait);
        }
        else if (serve.Find(application) is { Route: { } route } && route == $"/{application}" && agents.Listener(application) is { } replica)
        {
            string rest = request.Path.Value![route.Length..] + request.QueryString;
            return (replica.Answer(new(request.Method, rest, name => request.Headers[name].FirstOrDefault(), body)), null);
        }
        return (serve.Find(application) is null ? FakeAnswer.Text(404, $"Path '{request.Path}' not found. Ping http://.../-/routes for available routes.") : FakeAnswer.Text(503, "Service Unavailable"), null);
    }

    private (FakeAnswer? Answer, Task? Changed) Agent(FakeAgent agent, string[] path, HttpRequest request, byte[] body, bool mayWait)
    {
        if (!agent.Takes(request.Headers["x-raywright-token"].FirstOrDefault() ?? ""))
            return (FakeAnswer.Error(401, "this is not the token of this agent"), null);
        if ((request.Method, path) is ("GET", ["state"]))
        {
            agents.Report(agent);
            bool news = request.Query["generation"].FirstOrDefault() != agent.Generation || long.Parse(request.Query["after"].FirstOrDefault() ?? "-1", CultureInfo.InvariantCulture) < agent.Sequence;
            return news || !mayWait ? (FakeAnswer.Json(agent.ToJson()), null) : (null, agent.Changed);
        }
        return ((request.Method, path) switch
        {
            ("GET", ["files", var digest]) => agents.Files.Get(digest),
            ("PUT", ["files", var digest]) => agents.Received(agent, digest, int.Parse(request.Query["offset"]!, CultureInfo.InvariantCulture), int.Parse(request.Query["size"]!, CultureInfo.InvariantCulture), body),
            ("PUT", ["applications", var name]) => agents.Apply(agent, name, (JsonObject)JsonNode.Parse(body)!),
            ("DELETE", ["applications", var name]) => agents.Delete(agent, name),
            ("POST", ["preflight"]) => agents.Files.Lacks((JsonObject)JsonNode.Parse(body)!) ?? FakeAnswer.Json(new JsonObject { ["unmet"] = new JsonArray(), ["enough"] = true }),
            ("GET", ["node-types"]) => FakeAnswer.Json(new JsonObject { ["autoscales"] = false, ["types"] = new JsonArray() }),
            ("POST", ["reach"]) => FakeAnswer.Json(new JsonObject { ["nodes"] = new JsonArray() }),
            _ => FakeAnswer.Error(404, $"there is no {request.Method} /{string.Join('/', path)}"),
        }, null);
    }
}
