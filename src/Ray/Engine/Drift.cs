using System.Text.Json;
using Raywright.Ray.Configuration;
using Raywright.Ray.Dashboard;

namespace Raywright.Ray.Engine;

/// <summary>What an application has become beside what was sent, which is what somebody else has done.</summary>
internal static class Drift
{
    /// <summary>In words, or null where all that was sent is there. What Ray does not show is not missed: an older one knows fewer settings.</summary>
    public static string? Of(ServeConfiguration sent, ApplicationDetails application, DeploymentDetails deployment)
    {
        List<string> found = [];
        if (application.RoutePrefix is { } route && route != sent.RoutePrefix)
            found.Add($"route_prefix is {route} instead of {sent.RoutePrefix}");
        if (application.ExternalScalerEnabled == false)
            found.Add("external_scaler_enabled is false instead of true");
        if (deployment.DeploymentConfig is { } config)
        {
            // How many replicas there are is scaled, not deployed.
            foreach (JsonProperty option in JsonElement.Parse(sent.Options.ToJson()).EnumerateObject().Where(option => option.Name != "num_replicas"))
                Compare(option.Name, option.Value, config, option.Name, found);
        }
        return found.Count == 0 ? null : string.Join("; ", found);
    }

    private static void Compare(string path, JsonElement sent, JsonElement holder, string name, List<string> found)
    {
        if (holder.ValueKind != JsonValueKind.Object || !holder.TryGetProperty(name, out JsonElement came))
            return;
        if (sent.ValueKind == JsonValueKind.Object && came.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty inner in sent.EnumerateObject())
                Compare($"{path}.{inner.Name}", inner.Value, came, inner.Name, found);
        }
        else if (!Same(sent, came))
        {
            found.Add($"{path} is {came.GetRawText()} instead of {sent.GetRawText()}");
        }
    }

    private static bool Same(JsonElement sent, JsonElement came) =>
        sent.ValueKind == JsonValueKind.Number && came.ValueKind == JsonValueKind.Number ? sent.GetDouble().Equals(came.GetDouble()) : JsonElement.DeepEquals(sent, came);
}
