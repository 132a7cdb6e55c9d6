using System.Collections.Immutable;
using System.Globalization;
using System.Net.Sockets;
using Raywright.Core.Errors;
using Raywright.Ray.Agent;
using Raywright.Ray.Dashboard;

namespace Raywright.Ray.Engine;

/// <summary>Whether a cluster can be used, a thing at a time and in words. Each may be asked alone; the order is that of <see cref="Things"/>.</summary>
public sealed class ClusterCheck
{
    public static readonly ImmutableArray<string> Things = ["dashboard", "ray", "agent", "nodes", "packages", "writers", "mode"];
    private static readonly ImmutableArray<string> Packages = ["onnxruntime", "numpy", "scikit-learn", "pandas", "xgboost", "xgboost-cpu", "lightgbm", "torch", "transformers", "mlflow"];
    private static readonly TimeSpan ListingPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ListingPace = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(3);
    private readonly DashboardClient dashboard;
    private readonly HttpClient serve;
    private readonly ClusterPlace place;
    private readonly ListWriter list;
    private readonly AgentClient agent;
    private readonly AgentInstallation installing;
    private readonly Installation installation;
    private readonly TimeProvider clock;
    private ImmutableArray<ReachedNode> reached = [];
    private ImmutableArray<(ReachedNode Node, string? Against)> tried = [];

    internal ClusterCheck(
        DashboardClient dashboard, HttpClient serve, ClusterPlace place, AgentClient agent, AgentInstallation installing, ListWriter list, Installation installation, TimeProvider clock) =>
        (this.dashboard, this.serve, this.place, this.agent, this.installing, this.list, this.installation, this.clock) = (dashboard, serve, place, agent, installing, list, installation, clock);

    /// <summary>Whether applications are to be declared there; where that is to be chosen, after <see cref="AgentAsync"/>.</summary>
    public bool Declares { get; internal set; }

    internal bool Chooses { get; init; }

    /// <summary><c>declared</c>, or <c>direct</c> where every node was reached, <c>proxy</c> where one was not; after <see cref="NodesAsync"/>.</summary>
    public string Mode => Declares ? "declared" : tried.All(one => one.Against is null) ? "direct" : "proxy";

    /// <summary>Versions of Ray and Python; after <see cref="RayAsync"/>.</summary>
    public string Software { get; private set; } = "";

    public async Task<Result<string>> DashboardAsync(CancellationToken cancellation)
    {
        Result<AuthenticationMode> mode = await dashboard.AuthenticationModeAsync(cancellation).ConfigureAwait(false);
        if (!mode.Ok)
            return mode.Problems;
        // Answered without a token; this one is not.
        Result<ClusterVersion> version = await dashboard.VersionAsync(cancellation).ConfigureAwait(false);
        if (!version.Ok)
            return version.Problems;
        return $"{dashboard.Address} answers; {(mode.Value == AuthenticationMode.Token ? "the token is accepted" : "it asks for no token: whoever reaches it can run code there")}";
    }

    public async Task<Result<string>> RayAsync(CancellationToken cancellation)
    {
        Result<ClusterVersion> version = await dashboard.VersionAsync(cancellation).ConfigureAwait(false);
        if (!version.Ok)
            return version.Problems;
        Result<IReadOnlyList<NodeDetails>> nodes = await dashboard.NodesAsync(cancellation).ConfigureAwait(false);
        // A head that has just started lists itself a moment after it answers.
        for (long start = clock.GetTimestamp(); nodes is { Ok: true, Value: [] } && clock.GetElapsedTime(start) < ListingPatience;)
        {
            await Task.Delay(ListingPace, clock, cancellation).ConfigureAwait(false);
            nodes = await dashboard.NodesAsync(cancellation).ConfigureAwait(false);
        }
        if (!nodes.Ok)
            return nodes.Problems;
        Result<string> python = await dashboard.PythonVersionAsync(cancellation).ConfigureAwait(false);
        if (!python.Ok)
            return python.Problems;
        Software = $"Ray {version.Value.RayVersion}, Python {python.Value}";
        double Sum(string resource) => nodes.Value.Sum(node => node.ResourcesTotal.GetValueOrDefault(resource));
        string note = version.Value.RayVersion == "2.60.0" ? "" : " (this product is tried with 2.60.0)";
        return string.Create(CultureInfo.InvariantCulture, $"Ray {version.Value.RayVersion}{note}, {Count(nodes.Value.Count, "node")}, {Sum("CPU"):0.##} CPUs, {Sum("GPU"):0.##} GPUs");
    }

    public async Task<Result<string>> AgentAsync(Action<string> tell, CancellationToken cancellation)
    {
        string why = "none is wanted";
        if (!Declares)
        {
            Result<AgentState> state = await installing.EnsureAsync(tell, cancellation).ConfigureAwait(false);
            if (state.Ok)
                return $"our agent {installation.Application} answers through Serve";
            if (!Chooses || state.Problems[0].Definition != Catalogue.RayJobsRefused)
                return state.Problems;
            why = "jobs are not allowed";
        }
        if (await list.AgainstAsync(cancellation).ConfigureAwait(false) is { } against)
            return against;
        Declares = true;
        return $"{why}: applications are declared (PUT)";
    }

