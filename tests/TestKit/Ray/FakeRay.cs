using System.Globalization;
using System.Net;
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
    private readonly FakeProxy proxy;
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
        FakeSurroundings around = new(Nodes, Packages, ids, clock);
        Serve = new(gate, around);
        Faults = new(gate);
        ServeFaults = new(gate);
        Agents = new(gate, Serve, around);
        Jobs.Run = Agents.Install;
        proxy = new(gate, Serve, Agents);
        routes = new(this);
        SessionName = NextSession();
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options => Array.ForEach(new[] { false, true }, _ => options.Listen(IPAddress.Loopback, 0)));
        builder.WebHost.ConfigureKestrel(options => options.Limits.MaxRequestBodySize = null);
        host = builder.Build();
        host.Run(HandleAsync);
    }

    /// <summary>The dashboard.</summary>
    public Uri Address => new(host.Urls.First());

    /// <summary>Serve's proxy. It answers for our agents and their replicas only, once Serve runs.</summary>
    public Uri ServeAddress => new(host.Urls.Last());

    /// <summary>The token that the cluster wants; null where authentication is off.</summary>
    public string? Token { get; set; }

    public string RayVersion { get; set; } = "2.60.0";

    /// <summary>New after each <see cref="Restart"/>.</summary>
    public string SessionName { get; private set; }

    public FakeServe Serve { get; }

    public FakePackages Packages { get; }

    public FakeJobs Jobs { get; }

    public FakeNodes Nodes { get; }

    /// <summary>Of the dashboard.</summary>
    public FakeFaults Faults { get; }

    /// <summary>Of Serve's proxy, and so of our agents.</summary>
    public FakeFaults ServeFaults { get; }

    /// <summary>Our agents, and the replicas of what they have deployed.</summary>
    public FakeAgents Agents { get; }

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
            Agents.Clear();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync().ConfigureAwait(false);
        clients.ForEach(client => client.Dispose());
        await host.DisposeAsync().ConfigureAwait(false);
        lock (gate)
            Agents.Clear();
        stopping.Dispose();
    }

    private string NextSession() => string.Create(CultureInfo.InvariantCulture, $"session_{clock.GetUtcNow():yyyy-MM-dd_HH-mm-ss_ffffff}_{1000 + sessions++}");

    private async Task HandleAsync(HttpContext context)
    {
        bool ofServe = context.Connection.LocalPort == ServeAddress.Port;
        bool package = !ofServe && context.Request.Path.StartsWithSegments("/api/packages", StringComparison.Ordinal);
        (byte[] body, long length) = await ReadAsync(context.Request.Body, keep: !package, context.RequestAborted).ConfigureAwait(false);
        if (!ofServe)
        {
            lock (gate)
                requests.Add(new(context.Request.Method, context.Request.Path + context.Request.QueryString, Encoding.UTF8.GetString(body), context.Request.Headers.UserAgent.ToString()));
        }
        FakeFault? fault = (ofServe ? ServeFaults : Faults).Take(context.Request.Path.Value!);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token, context.RequestAborted);
        if (fault?.Kind == "hang")
            await Task.Delay(Timeout.InfiniteTimeSpan, clock, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // Where Serve does not run nothing listens; what listens here for it takes a call and says nothing.
        if (fault?.Kind == "reset" || either.IsCancellationRequested || (ofServe && !Serve.Started))
        {
            context.Abort();
            return;
        }
        FakeAnswer answer = ofServe
            ? fault?.Answer ?? await proxy.AnswerAsync(context.Request, body, clock, either.Token).ConfigureAwait(false)
            : Answer(context.Request, body, length, fault);
        if (fault?.Act is { } act)
            await act().ConfigureAwait(false);
        await WriteAsync(context.Response, ofServe ? fault?.Change(answer) ?? answer : answer, fault, either.Token).ConfigureAwait(false);
    }

    private static async Task WriteAsync(HttpResponse response, FakeAnswer answer, FakeFault? fault, CancellationToken cancellation)
    {
        if (fault?.Until is { } until)
            await until.WaitAsync(cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (fault?.Kind == "lost")
        {
            response.HttpContext.Abort();
            return;
        }
        response.StatusCode = answer.Status;
        response.ContentType = answer.ContentType;
        byte[] bytes = answer.Bytes ?? Encoding.UTF8.GetBytes(answer.Body);
        response.ContentLength = bytes.Length;
        foreach ((string name, string value) in answer.Fields ?? [])
            response.Headers[name] = value;
        await response.Body.WriteAsync(bytes, CancellationToken.None).ConfigureAwait(false);
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
