using System.Text.Json.Nodes;
using Raywright.TestKit.Ray;

namespace Raywright.Ray.Tests.Dashboard;

/// <summary>What had happened before a recorded exchange and is not in its recording.</summary>
internal static class RecordedScenes
{
    public static void Begin(FakeRay ray, string file)
    {
        ray.Token = file == "auth-401-403" ? "TOKEN-REDACTED" : null;
        ray.Jobs.Run = _ => new(null, "hello\nbye\n");
        ray.Packages.Add(file == "packages" ? "another.zip" : "_ray_pkg_d0483e8c680f364e1a469e105f9e39fe499447f9.zip");
        if (file is "scale-bad-request" or "scale-not-found" or "scale-deleted")
            ray.Serve.AddImperative(file == "scale-deleted" ? "slow" : "ext");
        if (file is "scale-bad-request" or "scale-deleted")
            ray.Serve.Settle();
    }

    public static void Before(FakeRay ray, RayRecording exchange)
    {
        switch (exchange.File, exchange.Name)
        {
            case ("scale-not-enabled", "app without external scaler"):
                ray.Serve.AddImperative("noext", externalScaler: false);
                ray.Serve.Settle();
                break;
            case ("scale-not-found", "unknown app"):
            case ("scale-ok", "scale to 3"):
            case ("scale-deleted", "scale after the delete finished"):
            case ("delete", "get with no applications but Serve running"):
                ray.Serve.Settle();
                break;
            case ("scale-deleted", "scale an app being deleted, attempt 1"):
                ray.Serve.Delete("slow");
                break;
            case ("state-api", "log file"):
                ray.Nodes.WriteLog(ray.Nodes.Head, "gcs_server.out", $"an older line\n{exchange.Answer}");
                break;
            case ("jobs", "list"):
                ray.Jobs.Settle();
                break;
            case ("jobs", "get while SUCCEEDED"):
                ray.Jobs.Finish("job-one", 0, "hello\nbye\n");
                break;
            case ("jobs", "get failed"):
                ray.Jobs.Finish("job-fail", 3, "oops\n");
                break;
        }
    }

    /// <summary>The recorded address, with this cluster's IDs.</summary>
    public static string Path(FakeRay ray, RayRecording exchange) =>
        exchange.Path.Replace("2bb758171dbb63bc135cc3ac88bc4d30220146180cb1e58b98534ce1", ray.Nodes.Head, StringComparison.Ordinal);
}

/// <summary>
/// Recorded details of Serve: the applications in them are made in a fake of their own, by the ways that the product uses, and the
/// fake is read until it says the same.
/// </summary>
internal static class RecordedState
{
    private const int MostReadings = 40;

    public static bool IsOne(RayRecording exchange) =>
        exchange.Method == "GET" && exchange.Path.StartsWith("/api/serve/applications/", StringComparison.Ordinal) && exchange.Answer is JsonObject map && map["applications"] is JsonObject { Count: > 0 };

    public static async Task IsReachedAsync(RayRecording exchange)
    {
        JsonObject recorded = (JsonObject)exchange.Answer!;
        await using FakeRay ray = await FakeRay.StartAsync();
        using HttpClient http = ray.Client();
        ray.Nodes.Add(cpus: 4, gpus: 1);
        await MakeAsync(ray, http, exchange, recorded);
        List<string> seen = [];
        for (int i = 0; i < MostReadings; i++)
        {
            JsonObject answer = (JsonObject)JsonNode.Parse(await http.GetStringAsync(new Uri(ray.Address, exchange.Path), Xunit.TestContext.Current.CancellationToken))!;
            seen.Add(Signature(answer));
            if (seen[^1] != Signature(recorded))
                continue;
            string[] differences = [.. recorded["applications"]!.AsObject().SelectMany(pair => RayShape.Differences(pair.Value, answer["applications"]![pair.Key], $"$.{pair.Key}"))];
            Xunit.Assert.True(differences.Length == 0, $"{exchange.Name}:\n{string.Join('\n', differences)}");
            JsonObject rest = (JsonObject)recorded.DeepClone();
            rest["applications"] = answer["applications"] = null;
            Xunit.Assert.Empty(RayShape.Differences(rest, answer));
            return;
        }
        Xunit.Assert.Fail($"{exchange.Name}: never\n{Signature(recorded)}\nbut\n{string.Join('\n', seen.Distinct())}");
    }

    private static async Task MakeAsync(FakeRay ray, HttpClient http, RayRecording exchange, JsonObject recorded)
    {
        List<JsonNode> lasting = [];
        List<JsonNode> leaving = [];
        foreach ((string name, JsonNode? application) in recorded["applications"]!.AsObject())
        {
            if ((string)application!["source"]! == "imperative")
                continue;
            JsonNode? config = application["deployed_app_config"]?.DeepClone();
            (config is null ? leaving : lasting).Add(config ?? new JsonObject
            {
                ["name"] = name,
                ["route_prefix"] = application["route_prefix"]!.DeepClone(),
                ["import_path"] = "labapp:build",
                ["external_scaler_enabled"] = application["external_scaler_enabled"]!.DeepClone(),
            });
            Behave(ray, name, application);
            if (config is null)
                ray.Serve.Behave(name, FakeBehaviour.StopsForEver);
            if (Package(config) is { } package && !((string)application["message"]!).StartsWith("Runtime env", StringComparison.Ordinal))
                ray.Packages.Add(package);
        }
        ray.Serve.Code["labapp:build"] = ["Model"];
        if (leaving.Count > 0 || exchange.File == "put-bad-package")
        {
            await PutAsync(http, recorded, [.. leaving, .. lasting.Select(Earlier)]);
            ray.Serve.Settle();
        }
        await PutAsync(http, recorded, lasting);
        foreach ((string name, JsonNode? application) in recorded["applications"]!.AsObject().Where(pair => (string)pair.Value!["source"]! == "imperative"))
            AddImperative(ray, name, application!);
        await FinishAsync(ray, http, exchange, recorded, lasting);
    }

