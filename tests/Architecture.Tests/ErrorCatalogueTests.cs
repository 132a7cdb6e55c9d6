using System.Text;
using System.Text.RegularExpressions;
using Raywright.Core.Errors;
using Raywright.TestKit;
using Xunit;

namespace Raywright.Architecture.Tests;

/// <summary>The catalogue is complete, and its page says the same.</summary>
public sealed partial class ErrorCatalogueTests
{
    [Fact]
    public void Codes_AreFourDigitsAndUnique()
    {
        string[] declared = [.. typeof(Catalogue).GetFields()
            .Where(member => member.FieldType == typeof(ErrorDefinition))
            .Select(member => ((ErrorDefinition)member.GetValue(null)!).Code)];
        Assert.All(declared, code => Assert.Matches(Code(), code));
        Assert.Equal(declared.Length, declared.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void EveryRow_SaysCauseAndCure() => Assert.All(Catalogue.All, row =>
    {
        Assert.False(row.Title.EndsWith('.'), $"{row.Code}: a title has no full stop");
        Assert.True(row.Cause.Length > 15 && row.Cure.Length > 10, $"{row.Code} needs a cause and a cure that help");
    });

    [Fact]
    public void ThePage_IsGenerated()
    {
        StringBuilder page = new("""
            # Errors

            Generated from the catalogue in `src/Core/Errors`; `UPDATE_GOLDENS=1 dotnet test` writes it anew.
            Every error that the product foresees has a code that never changes its meaning. On the wire it is problem details
            with `code`, `detail`, `fix`, `field`, `requestId`, `retryable` and `retryAfterMs`.

            """);
        foreach (ErrorDefinition row in Catalogue.All)
        {
            page.Append($"\n## {row.Code}\n\n**{row.Title}.** HTTP {row.HttpStatus}, exit status {(int)row.Exit}{(row.Retryable ? ", worth trying again" : "")}.\n\n");
            page.Append($"{row.Cause}\n\n*Cure:* {row.Cure}\n");
        }
        Golden.MatchesPublished("docs/reference/errors.md", page.ToString());
    }

    [GeneratedRegex(@"^RW\d{4}$")]
    private static partial Regex Code();
}
