using System.Text.RegularExpressions;
using Raywright.Core.Spec;

namespace Raywright.Core.Initialization;

/// <summary>Derives a model's name from where it lies: <c>iris/v1/model.onnx</c> is <c>iris</c>.</summary>
internal static partial class ModelName
{
    private const string Fallback = "model";

    public static string Of(string folder, string source)
    {
        for (DirectoryInfo? at = new(folder); at?.Parent is not null; at = at.Parent)
        {
            if (Place().IsMatch(at.Name))
                break;
            if (!Generic().IsMatch(at.Name) && Label(at.Name) is { } name)
                return name;
        }
        string stem = Path.GetFileNameWithoutExtension(source);
        return Generic().IsMatch(stem) ? Fallback : Label(stem) ?? Fallback;
    }

    /// <summary>The nearest DNS label; null where nothing of the text can be part of one.</summary>
    private static string? Label(string text)
    {
        string label = Other().Replace(text.ToLowerInvariant(), "-").Trim('-');
        if (label.Length > 0 && !char.IsAsciiLetter(label[0]))
            label = $"m-{label}";
        if (label.Length > SpecKeys.LongestModel)
            label = label[..SpecKeys.LongestModel].TrimEnd('-');
        return SpecRules.IsModelName(label) ? label : null;
    }

    /// <summary>Names that say nothing about what the model does; the folder above does.</summary>
    [GeneratedRegex(@"^(v(ersion)?[-_.]?\d.*|\d+([-_.]\d+)*|models?|onnx|exports?(ed)?|artifacts?|out(put)?s?|latest|best|final|current|build|dist|src|files|checkpoints?)$", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase)]
    private static partial Regex Generic();

    /// <summary>Folders in which files lie by accident; their names never name a model.</summary>
    [GeneratedRegex("^(downloads?|desktop|documents|tmp|temp|home|root|users)$", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase)]
    private static partial Regex Place();

    [GeneratedRegex("[^a-z0-9]+", RegexOptions.ExplicitCapture)]
    private static partial Regex Other();
}