    /// <summary>What happened after the PUT that shows in the answer.</summary>
    private static async Task FinishAsync(FakeRay ray, HttpClient http, RayRecording exchange, JsonObject recorded, List<JsonNode> lasting)
    {
        if (exchange.File == "get-running" && exchange.Name != "get: RUNNING HEALTHY['RUNNING']")
        {
            ray.Serve.Settle();
            // The recorded configuration is the one after the change.
            if (exchange.Name.Contains("user_config", StringComparison.Ordinal))
            {
                JsonNode before = lasting[0].DeepClone();
                before["deployments"]![0]!["user_config"] = new JsonObject { ["before"] = true };
                await PutAsync(http, recorded, [before]);
                ray.Serve.Settle();
            }
            await PutAsync(http, recorded, lasting);
        }
        foreach ((string name, JsonNode? application) in recorded["applications"]!.AsObject())
        {
            JsonNode? model = application!["deployments"]?["Model"];
            if ((string?)model?["status_trigger"] == "UNSPECIFIED")
            {
                ray.Serve.Settle();
                ray.Serve.FailHealthChecks(name);
            }
            int? target = (int?)model?["target_num_replicas"];
            if (target is null || (int?)model!["deployment_config"]?["num_replicas"] is not { } configured || target == configured)
                continue;
            ray.Serve.Settle();
            using StringContent body = new($"{{\"target_num_replicas\": {target}}}");
            using HttpResponseMessage scaled = await http.PostAsync(new Uri(http.BaseAddress!, $"/api/v1/applications/{name}/deployments/Model/scale"), body);
            scaled.EnsureSuccessStatusCode();
        }
    }

    private static void AddImperative(FakeRay ray, string name, JsonNode application)
    {
        JsonNode deployment = application["deployments"]!.AsObject().Single().Value!["deployment_config"]!.DeepClone();
        string? folder = (string?)deployment["ray_actor_options"]?["runtime_env"]?["working_dir"];
        deployment["ray_actor_options"]!.AsObject().Remove("runtime_env");
        if (folder is not null)
            ray.Packages.Add(folder["gcs://".Length..]);
        ray.Serve.AddImperative(name, (JsonObject)deployment, (string?)application["route_prefix"], folder, (bool)application["external_scaler_enabled"]!);
    }

    private static void Behave(FakeRay ray, string name, JsonNode application)
    {
        string message = (string)application["message"]!;
        string last = message.Split('\n').LastOrDefault(line => line.Any(char.IsLetter)) ?? "";
        if (message.StartsWith("Deploying app", StringComparison.Ordinal))
            ray.Serve.Behave(name, FakeBehaviour.ImportFails(last));
        else if ((string?)application["deployments"]?["Model"]?["status"] == "DEPLOY_FAILED")
            ray.Serve.Behave(name, FakeBehaviour.ConstructorRaises("RuntimeError: constructor failed on purpose"));
    }

    private static string? Package(JsonNode? config) =>
        (string?)config?["runtime_env"]?["working_dir"] is { } folder && folder.EndsWith(".zip", StringComparison.Ordinal) ? folder["gcs://".Length..] : null;

    /// <summary>Other code of the same application, as it ran before the recorded PUT.</summary>
    private static JsonNode Earlier(JsonNode config)
    {
        JsonNode earlier = config.DeepClone();
        earlier["args"] = new JsonObject { ["earlier"] = true };
        if (Package(config) is null)
            earlier.AsObject().Remove("runtime_env");
        return earlier;
    }

    private static async Task PutAsync(HttpClient http, JsonObject recorded, IEnumerable<JsonNode> applications)
    {
        JsonObject config = new()
        {
            ["proxy_location"] = recorded["proxy_location"]!.DeepClone(),
            ["http_options"] = new JsonObject { ["host"] = "127.0.0.1", ["port"] = 8000 },
            ["applications"] = new JsonArray([.. applications.Select(application => application.DeepClone())]),
        };
        using StringContent body = new(config.ToJsonString());
        using HttpResponseMessage put = await http.PutAsync(new Uri(http.BaseAddress!, "/api/serve/applications/"), body);
        // A package without the ending of an archive is the one recorded case in which the controller stops half way.
        if (!config.ToJsonString().Contains("gcs://mypkg\"", StringComparison.Ordinal))
            Xunit.Assert.True(put.IsSuccessStatusCode, await put.Content.ReadAsStringAsync());
    }

    /// <summary>What a reconciler would look at. Replicas of a deployment that failed come and go at their own pace.</summary>
    private static string Signature(JsonObject details) => string.Join("; ", details["applications"]!.AsObject().OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair =>
        $"{pair.Key} {pair.Value!["status"]} {pair.Value["source"]} {pair.Value["route_prefix"]} " + string.Join(", ", pair.Value["deployments"]!.AsObject().Select(deployment =>
        {
            JsonNode value = deployment.Value!;
            string states = (string)value["status"]! == "DEPLOY_FAILED" ? "" : string.Join(' ', value["replicas"]!.AsArray().Select(replica => replica!["state"]));
            bool waiting = ((string)value["message"]!).Contains("more than 30s", StringComparison.Ordinal);
            return $"{deployment.Key} {value["status"]} {value["status_trigger"]} {value["target_num_replicas"]} [{states}]{(waiting ? " waiting" : "")}";
        }))));
}
