using System.Text.Json;
using Raywright.Core.Engines;
using Raywright.Ray.Agent;

namespace Raywright.Ray.Engine;

/// <summary>Options of the one deployment of a revision, as the agent passes them to Serve.</summary>
internal static class RevisionOptions
{
    public static JsonElement Of(RevisionConfig revision, Installation installation, int replicas)
    {
        using MemoryStream text = new();
        using (Utf8JsonWriter json = new(text))
        {
            json.WriteStartObject();
            json.WriteNumber("num_replicas", Math.Max(1, replicas));
            json.WriteNumber("max_ongoing_requests", 64);
            json.WriteNumber("health_check_period_s", 1);
            json.WriteNumber("health_check_timeout_s", 30);
            json.WriteNumber("graceful_shutdown_wait_loop_s", 0.5);
            json.WriteNumber("graceful_shutdown_timeout_s", 630);
            json.WriteNumber("max_surge_percent", 100);
            json.WriteStartObject("user_config");
            json.WriteStartObject("raywright");
            json.WriteString("installation", installation.Application);
            json.WriteString("revision", revision.Id);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteStartObject("ray_actor_options");
            json.WriteNumber("num_cpus", revision.Resources.Cpus);
            json.WriteNumber("num_gpus", revision.Resources.Gpus);
            json.WriteNumber("memory", revision.Resources.MemoryBytes);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        using JsonDocument document = JsonDocument.Parse(text.ToArray());
        return document.RootElement.Clone();
    }
}
