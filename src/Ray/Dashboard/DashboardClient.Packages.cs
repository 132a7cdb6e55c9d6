using System.Net;
using System.Net.Http.Headers;
using Raywright.Core.Errors;

namespace Raywright.Ray.Dashboard;

/// <content>Packages: code that travels to the nodes as <c>gcs://NAME</c>.</content>
public sealed partial class DashboardClient
{
    private const long MostPackageBytes = 100L << 20;

    /// <summary>What a line must carry at least, so that a large package has more time than a small question.</summary>
    private const double UploadBytesPerSecond = 1 << 20;

    /// <summary>
    /// Whether the cluster has a package. Asking keeps it for another 600 s; what nothing uses and nobody asks for is deleted.
    /// </summary>
    /// <param name="name">With the ending of an archive, e.g. <c>_ray_pkg_0a1b.zip</c>.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task<Result<bool>> HasPackageAsync(string name, CancellationToken cancellation)
    {
        Result<Reply> reply = await connection.SendAsync(HttpMethod.Get, $"api/packages/gcs/{Segment(name)}", content: null, cancellation).ConfigureAwait(false);
        if (!reply.Ok)
            return reply.Problems;
        return reply.Value.Status == HttpStatusCode.NotFound ? false : connection.Done(reply.Value);
    }

    /// <summary>Sends a package; sending it again is no fault. It must be asked for afterwards to be kept.</summary>
    public Task<Result<bool>> UploadPackageAsync(string name, ReadOnlyMemory<byte> package, CancellationToken cancellation) =>
        UploadAsync(name, new ReadOnlyMemoryContent(package), package.Length, cancellation);

    /// <inheritdoc cref="UploadPackageAsync(string, ReadOnlyMemory{byte}, CancellationToken)"/>
    /// <param name="package">Read once from where it stands. Its length must be known.</param>
    public Task<Result<bool>> UploadPackageAsync(string name, Stream package, CancellationToken cancellation) =>
        UploadAsync(name, new StreamContent(package), package.Length - package.Position, cancellation);

    private async Task<Result<bool>> UploadAsync(string name, HttpContent content, long size, CancellationToken cancellation)
    {
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        TimeSpan more = TimeSpan.FromSeconds(size / UploadBytesPerSecond);
        Result<Reply> reply = await connection.SendAsync(HttpMethod.Put, $"api/packages/gcs/{Segment(name)}", content, cancellation, more).ConfigureAwait(false);
        // A server that refuses a body does not read its rest: the refusal can get lost in the broken connection.
        bool tooLarge = reply.Ok ? reply.Value.Status == HttpStatusCode.RequestEntityTooLarge : size > MostPackageBytes && reply.Problems[0].Definition == Catalogue.RayUnreachable;
        if (tooLarge)
            return new Problem(Catalogue.RayPackageTooLarge, $"{name} has {size} bytes; {Address} does not take it.");
        return reply.Ok ? connection.Done(reply.Value) : reply.Problems;
    }
}
