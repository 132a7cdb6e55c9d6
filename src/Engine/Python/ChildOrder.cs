using System.Collections.Immutable;
using Raywright.Core.Engines;
using Raywright.Core.Replicas;

namespace Raywright.Engine.Python;

/// <summary>What a child is told on its control socket (docs/reference/replica-protocol.md).</summary>
internal sealed record ChildOrder(
    string Task,
    string Folder,
    string Artifact,
    PythonFlavour Flavour,
    string? Code,
    string Model,
    string Revision,
    ReplicaContract Contract,
    string Arrays,
    string Socket,
    string Scratch,
    ChildConfinement? Confine)
{
    /// <param name="source">What to load.</param>
    /// <param name="task"><c>serve</c>, <c>describe</c> or <c>convert</c>.</param>
    /// <param name="socket">Where it answers.</param>
    /// <param name="scratch">Where it may write.</param>
    /// <param name="readable">Folders of its Python.</param>
    public static ChildOrder Of(RevisionSource source, string task, string socket, string scratch, ImmutableArray<string> readable)
    {
        RevisionConfig revision = source.Revision;
        PythonConfig python = revision.Python!;
        return new(
            task, source.Folder, revision.Artifact, python.Flavour, python.Code, revision.Model, revision.Id,
            ReplicaContract.Of(revision.Contract), python.Arrays, socket, scratch,
            new ChildConfinement(readable, python.Network, Processes: false, revision.Resources.MemoryBytes + ChildConfinement.Headroom, ChildConfinement.MostFiles));
    }
}

/// <param name="Files">Folders that may be read besides those that Python itself needs.</param>
/// <param name="MemoryBytes">Most private memory the kernel gives out; the resident set is watched from outside.</param>
internal sealed record ChildConfinement(ImmutableArray<string> Files, bool Network, bool Processes, long MemoryBytes, int OpenFiles)
{
    public const int MostFiles = 1024;

    /// <summary>Libraries ask for more than they touch: stacks of threads, arenas.</summary>
    public const long Headroom = 2L << 30;
}

/// <summary>What a child answers on its control socket.</summary>
internal sealed record ChildEvent(
    string Event,
    double LoadMs = 0,
    ImmutableSortedDictionary<string, string>? Versions = null,
    ImmutableArray<string>? Confined = null,
    bool Streams = false,
    ReplicaContract? Contract = null,
    ImmutableArray<string>? Notes = null,
    string? Converter = null,
    string? Kind = null,
    string? Detail = null,
    string? Where = null)
{
    public string VersionsText => string.Join(", ", (Versions ?? ImmutableSortedDictionary<string, string>.Empty)
        .OrderBy(pair => pair.Key != "python").ThenBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key} {pair.Value}"));
}
