using System.Text.Json.Nodes;
using CsCheck;
using Raywright.Ray.Configuration;
using Xunit;

namespace Raywright.Ray.Tests.Configuration;

/// <summary>Whatever stands in a revision arrives as it is.</summary>
public sealed class ServeYamlTests
{
    private static readonly ServeReason Why = new("A reason that is long enough to be broken over more than one line of a hundred columns, and goes on.", new(ServeSourceKind.Spec, "spec", new("a # file\nof two lines.yaml", 1, 2)));

    private static readonly Gen<ServeNode> Scalar = Gen.OneOf(
        Gen.OneOf(Gen.String, Gen.String[Gen.Char[" \t\n:#-?{}[],&*!|>'\"%@`~/abyn0123.é\u0085\u2028\uFEFF"], 0, 12]).Where(IsText).Select(text => (ServeNode)new ServeText(text, Why)),
        Gen.Long.Select(number => (ServeNode)new ServeWhole(number, Why)),
        Gen.Double[0.0001, 1_000_000].Select(number => (ServeNode)new ServeNumber(Math.Floor(number) + 0.5, Why)),
        Gen.Bool.Select(truth => (ServeNode)new ServeTruth(truth, Why)),
        Gen.Const((ServeNode)new ServeNothing(Why)));

    private static readonly Gen<ServeNode> Tree = Gen.Recursive<ServeNode>((depth, inner) => depth > 3 ? Scalar : Gen.OneOf(
        Scalar,
        inner.Array[0, 3].Select(items => (ServeNode)new ServeList([.. items])),
        Gen.Select(Gen.String[Gen.Char["ab:# yn0-\"é"], 0, 4], inner).Array[0, 3].Select(entries => (ServeNode)new ServeMap([.. entries.DistinctBy(entry => entry.Item1)], Why))));

    [Fact]
    public void EveryTree_ReadsBack() => Gen.Select(Tree, Gen.Bool).Sample((tree, explained) =>
    {
        string text = new ServeMap([("tree", tree)]).ToYaml(explained);
        return JsonNode.DeepEquals(JsonNode.Parse(tree.ToJson()), YamlText.ToJson(text)!["tree"]);
    });

    [Theory]
    [InlineData("yes")]
    [InlineData("Off")]
    [InlineData("null")]
    [InlineData("~")]
    [InlineData("1_000")]
    [InlineData("12:30:45")]
    [InlineData("2026-01-01")]
    [InlineData("0x1F")]
    [InlineData(".inf")]
    [InlineData("<<")]
    [InlineData("=")]
    [InlineData("a:")]
    [InlineData("")]
    public void WhatSomeParserWouldTakeForSomethingElse_IsInQuotes(string text) => Assert.Equal($"a: \"{text}\"\n", new ServeMap([("a", new ServeText(text))]).ToYaml());

    /// <summary>PyYAML refuses a file that holds such a character itself; others read it.</summary>
    [Theory]
    [InlineData('\u0001', "0001")]
    [InlineData('\r', "000D")]
    [InlineData('\u001B', "001B")]
    [InlineData('\u007F', "007F")]
    [InlineData('\u0085', "0085")]
    [InlineData('\u2028', "2028")]
    [InlineData('\uFEFF', "FEFF")]
    [InlineData('\uFFFE', "FFFE")]
    public void ACharacterThatIsNotPrinted_IsWrittenByItsNumber(char character, string number) =>
        Assert.Equal($"a: \"x\\u{number}\"\n", new ServeMap([("a", new ServeText($"x{character}"))]).ToYaml());

    [Theory]
    [InlineData(0.0001, "0.0001")]
    [InlineData(0.00001, "0.00001")]
    [InlineData(2.5, "2.5")]
    public void ANumber_HasNoExponent(double value, string text) => Assert.Equal($"a: {text}\n", new ServeMap([("a", new ServeNumber(value))]).ToYaml());

    /// <summary>Half a surrogate pair is no text: JSON has no way to write it.</summary>
    private static bool IsText(string text) => !text.Contains('\uFFFD', StringComparison.Ordinal) && text.EnumerateRunes().All(rune => rune != System.Text.Rune.ReplacementChar);
}
