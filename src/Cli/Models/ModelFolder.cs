using Raywright.Cli.CommandLine;
using Raywright.Core.Errors;
using Raywright.Core.Spec;

namespace Raywright.Cli.Models;

/// <summary>What a path on the command line means: the folder of a model, its spec, or a model file in it.</summary>
/// <param name="Folder">Full path.</param>
/// <param name="Spec">Full path of the spec, which may not exist yet.</param>
/// <param name="Path">What was named, as a full path.</param>
internal sealed record ModelFolder(string Folder, string Spec, string Path)
{
    public bool HasSpec => File.Exists(Spec);

    public static Result<ModelFolder> Find(CliHost host, string? path)
    {
        string full = host.FullPath(path ?? ".");
        if (Directory.Exists(full))
            return new ModelFolder(full, System.IO.Path.Combine(full, SpecReader.FileName), full);
        if (!File.Exists(full))
            return new Problem(Catalogue.NoModelHere, $"There is no {path}.");
        string folder = System.IO.Path.GetDirectoryName(full)!;
        bool isSpec = System.IO.Path.GetExtension(full) is ".yaml" or ".yml";
        return new ModelFolder(folder, isSpec ? full : System.IO.Path.Combine(folder, SpecReader.FileName), full);
    }
}
