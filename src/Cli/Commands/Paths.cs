using System.CommandLine;
using Raywright.Cli.CommandLine;
using Raywright.Cli.Models;
using Raywright.Core.Errors;

namespace Raywright.Cli.Commands;

/// <summary>The argument that names a model folder, and the model that is meant where only its name counts.</summary>
internal static class Paths
{
    public static Argument<string?> Argument() => new("path")
    {
        HelpName = "PATH",
        Arity = ArgumentArity.ZeroOrOne,
        Description = "Folder of the model, its spec or its model file (default: this folder)",
    };

    /// <summary>The folder's model, checked; a folder without a spec is told about <c>init</c>.</summary>
    public static Result<LocalModel> Load(Session session, string? path, string environment)
    {
        Result<ModelFolder> folder = ModelFolder.Find(session.Host, path);
        if (!folder.Ok)
            return folder.Problems;
        return folder.Value.HasSpec
            ? LocalModel.Load(session.Host, folder.Value, environment)
            : new Problem(Catalogue.NoModelHere, $"{(folder.Value.Folder == session.Host.WorkingFolder ? "This folder" : session.Host.Shown(folder.Value.Folder))} has no {Core.Spec.SpecReader.FileName}.", Fix: $"Write it with `raywright init {session.Host.Shown(folder.Value.Folder)}`, then read it.");
    }

    /// <summary>The model that was named, or the one of the spec in this folder.</summary>
    public static Result<string> ModelName(Session session, string? named) =>
        (named ?? LocalModel.NameIn(session.Host.WorkingFolder)) is { } model
            ? model
            : new Problem(Catalogue.ModelNotNamed, "Which model?");
}
