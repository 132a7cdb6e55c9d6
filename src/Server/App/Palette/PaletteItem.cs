namespace Raywright.Server.App.Palette;

/// <summary>Something that the command palette finds.</summary>
/// <param name="Kind"><c>room</c>, <c>endpoint</c>, <c>model</c>, <c>version</c>, <c>operation</c> or <c>command</c>.</param>
/// <param name="Text">What is shown; of a command what is copied.</param>
/// <param name="Hint">More about it, found as well.</param>
/// <param name="Href">Where it leads; null for a command.</param>
internal sealed record PaletteItem(string Kind, string Text, string? Hint, string? Href);

internal sealed record PaletteItems(IReadOnlyList<PaletteItem> Items);
