using System.Collections.Immutable;
using Raywright.Core.Contracts;
using Raywright.Core.Errors;
using Raywright.Core.Spec;

namespace Raywright.Core.Initialization;

/// <summary>What <c>init</c> would write; nothing is written before <see cref="Write"/>.</summary>
/// <param name="Folder">Where the spec belongs.</param>
/// <param name="Model">The model's name.</param>
/// <param name="Source">The model file, relative to the folder.</param>
/// <param name="Contract">The contract that the spec spells out.</param>
/// <param name="Spec">Text of <c>raywright.yaml</c>.</param>
/// <param name="CasesPath">The cases file that the spec names, relative to the folder.</param>
/// <param name="Cases">Its text; null where the file lies there already.</param>
/// <param name="CaseCount">Cases in it.</param>
/// <param name="Notes">What a person should know, a sentence each.</param>
/// <param name="Warnings">What may stand in the way of serving the model.</param>
public sealed record InitResult(
    string Folder,
    string Model,
    string Source,
    Contract Contract,
    string Spec,
    string? CasesPath,
    string? Cases,
    int CaseCount,
    ImmutableArray<string> Notes,
    ImmutableArray<Problem> Warnings)
{
    /// <summary>Writes each file whole or not at all; gives their paths relative to the folder.</summary>
    public Result<ImmutableArray<string>> Write(bool force)
    {
        if (!force && File.Exists(Path.Combine(Folder, SpecReader.FileName)))
            return SpecFile.Exists();
        List<string> written = [];
        try
        {
            if (Cases is not null && CasesPath is not null)
                written.Add(Replace(CasesPath, Cases));
            // The spec comes last: where it exists, what it names exists too.
            written.Add(Replace(SpecReader.FileName, Spec));
            return written.ToImmutableArray();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Problem(Catalogue.FolderNotWritable, $"{Folder} cannot be written to: {e.Message}");
        }
    }

    private string Replace(string relative, string text)
    {
        string path = Path.Combine(Folder, relative);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        string draft = $"{path}.{Environment.ProcessId}.tmp";
        File.WriteAllText(draft, text);
        File.Move(draft, path, overwrite: true);
        return relative;
    }
}

/// <summary>The spec that may lie in a folder already.</summary>
internal static class SpecFile
{
    public static Problem Exists() => new(Catalogue.SpecExists, $"{SpecReader.FileName} lies there already.");
}
