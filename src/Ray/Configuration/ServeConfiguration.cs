using System.Collections.Immutable;
using Raywright.Core.Engines;
using static Raywright.Ray.Configuration.FieldSources;

namespace Raywright.Ray.Configuration;

/// <summary>
/// The whole Serve configuration of one revision. Each revision is an application of its own, named by its ID, so that two run side
/// by side and the gateway moves traffic between them.
/// </summary>
public sealed class ServeConfiguration
{
    /// <summary>The application's only deployment: scaling and status name it.</summary>
    public const string DeploymentName = "model";

    /// <summary>Builds the application from its <c>args</c>.</summary>
    public const string ImportPath = "raywright_runtime.ray.application:build";

    private ServeConfiguration(string application, ServeMap document, ServeMap options) =>
        (ApplicationName, Document, Options) = (application, document, options);

    public string ApplicationName { get; }

    public string RoutePrefix => RouteOf(ApplicationName);

    /// <summary>The declarative document, for <c>PUT /api/serve/applications/</c> and <c>serve deploy</c>: this application alone.</summary>
    public ServeMap Document { get; }

    /// <summary>The keyword arguments of <c>serve.deployment.options</c>, for the agent, which runs the application itself.</summary>
    public ServeMap Options { get; }

    /// <summary>The application of the document.</summary>
    public ServeMap Application { get; private init; } = new([]);

    /// <summary>What the builder is called with: <c>args</c> of the document.</summary>
    public ServeMap Arguments { get; private init; } = new([]);

    /// <param name="revision">What is to run.</param>
    /// <param name="settings">What the cluster decides. <see cref="ServeChecks"/> says what of both Ray could not do.</param>
    public static ServeConfiguration Of(RevisionConfig revision, ServeSettings settings)
    {
        FieldSources sources = new(settings.Origins, revision.Environment);
        ServeMap environment = ReplicaEnvironment.Of(revision, settings, sources);
        ServeMap arguments = new([("order", ReplicaOrder.Of(revision, settings, sources))]);
        ServeMap application = new(
        [
            ("name", new ServeText(revision.Id, new("The revision's ID: each revision is an application of its own, and two of them can run side by side.", ServeSource.Revision))),
            ("route_prefix", new ServeText(RouteOf(revision.Id), new("Its path at Ray's proxy. The ID makes it one that no other application has.", ServeSource.Revision))),
            ("import_path", new ServeText(ImportPath, Always("Raywright's runtime, which builds the application from `args`."))),
            ("runtime_env", environment),
            ("external_scaler_enabled", new ServeTruth(true, Always("Raywright says how many replicas run; Ray takes that only where this is on."))),
            ("args", arguments),
            ("deployments", new ServeList([DeploymentOptions.Declared(revision, settings.Installation, sources)])),
        ]);
        return new(revision.Id, new([.. Cluster(settings), ("applications", new ServeList([application]))]), DeploymentOptions.Of(revision, settings.Installation, sources)) { Application = application, Arguments = arguments };
    }

    private static string RouteOf(string application) => $"/{application}";

    private static IEnumerable<(string Key, ServeNode Value)> Cluster(ServeSettings settings)
    {
        yield return ("proxy_location", new ServeText("EveryNode", Always("Each node with replicas has a proxy, so that the loss of one node is not the loss of the way in. Ray reads it only when Serve starts.")));
        if (settings.Http is not { } http)
            yield break;
        yield return ("http_options", new ServeMap(
        [
            ("host", new ServeText(http.Host, Always("Where Ray's proxies listen. They know no keys and no limits, so that nobody but the gateway may reach them. Ray reads it only when Serve starts."))),
            ("port", new ServeWhole(http.Port, Always("Ray's usual port."))),
        ]));
    }
}
