using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Raywright.Core.Errors;

namespace Raywright.Ray.Dashboard;

/// <summary>
/// Typed client of the REST API of Ray's dashboard, from 2.54 on. What goes wrong is a problem, RW4110 to RW4129; only
/// cancellation by the caller is an exception. Safe to use from several threads. Nothing is sent twice: the caller reconciles.
/// </summary>
/// <param name="http">
/// Its <see cref="HttpClient.BaseAddress"/> is the dashboard; the caller puts token and other headers into its defaults, and lets
/// its own <see cref="HttpClient.Timeout"/> be infinite: that of a large package is longer than the usual one.
/// </param>
/// <param name="clock">Measures the deadline.</param>
/// <param name="deadline">Of each request, from the first byte sent to the last received; 30 s where it is null.</param>
public sealed partial class DashboardClient(HttpClient http, TimeProvider clock, TimeSpan? deadline = null)
{
    private const string ApplicationsPath = "api/serve/applications/";
    private static readonly Version Oldest = new(2, 54);
    private static readonly TimeSpan DefaultDeadline = TimeSpan.FromSeconds(30);

    private readonly DashboardConnection connection = new(http, clock, deadline ?? DefaultDeadline);

    /// <summary>The dashboard as a person writes it, without a slash at the end.</summary>
    public string Address => connection.Address;

    /// <summary>Which Ray answers; a problem where it is too old or no Ray.</summary>
    public async Task<Result<ClusterVersion>> VersionAsync(CancellationToken cancellation)
    {
        Result<ClusterVersion> version = await connection.GetAsync("api/version", RayJson.Default.ClusterVersion, cancellation).ConfigureAwait(false);
        if (!version.Ok)
            return version;
        if (version.Value.RayVersion is not { } words)
            return connection.NotRay("its answer to /api/version names no version of Ray");
        // A version that is no number is somebody's own build, which is not older than the oldest.
        return Numbers(words) is { } numbers && numbers < Oldest
            ? new Problem(Catalogue.RayTooOld, $"{Address} runs Ray {words}.")
            : version;
    }

    /// <summary>Whether the cluster wants a token. Answered without one.</summary>
    public async Task<Result<AuthenticationMode>> AuthenticationModeAsync(CancellationToken cancellation)
    {
        Result<AuthenticationModeAnswer> answer = await connection.GetAsync("api/authentication_mode", RayJson.Default.AuthenticationModeAnswer, cancellation).ConfigureAwait(false);
        if (!answer.Ok)
            return answer.Problems;
        return answer.Value.Mode is { } mode ? mode : connection.NotRay("its answer to /api/authentication_mode names no mode");
    }

    /// <summary>What Serve runs.</summary>
    /// <param name="imperativeOnly">Leaves out what was PUT.</param>
    /// <param name="cancellation">Ends the call.</param>
    public Task<Result<ServeDetails>> ApplicationsAsync(bool imperativeOnly, CancellationToken cancellation) =>
        connection.GetAsync(imperativeOnly ? ApplicationsPath + "?api_type=imperative" : ApplicationsPath, RayJson.Default.ServeDetails, cancellation);

    /// <inheritdoc cref="ApplicationsAsync(bool, CancellationToken)"/>
    public Task<Result<ServeDetails>> ApplicationsAsync(CancellationToken cancellation) => ApplicationsAsync(imperativeOnly: false, cancellation);

    /// <summary>
    /// Replaces every declarative application; returns before they run. Of the problems <see cref="Catalogue.RayConfigRefused"/>
    /// (one for each fault) says that nothing changed, and <see cref="Catalogue.RayConfigHalfApplied"/> that something did.
    /// </summary>
    public async Task<Result<bool>> PutApplicationsAsync(ReadOnlyMemory<byte> json, CancellationToken cancellation)
    {
        Result<Reply> reply = await connection.SendAsync(HttpMethod.Put, ApplicationsPath, Json(json), cancellation).ConfigureAwait(false);
        if (!reply.Ok)
            return reply.Problems;
        if (reply.Value.Status != HttpStatusCode.BadRequest)
            return connection.Done(reply.Value);
        return PutRefusal.Read(reply.Value.Body, json.Span);
    }

    /// <summary>
    /// Sets how many replicas a deployment has; returns before they run. Only for applications with
    /// <c>external_scaler_enabled</c>. A changed configuration forgets the number.
    /// </summary>
    public async Task<Result<bool>> ScaleAsync(string application, string deployment, int replicas, CancellationToken cancellation)
    {
        Result<Reply> reply = await connection.SendAsync(
            HttpMethod.Post,
            $"api/v1/applications/{Segment(application)}/deployments/{Segment(deployment)}/scale",
            Json(new ScaleRequest(replicas), RayJson.Default.ScaleRequest),
            cancellation).ConfigureAwait(false);
        if (!reply.Ok)
            return reply.Problems;
        return (int)reply.Value.Status switch
        {
            // An address that is no Ray's answers 404 as well; which it is shows at the next VersionAsync.
            404 => new Problem(Catalogue.RayDeploymentUnknown, $"{Address} has no deployment {deployment} in the application {application}, or not yet."),
            412 => new Problem(Catalogue.RayScalingRefused, $"Ray does not scale {deployment} of {application}: {RayWords.First(reply.Value.Body)}"),
            _ => connection.Done(reply.Value),
        };
    }

    private static Version? Numbers(string words)
    {
        string[] parts = words.Split('.', 3);
        return parts.Length > 1 && int.TryParse(parts[0], CultureInfo.InvariantCulture, out int major) && int.TryParse(parts[1], CultureInfo.InvariantCulture, out int minor)
            ? new(major, minor)
            : null;
    }

    private static string Segment(string name) => Uri.EscapeDataString(name);

    private static ReadOnlyMemoryContent Json(ReadOnlyMemory<byte> json) =>
        new(json) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };

    private static ReadOnlyMemoryContent Json<T>(T value, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        Json(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(value, type));
}
