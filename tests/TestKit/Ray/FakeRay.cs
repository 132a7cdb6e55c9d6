using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Raywright.TestKit.Ray;

/// <summary>A request that the fake received.</summary>
/// <param name="Path">With its query.</param>
/// <param name="Body">Empty for packages.</param>
/// <param name="UserAgent">Who asked.</param>
public sealed record FakeRequest(string Method, string Path, string Body, string UserAgent);

/// <summary>
/// A cluster without Ray: the dashboard of Ray 2.60 as the recordings show it, on a free port of this machine, able to fail on
/// purpose. Nothing in it moves with time: reading moves applications and jobs, and the test does the rest.
/// </summary>
public sealed class FakeRay : IAsyncDisposable
{
    private readonly Lock gate = new();
    private readonly FakeIds ids = new();
    private readonly TimeProvider clock;
    private readonly FakeRoutes routes;
    private readonly List<FakeRequest> requests = [];
    private readonly List<HttpClient> clients = [];
    private readonly CancellationTokenSource stopping = new();
    private readonly WebApplication host;
    private int sessions;

    private FakeRay(TimeProvider clock)
    {
        this.clock = clock;
        Nodes = new(gate, ids, clock);
        Packages = new(gate);
        Jobs = new(gate, ids, Nodes, clock);
        Serve = new(gate, new(Nodes, Packages, ids, clock));
        Faults = new(gate);
        routes = new(this);
        SessionName = NextSession();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(options => options.Limits.MaxRequestBodySize = null);
        host = builder.Build();
        host.Run(HandleAsync);
    }

    /// <summary>The dashboard.</summary>
    public Uri Address => new(host.Urls.Single());

    /// <summary>The token that the cluster wants; null where authentication is off.</summary>
    public string? Token { get; set; }

    public string RayVersion { get; set; } = "2.60.0";

    /// <summary>New after each <see cref="Restart"/>.</summary>
    public string SessionName { get; private set; }

    public FakeServe Serve { get; }

    public FakePackages Packages { get; }

    public FakeJobs Jobs { get; }

    public FakeNodes Nodes { get; }

    public FakeFaults Faults { get; }

    /// <summary>What was asked so far, the latest at the end.</summary>
    public IReadOnlyList<FakeRequest> Requests
    {
        get
        {
            lock (gate)
                return [.. requests];
        }
    }

    /// <param name="clock">Gives the times in the answers.</param>
    public static async Task<FakeRay> StartAsync(TimeProvider? clock = null)
    {
        FakeRay ray = new(clock ?? TimeProvider.System);
        await ray.host.StartAsync().ConfigureAwait(false);
        return ray;
    }

    /// <summary>A client with the dashboard as its base and the present token; it lives as long as the fake.</summary>
    public HttpClient Client()
    {
        HttpClient client = new() { BaseAddress = Address };
        if (Token is not null)
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        clients.Add(client);
        return client;
    }

    /// <summary>The head is another one: a new session without applications, packages and jobs, at the same address.</summary>
    public void Restart()
    {
        lock (gate)
        {
            SessionName = NextSession();
            Nodes.Clear();
            Packages.Clear();
            Jobs.Clear();
            Serve.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync().ConfigureAwait(false);
        clients.ForEach(client => client.Dispose());
        await host.DisposeAsync().ConfigureAwait(false);
        stopping.Dispose();
    }

    private string NextSession() => string.Create(CultureInfo.InvariantCulture, $"session_{clock.GetUtcNow():yyyy-MM-dd_HH-mm-ss_ffffff}_{1000 + sessions++}");

    private async Task HandleAsync(HttpContext context)
    {
        bool package = context.Request.Path.StartsWithSegments("/api/packages", StringComparison.Ordinal);
        (byte[] body, long length) = await ReadAsync(context.Request.Body, keep: !package, context.RequestAborted).ConfigureAwait(false);
        lock (gate)
            requests.Add(new(context.Request.Method, context.Request.Path + context.Request.QueryString, Encoding.UTF8.GetString(body), context.Request.Headers.UserAgent.ToString()));
        FakeFault? fault = Faults.Take(context.Request.Path.Value!);
        if (fault?.Kind == "reset")
        {
            context.Abort();
            return;
        }
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token, context.RequestAborted);
        if (fault?.Kind == "hang")
            await Task.Delay(Timeout.InfiniteTimeSpan, clock, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (either.IsCancellationRequested)
            return;
        FakeAnswer answer = Answer(context.Request, body, length, fault);
        if (fault?.Act is { } act)
            await act().ConfigureAwait(false);
        if (fault?.Until is { } until)
            await until.WaitAsync(either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = answer.ContentType;
        byte[] bytes = Encoding.UTF8.GetBytes(answer.Body);
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, CancellationToken.None).ConfigureAwait(false);
    }

    private FakeAnswer Answer(HttpRequest request, byte[] body, long length, FakeFault? fault)
    {
        lock (gate)
        {
            FakeAnswer answer = fault?.Answer ?? FakeGuards.Refuse(request, Token) ?? routes.Answer(request, body, length, fault);
            return fault?.Change(answer) ?? answer;
        }
    }

    /// <summary>Reads a body to its end; of a package only the size matters.</summary>
    private static async Task<(byte[] Body, long Length)> ReadAsync(Stream stream, bool keep, CancellationToken cancellation)
    {
        using MemoryStream kept = new();
        byte[] buffer = new byte[1 << 16];
        long length = 0;
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0)
        {
            length += read;
            if (keep)
                kept.Write(buffer, 0, read);
        }
        return (kept.ToArray(), length);
    }
}