    /// <summary>From here to a port of every node.</summary>
    public async Task<Result<string>> NodesAsync(CancellationToken cancellation)
    {
        if (Declares)
            return await ProxyAsync(cancellation).ConfigureAwait(false);
        Result<AgentReach> reach = await agent.ReachAsync(Packages, cancellation).ConfigureAwait(false);
        if (!reach.Ok)
            return reach.Problems;
        reached = reach.Value.Nodes;
        tried = [.. await Task.WhenAll(reached.Select(async node => (node, node.Problem ?? await TryAsync(node, cancellation).ConfigureAwait(false)))).ConfigureAwait(false)];
        (ReachedNode Node, string? Against)[] against = [.. tried.Where(one => one.Against is not null)];
        if (against.Length == 0)
            return $"a port on {(tried.Length == 1 ? "the node" : $"each of {tried.Length} nodes")} is reached directly";
        return $"{against.Length} of {Count(tried.Length, "node")} cannot be reached directly, e.g. {against[0].Node.Address ?? against[0].Node.Node}: {against[0].Against}";
    }

    /// <summary>What is installed on the nodes that a model may need; after <see cref="NodesAsync"/>.</summary>
    public Result<string> InstalledPackages()
    {
        ReachedNode[] open = [.. reached.Where(node => node.Packages is not null)];
        if (open.Length == 0)
            return Declares ? "a replica installs what its node lacks, before it loads" : "nothing is known of them";
        if (open.Select(node => node.Python).Distinct().Count() > 1)
            return $"nodes differ in their Python: {string.Join(", ", open.Select(node => node.Python).Distinct())}";
        string[] everywhere = [.. open[0].Packages!.Where(pair => open.All(node => node.Packages!.GetValueOrDefault(pair.Key) == pair.Value)).Select(pair => $"{pair.Key} {pair.Value}")];
        string[] somewhere = [.. open.SelectMany(node => node.Packages!.Keys).Distinct().Where(name => !everywhere.Any(one => one.StartsWith($"{name} ", StringComparison.Ordinal)))];
        string rest = somewhere.Length > 0 ? $"; not alike on all nodes: {string.Join(", ", somewhere)}" : "";
        return $"Python {open[0].Python} with {(everywhere.Length > 0 ? string.Join(", ", everywhere) : "none of the usual libraries; what a model needs is installed when it is deployed")}{rest}";
    }

    /// <summary>Who else puts applications there.</summary>
    public async Task<Result<string>> WritersAsync(CancellationToken cancellation)
    {
        Result<ServeDetails> details = await dashboard.ApplicationsAsync(cancellation).ConfigureAwait(false);
        if (!details.Ok)
            return details.Problems;
        string[] others = [.. details.Value.Applications.Where(pair => pair.Key != installation.Application && !ClusterReconciler.IsOf(pair.Value, installation)).Select(pair => pair.Key).Order(StringComparer.Ordinal)];
        return others.Length == 0
            ? "nobody else has applications there"
            : $"{Count(others.Length, "application")} of others, which {(others.Length == 1 ? "is" : "are")} left alone: {string.Join(", ", others.Take(5))}{(others.Length > 5 ? " and more" : "")}";
    }

    /// <summary>How replicas will be reached, and why so.</summary>
    public Result<string> Choice() => Mode switch
    {
        "declared" => "declared: applications are declared (PUT), and requests go through Serve's proxy, which is many times slower",
        "direct" => "direct: the gateway asks replicas on their own ports",
        _ => "proxy: the gateway asks through Serve's proxy where it does not reach a replica, which is many times slower; open the nodes' ports for it",
    };

    /// <summary>From here to Serve's proxy, which is all that requests have where applications are declared.</summary>
    private async Task<Result<string>> ProxyAsync(CancellationToken cancellation)
    {
        Uri address = place.Address.Serve;
        if (address.Scheme != Uri.UriSchemeHttp)
            return new Problem(Catalogue.ServeUnreachable, $"Requests go to Serve's proxy without TLS, and {address} wants it.", "serve");
        Result<ServeDetails> details = await dashboard.ApplicationsAsync(cancellation).ConfigureAwait(false);
        if (!details.Ok)
            return details.Problems;
        if (!details.Value.Started)
            return $"Serve does not run yet; its proxy will be looked for at {address}";
        try
        {
            using CancellationTokenSource overdue = new(ConnectPatience, clock);
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, overdue.Token);
            using HttpResponseMessage answer = await serve.GetAsync("/-/routes", either.Token).ConfigureAwait(false);
            return answer.IsSuccessStatusCode ? $"Serve's proxy answers at {address}" : new Problem(Catalogue.ServeUnreachable, string.Create(CultureInfo.InvariantCulture, $"What answers at {address} is not Serve's proxy: {(int)answer.StatusCode}."), "serve");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            return new Problem(Catalogue.ServeUnreachable, $"Serve's proxy does not answer at {address}: {e.Message}", "serve");
        }
    }

    private async Task<string?> TryAsync(ReachedNode node, CancellationToken cancellation)
    {
        using CancellationTokenSource overdue = new(ConnectPatience, clock);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, overdue.Token);
        using Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(node.Address!, node.Port, either.Token).ConfigureAwait(false);
            byte[] said = new byte[64];
            int read = await socket.ReceiveAsync(said, either.Token).ConfigureAwait(false);
            return said.AsSpan(0, read).StartsWith("raywright"u8) ? null : "something else answers there";
        }
        catch (SocketException e)
        {
            return e.Message;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return string.Create(CultureInfo.InvariantCulture, $"no answer within {ConnectPatience.TotalSeconds:0} s");
        }
    }

    private static string Count(int number, string what) => string.Create(CultureInfo.InvariantCulture, $"{number} {what}{(number == 1 ? "" : "s")}");
}
