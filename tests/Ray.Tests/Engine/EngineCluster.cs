using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Raywright.Ray.Agent;
using Raywright.Ray.Dashboard;
using Raywright.Ray.Engine;

namespace Raywright.Ray.Tests.Engine;

/// <summary>A cluster for the tests of the engine, and what others do there.</summary>
public abstract class EngineCluster
{
    private static readonly RuntimePackage Package = RuntimePackage.Read(Path.Combine(AppContext.BaseDirectory, "python"));

    public Installation Installation { get; } = new($"raywright-{RandomNumberGenerator.GetHexString(8, lowercase: true)}", "secret");

    public abstract ClusterPlace Place { get; }

    public abstract TimeProvider Clock { get; }

    /// <summary>Where a head is another one, it has another dashboard.</summary>
    public DashboardClient Dashboard => new(Http, TimeProvider.System);

    /// <summary>The dashboard; the cluster's.</summary>
    public abstract HttpClient Http { get; }

    public RayEngine Engine(Installation? installation = null, ClusterPlace? place = null) =>
        new("lab", place ?? Place, installation ?? Installation, Package, Clock, NullLogger<RayEngine>.Instance);

    /// <summary>The head is another one.</summary>
    public abstract Task RestartAsync();

    /// <summary><c>serve.run</c> by somebody else.</summary>
    public abstract Task RunTheirsAsync(string application);

    /// <summary><c>serve.delete</c> by somebody else.</summary>
    public abstract Task DeleteAsync(string application);
}
