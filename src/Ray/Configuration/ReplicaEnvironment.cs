using System.Collections.Immutable;
using System.Globalization;
using Raywright.Core.Engines;

namespace Raywright.Ray.Configuration;

/// <summary>What the process of a replica finds: package and environment variables.</summary>
internal static class ReplicaEnvironment
{
    public static ServeMap Of(RevisionConfig revision, ServeSettings settings, FieldSources sources)
    {
        List<(string Key, ServeNode Value)> entries = [];
        if (settings.WorkingDirectory is { } directory)
            entries.Add(("working_dir", new ServeText(directory, FieldSources.Always("The package with Raywright's runtime and the version's files. Its name is its content's, so that no node runs another one that it still had."))));
        entries.Add(("env_vars", new ServeMap([.. Variables(revision, sources)])));
        return new([.. entries]);
    }

    private static IEnumerable<(string Key, ServeNode Value)> Variables(RevisionConfig revision, FieldSources sources)
    {
        string threads = Math.Max(1, Math.Ceiling(revision.Resources.Cpus)).ToString(CultureInfo.InvariantCulture);
        foreach (string name in ModelVariables.ThreadLimits.Where(name => !revision.Variables.ContainsKey(name)))
            yield return (name, new ServeText(threads, sources.Because("As many threads as the replica has cores, not as many as the node has.", "resources.cpus")));
        foreach ((string name, string value) in DeploymentOptions.Sorted(revision.Variables))
            yield return (name, new ServeText(value, sources.Because(ModelVariables.ThreadLimits.Contains(name) ? "Environment variable of the replica, in place of the number of its cores." : "Environment variable of the replica.", $"variables.{name}")));
    }
}
