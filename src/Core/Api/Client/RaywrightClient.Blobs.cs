using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Raywright.Core.Errors;

namespace Raywright.Core.Api.Client;

/// <content>Files by digest: asked for, then sent from where the last attempt stopped.</content>
public sealed partial class RaywrightClient
{
    private const int MostUploadAttempts = 8;

    /// <summary>The server's word for an upload that goes on at another place than it stopped.</summary>
    private const string PartDoesNotFit = "RW5103";

    /// <summary>
    /// Sends a file unless the server has it. A connection that breaks is taken up again where the server stopped reading.
    /// </summary>
    /// <param name="file">Its digest and size.</param>
    /// <param name="path">Where it lies here.</param>
    /// <param name="progress">Told how many bytes of it the server has.</param>
    /// <param name="cancellation">Leaves what was sent for the next attempt.</param>
    /// <returns>Bytes that were sent now; 0 where the server had it already.</returns>
    public async Task<Result<long>> UploadAsync(FileReference file, string path, IProgress<long>? progress, CancellationToken cancellation)
    {
        string address = Path(Routes.Blob, ("sha256", file.Sha256));
        long furthest = -1;
        Problem? last = null;
        for (int attempt = 0; attempt < MostUploadAttempts; attempt++)
        {
            if (attempt > 0)
                await Task.Delay(TimeSpan.FromMilliseconds(100 << Math.Min(attempt, 5)), clock, cancellation).ConfigureAwait(false);
            Result<long?> there = await MissingFromAsync(address, file, cancellation).ConfigureAwait(false);
            if (there.Ok && there.Value is null)
                return Math.Max(0, furthest);
            Result<long> sent = there.Ok ? await SendPartAsync(address, file, path, there.Value!.Value, progress, cancellation).ConfigureAwait(false) : there.Problems;
            if (sent.Ok)
                return sent;
            last = sent.Problems[0];
            if (last.Definition != Catalogue.ServerUnreachable && last.Code != PartDoesNotFit)
                return sent.Problems;
            // An attempt that brought the file further is no failed one.
            if (there.Ok && there.Value > furthest)
                (furthest, attempt) = (there.Value.Value, 0);
        }
        return last!;
    }

    /// <summary>Where the server's part of the file ends; null where it has the whole.</summary>
    private async Task<Result<long?>> MissingFromAsync(string address, FileReference file, CancellationToken cancellation)
    {
        using HttpRequestMessage request = new(HttpMethod.Head, address);
        try
        {
            using HttpResponseMessage response = await http.SendAsync(request, cancellation).ConfigureAwait(false);
            if (response.IsSuccessStatusCode)
                return (long?)null;
            if (response.StatusCode != HttpStatusCode.NotFound)
                return await RefusalAsync(address, response.StatusCode, cancellation).ConfigureAwait(false);
            bool begun = response.Headers.TryGetValues("Upload-Offset", out IEnumerable<string>? values)
                & long.TryParse(values?.FirstOrDefault(), CultureInfo.InvariantCulture, out long offset);
            return begun && offset < file.Size ? offset : 0L;
        }
        catch (HttpRequestException e)
        {
            return Unreachable(e);
        }
    }

    /// <summary>An answer to HEAD comes without words; the answer to the same question with GET has them.</summary>
    private async Task<ImmutableArray<Problem>> RefusalAsync(string address, HttpStatusCode status, CancellationToken cancellation)
    {
        using HttpRequestMessage request = new(HttpMethod.Get, address);
        using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation).ConfigureAwait(false);
        return response.IsSuccessStatusCode
            ? ProblemReader.Read(status, [])
            : ProblemReader.Read(response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false));
    }

    private async Task<Result<long>> SendPartAsync(string address, FileReference file, string path, long offset, IProgress<long>? progress, CancellationToken cancellation)
    {
        if (!File.Exists(path))
            return new Problem(Catalogue.UploadChanged, $"{file.Path} is gone.");
        try
        {
            using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
            if (stream.Length != file.Size)
                return new Problem(Catalogue.UploadChanged, $"{file.Path} has {stream.Length} bytes now; it had {file.Size}.");
            stream.Seek(offset, SeekOrigin.Begin);
            using StreamContent content = new(new CountingStream(stream, offset, progress), 1 << 16);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
            content.Headers.ContentLength = file.Size - offset;
            if (file.Size > 0)
                content.Headers.ContentRange = new ContentRangeHeaderValue(offset, file.Size - 1, file.Size);
            using HttpRequestMessage request = new(HttpMethod.Put, address) { Content = content };
            using HttpResponseMessage response = await http.SendAsync(request, cancellation).ConfigureAwait(false);
            if (response.IsSuccessStatusCode)
                return file.Size - offset;
            return ProblemReader.Read(response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellation).ConfigureAwait(false));
        }
        catch (HttpRequestException e)
        {
            return Unreachable(e);
        }
    }

    /// <summary>Tells how far the reading of a file is.</summary>
    private sealed class CountingStream(Stream inner, long start, IProgress<long>? progress) : Stream
    {
        private long position = start;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => position;
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count) => Count(inner.Read(buffer, offset, count));

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Count(await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        private int Count(int read)
        {
            position += read;
            progress?.Report(position);
            return read;
        }
    }
}
