using System.Text.Json;
using Raywright.Server.App.Playground;
using Xunit;

namespace Raywright.Server.Tests.App;

/// <summary>What a person reads of an answer, whatever its form.</summary>
public sealed class AnswerTests
{
    [Theory]
    [InlineData("""{"outputs": {"label": "setosa", "p": {"virginica": 0.1, "setosa": 0.7, "versicolor": 0.2}}}""")]
    [InlineData("""{"outputs": [{"label": "setosa", "p": {"virginica": 0.1, "setosa": 0.7, "versicolor": 0.2}}]}""")]
    [InlineData("""{"outputs": {"label": [0], "p": [[0.7, 0.2, 0.1]]}, "labels": {"label": ["setosa"], "p": ["setosa", "versicolor", "virginica"]}}""")]
    public void AClass_LeadsInWords_AndItsSharesAreSorted(string body)
    {
        AnswerPart[] row = [.. Assert.Single(Read(body).Rows)];
        Assert.Equal("setosa", Answer.Headline([.. row])!.Text);
        AnswerPart shares = Assert.Single(row, part => part.Kind == AnswerKind.Scores);
        Assert.Equal(["setosa", "versicolor", "virginica"], shares.Scores.Select(score => score.Name));
        Assert.Equal(["70.0 %", "20.0 %", "10.0 %"], shares.Scores.Select(shares.Value));
        Assert.Equal(70, shares.Length(shares.Scores[0]));
    }

    [Fact]
    public void SharesThatNobodyNamed_AreNumbered()
    {
        AnswerPart part = Assert.Single(Assert.Single(Read("""{"outputs": {"p": [0.1, 0.9]}}""").Rows));
        Assert.Equal(["1", "0"], part.Scores.Select(score => score.Name));
    }

    [Fact]
    public void Numbers_AreShortenedForPeople()
    {
        AnswerPart[] row = [.. Assert.Single(Read("""{"outputs": {"price": 1234.56789, "count": 1000000, "next": [1.5, null, 2]}}""").Rows)];
        Assert.Equal(["1234.57", "1,000,000", "1.5  null  2"], row.Select(part => part.Text));
        Assert.Equal("price", Answer.Headline([.. row])!.Name);
    }

    [Fact]
    public void SeveralRows_AreToldApart()
    {
        Assert.Equal(2, Read("""{"outputs": [{"y": 1}, {"y": 2}]}""").Rows.Length);
        Answer batch = Read("""{"outputs": {"label": [[0], [1]], "p": [[0.7, 0.3], [0.2, 0.8]]}, "labels": {"label": [["no"], ["yes"]], "p": ["no", "yes"]}}""");
        Assert.Equal(["no", "yes"], batch.Rows.Select(row => Answer.Headline(row)!.Text));
        Assert.Equal(["no", "yes"], batch.Rows.Select(row => row[1].Scores[0].Name));
    }

    [Theory]
    [InlineData("""{"outputs": [1, 2]}""")]
    [InlineData("""{"outputs": "text"}""")]
    [InlineData("""{}""")]
    [InlineData("""[]""")]
    public void WhateverElse_IsLeftToTheJson(string body) => Assert.Empty(Read(body).Rows);

    [Fact]
    public void OutputsThatAreNeither_AreShownAsJson()
    {
        AnswerPart part = Assert.Single(Assert.Single(Read("""{"outputs": {"boxes": {"a": [1, 2]}}}""").Rows));
        Assert.Equal((AnswerKind.Json, """{"a": [1, 2]}"""), (part.Kind, part.Text));
    }

    private static Answer Read(string body) => Answer.Of(JsonElement.Parse(body));
}
