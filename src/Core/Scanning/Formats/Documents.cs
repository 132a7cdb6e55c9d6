using System.Text;

namespace Raywright.Core.Scanning.Formats;

/// <summary>Text formats whose content can make a loader run something.</summary>
internal static class Documents
{
    public static void Scan(Content content, ScanNotes notes)
    {
        string name = content.Name.ToLowerInvariant();
        if (content.Extension is ".yaml" or ".yml" || name is "mlmodel")
            YamlTags.Scan(content, notes);
        else if (content.Extension is ".json" && !ModelJson.Scan(content, notes))
            LambdaText(content, notes);
        else if (content.Extension is ".txt" or ".in" && name.Contains("requirements", StringComparison.Ordinal))
            Requirements.Scan(content, notes);
        else if (content.Extension is ".h5" or ".hdf5" or ".keras")
            LambdaText(content, notes);
    }

    /// <summary>The text of a document, or null where it is larger than any configuration.</summary>
    public static string? Text(Content content) =>
        content.All(content.Budget.Limits.LargestDocument) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

    /// <summary>An HDF5 file holds its configuration as plain JSON text somewhere.</summary>
    private static void LambdaText(Content content, ScanNotes notes)
    {
        using Stream stream = content.Open();
        byte[] buffer = new byte[1 << 16];
        int kept = 0;
        for (int count; (count = stream.Read(buffer, kept, buffer.Length - kept)) > 0;)
        {
            ReadOnlySpan<byte> window = buffer.AsSpan(0, kept + count);
            if (window.IndexOf("\"Lambda\""u8) >= 0 || window.IndexOf("__lambda__"u8) >= 0)
            {
                notes.Add(content, ScanVerdict.Malicious, Errors.Catalogue.ScanModelCode, "it has a Lambda layer, which is stored program code");
                return;
            }
            kept = Math.Min(16, window.Length);
            window[^kept..].CopyTo(buffer);
        }
    }
}
