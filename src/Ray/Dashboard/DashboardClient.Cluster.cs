using System.Text;
using Raywright.Core.Errors;

namespace Raywright.Ray.Dashboard;

/// <content>Nodes, the autoscaler's view and log files.</content>
public sealed partial class DashboardClient
{
    /// <summary>The nodes of the cluster.</summary>
    /// <param name="includingDead">Ray remembers nodes that are gone; they are left out unless they are asked for.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task<Result<IReadOnlyList<NodeDetails>>> NodesAsync(bool includingDead, CancellationToken cancellation)
    {
        // The most that Ray gives at once. The default of 100 would leave out nodes without a word.
        Result<Envelope<StateList<NodeDetails>>> answer = await connection.GetAsync("api/v0/nodes?detail=1&limit=10000", RayJson.Default.EnvelopeStateListNodeDetails, cancellation).ConfigureAwait(false);
        if (!answer.Ok)
            return answer.Problems;
        if (answer.Value.Data?.Result?.Result is not { } nodes)
            return Empty(answer.Value.Result, answer.Value.Msg, "nodes");
        return includingDead ? [.. nodes] : nodes.Where(node => node.State == NodeState.Alive).ToArray();
    }

    /// <inheritdoc cref="NodesAsync(bool, CancellationToken)"/>
    public Task<Result<IReadOnlyList<NodeDetails>>> NodesAsync(CancellationToken cancellation) => NodesAsync(includingDead: false, cancellation);

    /// <summary>Version of the head's Python, e.g. <c>3.11.7</c>.</summary>
    public async Task<Result<string>> PythonVersionAsync(CancellationToken cancellation)
    {
        Result<Envelope<ClusterMetadata>> answer = await connection.GetAsync("api/v0/cluster_metadata", RayJson.Default.EnvelopeClusterMetadata, cancellation).ConfigureAwait(false);
        if (!answer.Ok)
            return answer.Problems;
        return answer.Value.Data?.PythonVersion is { } version ? version : Empty(answer.Value.Result, answer.Value.Msg, "metadata");
    }

    /// <summary>What <c>ray status</c> prints: for people, nothing decides by it.</summary>
    public async Task<Result<string>> ClusterStatusTextAsync(CancellationToken cancellation)
    {
        // The other format is empty with the newer autoscaler.
        Result<Envelope<StatusText>> answer = await connection.GetAsync("api/cluster_status?format=1", RayJson.Default.EnvelopeStatusText, cancellation).ConfigureAwait(false);
        if (!answer.Ok)
            return answer.Problems;
        return answer.Value.Data?.ClusterStatus is { } text ? text : Empty(answer.Value.Result, answer.Value.Msg, "status");
    }

    /// <summary>The last lines of a log file on a node.</summary>
    /// <param name="nodeId">The node's ID.</param>
    /// <param name="file">As Ray names it, e.g. <see cref="ReplicaDetails.LogFilePath"/>.</param>
    /// <param name="lines">At most so many.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task<Result<string>> LogFileAsync(string nodeId, string file, int lines, CancellationToken cancellation)
    {
        // Ray gives the path with a slash in front and takes it only without.
        string path = $"api/v0/logs/file?node_id={Segment(nodeId)}&filename={Segment(file.TrimStart('/'))}&lines={lines}";
        Result<Reply> reply = await connection.SendAsync(HttpMethod.Get, path, content: null, cancellation).ConfigureAwait(false);
        if (!reply.Ok)
            return reply.Problems;
        Result<bool> done = connection.Done(reply.Value);
        return done.Ok ? Encoding.UTF8.GetString(reply.Value.Body) : done.Problems;
    }

    private Problem Empty(bool? result, string? message, string what) => result == false
        ? new(Catalogue.RayFailed, $"{Address} failed to list its {what}: {message}")
        : connection.NotRay($"its answer holds no {what}");
}
