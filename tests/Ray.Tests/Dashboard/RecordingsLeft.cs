using Raywright.TestKit.Ray;

namespace Raywright.Ray.Tests.Dashboard;

/// <summary>Recorded exchanges that the fake does not answer, and why.</summary>
internal static class RecordingsLeft
{
    private const string NotRead = "the product does not read it";
    private const string OtherForm = "the product reads another form of it";

    private static readonly Dictionary<string, string> Reasons = new(StringComparer.Ordinal)
    {
        ["autoscaling/*"] = "Ray's own autoscaler is never switched on",
        ["cluster-status/format=0 with a pending demand"] = OtherForm,
        ["cluster-status/format=2 (unknown)"] = OtherForm,
        ["cluster-status/format=0 idle"] = OtherForm,
        ["cluster-status/no format"] = OtherForm,
        ["fake-cluster-v1/cluster_status format=0 with autoscaler v1"] = OtherForm,
        ["fake-cluster/cluster_status format=0 under autoscaler v2"] = OtherForm,
        ["fake-cluster/nodes summary"] = OtherForm,
        ["nodes/*"] = OtherForm,
        ["misc/prometheus sd"] = NotRead,
        ["misc/component activities"] = NotRead,
        ["misc/usage stats"] = NotRead,
        ["misc/timezone"] = NotRead,
        ["misc/redaction"] = NotRead,
        ["misc/grafana"] = NotRead,
        ["misc/logical actors"] = NotRead,
        ["scale-deleted/scale an app being deleted, attempt 0"] = "the moment in which Ray still accepts it does not exist in the fake",
        ["state-api/actors"] = NotRead,
        ["state-api/jobs"] = OtherForm,
        ["state-api/workers"] = NotRead,
        ["state-api/objects"] = NotRead,
        ["state-api/cluster_events"] = NotRead,
        ["state-api/actors filter"] = NotRead,
        ["state-api/bad filter"] = NotRead,
        ["state-api/bad predicate"] = NotRead,
        ["state-api/actors summarize"] = NotRead,
        ["state-api/tasks summarize"] = NotRead,
        ["state-api/logs list"] = NotRead,
    };

    /// <summary>Null for what is asked again.</summary>
    public static string? Why(RayRecording exchange) => exchange.Target != "dashboard"
        ? "the fake has no data path"
        : Reasons.GetValueOrDefault($"{exchange.File}/{exchange.Name}") ?? Reasons.GetValueOrDefault($"{exchange.File}/*");
}
