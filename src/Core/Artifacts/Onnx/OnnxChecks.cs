using Raywright.Core.Errors;

namespace Raywright.Core.Artifacts.Onnx;

/// <summary>What the built-in runtime cannot serve, or must not read, found without loading the model.</summary>
public static class OnnxChecks
{
    /// <summary>Newest standard opset that the built-in ONNX Runtime takes for released.</summary>
    public const long NewestOpset = 26;

    /// <summary>Newest opset of <c>ai.onnx.ml</c> that it knows.</summary>
    public const long NewestClassicOpset = 5;

    /// <summary>Newest version of the file format (<c>ir_version</c>) that it reads.</summary>
    public const long NewestFormat = 13;

    private static readonly HashSet<string> Domains = new(StringComparer.Ordinal)
    {
        "", "ai.onnx.ml", "ai.onnx.training", "ai.onnx.preview.training", "com.microsoft", "com.microsoft.nchwc", "com.microsoft.experimental",
        "com.ms.internal.nhwc", "org.pytorch.aten",
    };

    /// <summary>All that is wrong; warnings have the code of <see cref="Catalogue.LocaleNeeded"/>.</summary>
    /// <param name="model">The graph.</param>
    /// <param name="folder">Folder of the model file, for external data.</param>
    public static IEnumerable<Problem> Of(OnnxModel model, string folder)
    {
        foreach (string location in model.ExternalData)
        {
            if (External(location, folder) is { } problem)
                yield return problem;
        }
        foreach (string operation in model.Nodes
                     .Where(node => !Domains.Contains(node.Domain) && !model.Functions.Contains($"{node.Domain}:{node.Operator}"))
                     .Select(node => $"{node.Domain}:{node.Operator}").Distinct(StringComparer.Ordinal))
            yield return new(Catalogue.OperatorUnknown, $"The graph uses the operator {operation}, which ONNX Runtime does not have.", Field: "source");
        if (model.IrVersion > NewestFormat)
            yield return new(Catalogue.FormatTooNew, $"The model is saved in version {model.IrVersion} of the file format; the built-in runtime reads up to {NewestFormat}.", Field: "source");
        foreach ((string domain, long newest) in new[] { ("", NewestOpset), ("ai.onnx.ml", NewestClassicOpset) })
        {
            if (model.Opsets.TryGetValue(domain, out long opset) && opset > newest)
                yield return new(Catalogue.OpsetTooNew, $"The model needs opset {opset}{(domain.Length > 0 ? $" of {domain}" : "")}; the built-in runtime knows up to {newest}.", Field: "source");
        }
        if (NamedLocale(model) is { } locale)
            yield return new(Catalogue.LocaleNeeded, $"A StringNormalizer of the graph needs the locale {locale}.", Field: "source");
    }

    /// <summary>Judges one location of external data; also against a file system that would resolve it differently.</summary>
    private static Problem? External(string location, string folder)
    {
        string forward = location.Replace('\\', '/');
        if (forward.StartsWith('/') || forward.Split('/').Contains("..", StringComparer.Ordinal) || forward.Contains(':') || location.Contains('\\'))
            return new(Catalogue.ExternalDataEscapes, $"The graph keeps weights in {location}, outside its folder.", Field: "source");
        FileInfo file = new(Path.Combine(folder, forward));
        if (!file.Exists)
            return new(Catalogue.ExternalDataMissing, $"The graph keeps weights in {location}, which does not lie beside it.", Field: "source");
        return FolderPath.StaysInside(folder, forward)
            ? null
            : new(Catalogue.ExternalDataEscapes, $"{location}, where the graph keeps weights, is a link that leads out of the folder.", Field: "source");
    }

    /// <summary>Only the C locale is everywhere. The attribute's default is en_US (onnx, Operators.md, StringNormalizer).</summary>
    private static string? NamedLocale(OnnxModel model) => model.Nodes
        .Where(node => node.Operator == "StringNormalizer")
        .Select(node => node.Texts.GetValueOrDefault("locale", "en_US.UTF-8"))
        .FirstOrDefault(locale => locale is not ("C" or ""));
}
