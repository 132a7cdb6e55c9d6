using System.Collections.Immutable;

namespace Raywright.Server.App.Playground;

/// <summary>What a page shows of a streamed answer, at one moment: the newest of it, since a stream may be longer than any page.</summary>
/// <param name="Text">Values that are texts, joined.</param>
/// <param name="TextIsCut">Whether the text began earlier than what is here.</param>
/// <param name="Rows">Every other value, as rows of outputs.</param>
/// <param name="RowsBefore">Rows that came before these.</param>
/// <param name="Json">The values as they came, one a line.</param>
/// <param name="Count">Values so far.</param>
public sealed record StreamedValues(string Text, bool TextIsCut, ImmutableArray<ImmutableArray<AnswerPart>> Rows, long RowsBefore, string Json, long Count);
